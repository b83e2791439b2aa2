// What someone is writing, kept while the browser's tab is open, so that a reload or a look at another
// page loses nothing of it.

import { useCallback, useState } from "react";

/** A value that outlives a reload, and what forgets it. */
export function useKept<T>(name: string, initial: T): [T, (value: T) => void, () => void] {
  const place = `callboard.${name}`;
  const [value, setValue] = useState<T>(() => recall(place) ?? initial);
  const keep = useCallback(
    (to: T) => {
      setValue(to);
      remember(place, to);
    },
    [place],
  );
  const forget = useCallback(() => remember(place, undefined), [place]);
  return [value, keep, forget];
}

export function recall<T>(place: string): T | undefined {
  try {
    return (JSON.parse(sessionStorage.getItem(place) ?? "null") as T | null) ?? undefined;
  } catch {
    // What cannot be read, of an earlier page, is as if it was never written.
    return undefined;
  }
}

export function remember(place: string, value: unknown) {
  try {
    if (value === undefined) sessionStorage.removeItem(place);
    else sessionStorage.setItem(place, JSON.stringify(value));
  } catch {
    // The browser keeps nothing, or has no room left: the page works without.
  }
}
