import { expect, test } from "vitest";

import { filled, patchOf } from "./patch.ts";

test("what is alike needs no patch", () => {
  expect(patchOf({ a: 1, b: { c: [1] } }, { a: 1, b: { c: [1] } })).toBeUndefined();
});

test("a patch names what differs, takes out what is gone, and goes into maps", () => {
  const before = { a: 1, gone: 2, map: { same: 1, other: 2, gone: 3 }, list: [1, 2] };
  const after = { a: 2, map: { same: 1, other: 3 }, list: [1], fresh: "x" };
  expect(patchOf(before, after)).toEqual({ a: 2, gone: null, map: { other: 3, gone: null }, list: [1], fresh: "x" });
});

test("a field that is undefined is one that is left out", () => {
  expect(patchOf({ a: 1 }, { a: undefined })).toEqual({ a: null });
  expect(patchOf({}, { a: undefined })).toBeUndefined();
  expect(patchOf({ a: undefined }, {})).toBeUndefined();
});

test("empty texts and lists are fields that are left out", () => {
  expect(filled({ a: "", b: [], c: 0, d: false, e: "x", f: undefined })).toEqual({ c: 0, d: false, e: "x" });
});
