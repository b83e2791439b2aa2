// How numbers and lengths of time read.

import { expect, test } from "vitest";

import { bytes, dollars, duration, ordinal, ticking, valueLine } from "./format.ts";

test("a length of time has the units that matter at its size", () => {
  expect([0, 412, 1500, 9900, 59_999, 61_000, 3_600_000, 86_400_000 * 3].map(duration)).toEqual([
    "0 ms", "412 ms", "1.5 s", "9.9 s", "59 s", "1 min 01 s", "1 h 00 min", "3 d 0 h",
  ]);
  expect([-5, 900, 59_999, 60_000].map(ticking)).toEqual(["0 s", "0 s", "59 s", "1 min 00 s"]);
});

test("small sums are not rounded to nothing", () => {
  expect([0, 0.00001, 0.0123, 0.5, 12].map(dollars)).toEqual(["$0.00", "< $0.0001", "$0.0123", "$0.50", "$12.00"]);
});

test("visits are counted as one says it", () => {
  expect([1, 2, 3, 4, 11, 12, 21, 112].map(ordinal)).toEqual(["1st", "2nd", "3rd", "4th", "11th", "12th", "21st", "112th"]);
});

test("a value on one line", () => {
  expect([" a\n b ", { a: 1 }, null].map(valueLine)).toEqual(["a b", '{"a":1}', ""]);
});

test("the size of a text", () => {
  expect([0, 1, 999, 2345, 999_949, 999_950, 1_048_576].map(bytes)).toEqual([
    "0 bytes", "1 byte", "999 bytes", "2.3 kB", "999.9 kB", "1.0 MB", "1.0 MB",
  ]);
});
