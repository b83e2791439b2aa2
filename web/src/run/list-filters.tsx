// What a list of runs is filtered by.

import { useQueries, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { STATUSES, type Source, type Status } from "../api/model.ts";
import { projectsQuery } from "../project/queries.ts";
import { triggerQuery, triggersQuery } from "../trigger/queries.ts";
import { workflowsQuery } from "../workflow/queries.ts";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { statusWord } from "../ui/status.tsx";
import { localField, SOURCES, SPANS, type ListSearch, type TimeSpan } from "./list-search.ts";
import { SOURCE_WORDS } from "./source.tsx";

interface FiltersProps {
  /** The one that the list is of. */
  project: number | undefined;
  search: ListSearch;
  onChange: (to: ListSearch) => void;
  onClear: (() => void) | null;
}

export function Filters({ project, search, onChange, onClear }: FiltersProps) {
  const of = project ?? search.project;
  const workflows = useQuery({ ...workflowsQuery(of ?? 0), enabled: of !== undefined });
  return (
    <div role="group" aria-label="Filters" className="mt-4 mb-3 flex flex-wrap items-center gap-2">
      {project === undefined && <ProjectChoice search={search} onChange={onChange} />}
      {workflows.data && workflows.data.items.length > 0 && (
        <Choice
          name="Workflow"
          value={String(search.workflow ?? "")}
          choices={workflows.data.items.map((workflow) => [String(workflow.id), workflow.name])}
          // A trigger is of one workflow.
          onChoose={(workflow) => onChange({ workflow: workflow ? Number(workflow) : undefined, trigger: undefined })}
        />
      )}
      <Choice
        name="Status"
        value={search.status ?? ""}
        choices={STATUSES.map((status) => [status, statusWord(status)])}
        onChoose={(status) => onChange({ status: (status || undefined) as Status | undefined })}
      />
      <Choice
        name="Started"
        value={search.source ?? ""}
        choices={SOURCES.map((source) => [source, SOURCE_WORDS[source]])}
        onChoose={(source) => onChange({ source: (source || undefined) as Source["kind"] | undefined })}
      />
      <TriggerChoice workflows={search.workflow !== undefined ? [search.workflow] : (workflows.data?.items.map(({ id }) => id) ?? [])} search={search} onChange={onChange} />
      <TimeChoice search={search} onChange={onChange} />
      {onClear && (
        <Button weight="quiet" onClick={onClear}>
          Clear
        </Button>
      )}
    </div>
  );
}

function ProjectChoice({ search, onChange }: Pick<FiltersProps, "search" | "onChange">) {
  const projects = useQuery(projectsQuery);
  const items = projects.data?.items ?? [];
  if (items.length < 2 && search.project === undefined) return null;
  return (
    <Choice
      name="Project"
      value={String(search.project ?? "")}
      choices={items.map(({ id, name }) => [String(id), name])}
      // A workflow is of one project.
      onChoose={(project) => onChange({ project: project ? Number(project) : undefined, workflow: undefined, trigger: undefined })}
    />
  );
}

interface TriggerChoiceProps extends Pick<FiltersProps, "search" | "onChange"> {
  /** The workflows whose triggers there are to choose from. */
  workflows: number[];
}

/** The triggers of what the list is of. One that the address names and that is not among them, or is gone by now, can
 * be taken away. */
function TriggerChoice({ workflows, search: { trigger }, onChange }: TriggerChoiceProps) {
  const lists = useQueries({ queries: workflows.map((workflow) => ({ ...triggersQuery(workflow), refetchInterval: false as const })) });
  const choices = lists.flatMap((list) => list.data?.items ?? []);
  const isAmong = choices.some(({ id }) => id === trigger);
  const named = useQuery({ ...triggerQuery(trigger ?? 0), enabled: trigger !== undefined && !isAmong, retry: false });
  if (trigger !== undefined && !isAmong) {
    const name = named.data?.name ?? String(trigger);
    return (
      <Button onClick={() => onChange({ trigger: undefined })} aria-label={`Trigger ${name}: take the filter away`}>
        Trigger {name} <Icon name="close" className="!size-3.5" />
      </Button>
    );
  }
  if (choices.length === 0) return null;
  return (
    <Choice
      name="Trigger"
      value={String(trigger ?? "")}
      choices={choices.map(({ id, name }) => [String(id), name])}
      onChoose={(id) => onChange({ trigger: id ? Number(id) : undefined })}
    />
  );
}

/** A stretch that ends now, or two moments. */
function TimeChoice({ search, onChange }: Pick<FiltersProps, "search" | "onChange">) {
  const byHand = search.since !== undefined || search.until !== undefined;
  const choose = (value: string) => {
    const now = new Date();
    const beginOfDay = new Date(now.getFullYear(), now.getMonth(), now.getDate()).toISOString();
    if (value === "own") onChange({ time: undefined, since: search.since ?? beginOfDay });
    else onChange({ time: (value || undefined) as TimeSpan | undefined, since: undefined, until: undefined });
  };
  return (
    <>
      <Choice
        name="Created in"
        none="any time"
        value={byHand ? "own" : (search.time ?? "")}
        choices={[...Object.entries(SPANS).map(([span, { word }]) => [span, word] as [string, string]), ["own", "between …"]]}
        onChoose={choose}
      />
      {byHand && (
        <>
          <Moment name="From" value={search.since} onChange={(since) => onChange({ since })} />
          <Moment name="Until" value={search.until} onChange={(until) => onChange({ until })} />
        </>
      )}
    </>
  );
}

interface MomentProps {
  name: string;
  value: string | undefined;
  onChange: (moment: string | undefined) => void;
}

function Moment({ name, value, onChange }: MomentProps) {
  return (
    <Labelled name={name}>
      <input
        type="datetime-local"
        value={localField(value)}
        onChange={(event) => onChange(event.target.value === "" ? undefined : new Date(event.target.value).toISOString())}
        className="h-full rounded-md bg-panel pr-2 font-medium text-ink outline-none"
      />
    </Labelled>
  );
}

interface ChoiceProps {
  name: string;
  value: string;
  none?: string;
  choices: [value: string, word: string][];
  onChoose: (value: string) => void;
}

function Choice({ name, value, none = "Any", choices, onChoose }: ChoiceProps) {
  return (
    <Labelled name={name}>
      <select value={value} onChange={(change) => onChoose(change.target.value)} className="h-full w-full min-w-0 rounded-md bg-panel sm:w-auto sm:max-w-44 pr-2 font-medium text-ink outline-none">
        <option value="">{none}</option>
        {choices.map(([choice, word]) => (
          <option key={choice} value={choice}>
            {word}
          </option>
        ))}
      </select>
    </Labelled>
  );
}

function Labelled({ name, children }: { name: string; children: ReactNode }) {
  return (
    <label className="flex h-9 grow items-center gap-1.5 rounded-md whitespace-nowrap sm:grow-0 border border-line-strong bg-panel pl-3 text-dim focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-accent">
      {name}
      {children}
    </label>
  );
}
