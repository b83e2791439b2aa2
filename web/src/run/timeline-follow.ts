// Whether a timeline follows its end: it does while the end is in view, and leaves who scrolls up alone.

import { useEffect, useLayoutEffect, useRef, useState, type RefObject } from "react";

import type { Entry } from "./state.ts";

/** How near the end counts as being there: a line of text. */
const NEAR_PX = 32;

interface Following {
  scroller: RefObject<HTMLDivElement | null>;
  /** How high all of it is. */
  size: number;
  entries: Entry[];
  /** Whether it follows from the beginning. */
  begins: boolean;
}

export function useFollow({ scroller, size, entries, begins }: Following) {
  const follows = useRef(begins);
  const lastTop = useRef(0);
  const [away, setAway] = useState(false);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element && follows.current) element.scrollTop = element.scrollHeight;
  }, [scroller, size, entries]);

  // What came first stands at its top, and nobody has scrolled yet.
  const isThere = size > 0;
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element && isThere && !follows.current) setAway(!isAtEnd(element));
  }, [scroller, isThere, entries]);

  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    // A window that changes its height must not lose the end out of sight.
    const observer = new ResizeObserver(() => {
      if (follows.current) element.scrollTop = element.scrollHeight;
      setAway(!isAtEnd(element));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroller]);

  const onScroll = () => {
    const element = scroller.current;
    if (!element) return;
    const atEnd = isAtEnd(element);
    // Text that grows moves the end away without anybody scrolling; only a move upwards is a wish to stay.
    if (atEnd) follows.current = true;
    else if (element.scrollTop < lastTop.current - 1) follows.current = false;
    lastTop.current = element.scrollTop;
    setAway(!atEnd && !follows.current);
  };

  return { follows, away, setAway, onScroll };
}

export function isAtEnd(element: HTMLElement): boolean {
  return element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX;
}
