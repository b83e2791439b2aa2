// Where an outcome may lead, as a list to choose from.

import type { Target } from "../../api/model.ts";
import type { Option } from "../../ui/field.tsx";
import type { StageDraft } from "./draft.ts";

/** Workflows are told from stages by what stands before their name. */
const WORKFLOW = "workflow:";

export function targetOptions(stages: StageDraft[], at: number, workflows: string[]): Option[] {
  const next = stages[at + 1];
  return [
    ["next", next ? `on to the next: ${next.name}` : "on, which ends the run here"],
    ["end", "ends the run"],
    ...stages.map((stage, index): Option => [stage.id, `${index < at ? "back to" : index === at ? "again" : "on to"} ${stage.name}`]),
    ...workflows.map((name): Option => [WORKFLOW + name, `runs the workflow ${name}, then goes on`]),
  ];
}

export function valueOf(target: Target): string {
  return typeof target === "string" ? target : WORKFLOW + target.workflow;
}

export function targetOf(value: string): Target {
  return value.startsWith(WORKFLOW) ? { workflow: value.slice(WORKFLOW.length) } : value;
}
