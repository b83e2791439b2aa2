// What is written into shared memory: who, when, and what stood there before.

import { expect, test } from "vitest";

import { begun, entered, folded } from "./story.test-support.ts";

test("a value that is written over stays below the new one", () => {
  const state = folded(
    ...begun,
    entered(1, "draft"),
    { kind: "hook_finished", visit: 1, hook: { when: "entry", index: 0 }, tool: "lookup", key: "facts", value: "first" },
    { kind: "result_shared", visit: 1, agent: "writer", key: "facts", value: "second" },
    { kind: "result_shared", visit: 1, agent: "editor", key: "facts", value: "third" },
  );
  const facts = state.memory.get("facts");
  expect(facts).toMatchObject({ value: "third", agent: "editor", visit: 1, seq: 6 });
  expect(facts?.before.map(({ value, agent, seq }) => [value, agent, seq])).toEqual([
    ["second", "writer", 5],
    ["first", "entry hook", 4],
  ]);
});

test("what another workflow gave stands under the outcome that led to it", () => {
  const state = folded(
    ...begun,
    entered(1, "draft"),
    { kind: "workflow_called", visit: 1, call: 4, workflow: "check", outcome: "unsure", input: "x" },
    { kind: "child_started", visit: 1, call: 4, run_id: 7, workflow: "check" },
    { kind: "child_ended", visit: 1, call: 4, run_id: 7, status: "completed", result: "All is well." },
  );
  expect(state.memory.get("unsure")).toMatchObject({ value: "All is well.", agent: "check" });
});
