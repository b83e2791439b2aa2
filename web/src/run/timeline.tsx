// The timeline of a run: what happened, in order, and what is being written at this moment.
//
// Only what is visible is drawn, so that a run of ten thousand events scrolls like one of ten. While
// the end is in view the timeline follows it; who scrolls up is left alone.

import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState, type Ref } from "react";

import { Button } from "../ui/button.tsx";
import { RemembersFolds } from "../ui/folded.tsx";
import { Icon } from "../ui/icon.tsx";
import { Divider } from "./divider.tsx";
import { Errand } from "./errand.tsx";
import { useSimulated } from "./models.ts";
import { Note } from "./note.tsx";
import { ShowsSent } from "./saw.tsx";
import { Speech } from "./speech.tsx";
import type { Entry, VisitState } from "./state.ts";

/** How near the end counts as being there: a line of text. */
const NEAR_PX = 32;

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
  /** Whether to begin at the end: where the run goes on. */
  live: boolean;
  /** Whether the run has ended. */
  over: boolean;
  onVisit: (visit: number | null) => void;
  ref?: Ref<TimelineHandle>;
}

export function Timeline({ run, entries, visits, live, over, onVisit, ref }: TimelineProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const follows = useRef(live);
  const lastTop = useRef(0);
  const [away, setAway] = useState(false);
  const virtual = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => GUESS_PX[entries[index]?.kind ?? "note"],
    getItemKey: (index) => entries[index]?.key ?? index,
    overscan: 8,
    paddingStart: 12,
    paddingEnd: 28,
  });
  const size = virtual.getTotalSize();

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element && follows.current) element.scrollTop = element.scrollHeight;
  }, [size, entries]);

  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    // A window that changes its height must not lose the end out of sight.
    const observer = new ResizeObserver(() => {
      if (follows.current) element.scrollTop = element.scrollHeight;
      setAway(!isAtEnd(element));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const onScroll = () => {
    const element = scroller.current;
    if (!element) return;
    const atEnd = isAtEnd(element);
    // Text that grows moves the end away without anybody scrolling; only a move upwards is a wish to stay.
    if (atEnd) follows.current = true;
    else if (element.scrollTop < lastTop.current - 1) follows.current = false;
    lastTop.current = element.scrollTop;
    setAway(!atEnd && !follows.current);
  };

  const jump = () => {
    follows.current = true;
    setAway(false);
    virtual.scrollToIndex(entries.length - 1, { align: "end" });
    requestAnimationFrame(() => scroller.current?.scrollTo({ top: scroller.current.scrollHeight }));
  };

  useImperativeHandle(ref, () => {
    const scrollTo = (entry: number) => {
      if (entry < 0) return;
      follows.current = false;
      virtual.scrollToIndex(entry, { align: "start" });
    };
    return { scrollTo, scrollToVisit: (visit) => scrollTo(visit.entry) };
  });

  const items = virtual.getVirtualItems();
  const top = items.find((item) => item.end > (virtual.scrollOffset ?? 0) + GUESS_PX.divider)?.index ?? 0;
  // Where the end is followed, what happens there is what is looked at.
  const shown = away ? top : entries.length;
  const current = visits.findLast((visit) => visit.entry >= 0 && visit.entry <= shown)?.visit ?? null;
  useEffect(() => onVisit(current), [current, onVisit]);

  return (
    <RemembersFolds>
      <ShowsSent run={run}>
        <section aria-label="Timeline" className="relative h-full min-w-0">
          <div ref={scroller} onScroll={onScroll} tabIndex={0} className="h-full overflow-y-auto [overflow-anchor:none]">
            <div className="relative mx-auto w-full max-w-[56rem] px-3 sm:px-6" style={{ height: size }}>
              {items.map((item) => (
                <div
                  key={item.key}
                  data-index={item.index}
                  ref={virtual.measureElement}
                  className="absolute inset-x-3 sm:inset-x-6"
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  <Drawn run={run} entry={entries[item.index]} visits={visits} over={over} />
                </div>
              ))}
            </div>
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
    </RemembersFolds>
  );
}

function isAtEnd(element: HTMLElement): boolean {
  return element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX;
}

interface DrawnProps {
  run: number;
  entry: Entry | undefined;
  visits: VisitState[];
  over: boolean;
}

function Drawn({ run, entry, visits, over }: DrawnProps) {
  const isSimulated = useSimulated();
  if (!entry) return null;
  switch (entry.kind) {
    case "divider": {
      const visit = visits.find((one) => one.visit === entry.visit);
      return visit ? <Divider run={run} visit={visit} over={over} /> : null;
    }
    case "speech":
      return <MemoSpeech speech={entry} />;
    case "errand":
      return <Errand errand={entry} />;
    case "note": {
      // Where a re-run goes on is named before the stage is entered.
      const Told = entry.event.kind === "run_inherited" ? Note : MemoNote;
      return (
        <Told
          event={entry.event}
          simulated={entry.model !== null && isSimulated(entry.model)}
          stageName={(id) => visits.findLast((visit) => visit.stage === id)?.name ?? id}
        />
      );
    }
  }
}

const MemoSpeech = memo(Speech);
// What a note says rests on its event alone; names of stages do not change within a run.
const MemoNote = memo(Note, (before, after) => before.event === after.event && before.simulated === after.simulated);
