// What stands beside the view in the middle of a run's page: what the run gave, what it was given, and whom it told.

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import type { Family, Run } from "../api/model.ts";
import { DeliveryList } from "../delivery/list.tsx";
import { runDeliveriesQuery } from "../delivery/queries.ts";
import { FamilyTree } from "../rerun/family.tsx";
import { Icon } from "../ui/icon.tsx";
import { Documents } from "./documents.tsx";
import { Given } from "./given.tsx";
import { Memory } from "./memory.tsx";
import { Results } from "./results.tsx";
import type { RunState, SharedState, VisitState } from "./state.ts";
import type { Tab } from "./tabs.tsx";

interface SidesProps {
  run: Run;
  state: RunState;
  family: Family | undefined;
  visits: VisitState[];
  over: boolean;
}

export function useSides({ run, state, family, visits, over }: SidesProps): Tab[] {
  const memory = useMemo(() => allMemory(run, state.memory), [run, state.memory]);
  const result = run.status === "completed" ? (run.result ?? null) : state.result;
  const news = `${state.status} ${state.asks.length}`;
  const deliveries = useQuery(runDeliveriesQuery(run.id, news)).data?.items ?? [];
  const failed = deliveries.some(({ status }) => status === "given_up");
  const stageName = (id: string) => visits.findLast((visit) => visit.stage === id)?.name ?? id;
  return [
    { name: "results", title: "Results", body: <Results run={run.id} visits={visits} result={result} over={over} /> },
    { name: "memory", title: <SharedMemory />, body: <Memory run={run.id} memory={memory} visits={visits} /> },
    { name: "documents", title: "Documents", body: <Documents run={run.id} visits={visits} written={state.documents} /> },
    { name: "family", title: "Family", body: <FamilyTab family={family} run={run.id} stageName={stageName} /> },
    { name: "input", title: "Input", body: <Given run={run} live={!over} /> },
    ...(deliveries.length > 0 ? [{ name: "deliveries", title: <DeliveriesTitle failed={failed} />, body: <DeliveryList items={deliveries} /> }] : []),
  ];
}

function FamilyTab({ family, run, stageName }: { family: Family | undefined; run: number; stageName: (id: string) => string }) {
  if (family && family.items.length > 1) return <FamilyTree family={family} run={run} stageName={stageName} />;
  return (
    <p className="text-dim">
      No run goes on from this one, and it goes on from none. Once it has ended, “Re-run from here” at any stage of the timeline starts
      one, and both can be compared here.
    </p>
  );
}

/** All tabs find room on a usual screen if its name is short there. */
function SharedMemory() {
  return (
    <>
      <span className="sr-only 2xl:not-sr-only">Shared </span>
      <span className="capitalize 2xl:normal-case">memory</span>
    </>
  );
}

/** Nobody looks here unless something went wrong, so that shows from outside. */
function DeliveriesTitle({ failed }: { failed: boolean }) {
  return (
    <span className="flex items-center gap-1">
      Deliveries
      {failed && (
        <span className="text-bad">
          <Icon name="error" className="!size-3.5" />
          <span className="sr-only">one was given up</span>
        </span>
      )}
    </span>
  );
}

/** What the run's object has and no event here tells is kept too; the rest is newest in the events. */
function allMemory(run: Run, shared: Map<string, SharedState>): Map<string, SharedState> {
  const memory = new Map<string, SharedState>();
  for (const [key, value] of Object.entries(run.memory ?? {})) memory.set(key, { ...value, at: null, seq: null, before: [] });
  for (const [key, value] of shared) memory.set(key, value);
  return memory;
}
