// The timeline of a run: what happened, in order, and what is being written at this moment.
//
// Only what is visible is drawn, so that a run of ten thousand events scrolls like one of ten. While
// the end is in view the timeline follows it; who scrolls up is left alone, and finds the place again
// after a look at another view or a reload.

import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useImperativeHandle, useRef, useState, type Ref } from "react";

import { Button } from "../ui/button.tsx";
import { Empty, Loading } from "../ui/empty.tsx";
import { Icon } from "../ui/icon.tsx";
import { ShowsSent } from "./saw.tsx";
import { entryOf, nearest, visitAt } from "./sift.ts";
import type { Entry, VisitState } from "./state.ts";
import { TimelineBar, useSifting } from "./timeline-bar.tsx";
import { Drawn } from "./timeline-entry.tsx";
import { isAtEnd, useFollow } from "./timeline-follow.ts";
import { useTimelineKeys } from "./timeline-keys.ts";
import { keptPlace, targetOf, useKeepPlace, useReach, type Begin } from "./timeline-place.ts";

/** What an entry is taken to measure until it was drawn once. */
const GUESS_PX = { divider: 64, speech: 140, errand: 36, note: 36 } as const;

export interface TimelineHandle {
  scrollToVisit: (visit: VisitState) => void;
  /** To an entry, by its place. */
  scrollTo: (entry: number) => void;
}

interface TimelineProps {
  run: number;
  entries: Entry[];
  visits: VisitState[];
  /** The last event that is here. */
  seq: number;
  begin: Begin;
  search: string;
  onSearch: (search: string) => void;
  /** Whether to begin at the end: where the run goes on. */
  live: boolean;
  /** Whether the run has ended. */
  over: boolean;
  /** Whether all that happened is here; what goes on is never. */
  whole: boolean;
  onVisit: (visit: number | null) => void;
  ref?: Ref<TimelineHandle>;
}

export function Timeline({ run, entries, visits, seq, begin, search, onSearch, live, over, whole, onVisit, ref }: TimelineProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const beginName = `${begin.event} ${begin.visit}`;
  const [kept] = useState(() => keptPlace(run, beginName));
  const marked = begin.event !== null && seq >= begin.event ? entryOf(entries, begin.event) : -1;
  const aimed = begin.event !== null || begin.visit !== null || kept !== null;
  const sifting = useSifting(entries, search, onSearch);
  const { shown } = sifting;
  const entryAt = useCallback((row: number) => entries[shown[row] ?? -1], [entries, shown]);
  // With other keys every row is placed anew, so they stay the same while nothing comes.
  const getItemKey = useCallback((row: number) => entryAt(row)?.key ?? row, [entryAt]);
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: (row) => GUESS_PX[entryAt(row)?.kind ?? "note"],
    getItemKey,
    overscan: 8,
    paddingStart: 12,
    paddingEnd: 28,
  });
  const size = virtual.getTotalSize();
  const { follows, away, setAway, onScroll } = useFollow({ scroller, size, entries, begins: live && !aimed });

  const jump = () => {
    follows.current = true;
    setAway(false);
    virtual.scrollToIndex(shown.length - 1, { align: "end" });
    requestAnimationFrame(() => scroller.current?.scrollTo({ top: scroller.current.scrollHeight }));
  };

  const scrollTo = (entry: number) => {
    if (entry < 0 || shown.length === 0) return;
    follows.current = false;
    virtual.scrollToIndex(nearest(shown, entry), { align: "start" });
  };
  useImperativeHandle(ref, () => ({ scrollTo, scrollToVisit: (visit) => scrollTo(visit.entry) }));

  const items = virtual.getVirtualItems();
  const offset = virtual.scrollOffset ?? 0;
  const top = items.find((item) => item.end > offset + GUESS_PX.divider)?.index ?? 0;
  // Where the end is followed, what happens there is what is looked at.
  const topEntry = shown[top] ?? 0;
  const current = visitAt(visits, away ? topEntry : entries.length)?.visit ?? null;
  useEffect(() => onVisit(current), [current, onVisit]);

  const target = targetOf({ begin, kept, marked, entries, visits, seq });
  useReach(beginName, target, () => {
    const element = scroller.current;
    const drawn = virtual.getVirtualItems().find((item) => shown[item.index] === target);
    const isSeen = drawn && element && drawn.start >= element.scrollTop && drawn.end <= element.scrollTop + element.clientHeight;
    if (!isSeen) scrollTo(target);
  });
  useKeepPlace(run, beginName, away ? entries[topEntry]?.seq : undefined);

  // Keys come faster than the page hears that it was scrolled, so that each asks anew where that led.
  const visitHere = () => {
    const element = scroller.current;
    if (!element || isAtEnd(element)) return visitAt(visits, entries.length)?.visit;
    const row = virtual.getVirtualItemForOffset(element.scrollTop + GUESS_PX.divider)?.index ?? 0;
    return visitAt(visits, shown[row] ?? 0)?.visit;
  };

  useTimelineKeys({
    step: (by) => {
      const rows = scroller.current;
      const focused = Number(document.activeElement?.closest<HTMLElement>("[data-index]")?.dataset.index ?? Number.NaN);
      const next = Math.max(0, Math.min(shown.length - 1, Number.isNaN(focused) ? top : focused + by));
      if (!rows || next < 0) return;
      follows.current = next === shown.length - 1;
      virtual.scrollToIndex(next, { align: "auto" });
      requestAnimationFrame(() => rows.querySelector<HTMLElement>(`[data-index="${next}"]`)?.focus({ preventScroll: true }));
    },
    visit: (by) => {
      const place = visits.findIndex((visit) => visit.visit === visitHere());
      const visit = visits[Math.max(0, Math.min(visits.length - 1, place + by))];
      if (visit) scrollTo(visit.entry);
    },
    newest: jump,
    search: () => {
      sifting.field.current?.focus();
      sifting.field.current?.select();
    },
  });

  return (
    <ShowsSent run={run}>
      <section aria-label="Timeline" className="relative flex h-full min-w-0 flex-col">
        <TimelineBar sifting={sifting} />
        <div ref={scroller} onScroll={onScroll} tabIndex={0} aria-label="Events" aria-busy={over && !whole} role="group" className="min-h-0 flex-1 overflow-y-auto outline-offset-[-2px] [overflow-anchor:none]">
          {shown.length === 0 && sifting.sifts ? (
            <NothingFits onClear={() => sifting.change({ search: "", hidden: new Set() })} />
          ) : seq === 0 ? (
            <div className="mx-auto max-w-[56rem] p-3 sm:px-6">
              <Loading rows={6} />
            </div>
          ) : (
            <div className="relative mx-auto w-full max-w-[56rem] px-3 sm:px-6" style={{ height: size }}>
              {items.map((item) => {
                const entry = entryAt(item.index);
                const isMarked = shown[item.index] === marked;
                return (
                  <div
                    key={item.key}
                    data-index={item.index}
                    ref={virtual.measureElement}
                    tabIndex={-1}
                    aria-current={isMarked ? "location" : undefined}
                    className={`absolute inset-x-3 rounded-md outline-offset-0 sm:inset-x-6 ${isMarked ? "bg-accent-soft ring-4 ring-accent-soft" : ""}`}
                    style={{ top: item.start }}
                  >
                    {entry && <Drawn run={run} entry={entry} visits={visits} over={over} />}
                  </div>
                );
              })}
            </div>
          )}
        </div>
        {away && (
          <Button
            onClick={jump}
            className="absolute bottom-4 left-1/2 -translate-x-1/2 rounded-full shadow-lg"
          >
            <Icon name="down" /> {live ? "Jump to newest" : "Jump to the end"}
          </Button>
        )}
      </section>
    </ShowsSent>
  );
}

function NothingFits({ onClear }: { onClear: () => void }) {
  return (
    <div className="mx-auto max-w-[56rem] p-3 sm:p-6">
      <Empty title="Nothing in this run fits">
        <Button className="mt-3" onClick={onClear}>
          Show everything
        </Button>
      </Empty>
    </div>
  );
}
