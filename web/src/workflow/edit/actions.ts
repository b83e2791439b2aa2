// The changes to stages as the views of the editor ask for them, each with the words that tell of it.

import type { Target } from "../../api/model.ts";
import { addOutcome, addStage, assign, changeStage, connect, moveStage, removeStage } from "./changes.ts";
import type { StageDraft } from "./draft.ts";
import type { Editor } from "./editor.ts";
import { renameStage } from "./rename.ts";

export interface StageActions {
  add: (at: number) => string;
  move: (id: string, to: number) => void;
  remove: (id: string) => void;
  rename: (id: string, to: string) => void;
  set: (id: string, change: (stage: StageDraft) => StageDraft, about?: string) => void;
  assign: (id: string, agent: string) => void;
  connect: (id: string, outcome: string, target: Target) => void;
  addOutcome: (id: string, target?: Target) => void;
}

export function stageActions({ workflow, change, project }: Editor): StageActions {
  const named = (id: string) => workflow.stages.find((stage) => stage.id === id)?.name ?? id;
  const agents = Object.keys(project.teams?.[workflow.team]?.agents ?? {});
  return {
    add(at) {
      const { workflow: to, id } = addStage(workflow, at, agents);
      change(to, null, `A stage was added in place ${at + 1}.`);
      return id;
    },
    move(id, to) {
      const moved = moveStage(workflow, id, to);
      const place = moved.stages.findIndex((stage) => stage.id === id) + 1;
      change(moved, null, `${named(id)} is now stage ${place} of ${moved.stages.length}.`);
    },
    remove(id) {
      const { workflow: rest, redirected } = removeStage(workflow, id);
      const words = redirected === 1 ? " 1 outcome that led there leads on instead." : ` ${redirected} outcomes that led there lead on instead.`;
      change(rest, null, `${named(id)} was removed.${redirected > 0 ? words : ""} Undo brings it back.`);
    },
    rename(id, to) {
      change(renameStage(workflow, id, to), null, `The id of ${named(id)} is ${to} now.`);
    },
    set(id, edit, about) {
      change(changeStage(workflow, id, edit), about ? `${id}.${about}` : null);
    },
    assign(id, agent) {
      change(changeStage(workflow, id, (stage) => assign(stage, agent)), null, `${agent} works in ${named(id)}.`);
    },
    connect(id, outcome, target) {
      change(changeStage(workflow, id, (stage) => connect(stage, outcome, target)), null, `${outcome} leads elsewhere now.`);
    },
    addOutcome(id, target) {
      change(changeStage(workflow, id, (stage) => addOutcome(stage, target)), null, `${named(id)} has another outcome.`);
    },
  };
}
