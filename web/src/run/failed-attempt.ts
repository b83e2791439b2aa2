// An attempt at a model call that gave no answer, as its event tells it or as a crash left it.

import type { EventOf } from "../api/model.ts";
import type { FailedAttempt, SpeechEntry } from "./state.ts";

export function failureOf(event: EventOf<"model_call_failed">): FailedAttempt {
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

/** Of an attempt without an end: the server went down in the middle of it. */
export function failureOfCrash(speech: SpeechEntry): FailedAttempt {
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
