// The strip that stands for a run in a list.

import { expect, test } from "vitest";

import type { PathVisit } from "../api/model.ts";
import { steps } from "./way.ts";

const visit = (stage: string, duration_ms: number, status: PathVisit["status"] = "completed"): PathVisit => ({ visit: 1, stage, name: stage, status, duration_ms });
const alone = { inherits: false, goes: false };

test("a loop leads back up, and the strip is filled from end to end", () => {
  const found = steps([visit("draft", 100), visit("review", 100), visit("draft", 100), visit("publish", 100)], alone);
  expect(found.map(({ top }) => top)).toEqual([0, 0.5, 0, 1]);
  expect(found.map(({ left }) => left)).toEqual([0, 25, 50, 75]);
  expect(found.reduce((sum, { width }) => sum + width, 0)).toBeCloseTo(100);
});

test("a visit of an instant is seen beside one of an hour", () => {
  const [first, second] = steps([visit("draft", 1), visit("review", 3_600_000)], alone);
  expect((first?.width ?? 0) / (second?.width ?? 1)).toBeCloseTo(0.25);
});

test("what is inherited stands before, and what goes on after", () => {
  expect(steps([visit("draft", 5, "error")], { inherits: true, goes: true }).map(({ kind }) => kind)).toEqual(["inherited", "visit", "going"]);
  expect(steps([], { inherits: false, goes: true })).toEqual([{ kind: "going", left: 0, width: 100, top: 0.5 }]);
  expect(steps([], alone)).toEqual([]);
});
