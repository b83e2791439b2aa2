// How values and texts differ.

import { expect, test } from "vitest";

import { changedLines, differs } from "./difference.ts";

test("a word that changed in a list of agents is not shown as a changed list", () => {
  const editor = { agent: "editor", directive: "Be strict.", phase: "default" };
  const writer = { agent: "writer", phase: "default" };
  expect(differs({ field: "agents", before: [writer, editor], after: [writer, { ...editor, directive: "Be kind." }] })).toEqual([
    { where: "agents › editor › directive", before: "Be strict.", after: "Be kind." },
  ]);
  expect(differs({ field: "agents", before: [writer], after: [writer, editor] })).toEqual([
    { where: "agents › editor", before: null, after: editor },
  ]);
  // One agent twice cannot be told apart by its name.
  expect(differs({ field: "agents", before: [writer, writer], after: [writer] })).toHaveLength(1);
});

test("a field that was not there, and lists of other things, are shown whole", () => {
  expect(differs({ field: "directive", before: null, after: "Be kind." })).toEqual([{ where: "directive", before: null, after: "Be kind." }]);
  expect(differs({ field: "tools", before: ["a"], after: ["a", "b"] })).toEqual([{ where: "tools", before: ["a"], after: ["a", "b"] }]);
  expect(differs({ field: "outcomes", before: { ok: "next" }, after: { ok: "end", no: "draft" } })).toEqual([
    { where: "outcomes › ok", before: "next", after: "end" },
    { where: "outcomes › no", before: null, after: "draft" },
  ]);
});

test("lines that are alike at both ends are not said twice", () => {
  const told = (a: string | null, b: string | null) => changedLines(a, b).map(({ side, text }) => `${side} ${text}`.trim());
  expect(told("1\n2\n3\nold\n5\n6\n7", "1\n2\n3\nnew\n5\n6\n7")).toEqual(["gap", "both 2", "both 3", "a old", "b new", "both 5", "both 6", "gap"]);
  expect(told("one", "one\ntwo")).toEqual(["both one", "b two"]);
  expect(told("x\nx", "x")).toEqual(["both x", "a x"]);
  expect(told(null, "new")).toEqual(["b new"]);
  expect(told("old", null)).toEqual(["a old"]);
});
