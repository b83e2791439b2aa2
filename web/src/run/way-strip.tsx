// The way of a run in a few pixels, for lists: its visits from left to right, each stage one step lower than
// the one before, so that a loop is seen as a way back up.

import type { PathVisit, Run } from "../api/model.ts";
import { isFinal } from "../api/model.ts";
import { count, duration } from "../ui/format.ts";
import { statusWord } from "../ui/status.tsx";
import { steps, type Step } from "./way.ts";

const COLOURS: Record<PathVisit["status"], string> = {
  completed: "bg-accent/55",
  inherited: "bg-line-strong",
  running: "bg-accent",
  stopped: "bg-faint",
  error: "bg-bad",
};

export function WayStrip({ run }: { run: Run }) {
  const path = run.path ?? [];
  const goes = !isFinal(run.status) && run.status !== "pending";
  const all = steps(path, { inherits: run.source.kind === "rerun", goes });
  // It has its room from the beginning, so that nothing jumps when the first stage ends.
  return (
    <span className="relative block h-4 w-24" title={path.map(words).join("\n") || undefined}>
      <span className="sr-only">
        {count(path.length, "visit")}: {path.map((visit) => `${visit.name}${visit.outcome ? ` (${visit.outcome})` : ""}`).join(", ")}
      </span>
      {all.map((step, index) => (
        <span
          key={index}
          aria-hidden="true"
          className={`absolute h-[3px] rounded-full ${lookOf(step)}`}
          style={{ left: `${step.left}%`, width: `max(2px, calc(${step.width}% - 1px))`, top: `${step.top * 13}px` }}
        />
      ))}
    </span>
  );
}

function lookOf(step: Step): string {
  if (step.kind === "inherited") return "bg-line-strong opacity-60";
  return step.kind === "going" ? "bg-accent animate-pulse" : COLOURS[step.status];
}

function words(visit: PathVisit): string {
  const outcome = visit.outcome ? `, ${visit.outcome}` : "";
  const status = visit.status === "completed" ? "" : `, ${statusWord(visit.status).toLowerCase()}`;
  return `${visit.name}: ${duration(visit.duration_ms)}${outcome}${status}`;
}
