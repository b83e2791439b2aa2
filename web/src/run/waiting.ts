// What a run waits for, as its events tell it or as the server's object does, and in words.

import type { LimitKind, Run, Waiting } from "../api/model.ts";
import { count, dollars, number } from "../ui/format.ts";
import type { HeldState, RunState } from "./state.ts";
import { isSpeaking, isUnderWay } from "./under-way.ts";

export interface WaitsFor {
  for: Waiting["for"];
  limit?: string | null;
  /** How much the limit allows, where that is known. */
  max?: number | null;
  run?: number | null;
}

/** What a running run waits for, of what its events tell. Nothing while any work is under way. */
export function waitsFor(state: RunState): WaitsFor | null {
  let retries = false;
  let run: number | null = null;
  for (const index of state.calls.values()) {
    const entry = state.entries[index];
    if (!entry) continue;
    if (isSpeaking(entry)) {
      if (entry.retryAt === null) return null;
      retries = true;
    } else if (isUnderWay(entry) && entry.state === "under_way") {
      if (entry.child?.run == null) return null;
      run = entry.child.run;
    }
  }
  if (state.asks.length > 0) return { for: "person" };
  const held = heldLimits(state)[0];
  if (held) return { for: "limit", limit: held.limit, max: held.max };
  if (run !== null) return { for: "run", run };
  return retries ? { for: "model" } : null;
}

/** What the server's object says. */
export function saidWaiting(run: Run): WaitsFor | null {
  const waiting: Waiting | null = run.waiting ?? null;
  return waiting && { for: waiting.for, limit: waiting.limit ?? null, run: waiting.run_id ?? null };
}

/** The limits that hold turns back, each once. */
export function heldLimits(state: RunState): HeldState[] {
  const limits = new Map<LimitKind, HeldState>();
  for (const held of state.held.values()) limits.set(held.limit, held);
  return [...limits.values()];
}

/** After the word "Waiting". */
export function waitingWords(waits: WaitsFor): string {
  switch (waits.for) {
    case "person":
      return "for you";
    case "place":
      return "for a place";
    case "model":
      return "for the model";
    case "run":
      return waits.run == null ? "for another run" : `for run ${waits.run}`;
    case "limit":
      return `at its limit of ${limitWords(waits.limit ?? "", waits.max ?? null)}`;
  }
}

/** In a sentence of their own, for lists. */
export function waitingLine(waits: WaitsFor): string {
  const words = waitingWords(waits);
  return waits.for === "limit" ? words : `waiting ${words}`;
}

/** A limit and how much it allows: "$2", "500,000 tokens". Without the amount: "money", "tokens". */
export function limitWords(limit: string, max: number | null): string {
  switch (limit) {
    case "cost_usd":
      return max === null ? "money" : sum(max);
    case "cost_usd_per_day":
      return max === null ? "money for today" : `${sum(max)} a day`;
    case "tokens":
      return max === null ? "tokens" : `${number(max)} tokens`;
    case "model_calls":
      return max === null ? "model calls" : count(max, "model call");
    case "wall_s":
      return max === null ? "time" : count(max, "second");
    default:
      return max === null ? limit.replaceAll("_", " ") : `${number(max)} ${limit.replaceAll("_", " ")}`;
  }
}

/** How much of a limit was used. */
export function usedWords(limit: LimitKind, used: number): string {
  return limit === "cost_usd" || limit === "cost_usd_per_day" ? dollars(used) : limitWords(limit, used);
}

/** Money that a person set, as they would write it. */
function sum(value: number): string {
  if (Number.isInteger(value)) return `$${number(value)}`;
  return Number.isInteger(value * 100) ? `$${value.toFixed(2)}` : `$${value}`;
}
