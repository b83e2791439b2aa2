// Where most people want to go on.

import type { Run } from "../api/model.ts";

/** Where it broke off; else from the beginning. */
export function firstChoice(run: Run): number {
  const last = run.visits?.at(-1);
  return last && (last.status === "error" || last.status === "stopped") ? last.visit : 1;
}
