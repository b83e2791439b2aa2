// What the page asks the server about deliveries: what is told to other programs.

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";

import { ask, client } from "../api/client.ts";
import type { Delivery } from "../api/model.ts";

/** Deliveries of a run at once: it has one callback, and alerts for as often as it waited. */
const OF_RUN = 200;

/** Deliveries of one page of a project's list. */
const OF_PROJECT = 20;

/** How soon is asked again what became of a try that is due, and of one that waits for what it tells. */
const REFETCH_MS = { due: 3000, promised: 15_000 };

/** `news` changes where something happened in the run that may be told: it is asked again then. */
export function runDeliveriesQuery(run: number, news: string) {
  return queryOptions({
    queryKey: ["run", run, "deliveries", news],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ask(client.GET("/api/v1/runs/{id}/deliveries", { params: { path: { id: run }, query: { limit: OF_RUN } }, signal })),
    refetchInterval: (query) => soon(query.state.data?.items ?? []),
  });
}

export function projectDeliveriesQuery(project: number) {
  return infiniteQueryOptions({
    queryKey: ["project", project, "deliveries"],
    queryFn: ({ signal, pageParam }) => {
      const query = { limit: OF_PROJECT, ...(pageParam === null ? {} : { after: pageParam }) };
      return ask(client.GET("/api/v1/projects/{id}/deliveries", { params: { path: { id: project }, query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next ?? null,
    refetchInterval: (query) => soon(query.state.data?.pages.flatMap((page) => page.items) ?? []),
  });
}

function soon(items: Delivery[]): number | false {
  if (items.some(({ status }) => status === "due")) return REFETCH_MS.due;
  return items.some(({ status }) => status === "promised") && REFETCH_MS.promised;
}

/** Tries a delivery at once, and then for another day. */
export function sendAgain(delivery: number) {
  return ask(client.POST("/api/v1/deliveries/{id}/send-again", { params: { path: { id: delivery } } }));
}

/** Makes the key anew with which a project's callbacks are signed. It is answered this once. */
export function newCallbackKey(project: number) {
  return ask(client.POST("/api/v1/projects/{id}/callback-key", { params: { path: { id: project } } }));
}
