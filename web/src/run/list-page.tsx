// All runs, or those of one project, with filters that live in the address: a list can be sent to
// someone, and the way back leads to the same list.

import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import type { Run } from "../api/model.ts";
import { useShortcuts } from "../frame/keys.ts";
import { projectQuery } from "../project/queries.ts";
import { Button } from "../ui/button.tsx";
import { Empty } from "../ui/empty.tsx";
import { Page, Trail } from "../ui/frame.tsx";
import { Icon } from "../ui/icon.tsx";
import { statusWord } from "../ui/status.tsx";
import { useNow } from "../ui/time.tsx";
import { useTitle } from "../ui/title.ts";
import { Filters } from "./list-filters.tsx";
import { filterOf, type ListSearch } from "./list-search.ts";
import { NoRuns, RunList } from "./list.tsx";
import { PickedBar } from "./picked.tsx";

export { readSearch } from "./list-search.ts";

const MINUTE_MS = 60_000;

export function RunListPage({ project, search }: { project?: number; search: ListSearch }) {
  const owner = useQuery({ ...projectQuery(project ?? 0), enabled: project !== undefined });
  const navigate = useNavigate();
  useTitle(search.status && statusWord(search.status), "Runs", owner.data?.name);
  const [picked, setPicked] = useState<ReadonlyMap<number, Run> | null>(null);
  const pick = (...runs: Run[]) =>
    setPicked((before) => {
      const next = new Map(before);
      for (const run of runs) if (!next.delete(run.id)) next.set(run.id, run);
      return next;
    });
  useShortcuts("In a list of runs", [
    { keys: "s", words: "Pick several runs", run: () => setPicked((before) => (before ? null : new Map())) },
    { keys: "Escape", words: "Pick none", run: () => setPicked(null) },
  ]);
  const filtered = Object.values(search).some((value) => value !== undefined);
  return (
    <Page>
      {project !== undefined && (
        <Trail>
          <Link to="/">Projects</Link> /
          <Link to="/projects/$id" params={{ id: String(project) }}>
            {owner.data?.name ?? `Project ${project}`}
          </Link>
        </Trail>
      )}
      <div className="flex items-center justify-between gap-3">
        <h1 className="text-xl font-semibold tracking-tight">Runs</h1>
        {picked === null && (
          <Button onClick={() => setPicked(new Map())}>
            <Icon name="completed" /> Pick several
          </Button>
        )}
      </div>
      <Filters
        project={project}
        search={search}
        onChange={(to) => void navigate({ to: ".", search: { ...search, ...to }, replace: true })}
        onClear={filtered ? () => void navigate({ to: ".", search: {}, replace: true }) : null}
      />
      {picked && <PickedBar picked={picked} onChange={setPicked} />}
      <Timed project={project} search={search} picking={picked ? { picked, onPick: pick } : undefined} filtered={filtered} />
    </Page>
  );
}

interface TimedProps {
  project: number | undefined;
  search: ListSearch;
  picking: { picked: ReadonlyMap<number, Run>; onPick: (...runs: Run[]) => void } | undefined;
  filtered: boolean;
}

/** The list alone follows the clock, where a stretch of time ends now. */
function Timed({ project, search, picking, filtered }: TimedProps) {
  const minute = Math.floor(useNow() / MINUTE_MS) * MINUTE_MS;
  return (
    <RunList
      picking={picking}
      filter={filterOf(search, project, minute)}
      empty={
        filtered ? (
          <Empty title="No run fits these filters">Choose others, or clear them.</Empty>
        ) : (
          <NoRuns>Runs appear here as soon as a workflow is started.</NoRuns>
        )
      }
    />
  );
}
