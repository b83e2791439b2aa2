// What the server is asked for, by what was chosen and written.

import { expect, test } from "vitest";

import { changed } from "./changes.ts";
import { asked, emptyDraft, type Draft } from "./draft.ts";

const own = { outcome: "revise", input: "owls" };
const ask = (draft: Partial<Draft>) => asked(3, { ...emptyDraft(), ...draft }, own);

test("nothing chosen: the visit is made again with the newest definition", () => {
  expect(ask({})).toEqual({ from_visit: 3, definition: "latest" });
});

test("another outcome is one of a visit that is taken over", () => {
  expect(ask({ how: "outcome", outcome: "approved", definition: "original" })).toEqual({
    after_visit: 3,
    outcome: "approved",
    definition: "original",
  });
  expect(ask({ how: "outcome" })).toEqual({ after_visit: 3, outcome: "revise", definition: "latest" });
  expect(asked(3, { ...emptyDraft(), how: "outcome" }, { ...own, outcome: null })).toEqual({ after_visit: 3, definition: "latest" });
  // What was chosen for another way of going on is not sent with this one.
  expect(ask({ how: "again", outcome: "approved" })).toEqual({ from_visit: 3, definition: "latest" });
});

test("an input is sent where it is another", () => {
  expect(ask({ input: { text: "owls", json: false } })).not.toHaveProperty("input");
  expect(ask({ input: { text: "bats", json: false } })).toMatchObject({ input: "bats" });
  expect(ask({ input: { text: "null", json: true } })).toMatchObject({ input: null });
  expect(ask({ input: { text: "{", json: true } })).toHaveProperty("mistake");
});

test("limits are numbers above nothing, and what becomes of the run at one", () => {
  const limits = { tokens: 5000, cost_usd: 0.5, on_limit: "stop" } as const;
  expect(ask({ limits })).toMatchObject({ limits });
  expect(ask({ limits: { on_limit: "wait" } })).toMatchObject({ limits: { on_limit: "wait" } });
  expect(ask({ limits: {} })).not.toHaveProperty("limits");
  for (const tokens of [0, -1, 1.5]) expect(ask({ limits: { tokens } })).toHaveProperty("mistake");
  expect(ask({ limits: { cost_usd: 0 } })).toHaveProperty("mistake");
});

test("variants each have their own changes, and one of them may have none", () => {
  const changes = changed({}, { of: "task", stage: "draft" }, "Write one line.", "Write.");
  expect(ask({ variants: [{}, changes], samples: "2" })).toEqual({
    from_visit: 3,
    definition: "latest",
    variants: [{}, { stages: { draft: { task: "Write one line." } } }],
    samples: 2,
  });
  for (const samples of ["", "0", "1.5", "x"]) expect(ask({ samples })).toHaveProperty("mistake");
});
