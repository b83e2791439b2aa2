// The visits of a run from first to last: which stage, for which time, how it ended, how long it took.

import { memo, useEffect, useRef } from "react";

import { Icon } from "../ui/icon.tsx";
import { ordinal } from "../ui/format.ts";
import { StatusIcon } from "../ui/status.tsx";
import { Lasting, useNow } from "../ui/time.tsx";
import type { VisitState } from "./state.ts";

interface RailProps {
  visits: VisitState[];
  /** The visit that the timeline shows at its top. */
  current: number | null;
  onChoose: (visit: VisitState) => void;
}

export const Rail = memo(function Rail({ visits, current, onChoose }: RailProps) {
  const going = visits.some((visit) => visit.durationMs === null);
  return (
    <nav aria-label="Visits" className="h-full overflow-y-auto p-3">
      <h2 className="eyebrow mb-2 px-2">Visits</h2>
      {visits.length === 0 && <p className="px-2 text-xs text-faint">The first stage is about to be entered.</p>}
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
  return (
    <ol ref={list} className="space-y-0.5">
      {visits.map((visit, index) => (
        <li key={visit.visit}>
          <button
            type="button"
            onClick={() => onChoose(visit)}
            aria-current={visit.visit === current ? "step" : undefined}
            className={`block w-full rounded-md px-2 py-1.5 text-left ${visit.visit === current ? "bg-well" : "hover:bg-well/60"}`}
          >
            <span className="flex items-center gap-2">
              <StatusIcon status={visit.status} />
              <span className={`min-w-0 truncate ${visit.inherited ? "text-dim" : "font-medium"}`}>{visit.name}</span>
              {visit.nth > 1 && (
                <span className="shrink-0 rounded bg-accent-soft px-1 text-2xs font-medium text-accent">
                  {ordinal(visit.nth)}
                  <span className="sr-only xl:not-sr-only"> visit</span>
                </span>
              )}
              <span className="ml-auto shrink-0 text-xs text-dim">
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
        </li>
      ))}
    </ol>
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
  if (visit.outcome === null && !visit.agent && !visit.forced && !visit.rejected && !visit.inherited) return null;
  const first = (stage: string) => visits.findIndex((one) => one.stage === stage);
  const back = next !== undefined && first(next.stage) <= first(visit.stage);
  return (
    <span className="mt-1 ml-6 flex flex-wrap items-center gap-x-1.5 text-xs text-dim">
      {visit.inherited && (
        // Its icon says so to those who cannot see this.
        <span aria-hidden="true" className="text-faint">
          inherited
        </span>
      )}
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
