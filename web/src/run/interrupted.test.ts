// The words for calls that were cut off.

import { expect, test } from "vitest";

import type { Interrupted } from "../api/model.ts";
import { interruptedSummary } from "./interrupted-words.ts";

function one(more: Partial<Interrupted>): Interrupted {
  return {
    seq: 8,
    at: "2026-11-24T22:00:00.000Z",
    cause: "crash",
    what: "model_call",
    call: 5,
    attempt: 1,
    may: "billed_twice",
    became: "made_again",
    ...more,
  };
}

const tool = { what: "tool_call", may: "taken_effect", became: "reported" } as const;

test("what a crash cut off is said first, and what may have had effects before what may cost", () => {
  expect(interruptedSummary([one({})])).toBe("After a crash: 1 model call may have been billed twice.");
  expect(interruptedSummary([one({}), one({ seq: 9 }), one(tool)])).toBe(
    "After a crash: 1 tool call may have taken effect, 2 model calls may have been billed twice.",
  );
  expect(interruptedSummary([one({ cause: "ending", may: "billed" }), one({ ...tool, may: "taken_effect_twice" })])).toBe(
    "After a crash: 1 tool call may have taken effect twice. Cut off: 1 model call may have been billed.",
  );
});
