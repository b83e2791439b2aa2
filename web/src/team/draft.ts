// A team as its form holds it, and as the server takes it. Agents are a list here, so that one whose name is
// being written keeps its place.

import type { AgentFields, Team } from "../api/model.ts";
import { filled } from "../part/patch.ts";

export interface AgentDraft {
  name: string;
  isNew: boolean;
  fields: Partial<AgentFields>;
}

export interface TeamDraft {
  name: string;
  model: string;
  agents: AgentDraft[];
}

export function newTeam(models: string[], taken: string[]): TeamDraft {
  return { name: taken.length === 0 ? "desk" : "", model: models[0] ?? "", agents: [newAgent()] };
}

export function newAgent(): AgentDraft {
  return { name: "", isNew: true, fields: {} };
}

export function draftOf(team: Team): TeamDraft {
  const agents = Object.entries(team.agents).map(([name, fields]) => ({ name, isNew: false, fields }));
  return { name: team.name, model: team.model ?? "", agents };
}

/** The fields as a project file has them. Agents without a name are not there yet. */
export function fieldsOf({ model, agents }: TeamDraft) {
  const named = agents.filter((agent) => agent.name !== "");
  return filled({ model, agents: Object.fromEntries(named.map((agent) => [agent.name, filled(agent.fields)])) });
}

/** The names that stand twice. */
export function doubled(agents: AgentDraft[]): string[] {
  const names = agents.map((agent) => agent.name);
  return names.filter((name, at) => name !== "" && names.indexOf(name) !== at);
}
