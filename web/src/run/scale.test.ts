// Which figures are named beside an axis.

import { expect, test } from "vitest";

import { ticks, timeTicks } from "./scale.ts";

test("figures on an axis are round, and reach no further than what is drawn", () => {
  expect(ticks(950, 4)).toEqual([0, 500]);
  expect(ticks(1000, 4)).toEqual([0, 500, 1000]);
  expect(ticks(0.3, 3)).toEqual([0, 0.1, 0.2, 0.30000000000000004]);
  expect(ticks(0, 4)).toEqual([0]);
});

test("times are named as one counts them", () => {
  expect(timeTicks(45_000, 4)).toEqual([0, 15_000, 30_000, 45_000]);
  expect(timeTicks(7_200_000, 4)).toEqual([0, 1_800_000, 3_600_000, 5_400_000, 7_200_000]);
  expect(timeTicks(3, 4)).toEqual([0, 1, 2, 3]);
  expect(timeTicks(86_400_000 * 30, 5)[1]).toBe(86_400_000 * 6);
});
