import { expect, test } from "vitest";

import { addOutcome, addStage, assign, assignable, changeStage, connect, moveStage, removeOutcome, removeStage, renameOutcome, setField } from "./changes.ts";
import { draftOf, idOf } from "./draft.ts";

const workflow = draftOf({
  team: "desk",
  stages: [
    { id: "draft", name: "Draft", task: "Write.", agents: ["writer"] },
    { id: "review", name: "Review", task: "Read.", agents: [{ agent: "editor", phase: "completion" }], outcomes: { revise: "draft", good: "publish" } },
    { id: "publish", name: "Publish", task: "Print.", agents: ["editor"], approval: { when: "before" } },
  ],
});

const ids = (of: typeof workflow) => of.stages.map((stage) => stage.id);

test("what the file writes short is written out", () => {
  expect(workflow.stages[0]?.agents).toEqual([{ agent: "writer" }]);
  expect(workflow.stages[2]?.approval).toEqual([{ when: "before" }]);
});

test("a stage that is moved or renamed keeps its id", () => {
  const moved = moveStage(workflow, "publish", 0);
  expect(ids(moved)).toEqual(["publish", "draft", "review"]);
  expect(ids(moveStage(workflow, "draft", 99))).toEqual(["review", "publish", "draft"]);
  expect(moveStage(workflow, "draft", -1)).toBe(workflow);
  const renamed = changeStage(moved, "publish", (stage) => setField(stage, "name", "Print"));
  expect(renamed.stages[0]).toMatchObject({ id: "publish", name: "Print" });
});

test("a new stage has an id of its own, and someone to work in it", () => {
  const { workflow: one, id } = addStage(workflow, 2, []);
  expect(ids(one)).toEqual(["draft", "review", "new-stage", "publish"]);
  expect(one.stages[2]?.agents).toEqual([{ agent: "editor" }]);
  expect(addStage(one, 0, []).id).not.toBe(id);
});

test("outcomes that led to a stage that is gone lead on", () => {
  const { workflow: rest, redirected } = removeStage(workflow, "draft");
  expect(ids(rest)).toEqual(["review", "publish"]);
  expect(rest.stages[0]?.outcomes).toEqual({ revise: "next", good: "publish" });
  expect(redirected).toBe(1);
  expect(workflow.stages).toHaveLength(3);
});

test("outcomes keep their order when they are renamed, and never take another's name", () => {
  const review = workflow.stages[1]!;
  expect(Object.keys(renameOutcome(review, "revise", "again").outcomes!)).toEqual(["again", "good"]);
  expect(renameOutcome(review, "revise", "good")).toBe(review);
  expect(connect(review, "good", "end").outcomes).toEqual({ revise: "draft", good: "end" });
  expect(Object.keys(addOutcome(review).outcomes!)).toEqual(["revise", "good", "done"]);
  expect(removeOutcome(removeOutcome(review, "good"), "revise")).not.toHaveProperty("outcomes");
});

test("an agent has one place in each phase of a stage", () => {
  const stage = assign(workflow.stages[0]!, "editor");
  expect(stage.agents).toEqual([{ agent: "writer" }, { agent: "editor" }]);
  expect(assignable(stage, ["writer", "clerk"])).toEqual([
    ["writer", "writer, in the completion phase too"],
    ["clerk", "clerk"],
  ]);
  const thrice = assign(assign(stage, "writer"), "writer");
  expect(thrice.agents.slice(2)).toEqual([
    { agent: "writer", phase: "completion" },
    { agent: "writer", phase: "start" },
  ]);
  expect(assign(thrice, "writer")).toBe(thrice);
  expect(assignable(thrice, ["writer"])).toEqual([]);
});

test("a field that says nothing is left out", () => {
  const stage = setField(workflow.stages[0]!, "max_cycles", 3);
  expect(setField(stage, "max_cycles", undefined)).toEqual(workflow.stages[0]);
  expect(setField(stage, "task", "")).toMatchObject({ task: "" });
});

test("ids are made of what a name can spare", () => {
  expect(idOf("Über prüfen!", [])).toBe("uber-prufen");
  expect(idOf("End", [])).toBe("stage-end");
  expect(idOf("?", ["stage"])).toBe("stage-2");
});
