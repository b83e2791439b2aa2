// A list of runs, newest first, that keeps itself up to date.

import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { isFinal, type Run } from "../api/model.ts";
import { Button } from "../ui/button.tsx";
import { Empty, Loading } from "../ui/empty.tsx";
import { dollars, number, shortNumber, valueLine } from "../ui/format.ts";
import { ProblemCard } from "../ui/problem.tsx";
import { shownStatus, StatusLine } from "../ui/status.tsx";
import { Lasting, Moment } from "../ui/time.tsx";
import { runsQuery, type Filter } from "./queries.ts";
import { sourceLine } from "./source.tsx";
import { saidWaiting, waitingLine } from "./waiting.ts";

interface ListProps {
  filter: Filter;
  /** What to say where there is no run. */
  empty: React.ReactNode;
  limit?: number;
  /** Whether all runs are of one workflow, which then need not be named. */
  ofOne?: boolean;
  /** Where runs are picked out of it. */
  picking?: Picking | undefined;
}

/** The runs that are picked out of a list, and what picks one or lets it go again. */
export interface Picking {
  picked: number[];
  onPick: (run: number) => void;
}

export function RunList({ filter, empty, limit, ofOne = false, picking }: ListProps) {
  const runs = useInfiniteQuery(runsQuery(filter, limit));
  if (runs.isPending) return <Loading rows={5} height="h-14" />;
  if (runs.isError && !runs.data) return <ProblemCard error={runs.error} onRetry={() => runs.refetch()} />;
  const items = runs.data?.pages.flatMap((page) => page.items) ?? [];
  if (items.length === 0) return <>{empty}</>;
  return (
    <div>
      <ul className="card divide-y divide-line overflow-hidden">
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

function RunRow({ run, ofOne, picking }: { run: Run; ofOne: boolean; picking: Picking | undefined }) {
  const input = valueLine(run.input);
  const tokens = run.usage.input_tokens + run.usage.output_tokens;
  const at = run.started_at ?? run.created_at;
  const status = shownStatus(run);
  const waits = status === "waiting" ? saidWaiting(run) : null;
  return (
    <li className="relative flex gap-3 px-3.5 py-2.5 hover:bg-well/60">
      {picking && (
        // While runs are picked, the whole line picks its run.
        <label className="after:absolute after:inset-0 after:z-10 after:cursor-pointer after:content-['']">
          <input
            type="checkbox"
            aria-label={`Pick run ${run.id}`}
            checked={picking.picked.includes(run.id)}
            onChange={() => picking.onPick(run.id)}
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
            className="block truncate font-medium before:absolute before:inset-0 before:content-['']"
          >
            {input || <span className="font-normal text-faint">No input</span>}
          </Link>
        </div>
        <div className="text-right whitespace-nowrap text-dim">
          <Lasting
            since={run.started_at ?? null}
            ms={isFinal(run.status) ? run.duration_ms : run.started_at ? null : 0}
          />
        </div>
        <div className="col-span-2 flex flex-wrap items-baseline gap-x-3 gap-y-0.5 text-xs text-faint sm:col-span-1 sm:col-start-2">
          {waits && <span className="font-medium text-warn">{waitingLine(waits)}</span>}
          <span>
            {ofOne ? "Run" : run.workflow} {ofOne ? run.id : `· run ${run.id}`}
          </span>
          <Moment at={at} />
          <span>{sourceLine(run.source)}</span>
          {run.error && (
            <span className="text-bad">
              {run.error.stage ? `${run.error.stage}: ` : ""}
              {run.error.message}
            </span>
          )}
        </div>
        <div className="col-span-2 text-xs whitespace-nowrap text-faint sm:col-span-1 sm:text-right" title={`${number(tokens)} tokens`}>
          {shortNumber(tokens)} tokens{run.usage.cost_usd > 0 && <> · {dollars(run.usage.cost_usd)}</>}
        </div>
      </div>
    </li>
  );
}

export function NoRuns({ children }: { children: React.ReactNode }) {
  return <Empty title="No runs yet">{children}</Empty>;
}
