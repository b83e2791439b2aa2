// A list of runs, newest first, that keeps itself up to date without moving under the hands of whoever uses it.

import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useRef, useState, type ReactNode, type RefObject } from "react";

import { isFinal, type Run } from "../api/model.ts";
import { useShortcuts } from "../frame/keys.ts";
import { Button } from "../ui/button.tsx";
import { Empty, Loading } from "../ui/empty.tsx";
import { count, dollars, number, shortNumber, valueLine } from "../ui/format.ts";
import { Icon } from "../ui/icon.tsx";
import { ProblemCard } from "../ui/problem.tsx";
import { shownStatus, StatusLine } from "../ui/status.tsx";
import { Lasting, Moment } from "../ui/time.tsx";
import { runsQuery, type Filter } from "./queries.ts";
import { sourceLine } from "./source.tsx";
import { saidWaiting, waitingLine } from "./waiting.ts";
import { WayStrip } from "./way-strip.tsx";

interface ListProps {
  filter: Filter;
  /** What to say where there is no run. */
  empty: ReactNode;
  limit?: number;
  /** Whether all runs are of one workflow, which then need not be named. */
  ofOne?: boolean;
  /** Where runs are picked out of it. */
  picking?: Picking | undefined;
}

/** The runs that are picked out of a list, and what picks one or lets it go again. */
export interface Picking {
  picked: ReadonlyMap<number, Run>;
  onPick: (...runs: Run[]) => void;
}

export function RunList({ filter, empty, limit, ofOne = false, picking }: ListProps) {
  const runs = useInfiniteQuery({ ...runsQuery(filter, limit), placeholderData: keepPreviousData });
  const list = useRef<HTMLUListElement>(null);
  const all = runs.data?.pages.flatMap((page) => page.items) ?? [];
  const { items, fresh, release } = useSteady(all, { list, picks: picking !== undefined, of: JSON.stringify(filter) });
  useListKeys(list, limit === undefined);
  if (runs.isPending) return <Loading rows={5} height="h-14" />;
  if (runs.isError && !runs.data) return <ProblemCard error={runs.error} onRetry={() => runs.refetch()} />;
  if (items.length === 0) return <>{empty}</>;
  return (
    <div>
      {runs.isRefetchError && (
        <p role="status" className="mb-2 flex items-center gap-2 text-warn">
          <Icon name="plug" /> No connection: this is how it was. The list tries again by itself.
        </p>
      )}
      {fresh > 0 && (
        <Button small className="mb-2 w-full border-accent text-accent" onClick={release}>
          {count(fresh, "new run")}
        </Button>
      )}
      <ul ref={list} aria-busy={runs.isPlaceholderData} className={`card divide-y divide-line overflow-hidden ${runs.isPlaceholderData ? "opacity-60" : ""}`}>
        {items.map((run) => (
          <RunRow key={run.id} run={run} ofOne={ofOne} picking={picking} />
        ))}
      </ul>
      {limit === undefined && runs.hasNextPage && (
        <Button className="mt-3" disabled={runs.isFetchingNextPage} onClick={() => runs.fetchNextPage()}>
          {runs.isFetchingNextPage ? "Loading…" : "Show older runs"}
        </Button>
      )}
    </div>
  );
}

interface Steady {
  list: RefObject<HTMLUListElement | null>;
  picks: boolean;
  /** Which runs are listed. */
  of: string;
}

/** New runs wait while someone points at the list, is in it with the keyboard, or picks from it: nobody
 * should hit a line that was another one a moment ago. */
function useSteady(all: Run[], { list, picks, of }: Steady) {
  const newest = useRef(0);
  const [, setReleased] = useState(0);
  const filter = useRef(of);
  // Another list is no list with news.
  if (filter.current !== of) newest.current = 0;
  filter.current = of;
  const busy = picks || (list.current !== null && (list.current.matches(":hover") || list.current.contains(document.activeElement)));
  const first = all[0]?.id ?? 0;
  if (!busy || newest.current === 0 || !all.some((run) => run.id <= newest.current)) newest.current = first;
  const shown = newest.current;
  const release = () => {
    newest.current = first;
    setReleased(first);
  };
  return { items: all.filter((run) => run.id <= shown), fresh: all.filter((run) => run.id > shown).length, release };
}

/** Steps through the lines; a list that is only a part of a page leaves the keys alone. */
function useListKeys(list: RefObject<HTMLUListElement | null>, whole: boolean) {
  const step = (by: number) => {
    const links = [...(list.current?.querySelectorAll<HTMLElement>("a[data-run]") ?? [])];
    const row = document.activeElement?.closest("li");
    const at = links.findIndex((link) => link.closest("li") === row);
    links[Math.max(0, Math.min(links.length - 1, at < 0 ? 0 : at + by))]?.focus();
  };
  const pick = () => document.activeElement?.closest("li")?.querySelector<HTMLInputElement>("input[type=checkbox]")?.click();
  useShortcuts(
    "In a list of runs",
    whole
      ? [
          { keys: "j", words: "To the next run", run: () => step(1) },
          { keys: "k", words: "To the run before", run: () => step(-1) },
          { keys: "x", words: "Pick the run, while picking", run: pick },
        ]
      : [],
  );
}

function RunRow({ run, ofOne, picking }: { run: Run; ofOne: boolean; picking: Picking | undefined }) {
  const input = valueLine(run.input);
  const tokens = run.usage.input_tokens + run.usage.output_tokens;
  const at = run.started_at ?? run.created_at;
  const status = shownStatus(run);
  const waits = status === "waiting" ? saidWaiting(run) : null;
  const used = `${shortNumber(tokens)} tokens${run.usage.cost_usd > 0 ? ` · ${dollars(run.usage.cost_usd)}` : ""}`;
  return (
    <li className="relative flex gap-3 px-3.5 py-2.5 hover:bg-well/60 has-[a:focus-visible]:bg-well/60">
      {picking && (
        // While runs are picked, the whole line picks its run.
        <label className="after:absolute after:inset-0 after:z-10 after:cursor-pointer after:content-['']">
          <input
            type="checkbox"
            aria-label={`Pick run ${run.id}`}
            checked={picking.picked.has(run.id)}
            onChange={() => picking.onPick(run)}
            className="relative z-20 mt-0.5 size-4 accent-(--color-accent)"
          />
        </label>
      )}
      <div className="grid min-w-0 flex-1 grid-cols-[minmax(0,1fr)_auto] gap-x-4 gap-y-1 sm:grid-cols-[7.5rem_minmax(0,1fr)_auto]">
        <div className="sm:row-span-2 sm:pt-px">
          <StatusLine status={status} />
        </div>
        <div className="order-first col-span-2 min-w-0 sm:order-none sm:col-span-1">
          <Link
            to="/runs/$id"
            params={{ id: String(run.id) }}
            data-run={run.id}
            className="block truncate font-medium before:absolute before:inset-0 before:content-['']"
          >
            {input || <span className="font-normal text-faint">No input</span>}
          </Link>
        </div>
        <div className="flex items-center justify-end gap-4 text-right whitespace-nowrap text-dim">
          <WayStrip run={run} />
          <span className="min-w-22">
            <Lasting
              since={run.started_at ?? null}
              ms={isFinal(run.status) ? run.duration_ms : run.started_at ? null : 0}
            />
          </span>
        </div>
        <div className="col-span-2 flex flex-wrap items-baseline gap-x-3 gap-y-0.5 text-xs text-faint sm:col-span-1 sm:col-start-2">
          {waits && <span className="font-medium text-warn">{waitingLine(waits)}</span>}
          <span>
            {ofOne ? "Run" : run.workflow} {ofOne ? run.id : `· run ${run.id}`}
          </span>
          <Moment at={at} />
          <span>{sourceLine(run.source)}</span>
          <span className="sm:hidden">{used}</span>
          {run.error && (
            <span className="text-bad">
              {run.error.stage ? `${run.error.stage}: ` : ""}
              {run.error.message}
            </span>
          )}
        </div>
        <div className="hidden text-right text-xs whitespace-nowrap text-faint sm:block" title={`${number(tokens)} tokens`}>
          {used}
        </div>
      </div>
    </li>
  );
}

export function NoRuns({ children }: { children: ReactNode }) {
  return <Empty title="No runs yet">{children}</Empty>;
}
