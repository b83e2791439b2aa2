// The picture of a workflow, which is also where it is edited: its stages from top to bottom, with who works in
// each and where its outcomes lead. What the mouse or a finger drags, the keyboard moves.

import { useMemo, useRef, type ReactNode } from "react";

import { Icon } from "../ui/icon.tsx";
import { Arcs, type Way } from "./arcs.tsx";
import { stageActions } from "./edit/actions.ts";
import { DragArea, placeOf, useOver, type Dragged, type Over } from "./edit/drag.tsx";
import type { StageDraft } from "./edit/draft.ts";
import { useEditor } from "./edit/editor.ts";
import { StageCard } from "./stage/card.tsx";
import { AgentChip } from "./stage/seat-line.tsx";

interface SpineProps {
  /** The stage whose fields are shown beside the picture. */
  open: string | undefined;
  onOpen: (stage: string) => void;
}

export function Spine({ open, onOpen }: SpineProps) {
  const editor = useEditor();
  const { workflow, project } = editor;
  const spine = useRef<HTMLOListElement>(null);
  const ways = useMemo(() => waysOf(workflow.stages), [workflow.stages]);
  const act = stageActions(editor);
  const agents = Object.keys(project.teams?.[workflow.team]?.agents ?? {});
  const add = (at: number) => onOpen(act.add(at));
  const drop = ({ what, value }: Dragged, { stage, how }: Over) => {
    if (what === "agent") act.assign(stage, value);
    if (what === "outcome") {
      const [from = "", outcome = ""] = value.split("/");
      act.connect(from, outcome, stage);
    }
    if (what === "stage" && value !== stage) {
      const indexOf = (id: string) => workflow.stages.findIndex((one) => one.id === id);
      const gap = indexOf(stage) + (how === "below" ? 1 : 0);
      act.move(value, indexOf(value) < gap ? gap - 1 : gap);
    }
  };
  return (
    <DragArea onDrop={drop}>
      <Palette agents={agents} />
      <ol ref={spine} aria-label="Stages" className={`relative ${ways.length > 0 ? "sm:pr-14" : ""}`}>
        {ways.length > 0 && <Arcs spine={spine} ways={ways} />}
        {workflow.stages.map((stage, index) => (
          <Place key={stage.id} stage={stage} index={index} onAdd={() => add(index)}>
            <StageCard stage={stage} index={index} isOpen={open === stage.id} onOpen={() => onOpen(stage.id)} />
          </Place>
        ))}
        <li className="mt-3 flex items-center gap-3 text-dim sm:gap-4">
          <span className="grid size-7 shrink-0 place-items-center">
            <Icon name="end" />
          </span>
          <span className="flex-1">The run is completed</span>
          <button
            type="button"
            onClick={() => add(workflow.stages.length)}
            className="flex h-8 items-center gap-1.5 rounded-md border border-dashed border-line-strong px-2.5 text-xs hover:border-accent hover:text-accent"
          >
            <Icon name="plus" className="!size-3.5" />
            Add a stage at the end
          </button>
        </li>
      </ol>
    </DragArea>
  );
}

/** Who can be dragged onto a stage. The list in each stage does the same for the keyboard. */
function Palette({ agents }: { agents: string[] }) {
  if (agents.length === 0) return null;
  return (
    <div className="mb-3 flex flex-wrap items-center gap-1.5" aria-hidden="true">
      <span className="eyebrow mr-1">Drag onto a stage</span>
      {agents.map((agent) => (
        <AgentChip key={agent} agent={agent} />
      ))}
    </div>
  );
}

interface PlaceProps {
  stage: StageDraft;
  index: number;
  onAdd: () => void;
  children: ReactNode;
}

/** A stage's place on the spine, onto which stages, agents and outcomes are dropped. */
function Place({ stage, index, onAdd, children }: PlaceProps) {
  const over = useOver(stage.id);
  return (
    <li
      id={`stage-${stage.id}`}
      {...placeOf(stage.id)}
      className="relative"
    >
      <div className="group/add relative flex h-5 items-center pl-[5px]">
        <span className={`absolute inset-x-0 top-1/2 h-0.5 rounded bg-accent ${over === "above" ? "" : "hidden"}`} />
        <button
          type="button"
          onClick={onAdd}
          aria-label={`Add a stage before ${stage.name}`}
          title="Add a stage here"
          className="relative grid size-[18px] place-items-center rounded-full border border-line-strong bg-paper text-faint opacity-60 hover:border-accent hover:text-accent hover:opacity-100 focus-visible:opacity-100"
        >
          <Icon name="plus" className="!size-2.5" />
        </button>
      </div>
      <div className="flex gap-3 sm:gap-4">
        <div className="flex flex-col items-center">
          <span className="grid size-7 shrink-0 place-items-center rounded-full border border-line-strong bg-panel text-xs font-semibold text-dim">
            {index + 1}
          </span>
          <span className="mt-1 w-px flex-1 bg-line-strong" aria-hidden="true" />
        </div>
        <div className={`min-w-0 flex-1 rounded-[10px] ${over === "on" ? "outline-2 outline-offset-2 outline-accent" : ""}`}>{children}</div>
      </div>
      <span className={`absolute inset-x-0 -bottom-2.5 h-0.5 rounded bg-accent ${over === "below" ? "" : "hidden"}`} />
    </li>
  );
}

/** The outcomes that lead to a stage other than the one after. */
function waysOf(stages: StageDraft[]): Way[] {
  return stages.flatMap((stage, index) =>
    Object.entries(stage.outcomes ?? {}).flatMap(([outcome, target]): Way[] => {
      const to = stages.findIndex((one) => one.id === target);
      if (typeof target !== "string" || to < 0 || to === index + 1) return [];
      return [{ from: stage.id, outcome, to: target, back: to <= index }];
    }),
  );
}
