// The body of a run's page: its visits, the view in the middle, and beside that what it gives. Where there
// is no room for all of it, one row of tabs has it all. Which is shown stands in the address.

import { useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo, useRef, useState } from "react";

import { useShortcuts } from "../frame/keys.ts";
import { isFinal, type Family, type Interrupted, type Run } from "../api/model.ts";
import { recall, remember } from "../ui/kept.ts";
import { useWide } from "../ui/media.ts";
import { ContextView } from "./context-view.tsx";
import { InterruptedNotice } from "./interrupted.tsx";
import { MetricsView } from "./metrics-view.tsx";
import { NetworkView } from "./network-view.tsx";
import { Rail, Strip } from "./rail.tsx";
import { SIDES, VIEWS, type RunSearch, type Side, type View } from "./run-search.ts";
import { Say } from "./say.tsx";
import { useSides } from "./sides.tsx";
import type { RunState, VisitState } from "./state.ts";
import { Tabs, type Tab } from "./tabs.tsx";
import { Timeline, type TimelineHandle } from "./timeline.tsx";

/** What was looked at last, in this tab of the browser: who goes through runs compares the same of each. */
const LAST = "callboard.run.looked";

interface BodyProps {
  run: Run;
  state: RunState;
  family: Family | undefined;
  visits: VisitState[];
  search: RunSearch;
  /** Whether all of a run that has ended is here. */
  whole: boolean;
  /** Whether there is someone to talk to. */
  talks: boolean;
}

export function Body({ run, state, family, visits, search, whole, talks }: BodyProps) {
  const wide = useWide();
  const look = useLook(search, wide, isFinal(run.status));
  const [current, setCurrent] = useState<number | null>(null);
  const timeline = useRef<TimelineHandle>(null);
  const choose = useCallback(
    (visit: VisitState) => {
      if (timeline.current) timeline.current.scrollToVisit(visit);
      else look.begin({ visit: visit.visit });
    },
    [look],
  );
  const places = useRef(state);
  places.current = state;
  const chooseCall = useCallback((one: Interrupted) => {
    if (timeline.current) timeline.current.scrollTo(placeOf(places.current, one));
    else look.begin({ event: one.seq });
  }, [look]);
  const over = isFinal(run.status) || isFinal(state.status);
  const timelineBody = (
    <div className="flex h-full min-h-0 flex-col">
      <InterruptedNotice interrupted={run.interrupted ?? []} leftOut={run.interrupted_left_out ?? 0} onChoose={chooseCall} />
      <div className="min-h-0 flex-1">
        <Timeline
          ref={timeline}
          run={run.id}
          entries={state.entries}
          visits={visits}
          seq={state.seq}
          begin={{ event: search.event ?? null, visit: search.visit ?? null }}
          search={search.q ?? ""}
          onSearch={look.find}
          live={!isFinal(run.status)}
          over={over}
          whole={whole}
          onVisit={setCurrent}
        />
      </div>
    </div>
  );
  const views: Tab[] = [
    { name: "timeline", title: "Timeline", whole: true, body: timelineBody },
    { name: "network", title: "Network", body: <NetworkView run={run.id} entries={state.entries} live={!over} /> },
    { name: "context", title: "Context", body: <ContextView run={run.id} entries={state.entries} visits={visits} /> },
    { name: "metrics", title: "Metrics", body: <MetricsView run={run.id} entries={state.entries} visits={visits} /> },
  ];
  const sides = useSides({ run, state, family, visits, over });
  const say = talks && state.visits.length > 0 && <Say run={run.id} />;
  useShortcuts("In a run", [
    ...VIEWS.map((view, place) => ({ keys: String(place + 1), words: `Show the ${view}`, run: () => look.show(view) })),
    ...SIDES.filter((side) => sides.some(({ name }) => name === side)).map((side, place) => ({
      keys: String(VIEWS.length + 1 + place),
      words: `Show the ${side}`,
      run: () => look.show(side),
    })),
  ]);
  if (wide) {
    return (
      <div className="grid min-h-0 flex-1 grid-cols-[13rem_minmax(0,1fr)_minmax(20rem,27%)] xl:grid-cols-[15.5rem_minmax(0,1fr)_minmax(25rem,30%)]">
        <div className="min-h-0 border-r border-line">
          <Rail visits={visits} heard={state.seq > 0} current={current} onChoose={choose} />
        </div>
        <div className="flex min-h-0 flex-col">
          <Tabs label="Views of the run" tabs={views} chosen={look.view} onChoose={(view) => look.show(view as View)} />
          {say}
        </div>
        <div className="min-h-0 border-l border-line">
          <Tabs label="Parts of the run" tabs={sides} chosen={there(sides, look.side, "results")} onChoose={(side) => look.show(side as Side)} />
        </div>
      </div>
    );
  }
  const [first, ...others] = views;
  const narrow = (
    <div className="flex h-full flex-col">
      <Strip visits={visits} current={current} onChoose={choose} />
      <div className="min-h-0 flex-1">{timelineBody}</div>
      {say}
    </div>
  );
  const all = [...(first ? [{ ...first, body: narrow }] : []), ...sides, ...others];
  return (
    <Tabs
      label="Parts of the run"
      tabs={all}
      chosen={there(all, look.one, "timeline")}
      onChoose={(name) => look.show(name as View | Side)}
    />
  );
}

/** What is looked at, as the address has it, and what changes that. */
function useLook(search: RunSearch, wide: boolean, final: boolean) {
  const navigate = useNavigate();
  const latest = useRef({ search, wide, final });
  latest.current = { search, wide, final };
  const actions = useMemo(() => {
    const change = (to: RunSearch) => void navigate({ to: ".", search: (before) => ({ ...before, ...to }), replace: true });
    return {
      show: (name: View | Side) => {
        const isView = VIEWS.some((view) => view === name);
        const found: RunSearch = isView ? { view: name as View } : { side: name as Side };
        remember(LAST, { ...recall<RunSearch>(LAST), ...found });
        // In one row of tabs the two are one choice.
        change(latest.current.wide ? found : { view: undefined, side: undefined, ...found });
      },
      find: (q: string) => change({ q: q === "" ? undefined : q }),
      begin: (at: Pick<RunSearch, "visit" | "event">) => change({ view: "timeline", visit: undefined, event: undefined, ...at }),
    };
  }, [navigate]);
  const [last] = useState(() => recall<RunSearch>(LAST) ?? {});
  const aimed = search.visit !== undefined || search.event !== undefined;
  const view = search.view ?? (aimed ? undefined : last.view) ?? "timeline";
  const side = search.side ?? last.side ?? "results";
  // Who comes to a run that is over comes for what it gave.
  const one = search.view ?? search.side ?? (final && !aimed ? "results" : "timeline");
  return useMemo(() => ({ ...actions, view, side, one }), [actions, view, side, one]);
}

/** Which tab is shown: not every run has the one that is asked for. */
function there(tabs: Tab[], name: string, otherwise: string): string {
  return tabs.some((tab) => tab.name === name) ? name : otherwise;
}

/** Where in the timeline an event stands that tells of a call, or else the call itself. */
function placeOf(state: RunState, one: Interrupted): number {
  const note = state.entries.findIndex((entry) => entry.key === `event-${one.seq}`);
  return note >= 0 ? note : (state.calls.get(one.call) ?? -1);
}
