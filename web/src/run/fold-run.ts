// Folds what belongs to a run as a whole: how it began, that it is to stop, and how it ended.

import type { Event, EventOf } from "../api/model.ts";
import { inherit } from "./fold-inherited.ts";
import { spendLost } from "./fold-usage.ts";
import type { RunState } from "./state.ts";
import { cutOff } from "./under-way.ts";

export function foldRun(state: RunState, event: Event) {
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
    case "document_written":
      state.documents += 1;
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
    default:
      break;
  }
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
  state.entries = state.entries.map(cutOff);
}
