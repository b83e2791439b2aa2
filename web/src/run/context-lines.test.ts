// How much each agent was sent, with and without summaries.

import { expect, test } from "vitest";

import { contextOf } from "./context-lines.ts";
import { begun, entered, folded, says } from "./story.test-support.ts";

test("what was summed up counts without compaction until the conversation begins anew", () => {
  const compacted = { kind: "context_compacted", visit: 1, turn: 2, agent: "writer", messages: 3, summary: "s", tokens_before: 900, tokens_after: 200 } as const;
  const state = folded(
    ...begun,
    entered(1, "draft"),
    ...says(1, "writer", "a", { input: 800 }),
    compacted,
    ...says(2, "writer", "b", { input: 250 }),
    ...says(3, "editor", "c", { input: 50 }),
    compacted,
    ...says(4, "writer", "d", { input: 300 }),
    entered(2, "review"),
    ...says(5, "writer", "e", { input: 120, visit: 2 }),
  );
  const { lines, bounds, most, compacted: was } = contextOf(state.entries, state.visits);
  expect(lines.map(({ agent, points }) => [agent, points.map(({ sent, whole }) => [sent, whole])])).toEqual([
    ["writer", [[800, 800], [250, 950], [300, 1700], [120, 120]]],
    ["editor", [[50, 50]]],
  ]);
  expect(bounds.map(({ name }) => name)).toEqual(["DRAFT", "REVIEW"]);
  expect([most, was]).toEqual([1700, true]);
});
