// What can be done about the error that a run ended with, beside going on from where it failed.

import type { RunError, Visit } from "../api/model.ts";

export interface Mend {
  /** The visit that can be left by another outcome. */
  outcome: number | null;
  /** Whether the model's settings are to be mended. */
  model: boolean;
  /** Whether the workflow is to be mended. */
  workflow: boolean;
}

/** Codes that say that the workflow asks for what cannot be had. */
const OF_WORKFLOW = new Set(["outcome_missing", "shares_missing", "max_cycles", "loop_guard", "template_failed", "result_invalid", "rejected", "hook_failed"]);

/** Codes after which the visit that ended last can be left by another way. */
const OF_ROUTE = new Set(["loop_guard", "rejected"]);

export function mendOf(error: RunError, visits: readonly Visit[]): Mend {
  // A guard trips between two stages: the one that was left last is where the way parts.
  const last = OF_ROUTE.has(error.code) ? visits.findLast((visit) => visit.outcome != null) : undefined;
  return {
    outcome: last?.visit ?? null,
    model: error.code.startsWith("model_"),
    workflow: OF_WORKFLOW.has(error.code),
  };
}
