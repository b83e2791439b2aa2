// A workflow as it is edited: the fields of the project file, in the one of its forms that is easiest to
// change. What the file writes short, such as an agent by its name alone, is written out here.

import type { WrittenApproval, WrittenAssignment, WrittenHook, WrittenStage, WrittenWorkflow } from "../../api/model.ts";

export type Seat = Exclude<WrittenAssignment, string>;
export type ApprovalDraft = WrittenApproval;
export type HookDraft = WrittenHook;

export interface StageDraft extends Omit<WrittenStage, "id" | "name" | "agents" | "approval"> {
  id: string;
  name: string;
  agents: Seat[];
  approval?: ApprovalDraft[];
}

export interface WorkflowDraft extends Omit<WrittenWorkflow, "stages"> {
  stages: StageDraft[];
}

export function draftOf(workflow: WrittenWorkflow): WorkflowDraft {
  return { ...workflow, stages: workflow.stages.map(stageOf) };
}

function stageOf({ id, name, agents, approval, ...rest }: WrittenStage): StageDraft {
  const label = name ?? id ?? "";
  return {
    id: id ?? idOf(label, []),
    name: label,
    ...rest,
    agents: agents.map((seat) => (typeof seat === "string" ? { agent: seat } : seat)),
    ...(approval === undefined ? {} : { approval: Array.isArray(approval) ? approval : [approval] }),
  };
}

/** An id made from a name, which no other stage has. */
export function idOf(name: string, taken: string[]): string {
  const plain = name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60);
  // These mean something where an outcome leads.
  const base = plain === "" || plain === "next" || plain === "end" || plain === "error" ? `stage-${plain}`.replace(/-$/, "") : plain;
  if (!taken.includes(base)) return base;
  let count = 2;
  while (taken.includes(`${base}-${count}`)) count += 1;
  return `${base}-${count}`;
}

/** A field that says nothing is left out, as if it had never been written. */
export function withField<T extends object, K extends keyof T>(of: T, field: K, value: T[K] | undefined): T {
  const { [field]: _, ...rest } = of;
  const says = value !== undefined && value !== "" && value !== false && !isEmpty(value);
  // A field keeps its place among the others, so that a change that is taken back is none.
  if (!says) return rest as T;
  return field in of ? { ...of, [field]: value } : ({ ...rest, [field]: value } as T);
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
