// What the page of a run shows, as a value: it is made from the run's events alone (see fold.ts), so
// the same events give the same page whether they came live or were there already.

import type {
  ApprovalWhen,
  CallUsage,
  Event,
  EventOf,
  HookPlace,
  LimitKind,
  ListedTool,
  PastVisit,
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
  /** What people are asked and have not answered, oldest first. */
  asks: AskState[];
  /** The turns that a limit holds back. */
  held: Map<number, HeldState>;
  /** How often a call was cut off, or something became of one that was. */
  cutOff: number;
  /** How often a document was written. */
  documents: number;
  /** The timeline, in the order in which things happened. */
  entries: Entry[];
  /** Where in the timeline each call to a model, a tool or a workflow stands. */
  calls: Map<number, number>;
  turns: Map<number, TurnState>;
  /** What each agent last spoke with, and where. */
  voices: Map<string, VoiceState>;
}

/** Something that a person is asked. */
export interface AskState {
  /** `again`: whether a call that a crash cut off is made again. */
  kind: "question" | "again" | "approval";
  /** The number of the event that asks. */
  number: number;
  visit: number | null;
  since: string;
  /** When it is given up, or decided by the clock. */
  until: string | null;
  agent: string | null;
  text: string;
  choices: string[];
  /** Whether leave is asked for before or after the stage's work. */
  when: ApprovalWhen | null;
}

/** A limit that keeps a turn from its next call. */
export interface HeldState {
  limit: LimitKind;
  max: number;
  used: number;
  since: string;
}

export interface VoiceState {
  /** The model, by its name in the definition. */
  model: string;
  /** The model call. */
  call: number;
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
  /** What the last agent to complete gave, before the stage ends with it. */
  given: string | null;
  /** Whether a person refused it. */
  rejected: boolean;
  /** What it left behind, where another run carried it out. */
  inherited: PastVisit | null;
  /** Where its divider stands in the timeline. */
  entry: number;
}

export interface SharedState {
  value: unknown;
  /** The agent, or the tool of a hook, or the workflow that was carried out for it. */
  agent: string;
  visit: number | null;
  /** When it was written, where an event of this run tells it. */
  at: string | null;
  /** The event. */
  seq: number | null;
  /** What stood there before, newest first. */
  before: WrittenValue[];
}

/** One value that a key of shared memory had. */
export type WrittenValue = Omit<SharedState, "before">;

export interface TurnState {
  phase: Phase;
  cycle: number;
  agent: string;
  asks: EventOf<"turn_started">["asks"];
}

/** One thing in the timeline. Its key never changes and is never used again; `seq` is the event that
 * began it, so the entries stand in the order of their numbers. */
export type Entry = DividerEntry | SpeechEntry | ErrandEntry | NoteEntry;

/** Where a visit begins. */
export interface DividerEntry {
  kind: "divider";
  key: string;
  seq: number;
  visit: number;
}

/** A model call: what an agent says, from the first word that is written to the finished answer. */
export interface SpeechEntry {
  kind: "speech";
  key: string;
  seq: number;
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
  /** To whom its words went by themselves: a plain answer is a message. */
  to: string | null;
  toolCalls: ToolCall[];
  /** Those of them that no event tells of: what ended before they were carried out. */
  untold: ToolCall[];
  /** Whether it sums up the agent's conversation, which had grown too long. */
  compacts: boolean;
  /** Whether the record has what the model was sent. */
  kept: boolean;
  /** The largest answer in tokens, where a limit lowers it. */
  maxTokens: number | null;
  /** What is set aside for it, where money is limited. */
  reservedUsd: number | null;
  usage: CallUsage | null;
  durationMs: number | null;
  failures: FailedAttempt[];
  /** When a failed call is tried again, while it waits for that. */
  retryAt: string | null;
}

/** An attempt that gave no answer. */
export interface FailedAttempt {
  attempt: number;
  /** When it failed, and how long it had taken; nothing where a crash cut it off. */
  at: string | null;
  durationMs: number;
  model: string;
  code: string;
  message: string;
  providerMessage: string | null;
  status: number | null;
  /** What had been written by then: it is shown and never used. */
  partial: string;
  waitMs: number | null;
  /** What it may have cost although no answer came. */
  costUsd: number | null;
  /** About the most that it may have cost, where that does not count as spent. */
  mayCostUsd: number | null;
  /** Whether it had not gone out yet. */
  unsent: boolean;
}

/** Something that is done outside of the models: an agent's tool call, a hook of the stage, the tools
 * of a server listed, another workflow carried out. */
export interface ErrandEntry {
  kind: "errand";
  key: string;
  seq: number;
  visit: number | null;
  call: number;
  at: string;
  what: "tool" | "hook" | "list" | "workflow";
  /** The tool, or the workflow. */
  name: string;
  /** Who asked for it; nobody for a hook and a list. */
  agent: string | null;
  hook: HookPlace | null;
  attempt: number;
  /** `asked`: a person says whether it is made again. */
  state: "under_way" | "asked" | "done" | "failed" | "cut";
  /** What it was given. */
  input: unknown;
  /** What came of it, or what is said of its failure. */
  text: string | null;
  /** The stable code of its failure. */
  code: string | null;
  durationMs: number | null;
  /** The attempts that a crash cut off: each may have taken effect. */
  lost: number[];
  tools: ListedTool[];
  /** The key under which a hook's result went into shared memory. */
  memoryKey: string | null;
  /** The outcome that leads to the workflow. */
  outcome: string | null;
  child: ChildState | null;
}

/** The run that carries another workflow out for this one. */
export interface ChildState {
  /** Nothing where it could not be started. */
  run: number | null;
  workflow: string;
  status: Status;
  error: RunError | null;
}

/** Anything else, as its event tells it. */
export interface NoteEntry {
  kind: "note";
  key: string;
  seq: number;
  visit: number | null;
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
    asks: [],
    held: new Map(),
    cutOff: 0,
    documents: 0,
    entries: [],
    calls: new Map(),
    turns: new Map(),
    voices: new Map(),
  };
}
