// The page of a project: its workflows, and what runs or ran last.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import type { Workflow } from "../api/model.ts";
import { NoRuns, RunList } from "../run/list.tsx";
import { buttonLook } from "../ui/button.tsx";
import { Empty, Loading } from "../ui/empty.tsx";
import { count } from "../ui/format.ts";
import { Page } from "../ui/frame.tsx";
import { Icon } from "../ui/icon.tsx";
import { ProblemCard, ProblemPage } from "../ui/problem.tsx";
import { workflowsQuery } from "../workflow/queries.ts";
import { ProjectHead } from "./head.tsx";
import { modelsQuery, projectQuery } from "./queries.ts";
import { RealModelHint } from "./real-model.tsx";
import { Setup } from "./setup.tsx";

/** The latest runs that the page of a project shows. */
const LATEST = 12;

/** Stages of a workflow that its card names: of a long one, enough to know it by. */
const NAMED = 8;

export function ProjectPage({ id }: { id: number }) {
  const project = useQuery(projectQuery(id));
  const workflows = useQuery(workflowsQuery(id));
  const models = useQuery(modelsQuery(id));
  if (project.isError) {
    return (
      <Page>
        <ProblemPage error={project.error} />
      </Page>
    );
  }
  return (
    <Page>
      <ProjectHead id={id} />
      <Setup project={id} />
      <RealModelHint models={models.data?.items ?? []} project={id} />
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-8 lg:grid-cols-[minmax(0,5fr)_minmax(0,7fr)]">
        <section aria-labelledby="workflows">
          <div className="mb-3 flex h-7 items-center justify-between">
            <h2 id="workflows" className="text-base font-semibold">
              Workflows
            </h2>
            <Link to="/projects/$id/new-workflow" params={{ id: String(id) }} className={buttonLook("plain", true)}>
              <Icon name="plus" className="!size-3.5" />
              New workflow
            </Link>
          </div>
          {workflows.isPending ? (
            <Loading rows={2} height="h-24" />
          ) : workflows.isError ? (
            <ProblemCard error={workflows.error} onRetry={() => workflows.refetch()} />
          ) : workflows.data.items.length === 0 ? (
            <Empty title="No workflows yet">A workflow is what a run carries out.</Empty>
          ) : (
            <ul className="space-y-2">
              {workflows.data.items.map((workflow) => (
                <WorkflowCard key={workflow.id} workflow={workflow} />
              ))}
            </ul>
          )}
        </section>
        <section aria-labelledby="runs">
          <div className="mb-3 flex h-7 items-center justify-between">
            <h2 id="runs" className="text-base font-semibold">
              Latest runs
            </h2>
            <Link to="/projects/$id/runs" params={{ id: String(id) }} className="text-accent hover:underline">
              All runs
            </Link>
          </div>
          <RunList
            filter={{ project: id }}
            limit={LATEST}
            empty={<NoRuns>Open a workflow and start it.</NoRuns>}
          />
        </section>
      </div>
    </Page>
  );
}

function WorkflowCard({ workflow }: { workflow: Workflow }) {
  const agents = new Set(workflow.stages.flatMap((stage) => stage.agents.map((assignment) => assignment.agent)));
  return (
    <li className="card relative px-4 py-3 hover:border-line-strong">
      <div className="flex flex-wrap items-baseline justify-between gap-x-3">
        <Link
          to="/workflows/$id"
          params={{ id: String(workflow.id) }}
          className="min-w-0 text-base font-medium wrap-anywhere before:absolute before:inset-0 before:content-['']"
        >
          {workflow.name}
        </Link>
        <span className="min-w-0 text-xs text-faint wrap-anywhere">
          {count(agents.size, "agent")} of {workflow.team}
        </span>
      </div>
      <ol className="mt-1.5 flex flex-wrap items-center gap-x-1 gap-y-0.5 text-xs text-dim" aria-label="Stages">
        {workflow.stages.slice(0, NAMED).map((stage, index) => (
          <li key={stage.id} className="flex max-w-full min-w-0 items-center gap-1" title={stage.name}>
            {index > 0 && <Icon name="chevron" className="!size-3 text-faint" />}
            <span className="max-w-48 truncate">{stage.name}</span>
          </li>
        ))}
        {workflow.stages.length > NAMED && <li className="text-faint">and {workflow.stages.length - NAMED} more</li>}
      </ol>
    </li>
  );
}
