// Gives a stage another id, and carries it to all that knows the stage by it: where outcomes and rejections lead, and
// the results that tasks name.

import type { StageDraft, WorkflowDraft } from "./draft.ts";

export function renameStage(workflow: WorkflowDraft, id: string, to: string): WorkflowDraft {
  const stages = workflow.stages.map((stage) => {
    const named = inTexts(stage, (text) => renamedResults(text, id, to));
    return { ...leadingTo(named, id, to), id: stage.id === id ? to : stage.id, name: stage.name };
  });
  return { ...workflow, stages };
}

/** The id that a stage has now, where its id and no other one changed: by being renamed, or by that being undone. */
export function renamedTo(before: readonly string[], now: readonly string[], id: string): string | undefined {
  const changed = before.flatMap((one, at) => (one === now[at] ? [] : [at]));
  const [at = -1] = changed;
  return before.length === now.length && changed.length === 1 && before[at] === id ? now[at] : undefined;
}

function leadingTo(stage: StageDraft, id: string, to: string): StageDraft {
  const { outcomes, approval } = stage;
  return {
    ...stage,
    ...(outcomes && { outcomes: Object.fromEntries(Object.entries(outcomes).map(([label, target]) => [label, target === id ? to : target])) }),
    ...(approval && { approval: approval.map((one) => (one.on_reject === id ? { ...one, on_reject: to } : one)) }),
  };
}

/** What stands between the braces of a template. */
const BRACES = /\{\{[^]*?\}\}|\{%[^]*?%\}/g;

/** A text in which the results of a stage are found by its other id. */
export function renamedResults(text: string, id: string, to: string): string {
  const dotted = new RegExp(`\\bresults\\.${id}(?![\\w-])`, "g");
  const quoted = new RegExp(`\\bresults\\[\\s*(["'])${id}\\1\\s*\\]`, "g");
  // With another character than these, what stands after the dot would be read as a sum.
  const result = /^[A-Za-z_]\w*$/.test(to) ? `results.${to}` : `results["${to}"]`;
  return text.replace(BRACES, (inside) => inside.replace(dotted, result).replace(quoted, result));
}

/** The same value with every text in it changed. */
function inTexts<T>(value: T, change: (text: string) => string): T {
  if (typeof value === "string") return change(value) as T;
  if (Array.isArray(value)) return value.map((one) => inTexts<unknown>(one, change)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, inTexts<unknown>(one, change)])) as T;
}
