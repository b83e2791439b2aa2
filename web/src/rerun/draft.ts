// What someone is about to ask for: it is kept while the browser's tab is open, so that a reload or a
// look at another page loses nothing of it.

import type { DefinitionChoice, Limits, Rerun } from "../api/model.ts";
import { readInput } from "../workflow/input.ts";
import { overridesOf, type Changes } from "./changes.ts";

export interface Draft {
  /** Whether the visit is made again, or left by an outcome. */
  how: "again" | "outcome";
  /** The outcome; the visit's own where none is chosen yet. */
  outcome: string | null;
  definition: DefinitionChoice;
  /** Whose texts are being changed: the id of a stage, or the one where the run goes on. */
  stage: string | null;
  changes: Changes;
  /** Another input as it is written. */
  input: { text: string; json: boolean } | null;
  limits: Limits;
  /** What is different in each variant, over the common changes. */
  variants: Changes[];
  samples: string;
}

export function emptyDraft(): Draft {
  return { how: "again", outcome: null, definition: "latest", stage: null, changes: {}, input: null, limits: {}, variants: [], samples: "1" };
}

/** What the server is asked for, or what is wrong with what was written. */
export function asked(visit: number, draft: Draft, own: { outcome: string | null; input: unknown }): Rerun | { mistake: string } {
  const rerun: Rerun = draft.how === "again" ? { from_visit: visit } : { after_visit: visit };
  const outcome = draft.outcome ?? own.outcome;
  if (draft.how === "outcome" && outcome !== null && outcome !== "") rerun.outcome = outcome;
  rerun.definition = draft.definition;
  if (Object.keys(draft.changes).length > 0) rerun.overrides = overridesOf(draft.changes);
  if (draft.input) {
    const input = readInput(draft.input);
    if ("mistake" in input) return input;
    if (JSON.stringify(input.value) !== JSON.stringify(own.input)) rerun.input = input.value;
  }
  if (Object.keys(draft.limits).length > 0) {
    if (!areLimits(draft.limits)) return { mistake: "A limit is a number above nothing; leave it empty for none." };
    rerun.limits = draft.limits;
  }
  if (draft.variants.length > 0) rerun.variants = draft.variants.map(overridesOf);
  const samples = Number(draft.samples);
  if (!Number.isInteger(samples) || samples < 1) return { mistake: "How many runs: a whole number from 1 to 20." };
  if (samples > 1) rerun.samples = samples;
  return rerun;
}

function areLimits({ on_limit: _, cost_usd = 1, ...counts }: Limits): boolean {
  return cost_usd > 0 && Object.values(counts).every((count) => Number.isSafeInteger(count) && count > 0);
}

const place = (run: number, visit: number) => `callboard.rerun.${run}.${visit}`;

/** What was written before for that visit. What cannot be read, of an earlier page, is as if it was never written. */
export function keptDraft(run: number, visit: number, how: Draft["how"] = "again"): Draft {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(place(run, visit)) ?? "{}");
    return { ...emptyDraft(), how, ...(kept as Partial<Draft>) };
  } catch {
    return { ...emptyDraft(), how };
  }
}

export function keepDraft(run: number, visit: number, draft: Draft) {
  try {
    sessionStorage.setItem(place(run, visit), JSON.stringify(draft));
  } catch {
    // The browser keeps nothing, or has no room left: the page works without.
  }
}

export function forgetDraft(run: number, visit: number) {
  try {
    sessionStorage.removeItem(place(run, visit));
  } catch {
    // As above.
  }
}
