// Parts of a project, of whatever kind: made, changed and removed by the same calls.

import { ask, client, idempotencyKey, Refused } from "../api/client.ts";
import type { Wrong } from "../api/model.ts";
import { patchOf } from "./patch.ts";

export type Kind = "models" | "tools" | "teams" | "agents" | "workflows" | "triggers";

type Fields = Record<string, unknown>;

/** A part as every kind of it is answered. */
export interface Made {
  id: number;
  name: string;
}

/** The calls are the same for every kind, which the document of the API describes one by one. */
const calls = client as unknown as Record<
  "POST" | "PATCH" | "DELETE",
  (path: string, init: object) => Promise<{ data?: unknown; error?: unknown; response: Response }>
>;

/** Makes a part. Agents belong to a team, triggers to a workflow, all others to the project. */
export function createPart(kind: Kind, owner: number, fields: Fields): Promise<Made> {
  const owners = kind === "agents" ? "teams" : kind === "triggers" ? "workflows" : "projects";
  const init = { params: { path: { id: owner }, header: { "Idempotency-Key": idempotencyKey() } }, body: fields };
  return ask(calls.POST(`/api/v1/${owners}/{id}/${kind}`, init)) as Promise<Made>;
}

/** Changes a part from what it was to what it is to be; nothing is sent where that is the same. */
export async function changePart(kind: Kind, id: number, before: Fields, after: Fields): Promise<void> {
  const body = patchOf(before, after);
  if (body) await ask(calls.PATCH(`/api/v1/${kind}/{id}`, { params: { path: { id } }, body }));
}

export async function removePart(kind: Kind, id: number): Promise<void> {
  await ask(calls.DELETE(`/api/v1/${kind}/{id}`, { params: { path: { id } } }));
}

/** The mistakes that an answer names. */
export function mistakesOf(error: unknown): Wrong[] {
  return error instanceof Refused ? (error.problem.errors ?? []) : [];
}
