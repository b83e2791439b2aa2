// The filters of a list of runs, as an address has them.

import { expect, test } from "vitest";

import { filterOf, localField, readSearch } from "./list-search.ts";

test("what is no filter is left out of an address", () => {
  expect(readSearch({ status: "error", source: "schedule", workflow: "7", trigger: 3, time: "week", page: 2 })).toEqual({
    status: "error", source: "schedule", workflow: 7, trigger: 3, time: "week",
  });
  expect(readSearch({ status: "odd", source: 1, workflow: -1, time: "toString", since: "soon" })).toEqual({});
  expect(readSearch({ since: "2026-11-24T22:00:00+01:00" })).toEqual({ since: "2026-11-24T21:00:00.000Z" });
});

test("a stretch that ends now begins at a whole minute", () => {
  const now = Date.parse("2026-11-24T22:30:31Z");
  expect(filterOf({ time: "hour", status: "error" }, 4, now)).toEqual({ status: "error", project: 4, since: "2026-11-24T21:30:00.000Z" });
  expect(filterOf({ project: 5 }, undefined, now)).toEqual({ project: 5 });
});

test("a moment in a field is the same moment when it is read again", () => {
  const moment = "2026-07-24T22:05:00.000Z";
  expect(new Date(localField(moment)).toISOString()).toBe(moment);
  expect(localField(undefined)).toBe("");
});
