import { expect, test } from "vitest";

import { under } from "./check.ts";

const at = (path: string) => ({ path, message: "" });
const paths = (all: { path: string }[]) => all.map((one) => one.path);

test("mistakes are found by their place, and named from there on", () => {
  const all = [at("workflows.a.stages[1].task"), at("workflows.a.stages[1]"), at("workflows.a.stages[10].task"), at("workflows.ab.team")];
  expect(paths(under(all, "workflows.a"))).toEqual(["stages[1].task", "stages[1]", "stages[10].task"]);
  expect(paths(under(all, "workflows.a.stages[1]"))).toEqual(["task", ""]);
  expect(paths(under(under(all, "workflows.a"), "stages"))).toEqual(["[1].task", "[1]", "[10].task"]);
});
