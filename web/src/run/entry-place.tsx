// Where an entry of the timeline stands, so that its time can be a link to it.

import { Link } from "@tanstack/react-router";
import { createContext, use, type ReactNode } from "react";

import { clockTime, exactMoment } from "../ui/format.ts";
import { Clock } from "../ui/time.tsx";

interface EntryPlace {
  run: number;
  /** The event. */
  seq: number;
}

const Place = createContext<EntryPlace | null>(null);

export function StandsAt({ run, seq, children }: EntryPlace & { children: ReactNode }) {
  return <Place value={{ run, seq }}>{children}</Place>;
}

/** The time of an entry, which is the link to it. */
export function EntryClock({ at, className = "" }: { at: string; className?: string }) {
  const place = use(Place);
  if (!place) return <Clock at={at} className={className} />;
  return (
    <Link
      to="/runs/$id"
      params={{ id: String(place.run) }}
      search={(before) => ({ ...before, view: undefined, visit: undefined, event: place.seq })}
      replace
      aria-label={`Link to event ${place.seq}, ${clockTime(at)}`}
      title={`${exactMoment(at)}\nLink to event ${place.seq}`}
      className={`rounded hover:text-accent hover:underline ${className}`}
    >
      <time dateTime={at}>{clockTime(at)}</time>
    </Link>
  );
}
