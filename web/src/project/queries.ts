// What the page asks the server about projects.

import { queryOptions } from "@tanstack/react-query";

import { ask, client, idempotencyKey } from "../api/client.ts";
import type { ProjectChange, ProjectFile } from "../api/model.ts";

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

export function toolsQuery(project: number) {
  return queryOptions({
    queryKey: ["project", project, "tools"],
    queryFn: ({ signal }) =>
      ask(client.GET("/api/v1/projects/{id}/tools", { params: { path: { id: project }, query: { limit: ALL } }, signal })),
  });
}

export function secretsQuery(project: number) {
  return queryOptions({
    queryKey: ["project", project, "secrets"],
    queryFn: ({ signal }) => ask(client.GET("/api/v1/projects/{id}/secrets", { params: { path: { id: project } }, signal })),
  });
}

/** Sets a secret. Its value leaves the page with this and never comes back. */
export function setSecret(project: number, name: string, value: string) {
  return ask(
    client.PUT("/api/v1/projects/{id}/secrets/{name}", { params: { path: { id: project, name } }, body: { value } }),
  );
}

export function removeSecret(project: number, name: string) {
  return ask(client.DELETE("/api/v1/projects/{id}/secrets/{name}", { params: { path: { id: project, name } } }));
}

/** A project as its file: as a value, by which the page changes it. */
export function documentQuery(project: number) {
  return queryOptions({
    queryKey: ["project", project, "document"],
    queryFn: async ({ signal }) =>
      (await ask(
        client.GET("/api/v1/projects/{id}/export", {
          params: { path: { id: project } },
          headers: { Accept: "application/json" },
          signal,
        }),
      )) as ProjectFile,
  });
}

/** A project as its file, in YAML. */
export function exportQuery(project: number) {
  return queryOptions({
    queryKey: ["project", project, "export"],
    queryFn: async ({ signal }) =>
      (await ask(
        client.GET("/api/v1/projects/{id}/export", { params: { path: { id: project } }, parseAs: "text", signal }),
      )) as unknown as string,
  });
}

/** Changes what belongs to a project as a whole. */
export function changeProject(project: number, body: ProjectChange) {
  return ask(client.PATCH("/api/v1/projects/{id}", { params: { path: { id: project } }, body }));
}

/** Sends a project file as it was written. A dry run only says what it would change. */
export function applyFile(file: string, dryRun: boolean, prune = false) {
  return ask(
    client.POST("/api/v1/projects/apply", {
      params: {
        query: { dry_run: dryRun, prune },
        header: { "Idempotency-Key": idempotencyKey() },
      },
      body: file,
      bodySerializer: (body) => body,
      headers: { "Content-Type": "application/yaml" },
    }),
  );
}
