// The form that starts a run, and the runs that there were.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import type { Workflow } from "../api/model.ts";
import { modelsQuery } from "../project/queries.ts";
import { RealModelHint } from "../project/real-model.tsx";
import { NoRuns, RunList } from "../run/list.tsx";
import { StartForm } from "./start.tsx";

/** The latest runs that the page of a workflow shows. */
const LATEST = 10;

export function RunPanel({ workflow }: { workflow: Workflow }) {
  const models = useQuery(modelsQuery(workflow.project_id)).data?.items ?? [];
  return (
    <div className="space-y-6">
      <StartForm workflow={workflow} />
      <section aria-labelledby="runs">
        <div className="mb-3 flex items-center justify-between">
          <h2 id="runs" className="text-base font-semibold">
            Runs
          </h2>
          <Link
            to="/projects/$id/runs"
            params={{ id: String(workflow.project_id) }}
            search={{ workflow: workflow.id }}
            className="text-accent hover:underline"
          >
            All runs
          </Link>
        </div>
        <RunList filter={{ workflow: workflow.id }} limit={LATEST} ofOne empty={<NoRuns>Start the first one above.</NoRuns>} />
      </section>
      <RealModelHint models={models} project={workflow.project_id} />
    </div>
  );
}
