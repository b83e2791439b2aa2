// What of a timeline is not over yet, and what becomes of it when its run ends.

import type { Entry, ErrandEntry, SpeechEntry } from "./state.ts";

/** Whether an answer of a model is awaited. */
export function isSpeaking(entry: Entry): entry is SpeechEntry {
  return entry.kind === "speech" && (entry.state === "waiting" || entry.state === "writing");
}

/** Whether something outside of the models is awaited. */
export function isUnderWay(entry: Entry): entry is ErrandEntry {
  return entry.kind === "errand" && (entry.state === "under_way" || entry.state === "asked");
}

/** The entry as it is once its run has ended: what was awaited was cut off with it. */
export function cutOff(entry: Entry): Entry {
  if (isSpeaking(entry)) return { ...entry, state: "cut", retryAt: null };
  return isUnderWay(entry) ? { ...entry, state: "cut" } : entry;
}
