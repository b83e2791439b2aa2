import { expect, test } from "vitest";

import { linesOf, valuesOf } from "./env.ts";

test("values say whether they are a text, a variable or a secret", () => {
  const values = { A: "plain = text", B: { env: "HOME" }, C: { secret: "token" }, D: "" };
  expect(linesOf(values)).toEqual(["A=plain = text", "B=$HOME", "C=secret:token", "D="]);
  expect(valuesOf(linesOf(values))).toEqual(values);
});

test("a text that looks like a reference stays a text", () => {
  const values = { A: "$5", B: "secret:no" };
  expect(valuesOf(linesOf(values))).toEqual(values);
});
