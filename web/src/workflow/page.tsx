// The page of a workflow: what it does, a form that starts it, and its runs.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { modelsQuery, projectQuery, teamsQuery } from "../project/queries.ts";
import { NoRuns, RunList } from "../run/list.tsx";
import { Loading } from "../ui/empty.tsx";
import { count } from "../ui/format.ts";
import { Page, Trail } from "../ui/frame.tsx";
import { ProblemCard } from "../ui/problem.tsx";
import { Simulated } from "../ui/simulated.tsx";
import { useTitle } from "../ui/title.ts";
import { workflowQuery } from "./queries.ts";
import { Spine } from "./spine.tsx";
import { StartForm } from "./start.tsx";

/** The latest runs that the page of a workflow shows. */
const LATEST = 10;

export function WorkflowPage({ id }: { id: number }) {
  const workflow = useQuery(workflowQuery(id));
  const project = workflow.data?.project_id;
  const owner = useQuery({ ...projectQuery(project ?? 0), enabled: project !== undefined });
  const teams = useQuery({ ...teamsQuery(project ?? 0), enabled: project !== undefined });
  const models = useQuery({ ...modelsQuery(project ?? 0), enabled: project !== undefined });
  useTitle(workflow.data?.name ?? `Workflow ${id}`, owner.data?.name);
  if (workflow.isError) {
    return (
      <Page>
        <ProblemCard error={workflow.error} />
      </Page>
    );
  }
  const team = teams.data?.items.find((one) => one.name === workflow.data?.team);
  const used = new Set([team?.model, ...Object.values(team?.agents ?? {}).map((agent) => agent.model)]);
  const simulated = models.data?.items.some((model) => model.provider === "simulated" && used.has(model.name));
  return (
    <Page>
      <Trail>
        <Link to="/">Projects</Link> /
        {project !== undefined && (
          <Link to="/projects/$id" params={{ id: String(project) }}>
            {owner.data?.name ?? "…"}
          </Link>
        )}
      </Trail>
      <h1 className="flex items-center gap-2.5 text-xl font-semibold tracking-tight">
        {workflow.data?.name ?? <span className="skeleton inline-block h-6 w-40" />}
        {simulated && <Simulated />}
      </h1>
      <p className="h-5 text-xs text-faint">
        {workflow.data && (
          <>
            {count(workflow.data.stages.length, "stage")} for the team {workflow.data.team}
          </>
        )}
      </p>
      <div className="mt-5 grid items-start gap-8 lg:grid-cols-[minmax(0,1fr)_minmax(0,1fr)] xl:grid-cols-[minmax(0,6fr)_minmax(0,7fr)]">
        <section aria-labelledby="stages" className="order-2 lg:order-none">
          <h2 id="stages" className="mb-3 text-base font-semibold">
            Stages
          </h2>
          {workflow.data ? <Spine workflow={workflow.data} team={team} /> : <Loading rows={3} height="h-32" />}
        </section>
        <div className="order-1 space-y-8 lg:order-none">
          {workflow.data ? <StartForm workflow={workflow.data} /> : <Loading rows={1} height="h-56" />}
          <section aria-labelledby="runs">
            <div className="mb-3 flex items-center justify-between">
              <h2 id="runs" className="text-base font-semibold">
                Runs
              </h2>
              {project !== undefined && (
                <Link
                  to="/projects/$id/runs"
                  params={{ id: String(project) }}
                  search={{ workflow: id }}
                  className="text-accent hover:underline"
                >
                  All runs
                </Link>
              )}
            </div>
            <RunList filter={{ workflow: id }} limit={LATEST} ofOne empty={<NoRuns>Start the first one above.</NoRuns>} />
          </section>
        </div>
      </div>
    </Page>
  );
}
