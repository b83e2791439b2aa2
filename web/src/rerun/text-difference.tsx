// How two texts differ, line by line. Which side a line is of is told by its sign and in words, never by
// its colour alone.

import type { TextDifference } from "../api/model.ts";
import { changedLines, type DifferentLine } from "./difference.ts";

const LOOKS: Record<DifferentLine["side"], { sign: string; colour: string }> = {
  both: { sign: " ", colour: "text-dim" },
  a: { sign: "−", colour: "bg-bad-soft text-bad" },
  b: { sign: "+", colour: "bg-good-soft text-good" },
  gap: { sign: "⋯", colour: "text-faint" },
};

interface TextLinesProps {
  difference: TextDifference;
  /** What the two are called. */
  a: string;
  b: string;
}

export function TextLines({ difference, a, b }: TextLinesProps) {
  if (difference.same) return <p className="text-dim">The same.</p>;
  if (difference.too_long) return <p className="text-dim">They differ, and are too long to be compared line by line.</p>;
  return <Lines lines={difference.lines ?? []} a={a} b={b} />;
}

/** What was there and what is there, where nobody compared the lines: those at the beginning and at the end
 * that are alike are not said twice. */
export function BeforeAfter({ before, after, a, b }: { before: string | null; after: string | null; a: string; b: string }) {
  return <Lines lines={changedLines(before, after)} a={a} b={b} />;
}

function Lines({ lines, a, b }: { lines: DifferentLine[]; a: string; b: string }) {
  return (
    <div tabIndex={0} className="max-h-96 overflow-y-auto rounded-md border border-line bg-panel py-1 font-mono text-xs leading-5">
      {lines.map(({ side, text }, index) => (
        <div key={index} className={`grid min-h-5 grid-cols-[1.5rem_minmax(0,1fr)] pr-2 ${LOOKS[side].colour}`}>
          <span aria-hidden="true" className="text-center select-none">
            {LOOKS[side].sign}
          </span>
          <span className="whitespace-pre-wrap wrap-anywhere">
            {side === "a" && <span className="sr-only">only in {a}: </span>}
            {side === "b" && <span className="sr-only">only in {b}: </span>}
            {side === "gap" ? <span className="sr-only">lines that are alike</span> : text}
          </span>
        </div>
      ))}
    </div>
  );
}

/** What the signs mean. */
export function Legend({ a, b }: { a: string; b: string }) {
  return (
    <p className="flex flex-wrap gap-x-4 text-xs">
      <span className="text-bad">− only in {a}</span>
      <span className="text-good">+ only in {b}</span>
    </p>
  );
}
