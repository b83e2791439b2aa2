// What a run has used, by stage, by agent and by model, and when each of its calls was under way. All of it
// is read off the timeline, so it is right while the run goes on.

import type { CallUsage } from "../api/model.ts";
import type { Entry, SpeechEntry, VisitState } from "./state.ts";

export interface Total {
  name: string;
  /** Time of the visits for a stage, time of model calls for agents and models. */
  ms: number;
  /** Model calls that were answered, and attempts that were not. */
  calls: number;
  failed: number;
  input: number;
  output: number;
  cost: number;
}

export interface Totals {
  stages: Total[];
  agents: Total[];
  models: Total[];
}

export function totals(entries: readonly Entry[], visits: readonly VisitState[], now: number): Totals {
  const names = new Map(visits.map(({ visit, stage }) => [visit, stage]));
  const stages = new Map<string, Total>();
  for (const visit of visits) {
    if (visit.inherited) continue;
    const total = totalOf(stages, visit.stage);
    total.name = visit.name;
    total.ms += visit.durationMs ?? Math.max(0, now - Date.parse(visit.startedAt));
  }
  const agents = new Map<string, Total>();
  const models = new Map<string, Total>();
  for (const entry of entries) {
    if (entry.kind !== "speech") continue;
    const stage = entry.visit === null ? undefined : names.get(entry.visit);
    const of = [totalOf(agents, entry.agent), ...(stage === undefined ? [] : [totalOf(stages, stage)])];
    for (const failure of entry.failures) {
      // Another model may have taken over since.
      for (const total of [...of, totalOf(models, failure.model)]) total.failed += 1;
      totalOf(models, failure.model).ms += failure.durationMs;
      totalOf(agents, entry.agent).ms += failure.durationMs;
      for (const total of [...of, totalOf(models, failure.model)]) total.cost += failure.costUsd ?? 0;
    }
    if (entry.usage === null) continue;
    const model = totalOf(models, entry.model);
    for (const total of [...of, model]) add(total, entry.usage);
    model.ms += entry.durationMs ?? 0;
    totalOf(agents, entry.agent).ms += entry.durationMs ?? 0;
  }
  const listed = (map: Map<string, Total>) => [...map.values()].sort((one, other) => other.ms - one.ms);
  return { stages: [...stages.values()], agents: listed(agents), models: listed(models) };
}

function totalOf(map: Map<string, Total>, name: string): Total {
  let total = map.get(name);
  if (!total) {
    total = { name, ms: 0, calls: 0, failed: 0, input: 0, output: 0, cost: 0 };
    map.set(name, total);
  }
  return total;
}

function add(total: Total, usage: CallUsage) {
  total.calls += 1;
  total.input += usage.input_tokens;
  total.output += usage.output_tokens;
  total.cost += usage.cost_usd;
}

/** A call while it was under way. */
export interface Span {
  key: string;
  /** The event that began it. */
  seq: number;
  visit: number | null;
  what: "model" | "tool" | "hook" | "list" | "workflow";
  /** The agent, or else the tool, the hook, the workflow. */
  who: string;
  agent: string | null;
  /** What is said of it beside its bar. */
  name: string;
  from: number;
  /** Nothing while it goes on. */
  to: number | null;
  state: "done" | "failed" | "going";
}

/** Every call of the run in the order in which they began, failed attempts by themselves. */
export function spans(entries: readonly Entry[]): Span[] {
  const found: Span[] = [];
  for (const entry of entries) {
    if (entry.kind === "speech") spoken(found, entry);
    else if (entry.kind === "errand") {
      const from = Date.parse(entry.at);
      const over = entry.state !== "under_way" && entry.state !== "asked";
      found.push({
        key: entry.key,
        seq: entry.seq,
        visit: entry.visit,
        what: entry.what,
        who: entry.agent ?? entry.name,
        agent: entry.agent,
        name: entry.name,
        from,
        to: over ? from + (entry.durationMs ?? 0) : null,
        state: over ? (entry.state === "done" ? "done" : "failed") : "going",
      });
    }
  }
  return found;
}

function spoken(found: Span[], entry: SpeechEntry) {
  const { seq, visit, agent } = entry;
  const common = { seq, visit, agent, what: "model" as const, who: agent };
  for (const failure of entry.failures) {
    if (failure.at === null) continue;
    const to = Date.parse(failure.at);
    found.push({ ...common, key: `${entry.key}-${failure.attempt}`, name: failure.model, from: to - failure.durationMs, to, state: "failed" });
  }
  const awaited = entry.state === "waiting" || entry.state === "writing";
  // An attempt that waits for its moment, or has failed, is told of above.
  if (entry.state === "failed" || entry.retryAt !== null) return;
  const from = Date.parse(entry.at);
  const to = awaited ? null : from + (entry.durationMs ?? 0);
  found.push({ ...common, key: entry.key, name: entry.model, from, to, state: awaited ? "going" : entry.state === "cut" ? "failed" : "done" });
}
