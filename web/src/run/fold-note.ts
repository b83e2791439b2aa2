// Which events stand in the timeline by themselves, as notes.

import type { Event } from "../api/model.ts";
import { hookEntry } from "./fold-errand.ts";
import type { NoteEntry, RunState } from "./state.ts";

/** The note of an event; nothing where it shows in what it belongs to. */
export function noteOf(state: RunState, event: Event): NoteEntry | null {
  if (!hasNote(state, event)) return null;
  const agent = "agent" in event ? event.agent : null;
  const model = agent == null ? null : (state.voices.get(agent)?.model ?? null);
  const { seq, visit = null } = event;
  return { kind: "note", key: `event-${seq}`, seq, visit, event, model };
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
