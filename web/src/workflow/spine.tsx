// The stages of a workflow from top to bottom, with who works in each and where its outcomes lead.

import { useMemo, useRef } from "react";

import type { Assignment, Stage, Target, Team, Workflow } from "../api/model.ts";
import { AgentName, Avatar } from "../ui/agent.tsx";
import { Icon, type IconName } from "../ui/icon.tsx";
import { Arcs, type Way } from "./arcs.tsx";

export function Spine({ workflow, team }: { workflow: Workflow; team: Team | undefined }) {
  const spine = useRef<HTMLOListElement>(null);
  const ways = useMemo(() => waysOf(workflow), [workflow]);
  return (
    <ol ref={spine} className={`relative ${ways.length > 0 ? "sm:pr-14" : ""}`}>
      {ways.length > 0 && <Arcs spine={spine} ways={ways} />}
      {workflow.stages.map((stage, index) => (
        <li key={stage.id} id={`stage-${stage.id}`} className="relative flex gap-3 pb-4 sm:gap-4">
          <div className="flex flex-col items-center">
            <span className="grid size-7 shrink-0 place-items-center rounded-full border border-line-strong bg-panel text-xs font-semibold text-dim">
              {index + 1}
            </span>
            <span className="mt-1 -mb-3 w-px flex-1 bg-line-strong" aria-hidden="true" />
          </div>
          <StageCard stage={stage} index={index} workflow={workflow} team={team} />
        </li>
      ))}
      <li className="flex items-center gap-3 text-dim sm:gap-4">
        <span className="grid size-7 shrink-0 place-items-center">
          <Icon name="end" />
        </span>
        The run is completed
      </li>
    </ol>
  );
}

/** The outcomes that lead to a stage other than the one after. */
function waysOf(workflow: Workflow): Way[] {
  return workflow.stages.flatMap((stage, index) =>
    Object.entries(stage.outcomes ?? {}).flatMap(([outcome, target]): Way[] => {
      const to = workflow.stages.findIndex((one) => one.id === target);
      if (typeof target !== "string" || to < 0 || to === index + 1) return [];
      return [{ from: stage.id, outcome, to: target, back: to <= index }];
    }),
  );
}

interface StageCardProps {
  stage: Stage;
  index: number;
  workflow: Workflow;
  team: Team | undefined;
}

function StageCard({ stage, index, workflow, team }: StageCardProps) {
  const outcomes = Object.entries(stage.outcomes ?? {});
  return (
    <article data-stage={stage.id} className="card min-w-0 flex-1 px-4 py-3">
      <header className="flex flex-wrap items-baseline justify-between gap-x-3">
        <h3 className="text-base font-semibold">{stage.name}</h3>
        <code className="font-mono text-2xs text-faint">{stage.id}</code>
      </header>
      <p className="mt-1 line-clamp-4 text-dim whitespace-pre-line wrap-anywhere" title={stage.task}>
        {stage.task.trim()}
      </p>
      <ul className="mt-3 space-y-1.5" aria-label="Agents">
        {stage.agents.map((assignment, place) => (
          <AgentLine key={place} assignment={assignment} team={team} />
        ))}
      </ul>
      {outcomes.length > 0 && (
        <ul className="mt-3 space-y-1 border-t border-line pt-2.5" aria-label="Outcomes">
          {outcomes.map(([label, target]) => {
            const to = destination(target, index, workflow.stages);
            return (
              <li key={label} data-outcome={`${stage.id}/${label}`} className="flex flex-wrap items-center gap-x-2 gap-y-0.5">
                <span className="rounded bg-well px-1.5 font-medium">{label}</span>
                <Icon name={to.icon} className={to.back ? "text-warn" : "text-faint"} />
                <span className="text-dim">{to.words}</span>
              </li>
            );
          })}
        </ul>
      )}
    </article>
  );
}

function AgentLine({ assignment, team }: { assignment: Assignment; team: Team | undefined }) {
  const role = team?.agents[assignment.agent]?.role;
  const shares = assignment.shares ?? [];
  return (
    <li className="flex items-start gap-2">
      <Avatar agent={assignment.agent} small />
      <div className="min-w-0 text-dim">
        <AgentName agent={assignment.agent} />
        {role && role.toLowerCase() !== assignment.agent.toLowerCase() && <>, {role}</>}
        {assignment.phase !== "default" && <> · {assignment.phase} phase</>}
        {shares.length > 0 && (
          <>
            {" "}
            · shares <code className="font-mono text-xs">{shares.join(", ")}</code>
          </>
        )}
        {assignment.asks_user && <> · may ask a person</>}
        {assignment.directive && <p className="line-clamp-2">{assignment.directive}</p>}
      </div>
    </li>
  );
}

interface Destination {
  icon: IconName;
  words: string;
  back: boolean;
}

/** Where an outcome leads, in words: a way back is what makes a loop. */
export function destination(target: Target, index: number, stages: Stage[]): Destination {
  const last = index === stages.length - 1;
  if (target === "end" || (target === "next" && last)) return { icon: "end", words: "ends the run", back: false };
  if (target === "next") return { icon: "next", words: `on to ${stages[index + 1]?.name}`, back: false };
  if (typeof target === "object") {
    return { icon: "out", words: `runs the workflow ${target.workflow}, then goes on`, back: false };
  }
  const to = stages.findIndex((stage) => stage.id === target);
  const name = stages[to]?.name ?? target;
  if (to === index) return { icon: "retry", words: "the same stage again", back: true };
  return to < index
    ? { icon: "back", words: `back to ${name}`, back: true }
    : { icon: "next", words: `on to ${name}`, back: false };
}
