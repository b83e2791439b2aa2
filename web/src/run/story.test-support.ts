// Stories of runs for tests: events as a server numbers them, a second apart, and what they are folded into.

import type { Event } from "../api/model.ts";
import { fold, type Heard } from "./fold.ts";
import { emptyState, type RunState } from "./state.ts";

export type Told = { kind: Event["kind"] } & Record<string, unknown>;

const BEGIN = Date.parse("2026-11-24T22:00:00.000Z");

/** The moment of the event with that number. */
export function momentOf(seq: number): number {
  return BEGIN + seq * 1000;
}

export function story(...told: Told[]): Heard[] {
  return told.map((event, index) => {
    const seq = index + 1;
    return { kind: "event", event: { seq, at: new Date(momentOf(seq)).toISOString(), ...event } as unknown as Event };
  });
}

export function folded(...told: Told[]): RunState {
  return fold(emptyState(), story(...told));
}

export const begun: Told[] = [
  { kind: "run_created", workflow: "article", input: "owls", source: { kind: "manual" }, definition: "sha256:0" },
  { kind: "run_started" },
];

export function entered(visit: number, stage: string, nth = 1): Told {
  return { kind: "stage_entered", visit, stage, name: stage.toUpperCase(), nth };
}

/** An agent says something: the call, its answer, and the message that a plain answer is. */
export function says(call: number, agent: string, text: string, { visit = 1, input = 100, ms = 500, model = "main" } = {}): Told[] {
  const place = { call, attempt: 1, turn: call, agent, model, visit };
  return [
    { kind: "model_call_started", ...place },
    {
      kind: "model_call_finished",
      ...place,
      answer: { text, finish: "done" },
      usage: { input_tokens: input, output_tokens: 10, cost_usd: 0.5 },
      duration_ms: ms,
    },
    { kind: "message_sent", visit, agent, to: "team", text },
  ];
}
