// A definition with which a run would go on, as far as it can be edited.

import type { AgentFields, Stage } from "../api/model.ts";
import { toolsText } from "./changes.ts";

export interface Stands {
  stages: Stage[];
  agents: Record<string, AgentFields>;
}

/** The tools that everyone at a stage has there; nothing where each has their own. */
export function stageTools(stage: Stage): string {
  const tools = new Set(stage.agents.map((place) => toolsText(place.tools)));
  return tools.size === 1 ? ([...tools][0] ?? "") : "";
}

/** The model through which everyone at a stage speaks; nothing where each has their own. */
export function stageModel(stage: Stage): string {
  const models = new Set(stage.agents.map((place) => place.model ?? ""));
  return models.size === 1 ? ([...models][0] ?? "") : "";
}
