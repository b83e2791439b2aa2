// A trigger as its form holds it, and as the server takes it.

import { filled } from "../part/patch.ts";
import type { Trigger, TriggerFields } from "./trigger.ts";

export interface TriggerDraft {
  name: string;
  kind: "schedule" | "webhook";
  fields: TriggerFields;
}

export function newTrigger(kind: TriggerDraft["kind"], taken: string[]): TriggerDraft {
  let name: string = kind;
  for (let count = 2; taken.includes(name); count += 1) name = `${kind}-${count}`;
  return { name, kind, fields: kind === "schedule" ? { schedule: "" } : { webhook: {} } };
}

export function draftOf(trigger: Trigger): TriggerDraft {
  const { id: _id, project_id: _project, workflow_id: _workflow, name, next: _next, paused_at: _paused, webhook_url: _url, ...fields } = trigger;
  return { name, kind: fields.webhook ? "webhook" : "schedule", fields };
}

/** The fields as a project file has them. A webhook without any of its own is simply one. */
export function fieldsOf({ kind, fields }: TriggerDraft): Record<string, unknown> {
  if (kind === "schedule") return filled({ ...fields, webhook: undefined });
  const own = filled({ ...fields.webhook });
  return filled({ ...fields, schedule: undefined, webhook: Object.keys(own).length > 0 ? own : true });
}
