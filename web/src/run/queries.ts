// What the page asks the server about runs.

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { ask, client } from "../api/client.ts";
import { isFinal, type LimitKind, type Limits, type Source, type Status } from "../api/model.ts";

/** Which runs a list shows. */
export interface Filter {
  project?: number;
  workflow?: number;
  status?: Status;
  source?: Source["kind"];
  trigger?: number;
  /** Created at that moment or later, and before that one. */
  since?: string;
  until?: string;
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
          params: { query: { ...filter, limit, path: true, ...(pageParam === null ? {} : { after: pageParam }) } },
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

/** What a run ran with. It was frozen when the run began, so it never changes. */
export function definitionQuery(id: number) {
  return queryOptions({
    queryKey: ["run", id, "definition"],
    queryFn: ({ signal }) => ask(client.GET("/api/v1/runs/{id}/definition", { params: { path: { id } }, signal })),
    staleTime: Infinity,
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

/** Characters of what a person may say to a run at once, as the server has it. */
export const WORDS_MAX = 20_000;

/** Someone answers a question. */
export function answerQuestion(id: number, question: number, text: string) {
  return ask(client.POST("/api/v1/runs/{id}/answers", { params: { path: { id } }, body: { question, text } }));
}

/** Someone approves or rejects. */
export function decideApproval(id: number, approval: number, approve: boolean, comment: string) {
  const said = comment.trim() === "" ? {} : { comment: comment.trim() };
  return ask(client.POST("/api/v1/runs/{id}/approvals", { params: { path: { id } }, body: { approval, approve, ...said } }));
}

/** Someone says something to the agents. */
export function sayToAgents(id: number, text: string) {
  return ask(client.POST("/api/v1/runs/{id}/messages", { params: { path: { id } }, body: { text } }));
}

/** The limits that a run can be given anew; that of a day is the project's. */
export type RunLimit = Exclude<LimitKind, "cost_usd_per_day">;

/** Gives a run other limits; those that are not named stay as they are. */
export function changeLimits(id: number, limits: Limits) {
  return ask(client.POST("/api/v1/runs/{id}/limits", { params: { path: { id } }, body: limits }));
}

export function raiseLimit(id: number, limit: RunLimit, max: number) {
  return changeLimits(id, { [limit]: max });
}

/** What a model was sent. It is on record, so it never changes. */
export function sentQuery(id: number, call: number, attempt: number) {
  return queryOptions({
    queryKey: ["run", id, "call", call, attempt],
    queryFn: ({ signal }) =>
      ask(
        client.GET("/api/v1/runs/{id}/calls/{call}", { params: { path: { id, call }, query: { attempt } }, signal }),
      ),
    staleTime: Infinity,
  });
}

export function documentsQuery(id: number) {
  return queryOptions({
    queryKey: ["run", id, "documents"],
    queryFn: ({ signal }) => ask(client.GET("/api/v1/runs/{id}/documents", { params: { path: { id } }, signal })),
  });
}

/** Where the text of a document is. Its path is one part of the address, slashes and all. */
export function documentAddress(id: number, path: string): string {
  return `/api/v1/runs/${id}/documents/${encodeURIComponent(path)}`;
}

/** The text of a document as it was when it had that hash; written again, it is asked for again. */
export function documentQuery(id: number, path: string, hash: string) {
  return queryOptions({
    queryKey: ["run", id, "documents", path, hash],
    queryFn: ({ signal }) =>
      ask(client.GET("/api/v1/runs/{id}/documents/{path}", { params: { path: { id, path } }, parseAs: "text", signal })),
    staleTime: Infinity,
  });
}
