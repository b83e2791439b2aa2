// What started a run, in words.

import { Link } from "@tanstack/react-router";

import type { Source } from "../api/model.ts";
import { Moment } from "../ui/time.tsx";

export const SOURCE_WORDS: Record<Source["kind"], string> = {
  manual: "By hand",
  schedule: "Schedule",
  webhook: "Webhook",
  api: "API",
  rerun: "Re-run",
  workflow: "Workflow",
};

/** A person who starts a run may do it by a trigger, before that is due. */
function wordOf({ kind, trigger_id }: Source): string {
  return kind === "manual" && trigger_id != null ? "Fired by hand" : SOURCE_WORDS[kind];
}

/** In a few words, for lists. */
export function sourceLine(source: Source): string {
  const word = wordOf(source);
  if (source.kind === "rerun" && source.run_id != null) return `Re-run of ${source.run_id}`;
  if (source.kind === "workflow" && source.run_id != null) return `For run ${source.run_id}`;
  return source.by ? `${word}, ${source.by}` : word;
}

/** With links and moments, for the page of the run. */
export function SourceWords({ source }: { source: Source }) {
  return (
    <>
      {wordOf(source)}
      {source.trigger_id != null && (
        <>
          {" "}
          <Link to="/runs" search={{ trigger: source.trigger_id }} className="rounded text-accent hover:underline">
            trigger {source.trigger_id}
          </Link>
        </>
      )}
      {source.slot && (
        <>
          , due <Moment at={source.slot} />
        </>
      )}
      {source.run_id != null && (
        <>
          {source.kind === "workflow" ? " for " : " of "}
          <RunLink run={source.run_id} />
          {source.from_visit != null && <>, from visit {source.from_visit}</>}
          {source.after_visit != null && <>, after visit {source.after_visit}</>}
          {source.outcome != null && <> as {source.outcome}</>}
        </>
      )}
      {source.by && <>, {source.by}</>}
    </>
  );
}

export function RunLink({ run }: { run: number }) {
  return (
    <Link to="/runs/$id" params={{ id: String(run) }} className="rounded text-accent underline decoration-accent/40 underline-offset-2 hover:decoration-accent">
      run {run}
    </Link>
  );
}
