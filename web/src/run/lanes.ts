// The way of a run as lines between its visits: each stage has a lane of its own, in the order in which
// they were first entered, so that every step back is a step to the left.

import type { VisitState } from "./state.ts";

export interface Lanes {
  /** How much room all lanes need, in pixels; 0 where there is nothing to see: a way without a loop. */
  width: number;
  /** The lane of each visit, as its distance from the left. */
  at: number[];
}

/** Pixels between two lanes, and the most that all of them may take. */
const STEP = 12;
const ROOM = 48;

export function lanesOf(visits: readonly VisitState[]): Lanes {
  const stages = [...new Set(visits.map((visit) => visit.stage))];
  if (stages.length === visits.length || stages.length < 2) return { width: 0, at: visits.map(() => 0) };
  const step = Math.min(STEP, ROOM / (stages.length - 1));
  const lanes = new Map(stages.map((stage, index) => [stage, index * step]));
  return { width: step * (stages.length - 1), at: visits.map((visit) => lanes.get(visit.stage) ?? 0) };
}
