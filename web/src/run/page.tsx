// The page of a run: its head, its visits, its timeline, and beside that its results and its memory.

import { useQuery } from "@tanstack/react-query";
import { Tabs } from "radix-ui";
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from "react";

import { isFinal, type Family, type Interrupted, type Run } from "../api/model.ts";
import { modelsQuery } from "../project/queries.ts";
import { FamilyTree } from "../rerun/family.tsx";
import { familyQuery } from "../rerun/queries.ts";
import { Loading } from "../ui/empty.tsx";
import { valueText } from "../ui/format.ts";
import { Page } from "../ui/frame.tsx";
import { RemembersFolds, ValueBlock } from "../ui/folded.tsx";
import { useWide } from "../ui/media.ts";
import { ProblemCard } from "../ui/problem.tsx";
import { statusWord } from "../ui/status.tsx";
import { useTitle } from "../ui/title.ts";
import { Asks } from "./ask.tsx";
import { ConnectionBar } from "./connection.tsx";
import { Documents } from "./documents.tsx";
import { ErrorPanel } from "./error-panel.tsx";
import { RunHeader } from "./header.tsx";
import { InterruptedNotice } from "./interrupted.tsx";
import { liveStatus, useFeed, useRun, withModels } from "./live.ts";
import { Memory } from "./memory.tsx";
import { KnowsSimulated } from "./models.ts";
import { Rail, Strip } from "./rail.tsx";
import { Results } from "./results.tsx";
import { Say } from "./say.tsx";
import type { AskState, RunState, SharedState, VisitState } from "./state.ts";
import { Timeline, type TimelineHandle } from "./timeline.tsx";
import type { VisitSearch } from "./visit-search.ts";
import { waitingWords } from "./waiting.ts";

export function RunPage({ id, search }: { id: number; search: VisitSearch }) {
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
        <ProblemCard error={run.error} />
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
        <Body
          run={run.data}
          state={state}
          family={family}
          visits={visits}
          begin={search.visit ?? null}
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

interface BodyProps {
  run: Run;
  state: RunState;
  family: Family | undefined;
  visits: VisitState[];
  /** The visit to begin at. */
  begin: number | null;
  /** Whether all of the run is here. */
  whole: boolean;
  /** Whether there is someone to talk to. */
  talks: boolean;
}

function Body({ run, state, family, visits, begin, whole, talks }: BodyProps) {
  const wide = useWide();
  const memory = useMemo(() => allMemory(run, state.memory), [run, state.memory]);
  const [current, setCurrent] = useState<number | null>(null);
  const timeline = useRef<TimelineHandle>(null);
  const choose = useCallback((visit: VisitState) => timeline.current?.scrollToVisit(visit), []);
  const over = isFinal(run.status) || isFinal(state.status);
  const places = useRef(state);
  places.current = state;
  const chooseCall = useCallback((one: Interrupted) => timeline.current?.scrollTo(placeOf(places.current, one)), []);
  const begun = useRef(false);
  useEffect(() => {
    const visit = visits.find((one) => one.visit === begin);
    if (!whole || !visit || begun.current) return;
    // Once: nobody who has gone on from there is taken back.
    begun.current = true;
    timeline.current?.scrollToVisit(visit);
  }, [begin, whole, visits]);
  const view = (
    <div className="flex h-full min-h-0 flex-col">
      <InterruptedNotice
        interrupted={run.interrupted ?? []}
        leftOut={run.interrupted_left_out ?? 0}
        onChoose={chooseCall}
      />
      <div className="min-h-0 flex-1">
        <Timeline
          ref={timeline}
          run={run.id}
          entries={state.entries}
          visits={visits}
          live={!isFinal(run.status)}
          over={over}
          onVisit={setCurrent}
        />
      </div>
      {talks && state.visits.length > 0 && <Say run={run.id} />}
    </div>
  );
  const tabs: Tab[] = [
    { name: "results", title: "Results", body: <ResultsBody run={run} state={state} visits={visits} over={over} /> },
    { name: "memory", title: <SharedMemory />, body: <Memory memory={memory} visits={visits} /> },
    { name: "documents", title: "Documents", body: <Documents run={run.id} visits={visits} written={state.documents} /> },
  ];
  if (family && family.items.length > 1) {
    const stageName = (id: string) => visits.findLast((visit) => visit.stage === id)?.name ?? id;
    tabs.push({ name: "family", title: "Family", body: <FamilyTree family={family} run={run.id} stageName={stageName} /> });
  }
  tabs.push({ name: "input", title: "Input", body: <ValueBlock text={valueText(run.input) || "Nothing"} /> });
  if (wide) {
    return (
      <div className="grid min-h-0 flex-1 grid-cols-[13rem_minmax(0,1fr)_minmax(20rem,27%)] xl:grid-cols-[15.5rem_minmax(0,1fr)_minmax(25rem,30%)]">
        <div className="min-h-0 border-r border-line">
          <Rail visits={visits} current={current} onChoose={choose} />
        </div>
        <div className="min-h-0">{view}</div>
        <div className="min-h-0 border-l border-line">
          <Panel tabs={tabs} first="results" />
        </div>
      </div>
    );
  }
  const narrow: Tab = {
    name: "timeline",
    title: "Timeline",
    whole: true,
    body: (
      <div className="flex h-full flex-col">
        <Strip visits={visits} current={current} onChoose={choose} />
        <div className="min-h-0 flex-1">{view}</div>
      </div>
    ),
  };
  // Who comes to a run that is over comes for what it gave.
  return <Panel tabs={[narrow, ...tabs]} first={isFinal(run.status) && begin === null ? "results" : "timeline"} />;
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

/** Where in the timeline an event stands that tells of a call, or else the call itself. */
function placeOf(state: RunState, one: Interrupted): number {
  const note = state.entries.findIndex((entry) => entry.key === `event-${one.seq}`);
  return note >= 0 ? note : (state.calls.get(one.call) ?? -1);
}

interface Tab {
  name: string;
  title: ReactNode;
  body: ReactNode;
  /** Whether it fills its place and scrolls by itself. */
  whole?: boolean;
}

function Panel({ tabs, first }: { tabs: Tab[]; first: string }) {
  const [chosen, setChosen] = useState(first);
  return (
    <Tabs.Root value={chosen} onValueChange={setChosen} className="flex h-full min-h-0 flex-1 flex-col">
      <Tabs.List aria-label="Parts of the run" className="relative flex shrink-0 gap-0.5 overflow-x-auto border-b border-line bg-panel px-3">
        {tabs.map((tab) => (
          <Tabs.Trigger
            key={tab.name}
            value={tab.name}
            className="-mb-px border-b-2 border-transparent px-2 py-2 font-medium 2xl:px-2.5 whitespace-nowrap text-dim hover:text-ink focus-visible:-outline-offset-2 data-[state=active]:border-accent data-[state=active]:text-ink"
          >
            {tab.title}
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      <RemembersFolds>
        {tabs.map((tab) => (
          <Tabs.Content
            key={tab.name}
            value={tab.name}
            tabIndex={-1}
            className={`min-h-0 flex-1 outline-none ${tab.whole ? "" : "overflow-y-auto p-3 sm:p-4"}`}
          >
            {tab.body}
          </Tabs.Content>
        ))}
      </RemembersFolds>
    </Tabs.Root>
  );
}

function ResultsBody({ run, state, visits, over }: { run: Run; state: RunState; visits: VisitState[]; over: boolean }) {
  const error = state.error ?? run.error ?? null;
  const name = visits.findLast((visit) => visit.stage === error?.stage)?.name ?? null;
  return (
    <div className="space-y-4">
      {error && <ErrorPanel error={error} stageName={name} rerun={over ? run.id : undefined} />}
      <Results run={run.id} visits={visits} result={run.status === "completed" ? (run.result ?? null) : state.result} over={over} />
    </div>
  );
}

/** What hooks and other workflows shared is in the run's object alone; what agents shared is newest in the
 * events. */
function allMemory(run: Run, shared: Map<string, SharedState>): Map<string, SharedState> {
  const memory = new Map<string, SharedState>();
  for (const [key, value] of Object.entries(run.memory ?? {})) memory.set(key, { ...value, at: null, seq: null, before: [] });
  for (const [key, value] of shared) memory.set(key, value);
  return memory;
}
