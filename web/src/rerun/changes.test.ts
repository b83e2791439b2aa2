// What is sent of what was written, and how it is told again.

import { expect, test } from "vitest";

import { changed, overridesOf, toldLine, toldOverrides, type Changes, type Place } from "./changes.ts";

const task: Place = { of: "task", stage: "review" };

test("only what differs from what stands there is sent", () => {
  let changes: Changes = {};
  changes = changed(changes, task, "Read it twice.", "Read it.");
  changes = changed(changes, { of: "directive", stage: "review", agent: "editor" }, "Be kind.", null);
  changes = changed(changes, { of: "stage_model", stage: "draft" }, "careful", "");
  changes = changed(changes, { of: "instructions", agent: "editor" }, "", "Be strict.");
  changes = changed(changes, { of: "agent_model", agent: "writer" }, "main", "main");
  changes = changed(changes, { of: "role", agent: "writer" }, "Poet", "Writer");
  changes = changed(changes, { of: "agent_tools", agent: "writer" }, "lookup, read_file", "read_file");
  changes = changed(changes, { of: "stage_tools", stage: "draft" }, "", "lookup");
  expect(overridesOf(changes)).toEqual({
    stages: { review: { task: "Read it twice.", directives: { editor: "Be kind." } }, draft: { model: "careful", tools: [] } },
    agents: { editor: { instructions: "" }, writer: { role: "Poet", tools: ["lookup", "read_file"] } },
  });
  expect(changed(changed({}, task, "Other.", "Read it."), task, "Read it.", "Read it.")).toEqual({});
});

test("a change is told by what it is of, long texts without their words", () => {
  const told = toldOverrides(
    { stages: { review: { task: "Read it twice.", model: "careful", tools: [] } }, agents: { editor: { instructions: "Be kind.", role: "Judge" } } },
    (id) => (id === "review" ? "Review" : id),
  );
  expect(toldLine(told)).toBe(
    "task of Review, model of Review: careful, tools of Review: none, role of editor: Judge, instructions of editor",
  );
  expect(told[0]).toEqual({ what: "task of Review", text: "Read it twice.", long: true });
  expect(toldOverrides(undefined)).toEqual([]);
});
