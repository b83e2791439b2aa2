// What a timeline shows of a run: a search over all its words, and the matters that can be hidden.

import { useDeferredValue, useMemo, useRef, useState, type RefObject } from "react";

import { Button } from "../ui/button.tsx";
import { number } from "../ui/format.ts";
import { Icon } from "../ui/icon.tsx";
import { MATTERS, MATTER_WORDS, type Matter } from "./matter.ts";
import { sift, type Sieve } from "./sift.ts";
import type { Entry } from "./state.ts";

/** What is hidden stays hidden in every run, until it is wanted again. */
const HIDDEN = "callboard.timeline.hidden";

export interface Sifting extends Sieve {
  change: (to: Partial<Sieve>) => void;
  /** Whether anything is left out. */
  sifts: boolean;
  shown: readonly number[];
  field: RefObject<HTMLInputElement | null>;
}

export function useSifting(entries: readonly Entry[], search: string, onSearch: (search: string) => void): Sifting {
  const [hidden, setHidden] = useState(keptHidden);
  const field = useRef<HTMLInputElement>(null);
  // Typing comes first, however long the run is.
  const words = useDeferredValue(search);
  const shown = useMemo(() => sift(entries, { hidden, search: words }), [entries, hidden, words]);
  const change = (to: Partial<Sieve>) => {
    if (to.hidden) {
      setHidden(to.hidden);
      keepHidden(to.hidden);
    }
    if (to.search !== undefined) onSearch(to.search);
  };
  return { hidden, search, change, sifts: hidden.size > 0 || search.trim() !== "", shown, field };
}

function keptHidden(): ReadonlySet<Matter> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(HIDDEN) ?? "[]");
    return new Set(MATTERS.filter((matter) => Array.isArray(kept) && kept.includes(matter)));
  } catch {
    // A browser that remembers nothing shows all.
    return new Set();
  }
}

function keepHidden(hidden: ReadonlySet<Matter>) {
  try {
    localStorage.setItem(HIDDEN, JSON.stringify([...hidden]));
  } catch {
    // As above.
  }
}

export function TimelineBar({ sifting }: { sifting: Sifting }) {
  const { hidden, search, change, shown, field } = sifting;
  const found = search.trim() === "" ? null : shown.length;
  return (
    <div
      role="search"
      aria-label="In this timeline"
      className="flex shrink-0 items-center gap-2 overflow-x-auto border-b border-line bg-panel px-3 py-1.5 [scrollbar-width:none] sm:px-6"
    >
      <label className="flex h-8 max-w-64 min-w-28 flex-1 items-center gap-1.5 rounded-md border border-line-strong bg-paper px-2 focus-within:outline-2 focus-within:outline-accent">
        <Icon name="find" className="!size-3.5 text-faint" />
        <span className="sr-only">Search the timeline</span>
        <input
          ref={field}
          type="search"
          value={search}
          placeholder="Search"
          onChange={(event) => change({ search: event.target.value })}
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            // The first press takes the words back, the next one leaves the field.
            if (search === "") event.currentTarget.blur();
            change({ search: "" });
            event.preventDefault();
          }}
          className="min-w-0 flex-1 bg-transparent outline-none placeholder:text-faint [&::-webkit-search-cancel-button]:hidden"
        />
        <span role="status" className="shrink-0 text-2xs text-faint">
          {found !== null && number(found)}
          {found !== null && <span className="sr-only"> found</span>}
        </span>
      </label>
      <div role="group" aria-label="What is shown" className="flex shrink-0 gap-1">
        {MATTERS.map((matter) => (
          <Toggle key={matter} matter={matter} hidden={hidden} onChange={(to) => change({ hidden: to })} />
        ))}
      </div>
      {hidden.size > 0 && (
        <Button small weight="quiet" onClick={() => change({ hidden: new Set() })}>
          Show all
        </Button>
      )}
    </div>
  );
}

interface ToggleProps {
  matter: Matter;
  hidden: ReadonlySet<Matter>;
  onChange: (hidden: ReadonlySet<Matter>) => void;
}

function Toggle({ matter, hidden, onChange }: ToggleProps) {
  const { word, means } = MATTER_WORDS[matter];
  const shown = !hidden.has(matter);
  const toggle = () => {
    const next = new Set(hidden);
    if (shown) next.add(matter);
    else next.delete(matter);
    onChange(next);
  };
  return (
    <button
      type="button"
      aria-pressed={shown}
      title={means}
      onClick={toggle}
      className={`h-7 rounded-full border px-2.5 text-xs whitespace-nowrap focus-visible:-outline-offset-1 ${shown ? "border-line-strong bg-well font-medium text-ink" : "border-dashed border-line-strong text-faint line-through"}`}
    >
      {word}
    </button>
  );
}
