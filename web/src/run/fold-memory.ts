// Folds what is written into shared memory, with who wrote it and when: by agents, by hooks, by another
// workflow that was carried out, and by the visits that a run inherits. Nothing is forgotten here: what is
// written over stays below.

import type { Event, PastVisit } from "../api/model.ts";
import type { RunState, WrittenValue } from "./state.ts";

export function foldMemory(state: RunState, event: Event) {
  const { seq, at, visit = null } = event;
  const write = (key: string, value: unknown, agent: string) => remember(state, key, { value, agent, visit, at, seq });
  switch (event.kind) {
    case "result_shared":
      write(event.key, event.value, event.agent);
      break;
    case "hook_finished":
      // The names under which the server's object has them.
      if (event.key != null && event.code == null) write(event.key, event.value, `${event.hook.when} hook`);
      break;
    case "child_ended": {
      const index = state.calls.get(event.call);
      const entry = index === undefined ? undefined : state.entries[index];
      const leadsBack = entry?.kind === "errand" && entry.what === "workflow" && entry.outcome !== null;
      if (leadsBack && event.status === "completed") write(entry.outcome ?? "", event.result, entry.name);
      break;
    }
    default:
      break;
  }
}

/** What a visit left that another run carried out. */
export function inheritMemory(state: RunState, past: PastVisit) {
  for (const { key, value, agent } of past.memory ?? []) {
    remember(state, key, { value, agent, visit: past.visit, at: null, seq: null });
  }
}

function remember(state: RunState, key: string, written: WrittenValue) {
  const old = state.memory.get(key);
  state.memory.set(key, { ...written, before: old ? [bare(old), ...old.before] : [] });
}

function bare({ value, agent, visit, at, seq }: WrittenValue): WrittenValue {
  return { value, agent, visit, at, seq };
}
