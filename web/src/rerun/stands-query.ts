// Finds the definition with which a run would go on, so that its texts can be changed.

import { useQuery } from "@tanstack/react-query";

import type { DefinitionChoice, Run } from "../api/model.ts";
import { modelsQuery, teamsQuery } from "../project/queries.ts";
import { workflowQuery } from "../workflow/queries.ts";
import { planQuery } from "./queries.ts";
import { before, type Stands } from "./stands.ts";

/** What is known of a definition. */
export interface Known {
  /** Nothing while it is on its way, and where nobody knows it any more. */
  stands: Stands | null;
  pending: boolean;
  /** Whether what is not found there is not in it. */
  whole: boolean;
  /** The models of the project. */
  models: string[];
}

export function useKnown(run: Run, choice: DefinitionChoice): Known {
  const models = useQuery(modelsQuery(run.project_id)).data?.items.map(({ name }) => name) ?? [];
  const workflow = useQuery(workflowQuery(run.workflow_id));
  const teams = useQuery(teamsQuery(run.project_id));
  const team = teams.data?.items.find(({ name }) => name === workflow.data?.team);
  const now: Stands | null = workflow.data && team ? { stages: workflow.data.stages, agents: team.agents, whole: true } : null;
  // The difference is of the whole definitions, from whichever visit it is asked for.
  const visit = run.visits?.find(({ stage }) => now?.stages.some(({ id }) => id === stage))?.visit;
  const plan = useQuery({
    ...planQuery(run.id, { from_visit: visit ?? 1, definition: "latest" }),
    enabled: choice === "original" && now !== null && visit !== undefined,
  });
  const pending = workflow.isPending || teams.isPending;
  if (choice === "latest") return { stands: now, pending, whole: true, models };
  const stands = now && plan.data ? before(now, plan.data.difference) : null;
  return { stands, pending: pending || (now !== null && visit !== undefined && plan.isPending), whole: false, models };
}
