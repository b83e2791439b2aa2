// The ways of outcomes that do not simply lead on, drawn beside the spine: from the outcome to the
// stage that it leads to. The words beside each outcome say the same, so this is for the eye alone.

import { useEffect, useState, type RefObject } from "react";

/** One outcome that leads to a stage other than the next. */
export interface Way {
  from: string;
  outcome: string;
  to: string;
  back: boolean;
}

interface Arc {
  key: string;
  start: number;
  end: number;
  lane: number;
  back: boolean;
}

/** The room beside the cards, and how far apart two arcs are in it. */
const GUTTER_PX = 56;
const LANE_PX = 11;
const BEND_PX = 9;

/** How far below the top of a card an arc arrives: beside its title. */
const TITLE_PX = 24;

export function Arcs({ spine, ways }: { spine: RefObject<HTMLElement | null>; ways: Way[] }) {
  const [arcs, setArcs] = useState<Arc[]>([]);
  // Not a layout effect: those of a child run before the parent's reference is there.
  useEffect(() => {
    const element = spine.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setArcs(measure(element, ways)));
    observer.observe(element);
    return () => observer.disconnect();
  }, [spine, ways]);
  return (
    <svg
      aria-hidden="true"
      className="absolute inset-y-0 right-0 hidden h-full sm:block"
      width={GUTTER_PX}
      fill="none"
      strokeWidth="1.5"
      strokeLinecap="round"
    >
      {arcs.map((arc) => (
        <g key={arc.key} className={arc.back ? "stroke-warn" : "stroke-line-strong"}>
          <path d={line(arc)} />
          <path d={`M${6 + BEND_PX / 2},${arc.end - 4} l-5,4 l5,4`} strokeLinejoin="round" />
        </g>
      ))}
    </svg>
  );
}

/** Where the outcomes and the stages stand, and which lane each arc has to itself. */
function measure(spine: HTMLElement, ways: Way[]): Arc[] {
  const top = spine.getBoundingClientRect().top;
  const place = (name: string, value: string) =>
    spine.querySelector(`[${name}="${CSS.escape(value)}"]`)?.getBoundingClientRect();
  const arcs: Arc[] = [];
  for (const way of ways) {
    const outcome = place("data-outcome", `${way.from}/${way.outcome}`);
    const stage = place("data-stage", way.to);
    if (!outcome || !stage) continue;
    const start = outcome.top - top + outcome.height / 2;
    arcs.push({ key: `${way.from}/${way.outcome}`, start, end: stage.top - top + TITLE_PX, lane: 0, back: way.back });
  }
  // Short arcs lie inside of long ones; each takes the first lane in which it meets no other.
  arcs.sort((a, b) => Math.abs(a.end - a.start) - Math.abs(b.end - b.start));
  for (const [index, arc] of arcs.entries()) {
    const taken = arcs.slice(0, index).filter((other) => overlap(arc, other));
    while (taken.some((other) => other.lane === arc.lane)) arc.lane += 1;
  }
  return arcs;
}

function overlap(a: Arc, b: Arc): boolean {
  const [aTop, aEnd] = [Math.min(a.start, a.end), Math.max(a.start, a.end)];
  const [bTop, bEnd] = [Math.min(b.start, b.end), Math.max(b.start, b.end)];
  return aTop <= bEnd && bTop <= aEnd;
}

function line({ start, end, lane }: Arc): string {
  const x = Math.min(GUTTER_PX - 2, 18 + BEND_PX + lane * LANE_PX);
  const down = end > start ? BEND_PX : -BEND_PX;
  return `M2,${start} H${x - BEND_PX} Q${x},${start} ${x},${start + down} V${end - down} Q${x},${end} ${x - BEND_PX},${end} H6`;
}
