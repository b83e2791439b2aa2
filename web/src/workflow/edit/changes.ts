// The changes that can be made to a workflow: each gives another workflow and leaves the one before as it is.
// A stage's id never changes by them, whatever becomes of its name and its place; rename.ts is for that alone.

import type { Target } from "../../api/model.ts";
import { idOf, withField, type Seat, type StageDraft, type WorkflowDraft } from "./draft.ts";

/** A new stage at that place, with the agent that works in the one before it. */
export function addStage(workflow: WorkflowDraft, at: number, agents: string[]): { workflow: WorkflowDraft; id: string } {
  const taken = workflow.stages.map((stage) => stage.id);
  const names = workflow.stages.map((stage) => stage.name);
  let name = "New stage";
  for (let count = 2; names.includes(name); count += 1) name = `New stage ${count}`;
  const agent = workflow.stages[at - 1]?.agents.at(-1)?.agent ?? workflow.stages[0]?.agents[0]?.agent ?? agents[0];
  const stage: StageDraft = { id: idOf(name, taken), name, task: "", agents: agent === undefined ? [] : [{ agent }] };
  return { workflow: { ...workflow, stages: workflow.stages.toSpliced(at, 0, stage) }, id: stage.id };
}

/** Moves a stage so that it stands at that place among the others. */
export function moveStage(workflow: WorkflowDraft, id: string, to: number): WorkflowDraft {
  const from = workflow.stages.findIndex((stage) => stage.id === id);
  const stage = workflow.stages[from];
  const place = Math.max(0, Math.min(to, workflow.stages.length - 1));
  if (!stage || place === from) return workflow;
  return { ...workflow, stages: workflow.stages.toSpliced(from, 1).toSpliced(place, 0, stage) };
}

/** Takes a stage out. Outcomes that led to it lead on instead, and how many did is said. */
export function removeStage(workflow: WorkflowDraft, id: string): { workflow: WorkflowDraft; redirected: number } {
  let redirected = 0;
  const lead = (target: Target): Target => {
    if (target !== id) return target;
    redirected += 1;
    return "next";
  };
  const stages = workflow.stages
    .filter((stage) => stage.id !== id)
    .map((stage) => {
      const outcomes = stage.outcomes ?? {};
      if (!Object.values(outcomes).includes(id)) return stage;
      return { ...stage, outcomes: Object.fromEntries(Object.entries(outcomes).map(([label, target]) => [label, lead(target)])) };
    });
  return { workflow: { ...workflow, stages }, redirected };
}

export function changeStage(workflow: WorkflowDraft, id: string, change: (stage: StageDraft) => StageDraft): WorkflowDraft {
  return { ...workflow, stages: workflow.stages.map((stage) => (stage.id === id ? change(stage) : stage)) };
}

export function setField<K extends keyof StageDraft>(stage: StageDraft, field: K, value: StageDraft[K] | undefined): StageDraft {
  // These are there even where they say nothing: a mistake then stands at their field.
  if (field === "task" || field === "name" || field === "agents") return { ...stage, [field]: value };
  return withField(stage, field, value);
}

/** The phases in the order in which an agent is given them: first the usual one, then those around it. */
const PHASES = ["default", "completion", "start"] as const;

/** The phase in which an agent could work in a stage besides those in which it does; none where it works in all. */
export function freePhase(stage: StageDraft, agent: string): (typeof PHASES)[number] | undefined {
  const taken = stage.agents.filter((seat) => seat.agent === agent).map((seat) => seat.phase ?? "default");
  return PHASES.find((phase) => !taken.includes(phase));
}

/** Gives an agent a place in a stage, in a phase in which it has none. */
export function assign(stage: StageDraft, agent: string): StageDraft {
  const phase = freePhase(stage, agent);
  if (phase === undefined) return stage;
  const seat = phase === "default" ? { agent } : { agent, phase };
  return { ...stage, agents: [...stage.agents, seat] };
}

/** The agents that could be given a place in a stage, with what that would be. */
export function assignable(stage: StageDraft, agents: string[]): [agent: string, words: string][] {
  return agents.flatMap((agent): [string, string][] => {
    const phase = freePhase(stage, agent);
    if (phase === undefined) return [];
    return [[agent, phase === "default" || !stage.agents.some((seat) => seat.agent === agent) ? agent : `${agent}, in the ${phase} phase too`]];
  });
}

export function setSeat(stage: StageDraft, at: number, seat: Seat): StageDraft {
  return { ...stage, agents: stage.agents.with(at, seat) };
}

export function removeSeat(stage: StageDraft, at: number): StageDraft {
  return { ...stage, agents: stage.agents.toSpliced(at, 1) };
}

export function moveSeat(stage: StageDraft, at: number, to: number): StageDraft {
  const seat = stage.agents[at];
  if (!seat || to < 0 || to >= stage.agents.length) return stage;
  return { ...stage, agents: stage.agents.toSpliced(at, 1).toSpliced(to, 0, seat) };
}

/** Another outcome, under a name that none has. */
export function addOutcome(stage: StageDraft, target: Target = "next"): StageDraft {
  const outcomes = stage.outcomes ?? {};
  const names = ["done", "revise", "good"];
  let name = names.find((one) => !(one in outcomes)) ?? "outcome";
  for (let count = 2; name in outcomes; count += 1) name = `outcome-${count}`;
  return { ...stage, outcomes: { ...outcomes, [name]: target } };
}

export function connect(stage: StageDraft, outcome: string, target: Target): StageDraft {
  return { ...stage, outcomes: { ...stage.outcomes, [outcome]: target } };
}

/** Calls an outcome otherwise. It keeps its place; a name that another has is not taken. */
export function renameOutcome(stage: StageDraft, outcome: string, to: string): StageDraft {
  const outcomes = stage.outcomes ?? {};
  if (to in outcomes) return stage;
  return { ...stage, outcomes: Object.fromEntries(Object.entries(outcomes).map(([label, target]) => [label === outcome ? to : label, target])) };
}

export function removeOutcome(stage: StageDraft, outcome: string): StageDraft {
  const { [outcome]: _, ...rest } = stage.outcomes ?? {};
  return withField(stage, "outcomes", rest);
}
