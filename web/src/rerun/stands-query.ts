// Finds the definition with which a run would go on, so that its texts can be changed: the newest one as the
// project has it, or the one that the run began with.

import { useQuery } from "@tanstack/react-query";

import type { DefinitionChoice, Run } from "../api/model.ts";
import { modelsQuery, teamsQuery } from "../project/queries.ts";
import { definitionQuery } from "../run/queries.ts";
import { workflowQuery } from "../workflow/queries.ts";
import { toolNamesQuery } from "./queries.ts";
import type { Stands } from "./stands.ts";

/** What is known of a definition. */
export interface Known {
  /** Nothing while it is on its way, and where nobody knows it any more. */
  stands: Stands | null;
  pending: boolean;
  /** The models and tools of the project. */
  models: string[];
  tools: string[];
}

/** Tools that come along and need no mention in a project. */
const COME_ALONG = ["current_time", "http_request", "list_files", "read_file", "write_file"];

export function useKnown(run: Run, choice: DefinitionChoice): Known {
  const original = choice === "original";
  const models = useQuery(modelsQuery(run.project_id)).data?.items.map(({ name }) => name) ?? [];
  const own = useQuery(toolNamesQuery(run.project_id)).data ?? [];
  const tools = [...own, ...COME_ALONG];
  const workflow = useQuery({ ...workflowQuery(run.workflow_id), enabled: !original });
  const teams = useQuery({ ...teamsQuery(run.project_id), enabled: !original });
  const definition = useQuery({ ...definitionQuery(run.id), enabled: original });
  if (original) {
    const { workflow: frozen, team } = definition.data ?? {};
    return { stands: frozen && team ? { stages: frozen.stages, agents: team.agents } : null, pending: definition.isPending, models, tools };
  }
  const team = teams.data?.items.find(({ name }) => name === workflow.data?.team);
  const stands = workflow.data && team ? { stages: workflow.data.stages, agents: team.agents } : null;
  return { stands, pending: workflow.isPending || teams.isPending, models, tools };
}
