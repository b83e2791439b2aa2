// What a timeline shows of its entries, and where an event stands in it.

import { expect, test } from "vitest";

import type { Matter } from "./matter.ts";
import { entryOf, nearest, sift, visitAt } from "./sift.ts";
import type { Entry } from "./state.ts";
import { begun, entered, folded, says } from "./story.test-support.ts";

const nothing = new Set<Matter>();
const state = folded(
  ...begun,
  entered(1, "draft"),
  ...says(1, "writer", "Owls hunt at night."),
  { kind: "result_shared", visit: 1, agent: "writer", key: "facts", value: { eyes: "Large" }, tool_call: "a" },
  { kind: "stage_completed", visit: 1, stage: "draft", result: "Owls", usage: {}, duration_ms: 1 },
  entered(2, "review"),
  ...says(2, "editor", "Good.", { visit: 2 }),
);

function shown(search: string, hidden: ReadonlySet<Matter> = nothing): string[] {
  return sift(state.entries, { hidden, search }).map((place) => (state.entries[place] as Entry).key);
}

test("all is shown where nothing is hidden and nothing searched for", () => {
  expect(shown("")).toEqual(state.entries.map((entry) => entry.key));
});

test("what is hidden goes, and the path of the run stays", () => {
  expect(shown("", new Set<Matter>(["talk", "states"]))).toEqual(["visit-1", "event-7", "event-8", "visit-2"]);
});

test("words are found wherever they stand, all of them, in any order and case", () => {
  expect(shown("NIGHT owls")).toEqual(["visit-1", "call-1"]);
  expect(shown("large")).toEqual(["visit-1", "event-7"]);
  expect(shown("good")).toEqual(["visit-2", "call-2"]);
  expect(shown("owls bats")).toEqual([]);
  expect(shown("night", new Set<Matter>(["talk"]))).toEqual([]);
});

test("what is written while one searches is found when it stands there", () => {
  const more = folded(...begun, entered(1, "draft"), ...says(1, "writer", "Nothing.").slice(0, 1));
  expect(sift(more.entries, { hidden: nothing, search: "bats" })).toEqual([]);
  const speech = more.entries.findIndex((entry) => entry.kind === "speech");
  const written = more.entries.with(speech, { ...(more.entries[speech] as Entry & { kind: "speech" }), text: "Bats" });
  expect(sift(written, { hidden: nothing, search: "bats" })).toEqual([speech - 1, speech]);
});

test("an event is found at the entry that it began, or the last one before it", () => {
  const key = (seq: number) => state.entries[entryOf(state.entries, seq)]?.key;
  expect([1, 3, 4, 5, 6, 7, 99].map(key)).toEqual(["event-1", "visit-1", "call-1", "call-1", "call-1", "event-7", "call-2"]);
  expect(entryOf(state.entries, 0)).toBe(-1);
});

test("a hidden entry leads to the nearest one after it that is shown", () => {
  expect([0, 2, 3, 9].map((entry) => nearest([0, 3, 5], entry))).toEqual([0, 1, 1, 2]);
  expect(nearest([], 4)).toBe(-1);
});

test("a place belongs to the visit that was entered last before it", () => {
  const visits = [0, 1, 4, 99].map((place) => visitAt(state.visits, place)?.visit ?? null);
  expect(visits).toEqual([null, 1, 1, 2]);
});
