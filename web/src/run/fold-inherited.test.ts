// What a re-run begins with: the visits that another run carried out stand before its own.

import { expect, test } from "vitest";

import type { Event } from "../api/model.ts";
import { fold, type Heard } from "./fold.ts";
import { emptyState } from "./state.ts";

const AT = "2026-11-24T22:00:10.000Z";
const BEFORE = { started_at: "2026-11-24T22:00:00.000Z", ended_at: "2026-11-24T22:00:04.000Z" };
const used = { model_calls: 2, input_tokens: 200, output_tokens: 20, cost_usd: 0.5 };

type Told = { kind: Event["kind"] } & Record<string, unknown>;

/** Events as a server numbers them. */
function story(...told: Told[]): Heard[] {
  return told.map((event, index) => ({ kind: "event", event: { seq: index + 1, at: AT, ...event } as unknown as Event }));
}

const draft = {
  visit: 1,
  stage: "draft",
  name: "Draft",
  nth: 1,
  status: "completed",
  ...BEFORE,
  result: "A first draft.",
  summaries: [{ agent: "writer", text: "It is short." }],
  usage: used,
  memory: [{ key: "facts", value: ["owls"], agent: "writer" }],
  documents: [{ path: "notes.md", hash: "sha256:1", bytes: 3, agent: "writer", at: AT }],
  inherited_from: { run_id: 3, visit: 1 },
};
const review = {
  visit: 2,
  stage: "review",
  name: "Review",
  nth: 1,
  forced: true,
  status: "completed",
  ...BEFORE,
  outcome: "revise",
  result: "Shorter.",
  usage: used,
  memory: [{ key: "facts", value: ["bats"], agent: "editor" }],
  inherited_from: { run_id: 7, visit: 2 },
};
const begin: Told[] = [
  { kind: "run_created", workflow: "article", input: "AI", source: { kind: "rerun", run_id: 7, from_visit: 3 }, definition: "sha256:0" },
  { kind: "run_inherited", run_id: 7, stage: "draft", definition: "latest", visits: [draft, review] },
];
const enter: Told[] = [
  { kind: "run_started" },
  { kind: "stage_entered", visit: 3, stage: "draft", name: "Draft", nth: 2 },
];

test("what was inherited stands before the first visit of the run's own", () => {
  const state = fold(emptyState(), story(...begin, ...enter));
  expect(state.visits.map(({ visit, status, name }) => [visit, status, name])).toEqual([
    [1, "inherited", "Draft"],
    [2, "inherited", "Review"],
    [3, "running", "Draft"],
  ]);
  expect(state.entries.map(({ key }) => key)).toEqual(["event-1", "event-2", "visit-1", "visit-2", "visit-3"]);
  expect(state.visits.map(({ entry }) => state.entries[entry]?.key)).toEqual(["visit-1", "visit-2", "visit-3"]);
});

test("an inherited visit keeps what it left, and says who carried it out", () => {
  const [first, second] = fold(emptyState(), story(...begin)).visits;
  expect(first).toMatchObject({ result: "A first draft.", outcome: null, durationMs: 4000, forced: false, usage: used });
  expect(first?.inherited).toMatchObject({ inherited_from: { run_id: 3, visit: 1 }, summaries: [{ agent: "writer", text: "It is short." }] });
  expect(second).toMatchObject({ result: "Shorter.", outcome: "revise", forced: true, inherited: { inherited_from: { run_id: 7, visit: 2 } } });
});

test("what goes without saying in the event is said of its visits", () => {
  const { name: _name, nth: _nth, status: _status, started_at: _started, inherited_from: _from, ...short } = review;
  const [begun] = begin;
  const told: Told = { kind: "run_inherited", run_id: 7, stage: "draft", definition: "latest", visits: [draft, short] };
  const [, second] = fold(emptyState(), story(...(begun ? [begun] : []), told)).visits;
  expect(second).toMatchObject({ name: "review", nth: 1, status: "inherited", startedAt: BEFORE.ended_at, durationMs: 0 });
  expect(second?.inherited?.inherited_from).toEqual({ run_id: 7, visit: 2 });
});

test("memory and documents begin with what was left, the latest of each key", () => {
  const state = fold(emptyState(), story(...begin));
  const first = { value: ["owls"], agent: "writer", visit: 1, at: null, seq: null };
  expect([...state.memory]).toEqual([
    ["facts", { value: ["bats"], agent: "editor", visit: 2, at: null, seq: null, before: [first] }],
  ]);
  expect(state.documents).toBe(1);
});

test("what inherited visits used is not the run's", () => {
  const state = fold(emptyState(), story(...begin, ...enter));
  expect(state.usage).toMatchObject({ model_calls: 0, cost_usd: 0 });
});

test("a run that ends at once leaves what it inherited as it was", () => {
  const end: Told = { kind: "run_completed", result: "Shorter.", duration_ms: 1, usage: { ...used, model_calls: 0 } };
  const state = fold(emptyState(), story(...begin, { kind: "run_started" }, end));
  expect(state).toMatchObject({ status: "completed", result: "Shorter." });
  expect(state.visits.map(({ status }) => status)).toEqual(["inherited", "inherited"]);
});

test("it is the same whether it comes at once or one by one, and the state before is left alone", () => {
  const told = story(...begin, ...enter);
  let state = emptyState();
  for (const one of told) {
    const before = structuredClone(state);
    const after = fold(state, [one]);
    expect(state).toEqual(before);
    state = after;
  }
  expect(state).toEqual(fold(emptyState(), told));
});
