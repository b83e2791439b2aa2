// Where in a timeline one begins to look: where the address leads, or where one was before a look at another view or a
// reload.

import { useEffect, useRef } from "react";

import { recall, remember } from "../ui/kept.ts";
import { entryOf } from "./sift.ts";
import type { Entry, VisitState } from "./state.ts";

/** Where an address says that one looks first: at an event, or at a visit. */
export interface Begin {
  event: number | null;
  visit: number | null;
}

interface Targets {
  begin: Begin;
  kept: number | null;
  marked: number;
  entries: Entry[];
  visits: VisitState[];
  seq: number;
}

/** The entry to begin at, once it is here; -1 before that, and where nothing says so. */
export function targetOf({ begin, kept, marked, entries, visits, seq }: Targets): number {
  if (kept !== null) return seq >= kept ? entryOf(entries, kept) : -1;
  if (begin.event !== null) return marked;
  return visits.find((one) => one.visit === begin.visit)?.entry ?? -1;
}

const placeName = (run: number) => `callboard.timeline.${run}`;

/** Where one was before, unless the address leads somewhere else by now. */
export function keptPlace(run: number, beginName: string): number | null {
  const kept = recall<{ begin?: string; seq?: number }>(placeName(run));
  return kept?.begin === beginName && typeof kept.seq === "number" ? kept.seq : null;
}

/** Goes to where one begins, once for each address: nobody who has gone on from there is taken back. */
export function useReach(beginName: string, target: number, go: () => void) {
  const reached = useRef<string | null>(null);
  useEffect(() => {
    if (target < 0 || reached.current === beginName) return;
    reached.current = beginName;
    go();
  });
}

/** Keeps the event that one looks at, for when one comes back; none where the end is followed. */
export function useKeepPlace(run: number, beginName: string, seq: number | undefined) {
  const leave = useRef(() => {});
  leave.current = () => remember(placeName(run), seq === undefined ? undefined : { begin: beginName, seq });
  useEffect(() => {
    const keep = () => leave.current();
    window.addEventListener("pagehide", keep);
    return () => {
      window.removeEventListener("pagehide", keep);
      keep();
    };
  }, []);
}
