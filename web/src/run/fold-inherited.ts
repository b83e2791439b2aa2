// What a run took over from another before it began: its visits stand in the timeline before the run's
// own, and shared memory and documents begin with what they left. What they used is not the run's.

import type { Event, EventOf, PastVisit } from "../api/model.ts";
import { inheritMemory } from "./fold-memory.ts";
import type { RunState, VisitState } from "./state.ts";

/** Says what was taken over, and sets it out. It changes the state that it is given. */
export function inherit(state: RunState, event: EventOf<"run_inherited"> & Event) {
  const { seq } = event;
  state.entries.push({ kind: "note", key: `event-${seq}`, seq, visit: null, event, model: null });
  for (const past of inFull(event)) {
    state.visits.push(visitState(past, state.entries.length));
    state.entries.push({ kind: "divider", key: `visit-${past.visit}`, seq, visit: past.visit });
    inheritMemory(state, past);
    state.documents += past.documents?.length ?? 0;
  }
}

/** A visit that was taken over, with what goes without saying in its event. */
export type Inherited = PastVisit & Required<Pick<PastVisit, "name" | "nth" | "started_at" | "inherited_from">>;

/** The visits of an event with what it leaves out: most of a thousand are named and numbered alike. */
export function inFull(event: EventOf<"run_inherited">): Inherited[] {
  return event.visits.map((past, index) => ({
    ...past,
    name: past.name ?? past.stage,
    nth: past.nth ?? 1,
    started_at: past.started_at ?? event.visits[index - 1]?.ended_at ?? past.ended_at,
    inherited_from: past.inherited_from ?? { run_id: event.run_id, visit: past.visit },
  }));
}

function visitState(past: Inherited, entry: number): VisitState {
  return {
    visit: past.visit,
    stage: past.stage,
    name: past.name,
    nth: past.nth,
    status: "inherited",
    forced: past.forced ?? false,
    startedAt: past.started_at,
    endedAt: past.ended_at,
    durationMs: Math.max(0, Date.parse(past.ended_at) - Date.parse(past.started_at)),
    outcome: past.outcome ?? null,
    result: past.result ?? null,
    usage: { ...past.usage, cost_usd: past.usage.cost_usd ?? 0 },
    models: new Set(),
    agent: null,
    given: null,
    rejected: false,
    inherited: past,
    entry,
  };
}
