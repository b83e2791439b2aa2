// Where an outcome leads, in words: a way back is what makes a loop.

import type { Stage, Target } from "../api/model.ts";
import type { IconName } from "../ui/icon.tsx";

interface Destination {
  icon: IconName;
  words: string;
  back: boolean;
}

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
