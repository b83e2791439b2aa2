// The visits of a run from first to last: which stage, for which time, how it ended, how long it took.

import { Link } from "@tanstack/react-router";
import { memo, useEffect, useMemo, useRef, type CSSProperties } from "react";

import type { InheritedFrom } from "../api/model.ts";
import { Loading } from "../ui/empty.tsx";
import { Icon } from "../ui/icon.tsx";
import { ordinal } from "../ui/format.ts";
import { StatusIcon } from "../ui/status.tsx";
import { Lasting, useNow } from "../ui/time.tsx";
import { lanesOf } from "./lanes.ts";
import type { VisitState } from "./state.ts";

interface RailProps {
  visits: VisitState[];
  /** The visit that the timeline shows at its top. */
  current: number | null;
  onChoose: (visit: VisitState) => void;
}

interface Heard {
  /** Whether anything of the run's history is here. */
  heard: boolean;
}

export const Rail = memo(function Rail({ visits, heard, current, onChoose }: RailProps & Heard) {
  const going = visits.some((visit) => visit.durationMs === null);
  return (
    <nav aria-label="Visits" className="h-full overflow-y-auto p-3">
      <h2 className="eyebrow mb-2 px-2">Visits</h2>
      {!heard && <Loading rows={3} height="h-8" />}
      {heard && visits.length === 0 && <p className="px-2 text-xs text-faint">The first stage is about to be entered.</p>}
      {going ? (
        <Going visits={visits} current={current} onChoose={onChoose} />
      ) : (
        <List visits={visits} current={current} onChoose={onChoose} now={0} />
      )}
    </nav>
  );
});

/** Apart from the list, so that a run that has ended does not tick. */
function Going(props: RailProps) {
  return <List {...props} now={useNow()} />;
}

function List({ visits, current, onChoose, now }: RailProps & { now: number }) {
  const list = useCurrentInView<HTMLOListElement>(current);
  const lengths = visits.map((visit) => visit.durationMs ?? Math.max(0, now - Date.parse(visit.startedAt)));
  const longest = Math.max(1, ...lengths);
  const lanes = useMemo(() => lanesOf(visits), [visits]);
  return (
    <ol ref={list}>
      {visits.map((visit, index) => (
        <li key={visit.visit} className="relative" style={{ "--lanes": `${lanes.width}px` } as CSSProperties}>
          <button
            type="button"
            onClick={() => onChoose(visit)}
            aria-current={visit.visit === current ? "step" : undefined}
            className={`block w-full rounded-md pr-2 pb-1.5 ${lanes.width > 0 ? "pt-2.5" : "pt-1.5"} pl-[calc(0.5rem+var(--lanes))] text-left focus-visible:-outline-offset-2 ${visit.visit === current ? "bg-well" : "hover:bg-well/60"}`}
          >
            <span className="flex items-start gap-2">
              <span className="relative flex h-5 items-center" style={{ left: (lanes.at[index] ?? 0) - lanes.width }}>
                <StatusIcon status={visit.status} />
              </span>
              {/* The number of the visit goes along with the name, to the next line where there is no room. */}
              <span className="min-w-0 wrap-break-word">
                <span className={visit.inherited ? "text-dim" : "font-medium"}>{visit.name}</span>
                {visit.nth > 1 && (
                  <span className="ml-1.5 inline-block rounded bg-accent-soft px-1 text-2xs font-medium text-accent" title={`${ordinal(visit.nth)} visit`}>
                    {ordinal(visit.nth)}
                    <span className="sr-only"> visit</span>
                  </span>
                )}
              </span>
              <span className="ml-auto shrink-0 text-xs leading-5 text-dim">
                <Lasting since={visit.startedAt} ms={visit.durationMs} />
              </span>
            </span>
            <span className="mt-1 ml-6 block h-1 overflow-hidden rounded-full bg-line" aria-hidden="true">
              <span
                className={`block h-full rounded-full ${visit.status === "error" ? "bg-bad" : visit.status === "running" ? "bg-accent" : "bg-line-strong"}`}
                style={{ width: `${Math.max(2, ((lengths[index] ?? 0) / longest) * 100)}%` }}
              />
            </span>
            <Ending visit={visit} next={visits[index + 1]} visits={visits} />
          </button>
          {visit.inherited?.inherited_from && <SourceLink from={visit.inherited.inherited_from} />}
          {lanes.width > 0 && <LaneLines before={lanes.at[index - 1]} at={lanes.at[index] ?? 0} goesOn={index < visits.length - 1} pale={visit.inherited !== null} />}
        </li>
      ))}
    </ol>
  );
}

/** Leads to the run that carried a visit out. */
function SourceLink({ from }: { from: InheritedFrom }) {
  return (
    <p className="mb-1 ml-[calc(2rem+var(--lanes))] flex flex-wrap gap-x-1 text-xs text-faint">
      {/* The visit's icon says so to those who cannot see this. */}
      <span aria-hidden="true">inherited</span>
      <Link to="/runs/$id" params={{ id: String(from.run_id) }} search={{ visit: from.visit }} className="rounded text-accent hover:underline">
        run {from.run_id}, visit {from.visit}
      </Link>
    </p>
  );
}

interface LaneLinesProps {
  /** The lane of the visit before; nothing for the first. */
  before: number | undefined;
  at: number;
  goesOn: boolean;
  pale: boolean;
}

/** From the visit before to this one, and on towards the next. A way back stands out. */
function LaneLines({ before, at, goesOn, pale }: LaneLinesProps) {
  const back = before !== undefined && before > at;
  return (
    <span aria-hidden="true" className={`pointer-events-none absolute inset-y-0 left-4 ${pale ? "opacity-50" : ""}`}>
      {before !== undefined && (
        <svg width="60" height="12" className={`absolute top-0 -left-px overflow-visible ${back ? "text-warn" : "text-line-strong"}`}>
          <path d={`M${before} -2V0C${before} 7 ${at} 4 ${at} 11`} fill="none" stroke="currentColor" strokeWidth={back ? 2 : 1.5} />
        </svg>
      )}
      {goesOn && <span className="absolute top-[1.85rem] -bottom-0.5 border-l-[1.5px] border-line-strong" style={{ left: at - 1.5 }} />}
    </span>
  );
}

/** Keeps the visit that the timeline shows in view, where there are more than fit. */
function useCurrentInView<List extends HTMLElement>(current: number | null) {
  const list = useRef<List>(null);
  useEffect(() => {
    list.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [current]);
  return list;
}

/** How a visit ended and where that led; or who works in it at the moment. */
function Ending({ visit, next, visits }: { visit: VisitState; next: VisitState | undefined; visits: VisitState[] }) {
  if (visit.outcome === null && !visit.agent && !visit.forced && !visit.rejected) return null;
  const first = (stage: string) => visits.findIndex((one) => one.stage === stage);
  const back = next !== undefined && first(next.stage) <= first(visit.stage);
  return (
    <span className="mt-1 ml-6 flex flex-wrap items-center gap-x-1.5 text-xs text-dim">
      {visit.forced && <span className="text-warn">forced on by the loop guard</span>}
      {visit.outcome !== null && (
        <>
          <Icon name={back ? "back" : next ? "next" : "end"} className={`!size-3.5 ${back ? "text-warn" : "text-faint"}`} />
          <span className="font-medium">{visit.outcome}</span>
          {next && (
            <span>
              {back ? "back to" : "on to"} {next.name}
            </span>
          )}
        </>
      )}
      {visit.rejected && <span className="text-warn">rejected</span>}
      {visit.agent && <span>{visit.agent}'s turn</span>}
    </span>
  );
}

/** The visits in one line, for narrow screens. */
export const Strip = memo(function Strip({ visits, current, onChoose }: RailProps) {
  const list = useCurrentInView<HTMLElement>(current);
  return (
    <nav ref={list} aria-label="Visits" className="relative flex shrink-0 gap-1.5 overflow-x-auto border-b border-line px-3 py-2">
      {visits.map((visit) => (
        <button
          key={visit.visit}
          type="button"
          onClick={() => onChoose(visit)}
          aria-current={visit.visit === current ? "step" : undefined}
          className={`flex h-8 shrink-0 items-center gap-1.5 rounded-full border px-2.5 text-xs ${visit.visit === current ? "border-accent bg-accent-soft" : visit.inherited ? "border-dashed border-line-strong text-dim" : "border-line-strong bg-panel"}`}
        >
          <StatusIcon status={visit.status} />
          <span className="font-medium">{visit.name}</span>
          {visit.nth > 1 && <span className="text-dim">{ordinal(visit.nth)}</span>}
          {visit.outcome && <span className="text-dim">· {visit.outcome}</span>}
        </button>
      ))}
    </nav>
  );
});
