// What the page asks the server about runs.

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { ask, client } from "../api/client.ts";
import { isFinal, type Source, type Status } from "../api/model.ts";

/** Which runs a list shows. */
export interface Filter {
  project?: number;
  workflow?: number;
  status?: Status;
  source?: Source["kind"];
}

/** Runs of one page of a list: what fits on a few screens. */
const PAGE = 50;

/** How often a list is asked for again while a run of it goes on, and while none does: new runs may
 * be started by anyone. */
const REFETCH_MS = { busy: 2000, calm: 10_000 };

export function runsQuery(filter: Filter, limit = PAGE) {
  return infiniteQueryOptions({
    queryKey: ["runs", filter, limit],
    queryFn: ({ signal, pageParam }) =>
      ask(
        client.GET("/api/v1/runs", {
          params: { query: { ...filter, limit, ...(pageParam === null ? {} : { after: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next ?? null,
    refetchInterval: (query) => {
      const busy = query.state.data?.pages.some((page) => page.items.some((run) => !isFinal(run.status)));
      return busy ? REFETCH_MS.busy : REFETCH_MS.calm;
    },
  });
}

export function runQuery(id: number) {
  return queryOptions({
    queryKey: ["run", id],
    queryFn: ({ signal }) => ask(client.GET("/api/v1/runs/{id}", { params: { path: { id } }, signal })),
  });
}

export function stopRun(id: number, reason: string) {
  return ask(
    client.POST("/api/v1/runs/{id}/stop", {
      params: { path: { id } },
      body: reason.trim() === "" ? {} : { reason: reason.trim() },
    }),
  );
}

export function deleteRun(id: number) {
  return ask(client.DELETE("/api/v1/runs/{id}", { params: { path: { id } } }));
}
