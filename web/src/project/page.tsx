// The page of a project: its workflows, and what runs or ran last.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import type { Workflow } from "../api/model.ts";
import { NoRuns, RunList } from "../run/list.tsx";
import { Empty, Loading } from "../ui/empty.tsx";
import { count } from "../ui/format.ts";
import { Page, Trail } from "../ui/frame.tsx";
import { Icon } from "../ui/icon.tsx";
import { ProblemCard } from "../ui/problem.tsx";
import { useTitle } from "../ui/title.ts";
import { workflowsQuery } from "../workflow/queries.ts";
import { projectQuery } from "./queries.ts";

/** The latest runs that the page of a project shows. */
const LATEST = 12;

export function ProjectPage({ id }: { id: number }) {
  const project = useQuery(projectQuery(id));
  const workflows = useQuery(workflowsQuery(id));
  useTitle(project.data?.name ?? `Project ${id}`);
  if (project.isError) {
    return (
      <Page>
        <ProblemCard error={project.error} />
      </Page>
    );
  }
  return (
    <Page>
      <Trail>
        <Link to="/">Projects</Link>
      </Trail>
      <h1 className="text-xl font-semibold tracking-tight">
        {project.data?.name ?? <span className="skeleton inline-block h-6 w-40 align-middle" />}
      </h1>
      <p className="h-5 text-xs text-faint">{project.data && <>Its day is counted in {project.data.timezone}.</>}</p>
      <div className="mt-5 grid items-start gap-8 lg:grid-cols-[minmax(0,5fr)_minmax(0,7fr)]">
        <section aria-labelledby="workflows">
          <h2 id="workflows" className="mb-3 flex h-7 items-center text-base font-semibold">
            Workflows
          </h2>
          {workflows.isPending ? (
            <Loading rows={2} height="h-24" />
          ) : workflows.isError ? (
            <ProblemCard error={workflows.error} onRetry={() => workflows.refetch()} />
          ) : workflows.data.items.length === 0 ? (
            <Empty title="No workflows yet">Add one to the project file and apply it again.</Empty>
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
      <div className="flex items-baseline justify-between gap-3">
        <Link
          to="/workflows/$id"
          params={{ id: String(workflow.id) }}
          className="text-base font-medium before:absolute before:inset-0 before:content-['']"
        >
          {workflow.name}
        </Link>
        <span className="text-xs whitespace-nowrap text-faint">
          {count(agents.size, "agent")} of {workflow.team}
        </span>
      </div>
      <ol className="mt-1.5 flex flex-wrap items-center gap-x-1 gap-y-0.5 text-xs text-dim" aria-label="Stages">
        {workflow.stages.map((stage, index) => (
          <li key={stage.id} className="flex items-center gap-1">
            {index > 0 && <Icon name="chevron" className="!size-3 text-faint" />}
            {stage.name}
          </li>
        ))}
      </ol>
    </li>
  );
}
