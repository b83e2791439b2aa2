// Folds what people are asked, and what only they can allow: open questions and approvals, and turns
// that a limit holds back.

import type { Event, EventOf } from "../api/model.ts";
import type { AskState, RunState } from "./state.ts";

export function foldPeople(state: RunState, event: Event) {
  switch (event.kind) {
    case "question_asked":
      state.asks = [...state.asks, questionOf(event)];
      break;
    case "approval_requested":
      state.asks = [...state.asks, approvalOf(event)];
      break;
    case "question_answered":
      state.asks = state.asks.filter((ask) => ask.number !== event.question);
      break;
    case "approval_decided":
      state.asks = state.asks.filter((ask) => ask.number !== event.approval);
      break;
    case "limit_reached":
      if (event.action === "wait" && event.turn != null) {
        const { limit, max, used, at } = event;
        state.held.set(event.turn, { limit, max, used, since: at });
      }
      break;
    case "limit_raised":
      raise(state, event);
      break;
    case "model_call_started":
    case "turn_ended":
      state.held.delete(event.turn);
      break;
    // With the stage ends whatever waited in it; a run that is ending takes no answers any more.
    case "stage_completed":
    case "stage_rejected":
    case "stage_failed":
    case "stop_requested":
    case "run_completed":
    case "run_stopped":
    case "run_failed":
      state.asks = [];
      state.held.clear();
      break;
    default:
      break;
  }
}

function questionOf(event: EventOf<"question_asked">): AskState {
  return {
    kind: event.call == null ? "question" : "again",
    number: event.question,
    visit: event.visit ?? null,
    since: event.at,
    until: event.expires_at ?? null,
    agent: event.agent ?? null,
    text: event.text,
    choices: event.choices ?? [],
    when: null,
  };
}

function approvalOf(event: EventOf<"approval_requested">): AskState {
  return {
    kind: "approval",
    number: event.approval,
    visit: event.visit ?? null,
    since: event.at,
    until: event.expires_at ?? null,
    agent: null,
    text: "",
    choices: [],
    when: event.when,
  };
}

/** Whether it was raised enough shows in the call that follows: until then the turn is held. */
function raise(state: RunState, event: EventOf<"limit_raised">) {
  for (const [turn, held] of state.held) {
    const max = held.limit === "cost_usd_per_day" ? null : event.limits[held.limit];
    if (max != null) state.held.set(turn, { ...held, max });
  }
}
