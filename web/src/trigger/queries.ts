// What the page asks the server about triggers.

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { ask, client, idempotencyKey } from "../api/client.ts";
import type { HookCall, Overlap, Preview, Slot, Trigger } from "./trigger.ts";

type Call = (path: string, init: object) => Promise<{ data?: unknown; error?: unknown; response: Response }>;
const calls = client as unknown as Record<"GET" | "POST", Call>;

/** How many fire times tell whether a schedule is the one that was meant. */
const TIMES = 5;

export function triggersQuery(workflow: number) {
  return queryOptions({
    queryKey: ["workflow", workflow, "triggers"],
    queryFn: ({ signal }) =>
      ask(calls.GET("/api/v1/workflows/{id}/triggers", { params: { path: { id: workflow }, query: { limit: 1000 } }, signal })) as Promise<{
        items: Trigger[];
      }>,
    // The next time passes, and runs of others change what stands here.
    refetchInterval: 15_000,
  });
}

export function triggerQuery(id: number) {
  return queryOptions({
    queryKey: ["trigger", id],
    queryFn: ({ signal }) => ask(calls.GET("/api/v1/triggers/{id}", { params: { path: { id } }, signal })) as Promise<Trigger>,
  });
}

/** Slots of one page of a list. */
const SLOTS = 20;

export function slotsQuery(trigger: number, status: Slot["status"] | undefined) {
  return infiniteQueryOptions({
    queryKey: ["trigger", trigger, "slots", status],
    queryFn: ({ signal, pageParam }) => {
      const query = { limit: SLOTS, ...(status && { status }), ...(pageParam !== null && { after: pageParam }) };
      return ask(calls.GET("/api/v1/triggers/{id}/slots", { params: { path: { id: trigger }, query }, signal })) as Promise<{
        items: Slot[];
        next: string | null;
      }>;
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: 15_000,
  });
}

export function previewQuery(schedule: string, timezone: string) {
  return queryOptions({
    queryKey: ["schedule", schedule, timezone],
    queryFn: ({ signal }) => {
      const body = { schedule, count: TIMES, ...(timezone === "" ? {} : { timezone }) };
      return ask(calls.POST("/api/v1/schedules/preview", { body, signal })) as Promise<Preview>;
    },
    retry: false,
  });
}

/** What a run that is started at once has in place of what its trigger says. */
export interface Firing {
  input?: unknown;
  overlap?: Overlap;
}

/** Starts a run of a trigger at once. Its schedule does not move by that. */
export function fire(trigger: number, firing: Firing = {}) {
  const init = { params: { path: { id: trigger }, header: { "Idempotency-Key": idempotencyKey() } }, body: firing };
  return ask(calls.POST("/api/v1/triggers/{id}/fire", init)) as Promise<{ run_id: number }>;
}

export function hookCallsQuery(trigger: number) {
  return queryOptions({
    queryKey: ["trigger", trigger, "deliveries"],
    queryFn: ({ signal }) =>
      ask(calls.GET("/api/v1/triggers/{id}/deliveries", { params: { path: { id: trigger } }, signal })) as Promise<{ items: HookCall[] }>,
    refetchInterval: 15_000,
  });
}

/** How long the address before answers after another was made: who calls it has to be told. */
const GRACE_S = 24 * 60 * 60;

/** Gives a webhook another address. Without a grace the one before ends at once: it may be known to who should not. */
export function rotate(trigger: number, hasGrace: boolean) {
  const body = { grace_s: hasGrace ? GRACE_S : 0 };
  return ask(calls.POST("/api/v1/triggers/{id}/rotate", { params: { path: { id: trigger } }, body }));
}
