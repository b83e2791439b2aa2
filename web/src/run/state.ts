// What the page of a run shows, as a value: it is made from the run's events alone (see fold.ts), so
// the same events give the same page whether they came live or were there already.

import type {
  CallUsage,
  Event,
  EventOf,
  Phase,
  RunError,
  Source,
  Status,
  ToolCall,
  Usage,
  VisitStatus,
} from "../api/model.ts";

export interface RunState {
  /** The number of the last event that was folded in; 0 before the first. */
  seq: number;
  /** Whether an event was missing, so that the stream has to be read again from `seq` on. */
  gap: boolean;
  /** When the page last connected: text of calls that began before it has no beginning here. */
  connectedAt: number;
  status: Status;
  workflow: string;
  source: Source | null;
  input: unknown;
  createdAt: string | null;
  startedAt: string | null;
  endedAt: string | null;
  durationMs: number | null;
  stop: StopState | null;
  usage: Usage;
  visits: VisitState[];
  memory: Map<string, SharedState>;
  result: string | null;
  error: RunError | null;
  /** The timeline, in the order in which things happened. */
  entries: Entry[];
  /** Where in the timeline each model call stands. */
  calls: Map<number, number>;
  turns: Map<number, TurnState>;
  /** The model that each agent last spoke with, by its name in the definition. */
  models: Map<string, string>;
}

export interface StopState {
  by: string;
  reason: string | null;
  at: string;
}

export interface VisitState {
  visit: number;
  stage: string;
  name: string;
  nth: number;
  status: VisitStatus;
  forced: boolean;
  startedAt: string;
  endedAt: string | null;
  durationMs: number | null;
  outcome: string | null;
  result: string | null;
  usage: Usage;
  /** The models that answered in it, by their names in the definition. */
  models: Set<string>;
  /** Who works at the moment. */
  agent: string | null;
  /** Where its divider stands in the timeline. */
  entry: number;
}

export interface SharedState {
  value: unknown;
  agent: string;
  visit: number | null;
}

export interface TurnState {
  phase: Phase;
  cycle: number;
  asks: EventOf<"turn_started">["asks"];
}

/** One thing in the timeline. Its key never changes and is never used again. */
export type Entry = DividerEntry | SpeechEntry | NoteEntry;

/** Where a visit begins. */
export interface DividerEntry {
  kind: "divider";
  key: string;
  visit: number;
}

/** A model call: what an agent says, from the first word that is written to the finished answer. */
export interface SpeechEntry {
  kind: "speech";
  key: string;
  visit: number | null;
  call: number;
  at: string;
  agent: string;
  model: string;
  attempt: number;
  turn: TurnState | null;
  state: "waiting" | "writing" | "finished" | "failed" | "cut";
  text: string;
  /** Whether words at the beginning or in between were never seen here. */
  patchy: boolean;
  toolCalls: ToolCall[];
  usage: CallUsage | null;
  durationMs: number | null;
  failures: FailedAttempt[];
  /** When a failed call is tried again, while it waits for that. */
  retryAt: string | null;
}

/** An attempt that gave no answer. */
export interface FailedAttempt {
  attempt: number;
  model: string;
  code: string;
  message: string;
  providerMessage: string | null;
  status: number | null;
  /** What had been written by then: it is shown and never used. */
  partial: string;
  waitMs: number | null;
}

/** Anything else, as its event tells it. */
export interface NoteEntry {
  kind: "note";
  key: string;
  event: Event;
  /** The model behind what it says, where an agent said it. */
  model: string | null;
}

export const NOTHING_USED: Usage = { model_calls: 0, input_tokens: 0, output_tokens: 0, cost_usd: 0 };

export function emptyState(): RunState {
  return {
    seq: 0,
    gap: false,
    connectedAt: 0,
    status: "pending",
    workflow: "",
    source: null,
    input: null,
    createdAt: null,
    startedAt: null,
    endedAt: null,
    durationMs: null,
    stop: null,
    usage: NOTHING_USED,
    visits: [],
    memory: new Map(),
    result: null,
    error: null,
    entries: [],
    calls: new Map(),
    turns: new Map(),
    models: new Map(),
  };
}
