// How much each agent was sent, call by call: as it was, and as it would have been if nothing had been
// summed up. An agent's conversation begins anew at each visit, and so does what was saved in it.

import type { Entry, VisitState } from "./state.ts";

export interface ContextPoint {
  /** The event of the call. */
  seq: number;
  at: number;
  visit: number | null;
  /** Tokens that the model read. */
  sent: number;
  /** Tokens that it would have read without summaries. */
  whole: number;
}

export interface ContextLine {
  agent: string;
  points: ContextPoint[];
}

export interface Context {
  lines: ContextLine[];
  /** Where the run enters its own stages. */
  bounds: { visit: number; name: string; nth: number; at: number }[];
  /** The largest of all figures. */
  most: number;
  /** Whether any conversation was summed up. */
  compacted: boolean;
}

export function contextOf(entries: readonly Entry[], visits: readonly VisitState[]): Context {
  const lines = new Map<string, ContextPoint[]>();
  const saved = new Map<string, { visit: number | null; tokens: number }>();
  let most = 0;
  let compacted = false;
  for (const entry of entries) {
    if (entry.kind === "note" && entry.event.kind === "context_compacted") {
      const { agent, tokens_before, tokens_after } = entry.event;
      const before = saved.get(agent);
      const tokens = (before?.visit === entry.visit ? before.tokens : 0) + Math.max(0, tokens_before - tokens_after);
      saved.set(agent, { visit: entry.visit, tokens });
      compacted = true;
    }
    // What sums a conversation up is no part of it.
    if (entry.kind !== "speech" || entry.usage === null || entry.compacts) continue;
    const less = saved.get(entry.agent);
    const sent = entry.usage.input_tokens;
    const whole = sent + (less?.visit === entry.visit ? less.tokens : 0);
    const points = lines.get(entry.agent) ?? [];
    points.push({ seq: entry.seq, at: Date.parse(entry.at), visit: entry.visit, sent, whole });
    lines.set(entry.agent, points);
    most = Math.max(most, whole);
  }
  return {
    lines: [...lines].map(([agent, points]) => ({ agent, points })),
    bounds: visits.filter((one) => !one.inherited).map(({ visit, name, nth, startedAt }) => ({ visit, name, nth, at: Date.parse(startedAt) })),
    most,
    compacted,
  };
}
