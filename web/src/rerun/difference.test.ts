// How values and texts differ, and what a definition was before it differed.

import { expect, test } from "vitest";

import type { AgentFields, Stage } from "../api/model.ts";
import { changedLines, differs } from "./difference.ts";
import { before, type Stands } from "./stands.ts";

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

test("the definition of a run is told by how the newest differs from it", () => {
  const stage = (id: string, task: string) => ({ id, name: id, task, agents: [] }) as unknown as Stage;
  const now: Stands = {
    stages: [stage("draft", "Write."), stage("check", "Check.")],
    agents: { writer: { role: "Writer" } as AgentFields, checker: {} as AgentFields },
    whole: true,
  };
  const field = (name: string, was: unknown) => ({ field: name, before: was, after: "now" });
  const was = before(now, {
    stages: [
      { part: "stages/draft", name: "draft", change: "changed", fields: [field("task", "Write a lot."), field("approval", null)] },
      { part: "stages/check", name: "check", change: "added" },
    ],
    parts: [
      { part: "agents/writer", name: "writer", change: "changed", fields: [field("role", null), field("instructions", "Be brief.")] },
      { part: "agents/checker", name: "checker", change: "added" },
    ],
  });
  expect(was).toEqual({ stages: [stage("draft", "Write a lot.")], agents: { writer: { instructions: "Be brief." } }, whole: true });
  const gone = before(now, { stages: [{ part: "stages/review", name: "review", change: "removed" }], parts: [] });
  expect(gone.whole).toBe(false);
});
