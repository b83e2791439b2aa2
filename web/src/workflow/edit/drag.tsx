// What is dragged over the picture, by mouse, pen or finger alike: stages, agents and outcomes, onto a stage.
//
// The browser's own dragging is for files and links, and a finger cannot begin it; so pointers are followed here. What
// can be dragged is a grip that does not scroll the page under a finger, and a press that hardly moves is no dragging.

import { createContext, use, useEffect, useRef, useState, type PointerEvent as Press, type ReactNode, type RefObject } from "react";

export interface Dragged {
  what: "stage" | "agent" | "outcome";
  value: string;
  /** What stands at the pointer while it is dragged. */
  words: string;
}

/** Over which stage it is: a stage goes above or below it, anything else onto it. */
export interface Over {
  stage: string;
  how: "above" | "below" | "on";
}

/** How far a press may move and still be none but a press. */
const SLACK_PX = 5;

/** How near the upper or lower end of what scrolls the pointer has to be to scroll it, and by how much in a frame. */
const EDGE_PX = 56;
const SCROLL_PX = 9;

interface Dragging {
  over: Over | null;
  grab: (press: Press, dragged: Dragged) => void;
}

const Context = createContext<Dragging | null>(null);

function useDragging(): Dragging {
  const dragging = use(Context);
  if (!dragging) throw new Error("Nothing can be dragged here.");
  return dragging;
}

/** What makes an element a grip. */
export function useGrip(dragged: Dragged) {
  const { grab } = useDragging();
  return { onPointerDown: (press: Press) => grab(press, dragged), className: "cursor-grab touch-none select-none active:cursor-grabbing" };
}

/** How something is over that stage, while it is. */
export function useOver(stage: string): Over["how"] | null {
  const { over } = useDragging();
  return over?.stage === stage ? over.how : null;
}

/** What marks an element as a stage's place. */
export const placeOf = (stage: string) => ({ "data-place": stage });

interface DragAreaProps {
  onDrop: (dragged: Dragged, over: Over) => void;
  children: ReactNode;
}

export function DragArea({ onDrop, children }: DragAreaProps) {
  const [held, setHeld] = useState<{ dragged: Dragged; over: Over | null } | null>(null);
  const label = useRef<HTMLDivElement>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const grab = (press: Press, dragged: Dragged) => {
    if (press.button !== 0) return;
    stop.current?.abort();
    stop.current = new AbortController();
    follow(press, stop.current, {
      move: (x, y) => {
        const over = overAt(x, y, dragged);
        setHeld((before) => (before && same(before.over, over) ? before : { dragged, over }));
        requestAnimationFrame(() => moveTo(label, x, y));
      },
      drop: (x, y) => {
        const over = overAt(x, y, dragged);
        if (over) onDrop(dragged, over);
      },
      end: () => setHeld(null),
    });
  };
  return (
    <Context value={{ over: held?.over ?? null, grab }}>
      {children}
      {held && (
        <div
          ref={label}
          aria-hidden="true"
          className="pointer-events-none fixed top-0 left-0 z-40 max-w-56 truncate rounded-md border border-accent bg-panel px-2 py-1 text-xs font-medium shadow-lg"
        >
          {held.dragged.words}
        </div>
      )}
    </Context>
  );
}

interface Way {
  move: (x: number, y: number) => void;
  drop: (x: number, y: number) => void;
  /** It is over, dropped or not. */
  end: () => void;
}

/** Follows a pointer from its press until it lets go, is taken away, or Escape is pressed. */
function follow(press: Press, stop: AbortController, way: Way) {
  const { signal } = stop;
  const { pointerId, clientX, clientY } = press;
  const scroller = press.currentTarget.closest("main");
  let at: { x: number; y: number } | null = null;
  const end = () => {
    stop.abort();
    way.end();
  };
  const scroll = () => {
    if (signal.aborted || !at) return;
    if (scroller && scrollEdge(scroller, at.y)) way.move(at.x, at.y);
    requestAnimationFrame(scroll);
  };
  const listen = (kind: "pointermove" | "pointerup" | "pointercancel", heard: (event: PointerEvent) => void) =>
    window.addEventListener(kind, (event) => event.pointerId === pointerId && heard(event), { signal });
  listen("pointermove", ({ clientX: x, clientY: y }) => {
    if (!at && Math.hypot(x - clientX, y - clientY) < SLACK_PX) return;
    const begins = !at;
    at = { x, y };
    way.move(x, y);
    if (begins) scroll();
  });
  listen("pointerup", ({ clientX: x, clientY: y }) => {
    const dragged = at !== null;
    end();
    if (dragged) way.drop(x, y);
  });
  listen("pointercancel", end);
  // Before the page's own keys hear of it: there Escape closes what is open.
  window.addEventListener("keydown", (event) => event.key === "Escape" && (event.stopPropagation(), end()), { signal, capture: true });
}

/** Scrolls on while the pointer is at an end of what scrolls; whether it did. */
function scrollEdge(scroller: Element, y: number): boolean {
  const { top, bottom } = scroller.getBoundingClientRect();
  const by = y < top + EDGE_PX ? -SCROLL_PX : y > bottom - EDGE_PX ? SCROLL_PX : 0;
  const before = scroller.scrollTop;
  if (by !== 0) scroller.scrollTop += by;
  return scroller.scrollTop !== before;
}

function overAt(x: number, y: number, { what }: Dragged): Over | null {
  const place = document.elementFromPoint(x, y)?.closest<HTMLElement>("[data-place]");
  const stage = place?.dataset.place;
  if (!place || stage === undefined) return null;
  if (what !== "stage") return { stage, how: "on" };
  const { top, height } = place.getBoundingClientRect();
  return { stage, how: y < top + height / 2 ? "above" : "below" };
}

function same(one: Over | null, other: Over | null): boolean {
  return one?.stage === other?.stage && one?.how === other?.how;
}

/** Beside the pointer, so that a finger does not cover it. */
function moveTo(label: RefObject<HTMLElement | null>, x: number, y: number) {
  if (label.current) label.current.style.transform = `translate(${x + 12}px, calc(${y}px - 120%))`;
}
