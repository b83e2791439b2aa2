// Which variant does best, and what the runs of one came to; and the family as a tree.

import { expect, test } from "vitest";

import type { Family, Sample, Variant } from "../api/model.ts";
import { bestOf, outcomeCounts } from "./best.ts";
import { descentLine, tree } from "./family-tree.ts";

const sample = (status: Sample["status"], ...outcomes: string[]) =>
  ({ run_id: 1, status, outcomes: outcomes.map((outcome) => ({ stage: "review", outcome })) }) as Sample;

function variant(number: number, tokens: number | null, runs: Sample[], completed: number): Variant {
  const median = tokens === null ? {} : { median: { tokens, cost_usd: 0.5, duration_ms: tokens } };
  return { variant: number, overrides: {}, runs, completed, ...median };
}

test("the lowest figures are the best, and what is alike is no better", () => {
  const best = bestOf([
    variant(1, 300, [sample("completed"), sample("error")], 1),
    variant(2, 200, [sample("completed"), sample("completed")], 2),
    variant(3, null, [sample("error"), sample("stopped")], 0),
  ]);
  expect([...best.tokens]).toEqual([2]);
  expect([...best.duration_ms]).toEqual([2]);
  expect([...best.cost_usd]).toEqual([]);
  expect([...best.completed]).toEqual([2]);
});

test("figures that hardly differ are alike", () => {
  const runs = [sample("completed")];
  expect([...bestOf([variant(1, 1000, runs, 1), variant(2, 1019, runs, 1)]).tokens]).toEqual([]);
  expect([...bestOf([variant(1, 1000, runs, 1), variant(2, 1019, runs, 1), variant(3, 1100, runs, 1)]).tokens]).toEqual([1, 2]);
});

test("nobody is best while somebody is still at work", () => {
  const best = bestOf([variant(1, 300, [sample("completed")], 1), variant(2, 200, [sample("completed"), sample("running")], 1)]);
  expect([...best.tokens, ...best.completed]).toEqual([]);
});

test("outcomes are counted over all runs of a variant", () => {
  expect(outcomeCounts([sample("completed", "revise", "approved"), sample("completed", "approved")])).toEqual([
    { stage: "review", outcome: "approved", times: 2 },
    { stage: "review", outcome: "revise", times: 1 },
  ]);
});

const descent = { stage: "draft", definition: "latest", from_visit: 2 } as const;

test("runs stand below the one that they go on from", () => {
  const family = {
    root: 1,
    items: [{ run_id: 1 }, { run_id: 2, descent: { ...descent, run_id: 1 } }, { run_id: 3, descent: { ...descent, run_id: 1 } }, { run_id: 4, descent: { ...descent, run_id: 2 } }],
    usage: { model_calls: 0, input_tokens: 0, output_tokens: 0, cost_usd: 0 },
  } as Family;
  expect(tree(family).map(({ relative, depth }) => [relative.run_id, depth])).toEqual([[1, 0], [2, 1], [4, 2], [3, 1]]);
});

test("what a run changed is told in a line", () => {
  const name = (id: string) => (id === "draft" ? "Draft" : id);
  expect(descentLine({ ...descent, run_id: 1, changed: ["stages/draft", "models/careful", "agents/editor"], overrides: { stages: { draft: { task: "Other.", model: "careful" } } }, other_input: true }, name)).toBe(
    "from Draft, visit 2 · task of Draft, model of Draft: careful · another input · definition changed: editor",
  );
  expect(descentLine({ run_id: 1, stage: "draft", after_visit: 2, outcome: "revise", definition: "original" }, name)).toBe(
    "after Draft, visit 2 · outcome revise · the original definition",
  );
});
