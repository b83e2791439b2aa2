// What the events of a run are folded into: each test tells a short story of a run.

import { expect, test } from "vitest";

import type { Event } from "../api/model.ts";
import { fold, type Heard } from "./fold.ts";
import { emptyState, type RunState, type SpeechEntry } from "./state.ts";

const AT = "2026-11-24T22:00:00.000Z";
const usage = { input_tokens: 100, output_tokens: 10, cost_usd: 0.001 };
const call = { call: 5, attempt: 1, turn: 1, agent: "writer", model: "main", visit: 1 };

type Told = { kind: Event["kind"] } & Record<string, unknown>;

/** Events as a server numbers them. */
function story(...told: Told[]): Heard[] {
  return told.map((event, index) => heard({ seq: index + 1, at: AT, ...event }));
}

function heard(event: Record<string, unknown>): Heard {
  return { kind: "event", event: event as unknown as Event };
}

function delta(text: string, attempt = 1): Heard {
  return { kind: "delta", delta: { call: 5, attempt, agent: "writer", text } };
}

const begin: Told[] = [
  { kind: "run_created", workflow: "article", input: "AI", source: { kind: "manual" }, definition: "sha256:0" },
  { kind: "run_started" },
  { kind: "stage_entered", visit: 1, stage: "draft", name: "Draft", nth: 1 },
  { kind: "turn_started", visit: 1, turn: 1, agent: "writer", phase: "default", cycle: 1 },
  { kind: "model_call_started", ...call },
];
const finished: Told = {
  kind: "model_call_finished",
  ...call,
  answer: { text: "The whole text.", finish: "done" },
  usage,
  duration_ms: 40,
};

function speech(state: RunState): SpeechEntry {
  const found = state.entries.find((entry) => entry.kind === "speech");
  if (found?.kind !== "speech") throw new Error("nobody spoke");
  return found;
}

test("text grows as it is written, and the finished answer takes its place", () => {
  let state = fold(emptyState(), [...story(...begin), delta("The who"), delta("le te")]);
  expect(speech(state)).toMatchObject({ state: "writing", text: "The whole te" });
  state = fold(state, story(...begin, finished));
  expect(speech(state)).toMatchObject({ state: "finished", text: "The whole text." });
  expect(state.entries.filter((entry) => entry.kind === "speech")).toHaveLength(1);
});

test("words change the timeline alone", () => {
  const before = fold(emptyState(), story(...begin));
  const after = fold(before, [delta("The")]);
  expect(after.entries).not.toBe(before.entries);
  expect([after.visits, after.memory]).toEqual([before.visits, before.memory]);
  expect(after.visits).toBe(before.visits);
  expect(after.memory).toBe(before.memory);
  expect(speech(before).text).toBe("");
});

test("words that come after the finished answer change nothing", () => {
  const state = fold(emptyState(), [...story(...begin, finished), delta("late")]);
  expect(speech(state).text).toBe("The whole text.");
});

test("an event that is known already counts once", () => {
  const once = fold(emptyState(), story(...begin, finished));
  const twice = fold(once, story(...begin, finished));
  expect(twice).toEqual(once);
  expect(once.usage).toEqual({ model_calls: 1, ...usage });
  expect(once.visits[0]?.usage).toEqual({ model_calls: 1, ...usage });
});

test("an event that comes too early is left out, and the gap is known", () => {
  const all = story(...begin, finished);
  const gap = fold(emptyState(), [...all.slice(0, 3), ...all.slice(4)]);
  expect(gap).toMatchObject({ seq: 3, gap: true });
  const mended = fold(gap, [{ kind: "connected", at: 0 }, ...all.slice(3)]);
  expect(mended).toEqual(fold(emptyState(), all));
});

test("a stream that was cut and resumed gives the same page as one that was not", () => {
  const all = story(...begin, finished);
  for (let cut = 0; cut <= all.length; cut++) {
    const before = fold(emptyState(), all.slice(0, cut));
    // The server may send again what the page had just seen.
    const after = fold(before, [{ kind: "connected", at: 0 }, ...all.slice(Math.max(0, cut - 2))]);
    expect(after).toEqual(fold(emptyState(), all));
  }
});

test("words that were missed while the connection was lost are marked until the answer comes", () => {
  let state = fold(emptyState(), [...story(...begin), delta("One"), { kind: "connected", at: 0 }, delta("four")]);
  expect(speech(state)).toMatchObject({ text: "One … four", patchy: true });
  state = fold(state, story(...begin, finished));
  expect(speech(state)).toMatchObject({ text: "The whole text.", patchy: false });
});

test("words of a call that began before the page connected have no beginning", () => {
  const later = Date.parse(AT) + 10_000;
  const state = fold(emptyState(), [{ kind: "connected", at: later }, ...story(...begin), delta("rest")]);
  expect(speech(state)).toMatchObject({ text: "rest", patchy: true });
});

const failing: Told = {
  kind: "model_call_failed",
  ...call,
  code: "model_unavailable",
  message: "The provider has trouble.",
  provider_message: "overloaded",
  status: 503,
  transient: true,
  partial: "Half a sent",
  duration_ms: 9,
};

test("a failed attempt takes its text back, and its words stay readable apart", () => {
  const state = fold(emptyState(), [...story(...begin), delta("Half a sent"), ...story(...begin, failing).slice(-1)]);
  expect(speech(state)).toMatchObject({ state: "failed", text: "" });
  expect(speech(state).failures).toMatchObject([{ attempt: 1, code: "model_unavailable", partial: "Half a sent" }]);
});

test("a retry waits, starts anew and takes no words of the attempt before", () => {
  const retry: Told = { kind: "retry_scheduled", ...call, attempt: 2, wait_ms: 500, retry_at: AT };
  const again: Told = { kind: "model_call_started", ...call, attempt: 2 };
  let state = fold(emptyState(), story(...begin, failing, retry));
  expect(speech(state)).toMatchObject({ state: "waiting", retryAt: AT, failures: [{ waitMs: 500 }] });
  state = fold(state, [...story(...begin, failing, retry, again), delta("old words", 1), delta("new", 2)]);
  expect(speech(state)).toMatchObject({ state: "writing", text: "new", retryAt: null, attempt: 2 });
  expect(speech(state).failures).toHaveLength(1);
});

test("an attempt that a crash cut off is told as such", () => {
  const recovered: Told = { kind: "run_recovered", in_flight: [] };
  const again: Told = { kind: "model_call_started", ...call, attempt: 2 };
  const state = fold(emptyState(), story(...begin, recovered, again));
  expect(speech(state)).toMatchObject({ state: "waiting", failures: [{ code: "interrupted" }] });
});

test("a stop ends what is under way", () => {
  const state = fold(emptyState(), [
    ...story(...begin),
    delta("Half"),
    ...story(
      ...begin,
      { kind: "stop_requested", by: "ana" },
      { kind: "run_stopped", by: "ana", took_ms: 8, aborted: [], usage: { model_calls: 0, ...usage }, duration_ms: 70 },
    ).slice(-2),
  ]);
  expect(state).toMatchObject({ status: "stopped", durationMs: 70, stop: { by: "ana" } });
  expect(state.visits[0]?.status).toBe("stopped");
  expect(speech(state)).toMatchObject({ state: "cut", text: "Half" });
});

test("a visit ends with its result and outcome, and the numbers of the record count", () => {
  const spent = { model_calls: 2, input_tokens: 7, output_tokens: 3, cost_usd: 0 };
  const state = fold(
    emptyState(),
    story(
      ...begin,
      finished,
      { kind: "stage_completed", visit: 1, stage: "draft", result: "R", outcome: "good", usage: spent, duration_ms: 9 },
      { kind: "run_completed", result: "R", usage: spent, duration_ms: 10 },
    ),
  );
  expect(state.visits).toMatchObject([{ status: "completed", outcome: "good", result: "R", usage: spent }]);
  expect(state).toMatchObject({ status: "completed", result: "R", usage: spent });
});

test("a kind of a newer server stands in the timeline and breaks nothing", () => {
  const state = fold(emptyState(), story(...begin, { kind: "moon_phase_changed" as Event["kind"] }));
  expect(state.entries.at(-1)).toMatchObject({ kind: "note", event: { kind: "moon_phase_changed" } });
});

test("a plain answer is not told twice", () => {
  const sent: Told = { kind: "message_sent", visit: 1, agent: "writer", to: "team", text: "The whole text." };
  const notes = fold(emptyState(), story(...begin, finished, sent)).entries.filter((entry) => entry.kind === "note");
  expect(notes).toHaveLength(1);
});

test("what had come of an answer that was cut off is kept as a part, and the run's object is asked for again", () => {
  const aborted: Told = {
    kind: "model_call_failed",
    ...call,
    code: "aborted",
    message: "The call was cut off because the run is ending.",
    transient: false,
    partial: "Half of",
    may_cost_usd: 0.02,
    duration_ms: 40,
  };
  const state = fold(emptyState(), story(...begin, { kind: "stop_requested", by: "ana" }, aborted));
  expect(speech(state)).toMatchObject({ state: "failed", text: "" });
  expect(speech(state).failures[0]).toMatchObject({ partial: "Half of", mayCostUsd: 0.02, unsent: false });
  expect(state.cutOff).toBe(1);
  expect(fold(emptyState(), story(...begin, finished)).cutOff).toBe(0);
});
