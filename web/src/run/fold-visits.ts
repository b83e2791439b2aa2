// Folds the visits of a run: each from its beginning to its end, who works in it, and what came of it.

import type { Event, EventOf } from "../api/model.ts";
import { NOTHING_USED, type RunState, type VisitState } from "./state.ts";

export function foldVisits(state: RunState, event: Event) {
  switch (event.kind) {
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

function ended(
  visit: VisitState,
  status: "completed" | "error",
  event: EventOf<"stage_completed"> | EventOf<"stage_rejected"> | EventOf<"stage_failed">,
): VisitState {
  return { ...visit, status, agent: null, endedAt: event.at, durationMs: event.duration_ms, usage: event.usage };
}

/** Changes the visit that an event belongs to, if it belongs to one. */
export function changeVisit(state: RunState, event: { visit?: number | null }, to: (visit: VisitState) => VisitState) {
  const index = state.visits.findLastIndex((visit) => visit.visit === event.visit);
  const visit = state.visits[index];
  if (visit) state.visits[index] = to(visit);
}
