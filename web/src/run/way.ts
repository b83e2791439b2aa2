// Where the visits of a run lie in the strip that stands for it in a list.

import type { PathVisit } from "../api/model.ts";

/** A piece of the strip, in hundredths of its width, and from 0 at its top to 1 at its bottom. */
export type Step = { left: number; width: number; top: number } & (
  | { kind: "visit"; status: PathVisit["status"] }
  /** What another run carried out. */
  | { kind: "inherited" }
  /** The visit that goes on, of which nothing is known yet. */
  | { kind: "going" }
);

/** The narrowest that a visit is beside the longest: how long they took spans a thousandfold and more. */
const LEAST = 0.25;

export function steps(path: readonly PathVisit[], { inherits, goes }: { inherits: boolean; goes: boolean }): Step[] {
  const longest = Math.max(1, ...path.map((visit) => visit.duration_ms));
  const weights = path.map((visit) => Math.max(LEAST, Math.sqrt(visit.duration_ms / longest)));
  const before = inherits ? 0.5 : 0;
  const after = goes ? 0.5 : 0;
  const sum = before + after + weights.reduce((one, other) => one + other, 0);
  if (sum === 0) return [];
  const share = (weight: number) => (weight / sum) * 100;
  const stages = [...new Set(path.map((visit) => visit.stage))];
  const top = (stage: number) => (stages.length < 2 ? 0.5 : stage / (stages.length - 1));
  const found: Step[] = [];
  let left = 0;
  const add = (weight: number, step: Omit<Step & { kind: "going" }, "left" | "width" | "kind"> & Pick<Step, "kind"> & { status?: PathVisit["status"] }) => {
    found.push({ ...step, left, width: share(weight) } as Step);
    left += share(weight);
  };
  if (inherits) add(before, { kind: "inherited", top: top(0) });
  path.forEach((visit, index) => add(weights[index] ?? LEAST, { kind: "visit", status: visit.status, top: top(stages.indexOf(visit.stage)) }));
  if (goes) add(after, { kind: "going", top: path.length === 0 ? 0.5 : 1 });
  return found;
}
