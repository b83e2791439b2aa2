import { expect, test } from "vitest";

import { begin, redo, settle, step, undo } from "./history.ts";

test("each step is undone and done again, in order", () => {
  const three = step(step(begin(1), 2, null, 0), 3, null, 0);
  expect(undo(undo(three)).present).toBe(1);
  expect(undo(undo(undo(three))).present).toBe(1);
  expect(redo(undo(three)).present).toBe(3);
  expect(redo(three)).toBe(three);
});

test("letters typed into one field are one step, until one pauses or goes elsewhere", () => {
  const typed = step(step(begin(""), "a", "task", 0), "ab", "task", 1000);
  expect(undo(typed).present).toBe("");
  expect(undo(step(typed, "abc", "task", 9000)).present).toBe("ab");
  expect(undo(step(typed, "x", "name", 1100)).present).toBe("ab");
});

test("a new step forgets what was undone", () => {
  const again = step(undo(step(begin(1), 2, null, 0)), 3, null, 0);
  expect(redo(again).present).toBe(3);
  expect(undo(again).present).toBe(1);
});

test("what is saved can still be undone", () => {
  const saved = settle(step(begin(1), 2, null, 0), 2.5);
  expect(saved.present).toBe(2.5);
  expect(undo(saved).present).toBe(1);
});
