// Keeps the page of a run connected: reads its stream, folds what comes, and when the connection is
// lost opens it again after the last event that was folded.
//
// There is no React in here. The page subscribes to it; tests give it a stream of their own.

import { Refused } from "../api/client.ts";
import type { Delta, Event, Problem } from "../api/model.ts";
import { isFinal } from "../api/model.ts";
import type { Message } from "../api/sse.ts";
import { openStream } from "../api/stream.ts";
import { fold, type Heard } from "./fold.ts";
import { emptyState, type RunState } from "./state.ts";

export type Connection =
  | { kind: "connecting" }
  | { kind: "live" }
  /** It is tried again by itself at that moment. */
  | { kind: "lost"; since: number; retryAt: number }
  /** The run has ended, and all of it is here. */
  | { kind: "ended" }
  /** The server does not give this stream, and asking again would not help. */
  | { kind: "refused"; problem: Problem };

export interface Snapshot {
  state: RunState;
  connection: Connection;
}

export type Open = (run: number, after: number, signal: AbortSignal) => AsyncIterable<Message[]>;

/** How long what came is gathered before the page is drawn anew: two frames of a screen. */
const GATHER_MS = 32;

/** The first and the longest wait before a lost connection is tried again. */
const RETRY_MS = { first: 400, most: 10_000 };

export class Feed {
  readonly #run: number;
  readonly #open: Open;
  #snapshot: Snapshot = { state: emptyState(), connection: { kind: "connecting" } };
  #watchers = new Set<() => void>();
  #gathered: Heard[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;
  #stop: AbortController | null = null;
  #wake: (() => void) | null = null;

  constructor(run: number, open: Open = openStream) {
    this.#run = run;
    this.#open = open;
  }

  snapshot = (): Snapshot => this.#snapshot;

  subscribe = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  /** Begins to read. The answer ends it again. */
  start(): () => void {
    const stop = new AbortController();
    this.#stop = stop;
    void this.#follow(stop.signal);
    return () => {
      stop.abort();
      this.#wake?.();
      if (this.#timer) clearTimeout(this.#timer);
      this.#timer = null;
      if (this.#stop === stop) this.#stop = null;
    };
  }

  /** Tries a lost connection again at once. */
  retryNow = () => this.#wake?.();

  async #follow(signal: AbortSignal) {
    let failures = 0;
    let since: number | null = null;
    while (!signal.aborted) {
      try {
        const outcome = await this.#read(signal, () => {
          failures = 0;
          since = null;
        });
        if (outcome === "ended") return this.#connect({ kind: "ended" });
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof Refused && isPermanent(error.problem)) {
          return this.#connect({ kind: "refused", problem: error.problem });
        }
      }
      if (signal.aborted) return;
      since ??= Date.now();
      const wait = Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** failures) * (0.75 + Math.random() / 2);
      failures += 1;
      this.#connect({ kind: "lost", since, retryAt: Date.now() + wait });
      await this.#sleep(wait, signal);
    }
  }

  /** Reads one connection to its end, and says whether that is the end of the run. */
  async #read(signal: AbortSignal, heard: () => void): Promise<"ended" | "again"> {
    const connection = new AbortController();
    const both = AbortSignal.any([signal, connection.signal]);
    try {
      let first = true;
      for await (const messages of this.#open(this.#run, this.#snapshot.state.seq, both)) {
        if (signal.aborted) return "again";
        if (first) {
          this.#take([{ kind: "connected", at: Date.now() }]);
          // At once, so that a gap that this connection mends is not seen again below.
          this.#draw();
          this.#connect({ kind: "live" });
          first = false;
        }
        if (messages.length > 0) heard();
        this.#take(messages.flatMap(read));
        if (messages.some((message) => message.event === "end")) {
          this.#draw();
          // An end that comes before all events did is not the end of the story.
          return this.#snapshot.state.gap ? "again" : "ended";
        }
        if (this.#snapshot.state.gap) return "again";
      }
      this.#draw();
      return isFinal(this.#snapshot.state.status) ? "ended" : "again";
    } finally {
      // What was heard before the connection broke counts; the next one goes on after it.
      this.#draw();
      connection.abort();
    }
  }

  #take(heard: Heard[]) {
    if (heard.length === 0) return;
    this.#gathered.push(...heard);
    this.#timer ??= setTimeout(() => this.#draw(), GATHER_MS);
  }

  #draw() {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#gathered.length === 0) return;
    const heard = this.#gathered;
    this.#gathered = [];
    this.#show({ ...this.#snapshot, state: fold(this.#snapshot.state, heard) });
  }

  #connect(connection: Connection) {
    if (this.#snapshot.connection.kind === "live" && connection.kind === "live") return;
    this.#show({ ...this.#snapshot, connection });
  }

  #show(snapshot: Snapshot) {
    this.#snapshot = snapshot;
    for (const watcher of this.#watchers) watcher();
  }

  #sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** What a message of the stream says. A kind that is not an event's is left out. */
function read(message: Message): Heard[] {
  if (message.event === "delta") return [{ kind: "delta", delta: JSON.parse(message.data) as Delta }];
  if (message.id === null || message.event === "end") return [];
  return [{ kind: "event", event: JSON.parse(message.data) as Event }];
}

/** Too many requests, and what the server itself is to blame for, may pass; the rest does not. */
function isPermanent(problem: Problem): boolean {
  return problem.status >= 400 && problem.status < 500 && problem.status !== 408 && problem.status !== 429;
}
