// Which of several variants does best, in each figure by itself.

import { isFinal, type Figures, type Sample, type Variant } from "../api/model.ts";

/** By how much two figures may differ and still be alike: less than that is chance, and is not even seen
 * where figures are rounded. */
const ALIKE = 0.05;

/** The numbers of the variants that are best; none where all are alike. */
export type Best = Record<keyof Figures | "completed", ReadonlySet<number>>;

export function bestOf(variants: Variant[]): Best {
  // Who is still at work may yet do better.
  const over = variants.every(({ runs }) => runs.every(({ status }) => isFinal(status)));
  const least = (of: (variant: Variant) => number | null) =>
    lowest(over ? variants.map((one) => ({ variant: one.variant, value: of(one) })) : []);
  return {
    tokens: least(({ median }) => median?.tokens ?? null),
    cost_usd: least(({ median }) => median?.cost_usd ?? null),
    duration_ms: least(({ median }) => median?.duration_ms ?? null),
    completed: least(({ runs, completed }) => (runs.length === 0 ? null : 1 - completed / runs.length)),
  };
}

function lowest(of: { variant: number; value: number | null }[]): ReadonlySet<number> {
  const known = of.filter((one): one is { variant: number; value: number } => one.value !== null);
  const value = Math.min(...known.map(({ value }) => value));
  const best = known.filter((one) => one.value <= value * (1 + ALIKE));
  return new Set(best.length === known.length ? [] : best.map(({ variant }) => variant));
}

/** How often each outcome was chosen, over all runs of a variant. */
export function outcomeCounts(runs: Sample[]): { stage: string; outcome: string; times: number }[] {
  const counts = new Map<string, { stage: string; outcome: string; times: number }>();
  for (const { stage, outcome } of runs.flatMap((run) => run.outcomes)) {
    const key = JSON.stringify([stage, outcome]);
    counts.set(key, { stage, outcome, times: (counts.get(key)?.times ?? 0) + 1 });
  }
  return [...counts.values()].sort((a, b) => (a.stage === b.stage ? b.times - a.times : 0));
}
