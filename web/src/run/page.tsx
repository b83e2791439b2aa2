// The page of a run: its head, what it waits for or failed with, and below that all that is known of it.

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { modelsQuery } from "../project/queries.ts";
import { familyQuery } from "../rerun/queries.ts";
import { Loading } from "../ui/empty.tsx";
import { Page } from "../ui/frame.tsx";
import { ProblemPage } from "../ui/problem.tsx";
import { statusWord } from "../ui/status.tsx";
import { useTitle } from "../ui/title.ts";
import { Asks } from "./ask.tsx";
import { Body } from "./body.tsx";
import { ConnectionBar } from "./connection.tsx";
import { ErrorBanner } from "./error-banner.tsx";
import { RunHeader } from "./header.tsx";
import { liveStatus, useFeed, useRun, withModels } from "./live.ts";
import { KnowsSimulated } from "./models.ts";
import type { RunSearch } from "./run-search.ts";
import type { AskState, VisitState } from "./state.ts";
import { waitingWords } from "./waiting.ts";

export { readRunSearch } from "./run-search.ts";

export function RunPage({ id, search }: { id: number; search: RunSearch }) {
  const { state, connection, retryNow } = useFeed(id);
  const run = useRun(id, state);
  const models = useQuery({ ...modelsQuery(run.data?.project_id ?? 0), enabled: run.data !== undefined });
  const simulated = useMemo(
    () => new Set(models.data?.items.filter((model) => model.provider === "simulated").map((model) => model.name)),
    [models.data],
  );
  const known = simulated.size === models.data?.items.length ? simulated : NONE;
  const visits = useMemo(() => withModels(state.visits, known), [state.visits, known]);
  const family = useQuery(familyQuery(id)).data;
  const grouped = family?.items.some(({ run_id, descent }) => run_id === id && descent?.group != null) ?? false;
  const { status, waits } = run.data ? liveStatus(run.data, state) : { status: null, waits: null };
  useTitle(status && [statusWord(status), waits && waitingWords(waits)].filter(Boolean).join(" "), run.data ? `${run.data.workflow}, run ${id}` : `Run ${id}`);
  if (run.isError && !run.data) {
    return (
      <Page>
        <ProblemPage error={run.error} />
      </Page>
    );
  }
  if (!run.data || !status) {
    return (
      <Page>
        <Loading rows={6} height="h-16" />
      </Page>
    );
  }
  return (
    <KnowsSimulated value={simulated}>
      <div className="flex h-full flex-col">
        <RunHeader run={run.data} state={state} status={status} waits={waits} visits={visits} grouped={grouped} />
        <Asks run={run.data} state={state} />
        <ErrorBanner run={run.data} error={state.error ?? run.data.error ?? null} visits={visits} />
        <Body
          run={run.data}
          state={state}
          family={family}
          visits={visits}
          search={search}
          whole={connection.kind === "ended"}
          talks={status === "running" || status === "waiting"}
        />
        <p role="status" className="sr-only">
          {spoken(state.visits.at(-1))} {state.asks.map(askWords).join(" ")}
        </p>
        <ConnectionBar connection={connection} onRetry={retryNow} />
      </div>
    </KnowsSimulated>
  );
}

/** Where models of both kinds may have answered, nobody knows which. */
const NONE: ReadonlySet<string> = new Set();

/** What a screen reader says while a run goes on: where it is, and not each word that is written. */
function spoken(visit: VisitState | undefined): string {
  return visit ? `${visit.name}, visit ${visit.visit}: ${statusWord(visit.status)}` : "";
}

function askWords(ask: AskState): string {
  if (ask.kind === "approval") return "Your approval is asked for.";
  return ask.agent === null ? "You are asked something." : `${ask.agent} asks you something.`;
}
