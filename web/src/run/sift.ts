// Which entries of a timeline are shown: those of a matter that is not hidden, with the words that are
// searched for. A divider is shown with the first entry of its visit that is.

import { matterOf, wordsOf, type Matter } from "./matter.ts";
import type { Entry, VisitState } from "./state.ts";

export interface Sieve {
  hidden: ReadonlySet<Matter>;
  /** As it was typed. */
  search: string;
}

/** The places of the entries that are shown, in order. All of them, where nothing is sifted. */
export function sift(entries: readonly Entry[], { hidden, search }: Sieve): number[] {
  const wanted = search.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const shown: number[] = [];
  // Where one looks for words, a visit without any is no find; where matters are hidden, it is still
  // a part of the path.
  let divider: number | null = null;
  entries.forEach((entry, place) => {
    if (entry.kind === "divider") {
      if (wanted.length === 0) shown.push(place);
      else divider = place;
      return;
    }
    const matter = matterOf(entry);
    if (matter !== null && hidden.has(matter)) return;
    if (wanted.length > 0) {
      const words = wordsOf(entry);
      if (!wanted.every((word) => words.includes(word))) return;
    }
    if (divider !== null) shown.push(divider);
    divider = null;
    shown.push(place);
  });
  return shown;
}

/** The place in a list of places that is nearest after that entry; the last, where there is none after. */
export function nearest(shown: readonly number[], entry: number): number {
  let low = 0;
  let high = shown.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((shown[middle] ?? 0) < entry) low = middle + 1;
    else high = middle;
  }
  return Math.min(low, shown.length - 1);
}

/** The entry that tells of an event: the one that it began, or the last before it. -1 where there is none. */
export function entryOf(entries: readonly Entry[], seq: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle]?.seq ?? 0) <= seq) low = middle + 1;
    else high = middle;
  }
  // What is inherited has one number for many: the first of them tells of it.
  let found = low - 1;
  const number = entries[found]?.seq;
  while (found > 0 && entries[found - 1]?.seq === number) found -= 1;
  return found;
}

/** The visit whose entries that place is among. */
export function visitAt(visits: readonly VisitState[], entry: number): VisitState | null {
  let low = 0;
  let high = visits.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((visits[middle]?.entry ?? 0) <= entry) low = middle + 1;
    else high = middle;
  }
  return visits[low - 1] ?? null;
}
