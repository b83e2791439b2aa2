// The keys of a timeline.

import { useShortcuts } from "../frame/keys.ts";

interface Keys {
  step: (by: number) => void;
  visit: (by: number) => void;
  newest: () => void;
  search: () => void;
}

export function useTimelineKeys({ step, visit, newest, search }: Keys) {
  useShortcuts("In a timeline", [
    { keys: "/", words: "Search the timeline", run: search },
    { keys: "j", words: "To the next event", run: () => step(1) },
    { keys: "k", words: "To the event before", run: () => step(-1) },
    { keys: "]", words: "To the next visit", run: () => visit(1) },
    { keys: "[", words: "To the visit before", run: () => visit(-1) },
    { keys: ".", words: "To the newest", run: newest },
  ]);
}
