// The filters of a list of runs as they stand in the address.

import { STATUSES, type Source, type Status } from "../api/model.ts";
import type { Filter } from "./queries.ts";
import { SOURCE_WORDS } from "./source.tsx";

/** Stretches of time that end now. */
export const SPANS = {
  hour: { word: "the last hour", ms: 3_600_000 },
  day: { word: "the last day", ms: 86_400_000 },
  week: { word: "the last week", ms: 7 * 86_400_000 },
  month: { word: "the last 30 days", ms: 30 * 86_400_000 },
} as const;

export type TimeSpan = keyof typeof SPANS;

export interface ListSearch {
  status?: Status;
  /** For lists that are not of one project anyway. */
  project?: number;
  workflow?: number;
  source?: Source["kind"];
  trigger?: number;
  time?: TimeSpan;
  /** Moments, where a stretch of time was chosen by hand. */
  since?: string;
  until?: string;
}

export const SOURCES = Object.keys(SOURCE_WORDS) as Source["kind"][];

/** What of an address is a filter. Anything else in it is left out. */
export function readSearch(search: Record<string, unknown>): ListSearch {
  const found: ListSearch = {};
  const status = STATUSES.find((one) => one === search.status);
  const source = SOURCES.find((one) => one === search.source);
  if (status) found.status = status;
  if (source) found.source = source;
  for (const name of ["project", "workflow", "trigger"] as const) {
    const number = Number(search[name]);
    if (Number.isSafeInteger(number) && number > 0) found[name] = number;
  }
  if (typeof search.time === "string" && Object.hasOwn(SPANS, search.time)) found.time = search.time as TimeSpan;
  for (const name of ["since", "until"] as const) {
    const moment = search[name];
    if (typeof moment === "string" && !Number.isNaN(Date.parse(moment))) found[name] = new Date(moment).toISOString();
  }
  return found;
}

/** What the server is asked for. A stretch that ends now begins at a whole minute, so that the question
 * stays the same while one looks. */
export function filterOf({ time, ...search }: ListSearch, project: number | undefined, now: number): Filter {
  const filter: Filter = project === undefined ? search : { ...search, project };
  if (time === undefined) return filter;
  return { ...filter, since: new Date(Math.floor((now - SPANS[time].ms) / 60_000) * 60_000).toISOString() };
}

/** A moment as a field of the browser has it, in the viewer's zone: `2026-11-24T22:00`. */
export function localField(moment: string | undefined): string {
  if (moment === undefined) return "";
  const at = new Date(moment);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
