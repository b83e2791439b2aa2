// Folds a run's events, and the text that is written between them, into what its page shows.
//
// Nothing here waits or reads a clock. Events count once, in the order of their numbers: one that is
// known already changes nothing, and one that comes too early says that others are missing.

import type { CallUsage, Delta, Event, EventOf, Usage } from "../api/model.ts";
import { foldErrand, hookEntry } from "./fold-errand.ts";
import { inherit } from "./fold-inherited.ts";
import { foldMemory } from "./fold-memory.ts";
import { foldPeople } from "./fold-people.ts";
import {
  NOTHING_USED,
  type Entry,
  type ErrandEntry,
  type FailedAttempt,
  type RunState,
  type SpeechEntry,
  type VisitState,
} from "./state.ts";

/** What comes in over the stream. */
export type Heard =
  | { kind: "event"; event: Event }
  | { kind: "delta"; delta: Delta }
  /** The stream was opened, for the first time or again. */
  | { kind: "connected"; at: number };

/** How much later than its call a connection may be made without having missed words of it: the
 * clocks of server and browser are rarely the same to the millisecond. */
const CLOCK_SLACK_MS = 500;

/** What every agent can always do. These calls have events of their own, or need none. */
const RULES = new Set(["send_message", "share_result", "read_memory", "pass", "complete"]);

/** The state after some more was heard. The state that was given is left as it is. */
export function fold(before: RunState, heard: readonly Heard[]): RunState {
  const state: RunState = { ...before, entries: before.entries.slice() };
  // The lists are copied once for all that was heard, since a stream brings hundreds at a time. Words
  // change the timeline alone: the rest stays the same object, and is not drawn again.
  if (heard.some((item) => item.kind === "event")) {
    state.visits = before.visits.slice();
    state.memory = new Map(before.memory);
    state.calls = new Map(before.calls);
    state.turns = new Map(before.turns);
    state.voices = new Map(before.voices);
    state.held = new Map(before.held);
  }
  for (const item of heard) {
    if (item.kind === "connected") connected(state, item.at);
    else if (item.kind === "delta") written(state, item.delta);
    else happened(state, item.event);
  }
  return state;
}

function connected(state: RunState, at: number) {
  state.gap = false;
  state.connectedAt = at;
  // What was written while the connection was lost is gone until the finished answer comes.
  for (const index of state.calls.values()) {
    const speech = state.entries[index];
    if (speech?.kind === "speech" && speech.state === "writing") {
      state.entries[index] = { ...speech, text: `${speech.text} … `, patchy: true };
    }
  }
}

function written(state: RunState, delta: Delta) {
  change(state, delta.call, (speech) => {
    // Words of an attempt that ended, or of one whose beginning has not come yet, are of no use.
    if (speech.attempt !== delta.attempt) return speech;
    if (speech.state !== "waiting" && speech.state !== "writing") return speech;
    const late = speech.state === "waiting" && Date.parse(speech.at) + CLOCK_SLACK_MS < state.connectedAt;
    return { ...speech, state: "writing", text: speech.text + delta.text, patchy: speech.patchy || late };
  });
}

function happened(state: RunState, event: Event) {
  if (event.seq <= state.seq || state.gap) return;
  if (event.seq > state.seq + 1) {
    state.gap = true;
    return;
  }
  state.seq = event.seq;
  apply(state, event);
  foldErrand(state, event);
  foldMemory(state, event);
  foldPeople(state, event);
  tell(state, event);
  if (isAboutCutOff(event)) state.cutOff += 1;
  if (!hasNote(state, event)) return;
  const agent = "agent" in event ? event.agent : null;
  const model = agent == null ? null : (state.voices.get(agent)?.model ?? null);
  const { seq, visit = null } = event;
  state.entries.push({ kind: "note", key: `event-${seq}`, seq, visit, event, model });
}

/** Whether an event changes what the run says of calls that were cut off. */
function isAboutCutOff(event: Event): boolean {
  switch (event.kind) {
    case "run_recovered":
    case "model_call_failed":
      return true;
    case "model_call_started":
    case "tool_call_started":
      return event.attempt > 1;
    case "tool_call_finished":
      return event.code === "interrupted" || event.code === "aborted";
    case "question_asked":
      return event.call != null;
    default:
      return false;
  }
}

/** Whether an event stands in the timeline by itself. The others show in what they belong to. */
function hasNote(state: RunState, event: Event): boolean {
  switch (event.kind) {
    case "run_started":
    case "run_inherited":
    case "stage_entered":
    case "model_call_started":
    case "model_call_finished":
    case "model_call_failed":
    case "retry_scheduled":
    case "tool_list_started":
    case "tools_listed":
    case "tool_list_failed":
    case "tool_call_started":
    case "tool_call_finished":
    case "workflow_called":
    case "child_started":
    case "child_ended":
      return false;
    case "hook_finished":
      // A hook whose arguments could not be filled in was never called.
      return hookEntry(state, event.visit ?? null, event.hook) === null;
    case "turn_started":
      return event.asks != null;
    case "turn_ended":
      return event.how === "passed";
    case "message_sent":
      // A plain answer is its own message: its words stand there already.
      return event.tool_call != null;
    default:
      return true;
  }
}

function apply(state: RunState, event: Event) {
  switch (event.kind) {
    case "run_created":
      state.workflow = event.workflow;
      state.source = event.source;
      state.input = event.input;
      state.createdAt = event.at;
      break;
    case "run_inherited":
      inherit(state, event);
      break;
    case "run_started":
      state.status = "running";
      state.startedAt = event.at;
      break;
    case "stage_entered":
      enter(state, event);
      break;
    case "turn_started":
      state.turns.set(event.turn, { phase: event.phase, cycle: event.cycle, agent: event.agent, asks: event.asks });
      changeVisit(state, event, (visit) => ({ ...visit, agent: event.agent }));
      break;
    case "turn_ended":
      changeVisit(state, event, (visit) => ({ ...visit, agent: null }));
      break;
    case "model_call_started":
      callStarted(state, event);
      break;
    case "model_call_finished":
      callFinished(state, event);
      break;
    case "model_call_failed":
      change(state, event.call, (speech) => failed(speech, failureOf(event)));
      spendLost(state, event, event.cost_usd ?? 0);
      break;
    case "retry_scheduled":
      change(state, event.call, (speech) => retrying(speech, event));
      break;
    case "message_sent":
      if (event.tool_call == null) addressed(state, event);
      break;
    case "document_written":
      state.documents += 1;
      break;
    case "agent_completed":
      changeVisit(state, event, (visit) => ({ ...visit, given: event.result }));
      break;
    case "outcome_chosen":
      changeVisit(state, event, (visit) => ({ ...visit, outcome: event.outcome }));
      break;
    case "stage_completed":
      changeVisit(state, event, (visit) => ({
        ...ended(visit, "completed", event),
        result: event.result,
        outcome: event.outcome ?? null,
      }));
      break;
    case "stage_rejected":
      changeVisit(state, event, (visit) => ({
        ...ended(visit, "completed", event),
        result: event.result ?? null,
        rejected: true,
      }));
      break;
    case "stage_failed":
      changeVisit(state, event, (visit) => ended(visit, "error", event));
      state.error = event.error;
      break;
    case "run_recovered":
      for (const lost of event.in_flight) spendLost(state, event, lost.reserved_usd ?? 0);
      break;
    case "stop_requested":
      state.stop ??= { by: event.by, reason: event.reason ?? null, at: event.at };
      break;
    case "run_completed":
      state.result = event.result;
      end(state, "completed", event);
      break;
    case "run_stopped":
      end(state, "stopped", event);
      break;
    case "run_failed":
      state.error = event.error;
      end(state, "error", event);
      break;
    // Nothing else changes the numbers; events of a newer server only stand in the timeline.
    default:
      break;
  }
}

function enter(state: RunState, event: EventOf<"stage_entered">) {
  const number = event.visit ?? state.visits.length + 1;
  state.visits.push({
    visit: number,
    stage: event.stage,
    name: event.name,
    nth: event.nth,
    status: "running",
    forced: event.forced ?? false,
    startedAt: event.at,
    endedAt: null,
    durationMs: null,
    outcome: null,
    result: null,
    usage: NOTHING_USED,
    models: new Set(),
    agent: null,
    given: null,
    rejected: false,
    inherited: null,
    entry: state.entries.length,
  });
  state.entries.push({ kind: "divider", key: `visit-${number}`, seq: event.seq, visit: number });
}

function callStarted(state: RunState, event: EventOf<"model_call_started">) {
  if (state.calls.has(event.call)) {
    change(state, event.call, (speech) => {
      // An attempt without an end was cut off by a crash of the server.
      const lost = speech.state === "waiting" || speech.state === "writing";
      const before = lost && speech.retryAt === null ? failed(speech, cutOff(speech)) : speech;
      return {
        ...before,
        ...callTerms(event),
        state: "waiting",
        attempt: event.attempt,
        model: event.model,
        at: event.at,
        retryAt: null,
        text: "",
        patchy: false,
      };
    });
    return;
  }
  state.calls.set(event.call, state.entries.length);
  state.entries.push({
    kind: "speech",
    key: `call-${event.call}`,
    seq: event.seq,
    visit: event.visit ?? null,
    call: event.call,
    at: event.at,
    agent: event.agent,
    model: event.model,
    attempt: event.attempt,
    turn: state.turns.get(event.turn) ?? null,
    state: "waiting",
    text: "",
    patchy: false,
    to: null,
    toolCalls: [],
    untold: [],
    ...callTerms(event),
    usage: null,
    durationMs: null,
    failures: [],
    retryAt: null,
  });
}

function callTerms(event: EventOf<"model_call_started">) {
  return {
    compacts: event.compacts ?? false,
    kept: event.sent != null,
    maxTokens: event.max_tokens ?? null,
    reservedUsd: event.reserved_usd ?? null,
  };
}

function callFinished(state: RunState, event: EventOf<"model_call_finished">) {
  change(state, event.call, (speech) => ({
    ...speech,
    state: "finished",
    // The answer as it is on record takes the place of what was written word by word.
    text: event.answer.text ?? "",
    patchy: false,
    toolCalls: event.answer.tool_calls ?? [],
    untold: (event.answer.tool_calls ?? []).filter((call) => !RULES.has(call.tool)),
    model: event.model,
    usage: event.usage,
    durationMs: event.duration_ms,
    retryAt: null,
  }));
  state.voices.set(event.agent, { model: event.model, call: event.call });
  state.usage = plus(state.usage, event.usage);
  changeVisit(state, event, (visit) => ({
    ...visit,
    usage: plus(visit.usage, event.usage),
    models: new Set(visit.models).add(event.model),
  }));
}

/** Words without a tool call are a message by themselves. */
function addressed(state: RunState, event: EventOf<"message_sent">) {
  const voice = state.voices.get(event.agent);
  if (voice) change(state, voice.call, (speech) => ({ ...speech, to: event.to }));
}

/** A tool call that an event tells of stands in the timeline by itself. */
function tell(state: RunState, event: Event) {
  if (!("tool_call" in event) || event.tool_call == null || event.agent == null) return;
  const told = event.tool_call;
  const voice = state.voices.get(event.agent);
  if (!voice) return;
  change(state, voice.call, (speech) =>
    speech.untold.some((call) => call.id === told)
      ? { ...speech, untold: speech.untold.filter((call) => call.id !== told) }
      : speech,
  );
}

/** What a call may have cost of which no answer came: it counts as spent. */
function spendLost(state: RunState, event: { visit?: number | null }, cost: number) {
  if (cost === 0) return;
  const spend = (usage: Usage) => ({ ...usage, cost_usd: usage.cost_usd + cost });
  state.usage = spend(state.usage);
  changeVisit(state, event, (visit) => ({ ...visit, usage: spend(visit.usage) }));
}

function plus(usage: Usage, call: CallUsage): Usage {
  return {
    model_calls: usage.model_calls + 1,
    input_tokens: usage.input_tokens + call.input_tokens,
    output_tokens: usage.output_tokens + call.output_tokens,
    cost_usd: usage.cost_usd + call.cost_usd,
  };
}

function failureOf(event: EventOf<"model_call_failed">): FailedAttempt {
  return {
    attempt: event.attempt,
    at: event.at,
    durationMs: event.duration_ms,
    model: event.model,
    code: event.code,
    message: event.message,
    providerMessage: event.provider_message ?? null,
    status: event.status ?? null,
    partial: event.partial ?? "",
    waitMs: null,
    costUsd: event.cost_usd ?? null,
    mayCostUsd: event.may_cost_usd ?? null,
    unsent: event.unsent ?? false,
  };
}

function cutOff(speech: SpeechEntry): FailedAttempt {
  return {
    attempt: speech.attempt,
    at: null,
    durationMs: 0,
    model: speech.model,
    code: "interrupted",
    message:
      "The server went down while the model was answering. The call is made again, and may have been billed twice.",
    providerMessage: null,
    status: null,
    partial: speech.text,
    waitMs: null,
    costUsd: speech.reservedUsd,
    mayCostUsd: null,
    unsent: false,
  };
}

/** A failed attempt takes its text back: it was never an answer. */
function failed(speech: SpeechEntry, failure: FailedAttempt): SpeechEntry {
  return { ...speech, state: "failed", text: "", patchy: false, failures: [...speech.failures, failure] };
}

function retrying(speech: SpeechEntry, event: EventOf<"retry_scheduled">): SpeechEntry {
  const last = speech.failures.at(-1);
  const failures = last ? [...speech.failures.slice(0, -1), { ...last, waitMs: event.wait_ms }] : speech.failures;
  return { ...speech, state: "waiting", attempt: event.attempt, model: event.model, failures, retryAt: event.retry_at };
}

function ended(
  visit: VisitState,
  status: "completed" | "error",
  event: EventOf<"stage_completed"> | EventOf<"stage_rejected"> | EventOf<"stage_failed">,
): VisitState {
  return { ...visit, status, agent: null, endedAt: event.at, durationMs: event.duration_ms, usage: event.usage };
}

function end(
  state: RunState,
  status: "completed" | "stopped" | "error",
  event: EventOf<"run_completed"> | EventOf<"run_stopped"> | EventOf<"run_failed">,
) {
  state.status = status;
  state.endedAt = event.at;
  state.durationMs = event.duration_ms;
  state.usage = event.usage;
  // What was under way when the run ended was cut off with it.
  state.visits = state.visits.map((visit) =>
    visit.status === "running"
      ? {
          ...visit,
          status: status === "completed" ? "completed" : status,
          agent: null,
          endedAt: event.at,
          durationMs: Math.max(0, Date.parse(event.at) - Date.parse(visit.startedAt)),
        }
      : visit,
  );
  state.entries = state.entries.map(cut);
}

function cut(entry: Entry): Entry {
  if (isSpeaking(entry)) return { ...entry, state: "cut", retryAt: null };
  return isUnderWay(entry) ? { ...entry, state: "cut" } : entry;
}

/** Whether an answer of a model is awaited. */
export function isSpeaking(entry: Entry): entry is SpeechEntry {
  return entry.kind === "speech" && (entry.state === "waiting" || entry.state === "writing");
}

/** Whether something outside of the models is awaited. */
export function isUnderWay(entry: Entry): entry is ErrandEntry {
  return entry.kind === "errand" && (entry.state === "under_way" || entry.state === "asked");
}

function change(state: RunState, call: number, to: (speech: SpeechEntry) => SpeechEntry) {
  const index = state.calls.get(call);
  const speech = index === undefined ? undefined : state.entries[index];
  if (index !== undefined && speech?.kind === "speech") state.entries[index] = to(speech);
}

function changeVisit(state: RunState, event: { visit?: number | null }, to: (visit: VisitState) => VisitState) {
  const index = state.visits.findLastIndex((visit) => visit.visit === event.visit);
  const visit = state.visits[index];
  if (visit) state.visits[index] = to(visit);
}
