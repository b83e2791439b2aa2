// Where the focus goes when what had it is gone: who uses the keyboard is never sent back to the top of the page.

import { useEffect, useRef, type RefObject } from "react";

/** Begins again at what the page is about. */
export function focusMain() {
  document.getElementById("main")?.focus({ preventScroll: true });
}

/** The same, where nothing else has taken it. */
export function focusMainIfLost() {
  if (isLost()) focusMain();
}

function isLost(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}

/** Leads the focus into a form that opens in the place of its button, which is marked with `data-opens`, and back to
 * the button when the form closes with the focus in it: who has gone elsewhere meanwhile is left there. The form is
 * marked with `data-opened`. */
export function useFocusAlong(open: string | null | undefined): RefObject<HTMLDivElement | null> {
  const around = useRef<HTMLDivElement>(null);
  const before = useRef(open);
  useEffect(() => {
    const was = before.current;
    before.current = open;
    if (was === open) return;
    const to = open ? "[data-opened] :is(input, select, textarea)" : `[data-opens="${CSS.escape(was ?? "")}"]`;
    if (open || isLost()) around.current?.querySelector<HTMLElement>(to)?.focus();
    focusMainIfLost();
  }, [open]);
  return around;
}
