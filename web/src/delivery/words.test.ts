import { expect, test } from "vitest";

import { answered, heard } from "./words.ts";

const one = { nth: 1, at: "2026-11-30T18:00:00.000Z", duration_ms: 12 };

test("a try is told by its answer, or by why there was none", () => {
  expect(answered({ ...one, status: 503, answer: "later" })).toBe("answered with 503");
  expect(answered({ ...one, code: "connection_failed", message: "The host cannot be reached." })).toBe("The host cannot be reached.");
  expect(answered({ ...one, code: "timed_out" })).toBe("timed_out");
});

test("2xx alone counts as heard", () => {
  expect([199, 200, 299, 300, 410].map((status) => heard({ ...one, status }))).toEqual([false, true, true, false, false]);
  expect(heard({ ...one, code: "timed_out" })).toBe(false);
});
