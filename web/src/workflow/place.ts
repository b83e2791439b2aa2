// What is shown beside the picture of a workflow: it stands in the address, so that a reload and a link lead back
// to it.

export const PANELS = [
  ["run", "Run"],
  ["stage", "Stage"],
  ["triggers", "Triggers"],
  ["settings", "Settings"],
  ["file", "File"],
] as const;

export interface WorkflowSearch {
  panel?: (typeof PANELS)[number][0];
  stage?: string;
}

export function readWorkflow(search: Record<string, unknown>): WorkflowSearch {
  const panel = PANELS.find(([value]) => value === search.panel)?.[0];
  return { ...(panel ? { panel } : {}), ...(typeof search.stage === "string" ? { stage: search.stage } : {}) };
}
