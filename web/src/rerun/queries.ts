// What the page asks the server about re-runs, families, variants and comparisons.

import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { ask, client } from "../api/client.ts";
import { isFinal, type Rerun } from "../api/model.ts";

/** How often runs that go on are asked for again, where only their figures are shown. */
const REFETCH_MS = 2000;

/** The names of the tools that a project has. */
export function toolNamesQuery(project: number) {
  return queryOptions({
    queryKey: ["project", project, "tool-names"],
    queryFn: async ({ signal }) => {
      const params = { path: { id: project }, query: { limit: 1000 } };
      const { items } = await ask(client.GET("/api/v1/projects/{id}/tools", { params, signal }));
      return items.map(({ name }) => name);
    },
  });
}

/** What going on from a run would do. It rests on the newest definition, so it is never taken as known. */
export function planQuery(run: number, asked: Rerun) {
  return queryOptions({
    queryKey: ["rerun-plan", run, asked],
    queryFn: ({ signal }) => ask(client.POST("/api/v1/runs/{id}/rerun-plan", { params: { path: { id: run } }, body: asked, signal })),
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 0,
  });
}

/** Starts what a plan says. The same key twice starts it once, however often the request is sent. */
export async function startRerun(run: number, asked: Rerun, key: string): Promise<number[]> {
  const made = await ask(
    client.POST("/api/v1/runs/{id}/rerun", { params: { path: { id: run }, header: { "Idempotency-Key": key } }, body: asked }),
  );
  return "items" in made ? made.items.map((one) => one.id) : [made.id];
}

export function familyQuery(run: number) {
  return queryOptions({
    queryKey: ["family", run],
    queryFn: ({ signal }) => ask(client.GET("/api/v1/runs/{id}/family", { params: { path: { id: run } }, signal })),
    refetchInterval: (query) => (query.state.data?.items.some(({ kept }) => kept && !isFinal(kept.status)) ? REFETCH_MS : false),
  });
}

export function variantsQuery(run: number) {
  return queryOptions({
    queryKey: ["variants", run],
    queryFn: ({ signal }) => ask(client.GET("/api/v1/runs/{id}/variants", { params: { path: { id: run } }, signal })),
    refetchInterval: (query) =>
      query.state.data?.items.some(({ runs }) => runs.some(({ status }) => !isFinal(status))) ? REFETCH_MS : false,
  });
}

export function compareQuery(a: number, b: number) {
  return queryOptions({
    queryKey: ["compare", a, b],
    queryFn: ({ signal }) => ask(client.GET("/api/v1/runs/{a}/compare/{b}", { params: { path: { a, b } }, signal })),
    refetchInterval: (query) => {
      const found = query.state.data;
      return found && !(isFinal(found.a.status) && isFinal(found.b.status)) ? REFETCH_MS : false;
    },
  });
}
