// The status of a run or a visit: always an icon and a word, so that it is never told by colour alone.

import type { Status, VisitStatus } from "../api/model.ts";
import { Icon, type IconName } from "./icon.tsx";

/** `stopping` is a run that was asked to stop; `waiting` one that waits for something. */
export type Shown = Status | VisitStatus | "stopping" | "waiting";

const LOOKS: Record<Shown, { icon: IconName; word: string; colour: string; soft: string }> = {
  pending: { icon: "pending", word: "Pending", colour: "text-dim", soft: "bg-well" },
  running: { icon: "running", word: "Running", colour: "text-accent", soft: "bg-accent-soft" },
  waiting: { icon: "waiting", word: "Waiting", colour: "text-warn", soft: "bg-warn-soft" },
  stopping: { icon: "running", word: "Stopping…", colour: "text-warn", soft: "bg-warn-soft" },
  completed: { icon: "completed", word: "Completed", colour: "text-good", soft: "bg-good-soft" },
  stopped: { icon: "stopped", word: "Stopped", colour: "text-dim", soft: "bg-well" },
  error: { icon: "error", word: "Error", colour: "text-bad", soft: "bg-bad-soft" },
  inherited: { icon: "inherited", word: "Inherited", colour: "text-dim", soft: "bg-well" },
};

export function statusWord(status: Shown): string {
  return LOOKS[status].word;
}

/** Icon and word as a pill, for headings. */
export function StatusPill({ status }: { status: Shown }) {
  const look = LOOKS[status];
  return (
    <span className={`inline-flex items-center gap-1.5 rounded-full py-0.5 pr-2.5 pl-2 text-sm font-medium ${look.colour} ${look.soft}`}>
      <Icon name={look.icon} />
      {look.word}
    </span>
  );
}

/** Icon and word in a line, for lists. */
export function StatusLine({ status }: { status: Shown }) {
  const look = LOOKS[status];
  return (
    <span className={`inline-flex items-center gap-1.5 font-medium whitespace-nowrap ${look.colour}`}>
      <Icon name={look.icon} />
      {look.word}
    </span>
  );
}

/** The icon alone, where the word stands beside it for those who cannot see it. */
export function StatusIcon({ status }: { status: Shown }) {
  const look = LOOKS[status];
  return (
    <span className={look.colour} title={look.word}>
      <Icon name={look.icon} />
      <span className="sr-only">{look.word}</span>
    </span>
  );
}

/** What to show of a run that is not only in a status but also on its way to the next. */
export function shownStatus(run: { status: Status; stop_requested: boolean; waiting?: unknown }): Shown {
  if (run.status !== "running" && run.status !== "pending") return run.status;
  if (run.stop_requested) return "stopping";
  return run.waiting ? "waiting" : run.status;
}
