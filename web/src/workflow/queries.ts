// What the page asks the server about workflows.

import { queryOptions } from "@tanstack/react-query";

import { ask, client, idempotencyKey } from "../api/client.ts";
import type { Limits } from "../api/model.ts";

/** Workflows of one page: the most that the server gives at a time. */
const ALL = 1000;

export function workflowsQuery(project: number) {
  return queryOptions({
    queryKey: ["project", project, "workflows"],
    queryFn: ({ signal }) =>
      ask(
        client.GET("/api/v1/projects/{id}/workflows", { params: { path: { id: project }, query: { limit: ALL } }, signal }),
      ),
  });
}

export function workflowQuery(id: number) {
  return queryOptions({
    queryKey: ["workflow", id],
    queryFn: ({ signal }) => ask(client.GET("/api/v1/workflows/{id}", { params: { path: { id } }, signal })),
  });
}

/** Starts a run. The same key twice starts one run, however often the request is sent. */
export function startRun(workflow: number, input: unknown, key: string = idempotencyKey(), limits: Limits = {}) {
  return ask(
    client.POST("/api/v1/workflows/{id}/runs", {
      params: { path: { id: workflow }, header: { "Idempotency-Key": key } },
      body: Object.keys(limits).length > 0 ? { input, limits } : { input },
    }),
  );
}
