// An outcome as the picture shows it: its label, and where it leads, which is chosen right there or by
// dragging the label onto a stage.

import type { Target } from "../../api/model.ts";
import { Icon, type IconName } from "../../ui/icon.tsx";
import { useGrip } from "../edit/drag.tsx";
import type { StageDraft } from "../edit/draft.ts";
import { targetOf, targetOptions, valueOf } from "../edit/targets.ts";

interface OutcomeLineProps {
  stage: StageDraft;
  label: string;
  target: Target;
  index: number;
  stages: StageDraft[];
  workflows: string[];
  onTarget: (target: Target) => void;
}

export function OutcomeLine({ stage, label, target, index, stages, workflows, onTarget }: OutcomeLineProps) {
  const { icon, back } = look(target, index, stages);
  const grip = useGrip({ what: "outcome", value: `${stage.id}/${label}`, words: label });
  const value = valueOf(target);
  const options = targetOptions(stages, index, workflows);
  const known = options.some((option) => option[0] === value);
  return (
    <li data-outcome={`${stage.id}/${label}`} className="flex min-w-0 items-center gap-2">
      <span
        onPointerDown={grip.onPointerDown}
        title="Drag onto a stage to lead there"
        className={`max-w-[40%] shrink-0 truncate rounded bg-well px-1.5 font-medium pointer-coarse:py-1 ${grip.className}`}
      >
        {label}
      </span>
      <Icon name={icon} className={back ? "text-warn" : "text-faint"} />
      <select
        aria-label={`Where ${label} of ${stage.name} leads`}
        value={value}
        onChange={(event) => onTarget(targetOf(event.target.value))}
        className={`h-7 min-w-0 flex-1 rounded-md border border-transparent bg-transparent pr-1 hover:border-line-strong ${known ? "text-dim" : "text-bad"}`}
      >
        {options.map(([to, words]) => (
          <option key={to} value={to}>
            {words}
          </option>
        ))}
        {!known && <option value={value}>a stage that is not there: {value}</option>}
      </select>
    </li>
  );
}

/** How the way looks: a way back is what makes a loop. */
function look(target: Target, index: number, stages: StageDraft[]): { icon: IconName; back: boolean } {
  if (typeof target === "object") return { icon: "out", back: false };
  if (target === "end" || (target === "next" && index === stages.length - 1)) return { icon: "end", back: false };
  if (target === "next") return { icon: "next", back: false };
  const to = stages.findIndex((stage) => stage.id === target);
  if (to === index) return { icon: "retry", back: true };
  return to >= 0 && to < index ? { icon: "back", back: true } : { icon: "next", back: false };
}
