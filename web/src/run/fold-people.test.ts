// What people are asked and what is done outside of the models, as the events of a run are folded.

import { expect, test } from "vitest";

import type { Event } from "../api/model.ts";
import { fold, type Heard } from "./fold.ts";
import { emptyState, type ErrandEntry, type RunState } from "./state.ts";
import { heldLimits, limitWords, waitingLine, waitingWords, waitsFor } from "./waiting.ts";

const AT = "2026-11-24T22:00:00.000Z";
const usage = { input_tokens: 100, output_tokens: 10, cost_usd: 0.001 };
const call = { call: 5, attempt: 1, turn: 1, agent: "writer", model: "main", visit: 1 };
const spent = { model_calls: 1, ...usage };

type Told = { kind: Event["kind"] } & Record<string, unknown>;

/** Events as a server numbers them. */
function story(...told: Told[]): Heard[] {
  return told.map((event, index) => ({ kind: "event", event: { seq: index + 1, at: AT, ...event } as unknown as Event }));
}

const begin: Told[] = [
  { kind: "run_created", workflow: "article", input: "AI", source: { kind: "manual" }, definition: "sha256:0" },
  { kind: "run_started" },
  { kind: "stage_entered", visit: 1, stage: "draft", name: "Draft", nth: 1 },
  { kind: "turn_started", visit: 1, turn: 1, agent: "writer", phase: "default", cycle: 1 },
];
const started: Told = { kind: "model_call_started", ...call, sent: "sha256:1" };

/** The writer's answer, which calls tools. */
function calls(...tools: string[]): Told {
  const tool_calls = tools.map((tool, index) => ({ id: `t${index + 1}`, tool, arguments: {} }));
  return { kind: "model_call_finished", ...call, answer: { tool_calls, finish: "done" }, usage, duration_ms: 40 };
}

function told(...more: Told[]): RunState {
  return fold(emptyState(), story(...begin, started, ...more));
}

function errands(state: RunState): ErrandEntry[] {
  return state.entries.filter((entry) => entry.kind === "errand");
}

function speech(state: RunState) {
  const found = state.entries.find((entry) => entry.kind === "speech");
  if (found?.kind !== "speech") throw new Error("nobody spoke");
  return found;
}

const lookup = { call: 7, visit: 1, turn: 1, agent: "writer", tool_call: "t1", tool: "lookup" };
const lookupStarted: Told = { kind: "tool_call_started", ...lookup, attempt: 1, arguments: { city: "Paris" } };
const lookupFinished: Told = { kind: "tool_call_finished", ...lookup, attempt: 1, text: "Rain.", duration_ms: 12 };

test("a tool call is one entry from its beginning to its end", () => {
  const going = told(calls("lookup"), lookupStarted);
  expect(errands(going)).toMatchObject([{ what: "tool", name: "lookup", agent: "writer", state: "under_way", input: { city: "Paris" } }]);
  const done = told(calls("lookup"), lookupStarted, lookupFinished);
  expect(errands(done)).toMatchObject([{ state: "done", text: "Rain.", code: null, durationMs: 12, lost: [] }]);
  expect(done.entries.filter((entry) => entry.kind === "note")).toHaveLength(1);
});

test("a tool that failed says so, with its code", () => {
  const failed = { ...lookupFinished, code: "timed_out", text: "It took too long." };
  expect(errands(told(calls("lookup"), lookupStarted, failed))).toMatchObject([{ state: "failed", code: "timed_out" }]);
});

test("a tool call that a crash cut off is told, once, and made again in the same entry", () => {
  const in_flight = [{ what: "tool_call", call: 7, attempt: 1, agent: "writer", tool: "lookup" }];
  const state = told(
    calls("lookup"),
    lookupStarted,
    { kind: "run_recovered", visit: 1, in_flight },
    { ...lookupStarted, attempt: 2 },
    { ...lookupFinished, attempt: 2 },
  );
  expect(errands(state)).toMatchObject([{ state: "done", attempt: 2, lost: [1] }]);
});

test("a call of which a person decides whether it is made again waits for them", () => {
  const asked: Told = {
    kind: "question_asked", visit: 1, question: 8, call: 7, agent: "writer", turn: 1, tool_call: "t1",
    text: "Is it to be called again?", choices: ["call it again", "leave it"],
  };
  const waiting = told(calls("lookup"), lookupStarted, asked);
  expect(errands(waiting)).toMatchObject([{ state: "asked" }]);
  expect(waiting.asks).toMatchObject([{ kind: "again", number: 8, choices: ["call it again", "leave it"] }]);
  expect(waitsFor(waiting)).toEqual({ for: "person" });
  const left = told(
    calls("lookup"), lookupStarted, asked,
    { kind: "question_answered", visit: 1, question: 8, text: "leave it", by: "ana" },
    { ...lookupFinished, code: "interrupted" },
  );
  expect(left.asks).toEqual([]);
  expect(errands(left)).toMatchObject([{ state: "failed", code: "interrupted" }]);
});

test("only tool calls that no event tells of stand with the words that made them", () => {
  expect(speech(told(calls("lookup", "write_file", "pass"))).untold.map((one) => one.tool)).toEqual(["lookup", "write_file"]);
  const state = told(
    calls("lookup", "write_file", "pass"),
    lookupStarted,
    { kind: "document_written", visit: 1, agent: "writer", path: "a.md", hash: "sha256:2", bytes: 3, tool_call: "t2" },
  );
  expect(speech(state).untold).toEqual([]);
  expect(state.documents).toBe(1);
});

test("a hook and its tool call are one entry", () => {
  const hook = { when: "entry", index: 0 };
  const state = told(
    { kind: "tool_call_started", visit: 1, call: 6, attempt: 1, hook, tool: "lookup", arguments: {} },
    { kind: "tool_call_finished", visit: 1, call: 6, attempt: 1, tool: "lookup", text: "Rain.", duration_ms: 3 },
    { kind: "hook_finished", visit: 1, hook, tool: "lookup", key: "weather", value: "Rain." },
  );
  expect(errands(state)).toMatchObject([{ what: "hook", state: "done", memoryKey: "weather", durationMs: 3 }]);
  expect(state.entries.filter((entry) => entry.kind === "note")).toHaveLength(1);
});

test("a hook that could not even be called stands by itself", () => {
  const hook = { when: "exit", index: 0 };
  const state = told({ kind: "hook_finished", visit: 1, hook, tool: "lookup", code: "template_failed", message: "No." });
  expect(errands(state)).toEqual([]);
  expect(state.entries.at(-1)).toMatchObject({ kind: "note", event: { kind: "hook_finished" } });
});

test("the tools of a server are one entry", () => {
  const list = { visit: 1, call: 6, attempt: 1, tool: "files" };
  const tools = [{ name: "read", parameters: {} }];
  expect(errands(told({ kind: "tool_list_started", ...list }))).toMatchObject([{ what: "list", state: "under_way" }]);
  const listed = told({ kind: "tool_list_started", ...list }, { kind: "tools_listed", ...list, tools, duration_ms: 1 });
  expect(errands(listed)).toMatchObject([{ state: "done", tools }]);
  const failed = told(
    { kind: "tool_list_started", ...list },
    { kind: "tool_list_failed", ...list, code: "mcp_failed", message: "It ended.", duration_ms: 1 },
  );
  expect(errands(failed)).toMatchObject([{ state: "failed", code: "mcp_failed", text: "It ended." }]);
});

test("another workflow is one entry, and the run waits for its run", () => {
  const called: Told = { kind: "workflow_called", visit: 1, call: 7, workflow: "other", outcome: "escalate", input: "R" };
  const child: Told = { kind: "child_started", visit: 1, call: 7, run_id: 12, workflow: "other" };
  const ended: Told = { kind: "child_ended", visit: 1, call: 7, run_id: 12, status: "completed", result: "Done." };
  expect(waitsFor(told(calls("complete"), called))).toBeNull();
  const waits = waitsFor(told(calls("complete"), called, child));
  expect(waits && waitingWords(waits)).toBe("for run 12");
  const state = told(calls("complete"), called, child, ended);
  expect(errands(state)).toMatchObject([
    { what: "workflow", name: "other", outcome: "escalate", state: "done", text: "Done.", child: { run: 12, status: "completed" } },
  ]);
});

test("a workflow that could not be started has no run", () => {
  const error = { doing: "", code: "too_deep", message: "Too deep.", stage: null, visit: null, agent: null };
  const state = told(
    calls("complete"),
    { kind: "workflow_called", visit: 1, call: 7, workflow: "other", outcome: "escalate", input: "R" },
    { kind: "child_ended", visit: 1, call: 7, status: "error", error },
  );
  expect(errands(state)).toMatchObject([{ state: "failed", code: "too_deep", child: { run: null, workflow: "other" } }]);
});

test("the end of a run that an agent asked for is not yet the answer to its tool call", () => {
  const state = told(
    calls("run_workflow"),
    { ...lookupStarted, tool: "run_workflow" },
    { kind: "child_started", visit: 1, call: 7, run_id: 12, workflow: "other" },
    { kind: "child_ended", visit: 1, call: 7, run_id: 12, status: "error" },
  );
  expect(errands(state)).toMatchObject([{ state: "under_way", child: { run: 12, status: "error" } }]);
});

test("a run that an agent asked for belongs to its tool call", () => {
  const run = { ...lookup, tool: "run_workflow" };
  const state = told(
    calls("run_workflow"),
    { kind: "tool_call_started", ...run, attempt: 1, arguments: { workflow: "other" } },
    { kind: "child_started", visit: 1, call: 7, run_id: 12, workflow: "other" },
    { kind: "child_ended", visit: 1, call: 7, run_id: 12, status: "completed", result: "Done." },
    { kind: "tool_call_finished", ...run, attempt: 1, text: "Done.", duration_ms: 9 },
  );
  expect(errands(state)).toMatchObject([{ what: "tool", state: "done", text: "Done.", child: { run: 12, workflow: "other" } }]);
});

const question: Told = {
  kind: "question_asked", visit: 1, question: 7, agent: "writer", turn: 1, tool_call: "t1",
  text: "Which city?", choices: ["Paris", "Rome"], expires_at: AT,
};

const reached: Told = { kind: "limit_reached", visit: 1, limit: "cost_usd", max: 2, used: 1.9, action: "wait", turn: 1 };
const raised: Told = { kind: "limit_raised", visit: 1, by: "ana", limits: { cost_usd: 3 } };

test("a question is open from the event that asks to the one that answers", () => {
  const asked = told(calls("ask_user"), question);
  expect(asked.asks).toMatchObject([{ kind: "question", number: 7, agent: "writer", text: "Which city?", until: AT }]);
  expect(waitsFor(asked)).toEqual({ for: "person" });
  const answered = told(calls("ask_user"), question, { kind: "question_answered", visit: 1, question: 7, text: "Rome", by: "ana" });
  expect(answered.asks).toEqual([]);
  expect(waitsFor(answered)).toBeNull();
});

test("a run in which others work does not wait, and its question is open all the same", () => {
  const other: Told = { kind: "model_call_started", ...call, call: 8, turn: 2, agent: "editor" };
  const state = told(calls("ask_user"), question, other);
  expect(state.asks).toHaveLength(1);
  expect(waitsFor(state)).toBeNull();
});

test("what was asked before is left as it was when more is heard", () => {
  const all = [...begin, started, calls("ask_user"), question, reached];
  const before = fold(emptyState(), story(...all));
  fold(before, story(...all, { kind: "stop_requested", by: "ana" }));
  expect([before.asks.length, before.held.size]).toEqual([1, 1]);
});

test("an approval of a result shows what was given, and a rejection ends the visit", () => {
  const given: Told = { kind: "agent_completed", visit: 1, turn: 1, agent: "writer", result: "R" };
  const requested: Told = { kind: "approval_requested", visit: 1, approval: 8, when: "after" };
  const asked = told(calls("complete"), given, requested);
  expect(asked.asks).toMatchObject([{ kind: "approval", number: 8, when: "after" }]);
  expect(asked.visits[0]).toMatchObject({ given: "R", result: null });
  const rejected = told(
    calls("complete"), given, requested,
    { kind: "approval_decided", visit: 1, approval: 8, approve: false, by: "ana", comment: "Too long." },
    { kind: "stage_rejected", visit: 1, stage: "draft", approval: 8, result: "R", usage: spent, duration_ms: 9 },
  );
  expect(rejected.asks).toEqual([]);
  expect(rejected.visits[0]).toMatchObject({ status: "completed", rejected: true, result: "R", durationMs: 9 });
});

test("nobody is asked any more by a run that is ending", () => {
  for (const end of [
    { kind: "stop_requested", by: "ana" },
    { kind: "stage_failed", visit: 1, stage: "draft", error: { code: "x" }, usage: spent, duration_ms: 1 },
  ] as Told[]) {
    expect(told(calls("ask_user"), question, end).asks).toEqual([]);
  }
});

test("a run is at its limit until the call that was held back is made", () => {
  const held = told(calls("lookup"), lookupStarted, lookupFinished, reached);
  const waits = waitsFor(held);
  expect(waits && waitingLine(waits)).toBe("at its limit of $2");
  // Raised, but perhaps not by enough: only the call says so.
  const more = told(calls("lookup"), lookupStarted, lookupFinished, reached, raised);
  expect(heldLimits(more)).toMatchObject([{ limit: "cost_usd", max: 3, used: 1.9 }]);
  const goes = told(calls("lookup"), lookupStarted, lookupFinished, reached, raised, { ...started, call: 11 });
  expect(heldLimits(goes)).toEqual([]);
});

test("a limit at which the run stops holds nothing back", () => {
  expect(heldLimits(told(calls("pass"), { ...reached, action: "stop" }))).toEqual([]);
});

test("turns that wait at the same limit are one wait", () => {
  const state = told(calls("pass"), reached, { ...reached, turn: 2, used: 1.95 });
  expect(heldLimits(state)).toMatchObject([{ used: 1.95 }]);
});

test("a limit reads as it was set", () => {
  expect([2, 0.5, 0.03, 0.0042, 1500].map((max) => limitWords("cost_usd", max))).toEqual([
    "$2", "$0.50", "$0.03", "$0.0042", "$1,500",
  ]);
  expect(limitWords("cost_usd", null)).toBe("money");
  expect(limitWords("model_calls", 1)).toBe("1 model call");
});

test("money of a call that gave no answer counts as spent", () => {
  const failed: Told = {
    kind: "model_call_failed", ...call, code: "model_unavailable", message: "Down.", transient: true, cost_usd: 0.25, duration_ms: 1,
  };
  expect(told(failed).usage.cost_usd).toBe(0.25);
  const in_flight = [{ what: "model_call", call: 5, attempt: 1, agent: "writer", model: "main", reserved_usd: 0.5 }];
  const state = told({ kind: "run_recovered", visit: 1, in_flight });
  expect([state.usage.cost_usd, state.visits[0]?.usage.cost_usd]).toEqual([0.5, 0.5]);
});

test("a call carries its terms, and those of its newest attempt count", () => {
  const first: Told = { ...started, max_tokens: 900, reserved_usd: 0.1, compacts: true };
  const again: Told = { kind: "model_call_started", ...call, attempt: 2 };
  expect(speech(fold(emptyState(), story(...begin, first)))).toMatchObject({
    kept: true, compacts: true, maxTokens: 900, reservedUsd: 0.1,
  });
  expect(speech(fold(emptyState(), story(...begin, first, again)))).toMatchObject({ kept: false, maxTokens: null });
});

test("the end of a run cuts off what was under way outside", () => {
  const stopped: Told = { kind: "run_stopped", by: "ana", took_ms: 1, aborted: [], usage: spent, duration_ms: 5 };
  expect(errands(told(calls("lookup"), lookupStarted, stopped))).toMatchObject([{ state: "cut" }]);
});

test("a story that is cut anywhere and resumed gives the same page", () => {
  const all = story(...begin, started, calls("lookup"), lookupStarted, question, reached, raised, lookupFinished);
  for (let cut = 0; cut <= all.length; cut++) {
    const before = fold(emptyState(), all.slice(0, cut));
    const after = fold(before, [{ kind: "connected", at: 0 }, ...all.slice(Math.max(0, cut - 2))]);
    expect(after).toEqual(fold(emptyState(), all));
  }
});
