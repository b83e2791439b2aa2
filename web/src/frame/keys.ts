// The keys of the page. A part of it names its keys while it is shown, so that the help lists what works
// here and now, and nothing else.

import { useEffect, useRef, useSyncExternalStore } from "react";

export interface Shortcut {
  /** One key or several after each other, such as `g r`; `Mod` is Ctrl, or Cmd on a Mac. */
  keys: string;
  words: string;
  run: () => void;
  /** Whether it works while one writes in a field too. */
  whileWriting?: boolean;
}

export interface Group {
  title: string;
  shortcuts: readonly Shortcut[];
}

/** How long a second key may be waited for. */
const SEQUENCE_MS = 1200;

let groups: readonly Group[] = [];
const watchers = new Set<() => void>();
let before: { key: string; at: number } | null = null;

function change(to: readonly Group[]) {
  groups = to;
  for (const watcher of watchers) watcher();
}

/** Names keys for as long as the part of the page that calls this is shown. */
export function useShortcuts(title: string, shortcuts: readonly Shortcut[]) {
  // What a key does may be another function at every drawing; the list stays the same.
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  const names = shortcuts.map(({ keys, words }) => `${keys} ${words}`).join("\n");
  useEffect(() => {
    const stable = latest.current.map((shortcut, index) => ({ ...shortcut, run: () => latest.current[index]?.run() }));
    const group = { title, shortcuts: stable };
    change([...groups, group]);
    return () => change(groups.filter((other) => other !== group));
  }, [title, names]);
}

export function useGroups(): readonly Group[] {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => groups,
  );
}

/** Listens to the keyboard, once for the whole page. */
export function listen(): () => void {
  window.addEventListener("keydown", pressed);
  return () => window.removeEventListener("keydown", pressed);
}

function pressed(event: KeyboardEvent) {
  if (event.defaultPrevented || event.altKey || event.isComposing) return;
  const key = nameOf(event);
  const sequence = before && event.timeStamp - before.at < SEQUENCE_MS ? `${before.key} ${key}` : null;
  before = { key, at: event.timeStamp };
  const writing = isWriting(event.target);
  // A dialog that has to be answered has the keyboard for itself.
  if (document.querySelector("[role=alertdialog]")) return;
  // What was named last lies on top.
  const all = groups.flatMap((group) => group.shortcuts).reverse();
  const found = all.find(({ keys, whileWriting = false }) => (keys === sequence || keys === key) && (!writing || whileWriting));
  if (!found) return;
  event.preventDefault();
  before = null;
  found.run();
}

function nameOf(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (!event.ctrlKey && !event.metaKey) return key;
  return event.shiftKey ? `Mod+Shift+${key}` : `Mod+${key}`;
}

function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit", "range"].includes(target.type);
}

const isMac = /mac|iphone|ipad/i.test(navigator.userAgent);

/** A shortcut's keys as they stand on a keyboard. */
export function caps(keys: string): string[] {
  const cap = (key: string) => ({ Mod: isMac ? "⌘" : "Ctrl", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc" })[key] ?? key;
  return keys.split(" ").flatMap((key) => (key === "+" ? [key] : key.split("+").map((one) => cap(one.length === 1 ? one.toUpperCase() : one))));
}
