// What is dragged over the picture, told by its type alone: while something is dragged, a page may read no more.

import type { DragEvent } from "react";

export type Dragged = "stage" | "agent" | "outcome";

const typeOf = (what: Dragged) => `application/x-callboard-${what}`;

export function startDrag(event: DragEvent, what: Dragged, value: string) {
  event.dataTransfer.setData(typeOf(what), value);
  event.dataTransfer.effectAllowed = "move";
  event.stopPropagation();
}

/** Which of these is dragged here. */
export function draggedOver(event: DragEvent, ...whats: Dragged[]): Dragged | null {
  return whats.find((what) => event.dataTransfer.types.includes(typeOf(what))) ?? null;
}

export function dropped(event: DragEvent, what: Dragged): string {
  return event.dataTransfer.getData(typeOf(what));
}

/** Whether the pointer is in the upper half of what it is over. */
export function isAbove(event: DragEvent): boolean {
  const { top, height } = event.currentTarget.getBoundingClientRect();
  return event.clientY < top + height / 2;
}
