// Folds what is done outside of the models into the timeline: tool calls, hooks, the tools of servers
// listed, other workflows carried out. Each is one entry, from its intent to its end.

import type { Event, EventOf, HookPlace } from "../api/model.ts";
import type { ErrandEntry, RunState } from "./state.ts";

export function foldErrand(state: RunState, event: Event) {
  switch (event.kind) {
    case "tool_list_started":
      begin(state, event, { what: "list", name: event.tool });
      break;
    case "tool_call_started":
      begin(state, event, {
        what: event.hook ? "hook" : "tool",
        name: event.tool,
        agent: event.agent ?? null,
        hook: event.hook ?? null,
        input: event.arguments,
      });
      break;
    case "workflow_called":
      begin(state, { ...event, attempt: 1 }, {
        what: "workflow",
        name: event.workflow,
        input: event.input,
        outcome: event.outcome,
      });
      break;
    case "tools_listed":
      changeErrand(state, event.call, { state: "done", tools: event.tools, durationMs: event.duration_ms });
      break;
    case "tool_list_failed":
      changeErrand(state, event.call, {
        state: "failed",
        text: event.message,
        code: event.code,
        durationMs: event.duration_ms,
      });
      break;
    case "tool_call_finished":
      changeErrand(state, event.call, {
        state: event.code == null ? "done" : "failed",
        text: event.text,
        code: event.code ?? null,
        durationMs: event.duration_ms,
      });
      break;
    case "hook_finished":
      hookFinished(state, event);
      break;
    case "child_started":
      changeErrand(state, event.call, {
        child: { run: event.run_id, workflow: event.workflow, status: "running", error: null },
      });
      break;
    case "child_ended":
      childEnded(state, event);
      break;
    case "question_asked":
      if (event.call != null) changeErrand(state, event.call, { state: "asked" });
      break;
    case "run_recovered":
      for (const { call, attempt } of event.in_flight) lose(state, call, attempt);
      break;
    default:
      break;
  }
}

/** The entry of a hook of that visit, if its tool was called at all. */
export function hookEntry(state: RunState, visit: number | null, hook: HookPlace): ErrandEntry | null {
  const entry = state.entries.findLast(
    (entry) =>
      entry.kind === "errand" &&
      entry.visit === visit &&
      entry.hook?.when === hook.when &&
      entry.hook.index === hook.index,
  );
  return entry?.kind === "errand" ? entry : null;
}

interface Beginning {
  call: number;
  attempt: number;
  at: string;
  seq: number;
  visit?: number | null;
}

type Begun = Pick<ErrandEntry, "what" | "name"> & Partial<ErrandEntry>;

/** The first attempt makes the entry; a later one says that a crash cut off the one before. */
function begin(state: RunState, { call, attempt, at, seq, visit }: Beginning, begun: Begun) {
  const before = errand(state, call);
  if (before) {
    lose(state, call, before.attempt);
    changeErrand(state, call, { state: "under_way", attempt });
    return;
  }
  state.calls.set(call, state.entries.length);
  state.entries.push({
    kind: "errand",
    key: `call-${call}`,
    seq,
    visit: visit ?? null,
    call,
    at,
    agent: null,
    hook: null,
    attempt,
    state: "under_way",
    input: null,
    text: null,
    code: null,
    durationMs: null,
    lost: [],
    tools: [],
    memoryKey: null,
    outcome: null,
    child: null,
    ...begun,
  });
}

function lose(state: RunState, call: number, attempt: number) {
  const entry = errand(state, call);
  if (entry && !entry.lost.includes(attempt)) changeErrand(state, call, { lost: [...entry.lost, attempt] });
}

function hookFinished(state: RunState, event: EventOf<"hook_finished">) {
  const entry = hookEntry(state, event.visit ?? null, event.hook);
  if (!entry) return;
  changeErrand(state, entry.call, {
    state: event.code == null ? "done" : "failed",
    code: event.code ?? null,
    text: event.message ?? entry.text,
    memoryKey: event.key ?? null,
  });
}

function childEnded(state: RunState, event: EventOf<"child_ended">) {
  const entry = errand(state, event.call);
  if (!entry) return;
  const workflow = entry.child?.workflow ?? entry.name;
  const child = { run: event.run_id ?? null, workflow, status: event.status, error: event.error ?? null };
  // What an agent asked for ends with the answer to its tool call, which follows.
  if (entry.what !== "workflow") return changeErrand(state, event.call, { child });
  changeErrand(state, event.call, {
    child,
    state: event.status === "completed" ? "done" : "failed",
    text: event.result ?? event.error?.message ?? null,
    code: event.error?.code ?? null,
    durationMs: Math.max(0, Date.parse(event.at) - Date.parse(entry.at)),
  });
}

function errand(state: RunState, call: number): ErrandEntry | null {
  const index = state.calls.get(call);
  const entry = index === undefined ? undefined : state.entries[index];
  return entry?.kind === "errand" ? entry : null;
}

function changeErrand(state: RunState, call: number, to: Partial<ErrandEntry>) {
  const entry = errand(state, call);
  const index = state.calls.get(call);
  if (entry && index !== undefined) state.entries[index] = { ...entry, ...to };
}
