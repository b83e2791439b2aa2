// What an address says of how a run is looked at: which view, from where on, and what is searched for in it.
// It can be sent to someone, and a reload loses nothing of it.

/** What stands in the middle of the page. */
export const VIEWS = ["timeline", "network", "context", "metrics"] as const;

/** What stands beside it, or in a row with it where there is no room. */
export const SIDES = ["results", "memory", "documents", "family", "input", "deliveries"] as const;

export type View = (typeof VIEWS)[number];
export type Side = (typeof SIDES)[number];

export interface RunSearch {
  view?: View;
  side?: Side;
  /** The visit to begin at. */
  visit?: number;
  /** The event to begin at. */
  event?: number;
  /** What is searched for in the timeline. */
  q?: string;
}

/** What of an address is about the view of a run. Anything else in it is left out. */
export function readRunSearch(search: Record<string, unknown>): RunSearch {
  const found: RunSearch = {};
  const view = VIEWS.find((one) => one === search.view);
  const side = SIDES.find((one) => one === search.side);
  if (view) found.view = view;
  if (side) found.side = side;
  for (const name of ["visit", "event"] as const) {
    const number = Number(search[name]);
    if (Number.isSafeInteger(number) && number > 0) found[name] = number;
  }
  // An address that is read turns what looks like a number into one.
  if (typeof search.q === "string" || typeof search.q === "number") {
    const words = String(search.q);
    if (words !== "") found.q = words;
  }
  return found;
}
