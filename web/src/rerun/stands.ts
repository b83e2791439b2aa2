// The definition with which a run would go on, as far as it can be edited: the newest one as the project
// has it, or the one of the run, which is told by how the newest differs from it.

import type { AgentFields, Difference, FieldChange, PartChange, Stage } from "../api/model.ts";

export interface Stands {
  stages: Stage[];
  agents: Record<string, AgentFields>;
  /** Whether the stages are all there and stand in their order, so that one can say where an outcome leads. */
  whole: boolean;
}

/** What stood there before that difference. Parts that were removed since are not known any more. */
export function before(now: Stands, difference: Difference): Stands {
  const changes = new Map([...difference.stages, ...difference.parts].map((change) => [change.part, change]));
  const was = <Part extends object>(part: Part, change: PartChange | undefined): Part => (change ? undone(part, change.fields ?? []) : part);
  const stages = now.stages
    .filter(({ id }) => changes.get(`stages/${id}`)?.change !== "added")
    .map((stage) => was(stage, changes.get(`stages/${stage.id}`)));
  const agents = Object.entries(now.agents)
    .filter(([name]) => changes.get(`agents/${name}`)?.change !== "added")
    .map(([name, agent]) => [name, was(agent, changes.get(`agents/${name}`))]);
  const whole = now.whole && difference.stages.every(({ change, moved }) => change !== "removed" && !moved);
  return { stages, agents: Object.fromEntries(agents) as Stands["agents"], whole };
}

function undone<Part extends object>(part: Part, fields: FieldChange[]): Part {
  const old = { ...part } as Record<string, unknown>;
  for (const { field, before: value } of fields) {
    if (value === null) delete old[field];
    else old[field] = value;
  }
  return old as Part;
}

/** The model through which everyone at a stage speaks; nothing where each has their own. */
export function stageModel(stage: Stage): string {
  const models = new Set(stage.agents.map((place) => place.model ?? ""));
  return models.size === 1 ? ([...models][0] ?? "") : "";
}
