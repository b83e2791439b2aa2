// A run as its page shows it: what its events tell, beside the object that the server keeps of it.
//
// While a run goes on its events are ahead of the object; once it has ended both say the same. What
// only the object knows is what the run waits for before it begins.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useSyncExternalStore } from "react";

import { isFinal, type Run } from "../api/model.ts";
import type { Shown } from "../ui/status.tsx";
import { Feed, type Snapshot } from "./feed.ts";
import { runQuery } from "./queries.ts";
import type { RunState, VisitState } from "./state.ts";
import { saidWaiting, waitsFor, type WaitsFor } from "./waiting.ts";

/** How often a run that has not begun is asked for: nothing else says what it waits for. */
const PENDING_MS = 2000;

export function useFeed(id: number): Snapshot & { retryNow: () => void } {
  const feed = useMemo(() => new Feed(id), [id]);
  useEffect(() => feed.start(), [feed]);
  useEffect(() => {
    // The browser knows first when the network is back or the page is looked at again.
    window.addEventListener("online", feed.retryNow);
    document.addEventListener("visibilitychange", feed.retryNow);
    return () => {
      window.removeEventListener("online", feed.retryNow);
      document.removeEventListener("visibilitychange", feed.retryNow);
    };
  }, [feed]);
  const snapshot = useSyncExternalStore(feed.subscribe, feed.snapshot);
  return { ...snapshot, retryNow: feed.retryNow };
}

/** The run's object, asked for again at each end of a stage, at the end, and where a call was cut off or
 * something became of one. */
export function useRun(id: number, state: RunState) {
  const queries = useQueryClient();
  const ended = state.visits.filter((visit) => visit.status !== "running").length;
  const final = isFinal(state.status);
  useEffect(() => {
    if (ended > 0 || final || state.cutOff > 0) void queries.invalidateQueries({ queryKey: ["run", id], exact: true });
  }, [queries, id, ended, final, state.cutOff]);
  return useQuery({
    ...runQuery(id),
    refetchInterval: (query) => (query.state.data?.status === "pending" && state.startedAt === null ? PENDING_MS : false),
  });
}

/** The status to show, of what is known by now, and what the run waits for. */
export function liveStatus(run: Run, state: RunState): { status: Shown; waits: WaitsFor | null } {
  const status = state.seq === 0 || isFinal(run.status) ? run.status : state.status;
  if (isFinal(status)) return { status, waits: null };
  if (state.stop || run.stop_requested) return { status: "stopping", waits: null };
  // What the server said may be over by now; what the events tell is not.
  const waits = status === "pending" || state.seq === 0 ? saidWaiting(run) : waitsFor(state);
  return { status: waits ? "waiting" : status, waits };
}

/** The visits, with the models behind those that were inherited as far as that is known: what the
 * record keeps of them does not name any, but a project that has simulated ones alone had no other. */
export function withModels(visits: VisitState[], models: ReadonlySet<string>): VisitState[] {
  if (models.size === 0 || !visits.some((visit) => visit.inherited)) return visits;
  return visits.map((visit) => (visit.inherited ? { ...visit, models: new Set(models) } : visit));
}
