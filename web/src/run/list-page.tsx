// All runs, or those of one project, with filters that live in the address: a list can be sent to
// someone, and the way back leads to the same list.

import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { STATUSES, type Source, type Status } from "../api/model.ts";
import { projectQuery } from "../project/queries.ts";
import { workflowsQuery } from "../workflow/queries.ts";
import { Button, buttonLook } from "../ui/button.tsx";
import { Empty } from "../ui/empty.tsx";
import { Page, Trail } from "../ui/frame.tsx";
import { Icon } from "../ui/icon.tsx";
import { statusWord } from "../ui/status.tsx";
import { useTitle } from "../ui/title.ts";
import { NoRuns, RunList } from "./list.tsx";
import { SOURCE_WORDS } from "./source.tsx";

/** The filters as they stand in the address. */
export interface RunSearch {
  status?: Status;
  workflow?: number;
  source?: Source["kind"];
}

const SOURCES = Object.keys(SOURCE_WORDS) as Source["kind"][];

/** What of an address is a filter. Anything else in it is left out. */
export function readSearch(search: Record<string, unknown>): RunSearch {
  const found: RunSearch = {};
  const status = STATUSES.find((one) => one === search.status);
  const source = SOURCES.find((one) => one === search.source);
  const workflow = Number(search.workflow);
  if (status) found.status = status;
  if (source) found.source = source;
  if (Number.isInteger(workflow) && workflow > 0) found.workflow = workflow;
  return found;
}

export function RunListPage({ project, search }: { project?: number; search: RunSearch }) {
  const owner = useQuery({ ...projectQuery(project ?? 0), enabled: project !== undefined });
  const workflows = useQuery({ ...workflowsQuery(project ?? 0), enabled: project !== undefined });
  const navigate = useNavigate();
  useTitle(search.status && statusWord(search.status), "Runs", owner.data?.name);
  const change = (to: RunSearch) => navigate({ to: ".", search: { ...search, ...to }, replace: true });
  const [picked, setPicked] = useState<number[] | null>(null);
  // Of three, the one that was picked first is let go.
  const pick = (run: number) =>
    setPicked((before) => (before?.includes(run) ? before.filter((one) => one !== run) : [...(before ?? []), run].slice(-2)));
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
      <h1 className="text-xl font-semibold tracking-tight">Runs</h1>
      <div className="mt-4 mb-3 flex flex-wrap items-center gap-2">
        <Choice
          name="Status"
          value={search.status ?? ""}
          choices={STATUSES.map((status) => [status, statusWord(status)])}
          onChoose={(status) => change({ status: (status || undefined) as Status | undefined })}
        />
        {workflows.data && workflows.data.items.length > 0 && (
          <Choice
            name="Workflow"
            value={String(search.workflow ?? "")}
            choices={workflows.data.items.map((workflow) => [String(workflow.id), workflow.name])}
            onChoose={(workflow) => change({ workflow: workflow ? Number(workflow) : undefined })}
          />
        )}
        <Choice
          name="Started"
          value={search.source ?? ""}
          choices={SOURCES.map((source) => [source, SOURCE_WORDS[source]])}
          onChoose={(source) => change({ source: (source || undefined) as Source["kind"] | undefined })}
        />
        {filtered && (
          <Button weight="quiet" onClick={() => navigate({ to: ".", search: {}, replace: true })}>
            Clear
          </Button>
        )}
        <Compare picked={picked} onChange={setPicked} />
      </div>
      <RunList
        picking={picked ? { picked, onPick: pick } : undefined}
        filter={project === undefined ? search : { project, ...search }}
        empty={
          filtered ? (
            <Empty title="No run fits these filters">Choose others, or clear them.</Empty>
          ) : (
            <NoRuns>Runs appear here as soon as a workflow is started.</NoRuns>
          )
        }
      />
    </Page>
  );
}

/** The way to two runs of the list side by side. */
function Compare({ picked, onChange }: { picked: number[] | null; onChange: (picked: number[] | null) => void }) {
  if (!picked) {
    return (
      <Button className="sm:ml-auto" onClick={() => onChange([])}>
        <Icon name="compare" /> Compare two
      </Button>
    );
  }
  const [a, b] = [Math.min(...picked), Math.max(...picked)];
  return (
    <div className="flex flex-wrap items-center gap-2 sm:ml-auto">
      {picked.length === 2 ? (
        <Link to="/runs/$a/compare/$b" params={{ a: String(a), b: String(b) }} className={buttonLook("primary")}>
          <Icon name="compare" /> Compare runs {a} and {b}
        </Link>
      ) : (
        <span role="status" className="text-dim">
          Pick {picked.length === 0 ? "two runs" : "one more"}
        </span>
      )}
      <Button weight="quiet" onClick={() => onChange(null)}>
        Cancel
      </Button>
    </div>
  );
}

interface ChoiceProps {
  name: string;
  value: string;
  choices: [value: string, word: string][];
  onChoose: (value: string) => void;
}

function Choice({ name, value, choices, onChoose }: ChoiceProps) {
  return (
    <label className="flex h-9 items-center gap-1.5 rounded-md border border-line-strong bg-panel pl-3 text-dim focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-accent">
      {name}
      <select
        value={value}
        onChange={(change) => onChoose(change.target.value)}
        className="h-full rounded-md bg-panel pr-2 font-medium text-ink outline-none"
      >
        <option value="">Any</option>
        {choices.map(([choice, word]) => (
          <option key={choice} value={choice}>
            {word}
          </option>
        ))}
      </select>
    </label>
  );
}
