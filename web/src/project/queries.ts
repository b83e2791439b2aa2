// What the page asks the server about projects.

import { queryOptions } from "@tanstack/react-query";

import { ask, client, idempotencyKey } from "../api/client.ts";

/** Projects, models and teams of one page: the most that the server gives at a time. */
const ALL = 1000;

export const projectsQuery = queryOptions({
  queryKey: ["projects"],
  queryFn: ({ signal }) => ask(client.GET("/api/v1/projects", { params: { query: { limit: ALL } }, signal })),
});

export function projectQuery(id: number) {
  return queryOptions({
    queryKey: ["project", id],
    queryFn: ({ signal }) => ask(client.GET("/api/v1/projects/{id}", { params: { path: { id } }, signal })),
  });
}

export function teamsQuery(project: number) {
  return queryOptions({
    queryKey: ["project", project, "teams"],
    queryFn: ({ signal }) =>
      ask(client.GET("/api/v1/projects/{id}/teams", { params: { path: { id: project }, query: { limit: ALL } }, signal })),
  });
}

export function modelsQuery(project: number) {
  return queryOptions({
    queryKey: ["project", project, "models"],
    queryFn: ({ signal }) =>
      ask(client.GET("/api/v1/projects/{id}/models", { params: { path: { id: project }, query: { limit: ALL } }, signal })),
  });
}

/** Sends a project file as it was written. A dry run only says what it would change. */
export function applyFile(file: string, dryRun: boolean) {
  return ask(
    client.POST("/api/v1/projects/apply", {
      params: {
        query: { dry_run: dryRun },
        header: { "Idempotency-Key": idempotencyKey() },
      },
      body: file,
      bodySerializer: (body) => body,
      headers: { "Content-Type": "application/yaml" },
    }),
  );
}
