// Does the same with several runs, one after the other: what one is refused keeps none of the others.

import { ask, client, idempotencyKey, Refused } from "../api/client.ts";
import type { Run } from "../api/model.ts";
import { firstChoice } from "../rerun/first-choice.ts";
import { startRerun } from "../rerun/queries.ts";
import { stopRun } from "./queries.ts";

export interface Done {
  what: "stopped" | "started";
  /** The runs that were stopped, or the new ones. */
  runs: number[];
  refused: { run: number; why: string }[];
}

export function stopAll(runs: readonly Run[]): Promise<Done> {
  return each("stopped", runs, async (run) => {
    try {
      await stopRun(run.id, "");
    } catch (error) {
      // One that ended by itself, or is being stopped, is what was wanted.
      if (!(error instanceof Refused && error.problem.status === 409)) throw error;
    }
    return run.id;
  });
}

export function rerunAll(runs: readonly Run[]): Promise<Done> {
  return each("started", runs, async (run) => {
    const whole = await ask(client.GET("/api/v1/runs/{id}", { params: { path: { id: run.id } } }));
    if ((whole.visits ?? []).length === 0) throw new Error("It ended before its first stage, so there is no visit to go on from.");
    const [started] = await startRerun(run.id, { from_visit: firstChoice(whole) }, idempotencyKey());
    return started ?? run.id;
  });
}

async function each(what: Done["what"], runs: readonly Run[], act: (run: Run) => Promise<number>): Promise<Done> {
  const done: Done = { what, runs: [], refused: [] };
  for (const run of runs) {
    try {
      done.runs.push(await act(run));
    } catch (error) {
      done.refused.push({ run: run.id, why: reason(error) });
    }
  }
  return done;
}

function reason(error: unknown): string {
  if (error instanceof Refused) return [error.problem.detail, error.problem.hint].filter(Boolean).join(" ");
  return error instanceof Error ? error.message : String(error);
}
