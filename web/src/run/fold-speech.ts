// Folds what agents say: each call of a model from the first word that is written to the finished answer, with the
// attempts that failed before it.

import type { Delta, Event, EventOf } from "../api/model.ts";
import { failureOf, failureOfCrash } from "./failed-attempt.ts";
import { plus, spendLost } from "./fold-usage.ts";
import { changeVisit } from "./fold-visits.ts";
import type { FailedAttempt, RunState, SpeechEntry } from "./state.ts";

/** How much later than its call a connection may be made without having missed words of it: the
 * clocks of server and browser are rarely the same to the millisecond. */
const CLOCK_SLACK_MS = 500;

/** What every agent can always do. These calls have events of their own, or need none. */
const RULES = new Set(["send_message", "share_result", "read_memory", "pass", "complete"]);

export function foldSpeech(state: RunState, event: Event) {
  switch (event.kind) {
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
    default:
      break;
  }
}

/** Words that are being written. */
export function written(state: RunState, delta: Delta) {
  change(state, delta.call, (speech) => {
    // Words of an attempt that ended, or of one whose beginning has not come yet, are of no use.
    if (speech.attempt !== delta.attempt) return speech;
    if (speech.state !== "waiting" && speech.state !== "writing") return speech;
    const late = speech.state === "waiting" && Date.parse(speech.at) + CLOCK_SLACK_MS < state.connectedAt;
    return { ...speech, state: "writing", text: speech.text + delta.text, patchy: speech.patchy || late };
  });
}

/** What was written while a connection was lost is gone until the finished answer comes. */
export function leaveGaps(state: RunState) {
  for (const index of state.calls.values()) {
    const speech = state.entries[index];
    if (speech?.kind === "speech" && speech.state === "writing") {
      state.entries[index] = { ...speech, text: `${speech.text} … `, patchy: true };
    }
  }
}

function callStarted(state: RunState, event: EventOf<"model_call_started">) {
  if (state.calls.has(event.call)) {
    change(state, event.call, (speech) => {
      // An attempt without an end was cut off by a crash of the server.
      const lost = speech.state === "waiting" || speech.state === "writing";
      const before = lost && speech.retryAt === null ? failed(speech, failureOfCrash(speech)) : speech;
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
export function tell(state: RunState, event: Event) {
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

/** A failed attempt takes its text back: it was never an answer. */
function failed(speech: SpeechEntry, failure: FailedAttempt): SpeechEntry {
  return { ...speech, state: "failed", text: "", patchy: false, failures: [...speech.failures, failure] };
}

function retrying(speech: SpeechEntry, event: EventOf<"retry_scheduled">): SpeechEntry {
  const last = speech.failures.at(-1);
  const failures = last ? [...speech.failures.slice(0, -1), { ...last, waitMs: event.wait_ms }] : speech.failures;
  return { ...speech, state: "waiting", attempt: event.attempt, model: event.model, failures, retryAt: event.retry_at };
}

function change(state: RunState, call: number, to: (speech: SpeechEntry) => SpeechEntry) {
  const index = state.calls.get(call);
  const speech = index === undefined ? undefined : state.entries[index];
  if (index !== undefined && speech?.kind === "speech") state.entries[index] = to(speech);
}
