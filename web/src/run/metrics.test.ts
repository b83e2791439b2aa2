// What a run has used, read off its timeline.

import { expect, test } from "vitest";

import { spans, totals } from "./metrics.ts";
import { begun, entered, folded, momentOf, says, type Told } from "./story.test-support.ts";

const place = { call: 9, turn: 9, agent: "editor", visit: 2 };
const failed: Told[] = [
  { kind: "model_call_started", ...place, attempt: 1, model: "main" },
  { kind: "model_call_failed", ...place, attempt: 1, model: "main", code: "model_unavailable", message: "No.", transient: false, cost_usd: 0.25, duration_ms: 200 },
  { kind: "model_call_started", ...place, attempt: 2, model: "other" },
];

test("stages, agents and models each have what was used in them", () => {
  const state = folded(
    ...begun,
    entered(1, "draft"),
    ...says(1, "writer", "a", { ms: 300 }),
    { kind: "stage_completed", visit: 1, stage: "draft", result: "a", usage: {}, duration_ms: 4000 },
    entered(2, "draft", 2),
    ...says(2, "writer", "b", { visit: 2, ms: 200 }),
    ...failed,
  );
  const { stages, agents, models } = totals(state.entries, state.visits, momentOf(12));
  // Of the visit that goes on, the time until now counts.
  expect(stages).toEqual([{ name: "DRAFT", ms: 4000 + 4000, calls: 2, failed: 1, input: 200, output: 20, cost: 1.25 }]);
  expect(agents.map(({ name, ms, calls, failed, cost }) => [name, ms, calls, failed, cost])).toEqual([
    ["writer", 500, 2, 0, 1],
    ["editor", 200, 0, 1, 0.25],
  ]);
  expect(models.map(({ name, ms, calls, failed }) => [name, ms, calls, failed])).toEqual([["main", 700, 2, 1]]);
});

test("every attempt is a span of its own, and what goes on has no end", () => {
  const state = folded(
    ...begun,
    entered(1, "draft"),
    entered(2, "review"),
    ...failed,
    { kind: "tool_call_started", visit: 2, call: 10, attempt: 1, turn: 9, agent: "editor", tool: "lookup", arguments: {} },
    { kind: "tool_call_finished", visit: 2, call: 10, attempt: 1, turn: 9, agent: "editor", tool: "lookup", text: "x", code: "tool_failed", duration_ms: 700 },
  );
  expect(spans(state.entries).map(({ what, name, from, to, state }) => [what, name, from - momentOf(0), to === null ? null : to - momentOf(0), state])).toEqual([
    ["model", "main", 5800, 6000, "failed"],
    ["model", "other", 7000, null, "going"],
    ["tool", "lookup", 8000, 8700, "failed"],
  ]);
});
