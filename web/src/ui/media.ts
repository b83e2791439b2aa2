// Whether the screen is wide enough for things to stand side by side.

import { useSyncExternalStore } from "react";

const wide = window.matchMedia("(min-width: 64rem)");

function watch(watcher: () => void) {
  wide.addEventListener("change", watcher);
  return () => wide.removeEventListener("change", watcher);
}

export function useWide(): boolean {
  return useSyncExternalStore(watch, () => wide.matches);
}
