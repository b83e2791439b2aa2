// The lines beside the visits of a run.

import { expect, test } from "vitest";

import { lanesOf } from "./lanes.ts";
import { begun, entered, folded } from "./story.test-support.ts";

const lanes = (...stages: string[]) => lanesOf(folded(...begun, ...stages.map((stage, index) => entered(index + 1, stage))).visits);

test("each stage has its lane, and a way back leads to the left", () => {
  expect(lanes("draft", "review", "draft", "review", "publish")).toEqual({ width: 24, at: [0, 12, 0, 12, 24] });
});

test("a way without a loop needs no lines", () => {
  expect(lanes("draft", "review").width).toBe(0);
  expect(lanes("draft", "draft").width).toBe(0);
  expect(lanes().width).toBe(0);
});

test("many stages stand closer together", () => {
  const stages = Array.from({ length: 25 }, (_, index) => `stage-${index}`);
  expect(lanes(...stages, "stage-0").width).toBeCloseTo(48);
});
