// Every call of a run as a bar over time: what waited for what, what went on at once, and what failed.
// Only the lines in view are drawn.

import { Link } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useId, useMemo, useRef, useState } from "react";

import { agentInk, Avatar } from "../ui/agent.tsx";
import { duration, ordinal } from "../ui/format.ts";
import { Icon } from "../ui/icon.tsx";
import { useWidth } from "../ui/measure.ts";
import { spans, type Span } from "./metrics.ts";
import { timeTicks } from "./scale.ts";
import type { Entry, VisitState } from "./state.ts";

const ROW_PX = 24;

/** Lines that are shown without scrolling. */
const ROWS_MAX = 18;

interface WaterfallProps {
  run: number;
  entries: Entry[];
  visits: VisitState[];
  now: number;
}

interface Window {
  from: number;
  to: number;
}

export function Waterfall({ run, entries, visits, now }: WaterfallProps) {
  const id = useId();
  const [visit, setVisit] = useState<number | null>(null);
  const own = visits.filter((one) => !one.inherited);
  const all = useMemo(() => spans(entries), [entries]);
  const shown = useMemo(() => (visit === null ? all : all.filter((span) => span.visit === visit)), [all, visit]);
  const span = windowOf(shown, now);
  if (all.length === 0) return null;
  return (
    <section aria-labelledby={id}>
      <div className="mb-1.5 flex flex-wrap items-center justify-between gap-2">
        <h2 id={id} className="font-semibold">
          Calls over time
        </h2>
        <div className="flex items-center gap-1.5 text-xs text-dim">
          <label htmlFor={`${id}-of`}>Of</label>
          <select
            id={`${id}-of`}
            value={visit ?? ""}
            onChange={(event) => setVisit(event.target.value === "" ? null : Number(event.target.value))}
            className="h-7 rounded-md border border-line-strong bg-panel px-1.5 text-ink"
          >
            <option value="">the whole run</option>
            {own.map((one) => (
              <option key={one.visit} value={one.visit}>
                {one.name}
                {one.nth > 1 ? `, ${ordinal(one.nth)} visit` : ""}
              </option>
            ))}
          </select>
        </div>
      </div>
      {shown.length === 0 ? <p className="text-dim">Nothing was called at this visit.</p> : <Rows run={run} shown={shown} span={span} now={now} visits={own} />}
    </section>
  );
}

function windowOf(shown: Span[], now: number): Window {
  let from = Infinity;
  let to = -Infinity;
  for (const span of shown) {
    from = Math.min(from, span.from);
    to = Math.max(to, span.to ?? now);
  }
  return { from, to: Math.max(to, from + 1) };
}

interface RowsProps {
  run: number;
  shown: Span[];
  span: Window;
  now: number;
  visits: VisitState[];
}

function Rows({ run, shown, span, now, visits }: RowsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [measure, width] = useWidth();
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
  });
  const share = (at: number) => ((at - span.from) / (span.to - span.from)) * 100;
  const marks = timeTicks(span.to - span.from, Math.max(2, Math.floor(width / 130)));
  const bounds = visits.map((visit) => share(Date.parse(visit.startedAt))).filter((at) => at > 0 && at < 100);
  return (
    <div className="card overflow-hidden">
      <div className="flex border-b border-line text-2xs text-faint" aria-hidden="true">
        <span className="w-32 shrink-0 sm:w-48" />
        <span ref={measure} className="relative mr-16 h-6 flex-1">
          {marks.map((ms) => (
            <span key={ms} className="absolute top-1 -translate-x-1/2 whitespace-nowrap first:translate-x-0" style={{ left: `${(ms / (span.to - span.from)) * 100}%` }}>
              {ms === 0 ? "0" : duration(ms)}
            </span>
          ))}
        </span>
      </div>
      <div
        ref={scroller}
        tabIndex={0}
        role="group"
        aria-label="Calls"
        className="overflow-y-auto outline-offset-[-2px]"
        style={{ height: Math.min(shown.length, ROWS_MAX) * ROW_PX + 8 }}
      >
        <ol className="relative my-1" style={{ height: virtual.getTotalSize() }}>
          <li aria-hidden="true" className="pointer-events-none absolute inset-y-0 right-16 left-32 sm:left-48">
            {bounds.map((at) => (
              <span key={at} className="absolute inset-y-0 border-l border-dotted border-line-strong" style={{ left: `${at}%` }} />
            ))}
          </li>
          {virtual.getVirtualItems().map((item) => {
            const one = shown[item.index];
            return (
              one && (
                <li key={one.key} className="absolute inset-x-0" style={{ height: ROW_PX, transform: `translateY(${item.start}px)` }}>
                  <Row run={run} span={one} left={share(one.from)} right={share(one.to ?? now)} ms={(one.to ?? now) - one.from} />
                </li>
              )
            );
          })}
        </ol>
      </div>
    </div>
  );
}

const STATE_WORDS = { done: "", failed: ", failed", going: ", under way" } as const;

interface RowProps {
  run: number;
  span: Span;
  /** In hundredths of the whole. */
  left: number;
  right: number;
  ms: number;
}

function Row({ run, span, left, right, ms }: RowProps) {
  const took = duration(Math.max(0, ms));
  return (
    <Link
      to="/runs/$id"
      params={{ id: String(run) }}
      search={(before) => ({ ...before, view: "timeline" as const, visit: undefined, event: span.seq })}
      title={`${span.who === span.name ? "" : `${span.who}: `}${span.name}, ${took}${STATE_WORDS[span.state]}`}
      className="flex h-full items-center text-xs hover:bg-well/70 focus-visible:-outline-offset-2"
    >
      <span className="flex w-32 shrink-0 items-center gap-1.5 pr-2 pl-3 sm:w-48">
        {span.agent === null ? <Icon name={span.what === "workflow" ? "out" : "hook"} className="!size-3.5 text-faint" /> : <Avatar agent={span.agent} small />}
        <span className={`min-w-0 truncate ${span.what === "model" ? "" : "font-mono text-2xs text-dim"}`}>{span.what === "model" ? span.who : span.name}</span>
      </span>
      <span className="relative mr-16 h-full flex-1">
        <span
          className={`absolute top-1/2 h-2.5 min-w-[3px] -translate-y-1/2 rounded-[3px] ${span.what === "model" ? "" : "opacity-60"} ${span.state === "going" ? "animate-pulse" : ""}`}
          style={{
            left: `${left}%`,
            width: `${Math.max(0, right - left)}%`,
            background: span.state === "failed" ? "var(--color-bad)" : span.agent === null ? "var(--color-dim)" : agentInk(span.agent),
          }}
        />
        <span className={`absolute top-1/2 -translate-y-1/2 pl-1.5 whitespace-nowrap ${span.state === "failed" ? "text-bad" : "text-faint"}`} style={{ left: `max(${right}%, calc(${left}% + 3px))` }}>
          {took}
          {STATE_WORDS[span.state]}
        </span>
      </span>
    </Link>
  );
}
