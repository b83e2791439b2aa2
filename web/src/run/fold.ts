// Folds a run's events, and the text that is written between them, into what its page shows.
//
// Nothing here waits or reads a clock. Events count once, in the order of their numbers: one that is
// known already changes nothing, and one that comes too early says that others are missing.
//
// What an event changes is found by what it is about: each file beside this one folds one thing, and passes over
// the events that are none of its business. Those of a newer server only stand in the timeline.

import type { Delta, Event } from "../api/model.ts";
import { foldErrand } from "./fold-errand.ts";
import { foldMemory } from "./fold-memory.ts";
import { noteOf } from "./fold-note.ts";
import { foldPeople } from "./fold-people.ts";
import { foldRun } from "./fold-run.ts";
import { foldSpeech, leaveGaps, tell, written } from "./fold-speech.ts";
import { foldVisits } from "./fold-visits.ts";
import type { RunState } from "./state.ts";

/** What comes in over the stream. */
export type Heard =
  | { kind: "event"; event: Event }
  | { kind: "delta"; delta: Delta }
  /** The stream was opened, for the first time or again. */
  | { kind: "connected"; at: number };

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
  leaveGaps(state);
}

function happened(state: RunState, event: Event) {
  if (event.seq <= state.seq || state.gap) return;
  if (event.seq > state.seq + 1) {
    state.gap = true;
    return;
  }
  state.seq = event.seq;
  foldRun(state, event);
  foldVisits(state, event);
  foldSpeech(state, event);
  foldErrand(state, event);
  foldMemory(state, event);
  foldPeople(state, event);
  tell(state, event);
  if (isAboutCutOff(event)) state.cutOff += 1;
  const note = noteOf(state, event);
  if (note) state.entries.push(note);
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
