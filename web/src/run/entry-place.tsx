// Where an entry of the timeline stands, so that its time can be a link to it.

import { useNavigate } from "@tanstack/react-router";
import { createContext, use, useMemo, type MouseEvent, type ReactNode } from "react";

import { clockTime, exactMoment } from "../ui/format.ts";
import { Clock } from "../ui/time.tsx";

interface EntryPlace {
  run: number;
  /** The event. */
  seq: number;
}

const Place = createContext<EntryPlace | null>(null);

export function StandsAt({ run, seq, children }: EntryPlace & { children: ReactNode }) {
  // The same value for the same place, so that what rests on it is not drawn again.
  const place = useMemo(() => ({ run, seq }), [run, seq]);
  return <Place value={place}>{children}</Place>;
}

/** The time of an entry, which is the link to it: a plain one, since hundreds of them pass by while one scrolls, and a
 * link of the router asks at its drawing where the page is. */
export function EntryClock({ at, className = "" }: { at: string; className?: string }) {
  const place = use(Place);
  const go = useToEvent();
  if (!place) return <Clock at={at} className={className} />;
  return (
    <a
      href={`/runs/${place.run}?event=${place.seq}`}
      onClick={(event) => leads(event) && go(place.seq)}
      aria-label={`Link to event ${place.seq}, ${clockTime(at)}`}
      title={`${exactMoment(at)}\nLink to event ${place.seq}`}
      className={`rounded hover:text-accent hover:underline ${className}`}
    >
      <time dateTime={at}>{clockTime(at)}</time>
    </a>
  );
}

/** Leads to an event of the run that is looked at, and keeps how it is looked at. */
function useToEvent() {
  const navigate = useNavigate();
  return (seq: number) =>
    void navigate({ to: ".", search: (before) => ({ ...before, view: undefined, visit: undefined, event: seq }), replace: true });
}

/** Whether the page goes there by itself, and not the browser with another tab or window. */
function leads(event: MouseEvent): boolean {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return false;
  event.preventDefault();
  return true;
}
