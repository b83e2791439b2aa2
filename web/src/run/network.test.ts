// Who spoke to whom in a run.

import { expect, test } from "vitest";

import { networkOf } from "./network.ts";
import { begun, entered, folded, says } from "./story.test-support.ts";

test("messages, questions and what people say are ties, the most spoken first", () => {
  const state = folded(
    ...begun,
    entered(1, "draft"),
    ...says(1, "writer", "a"),
    ...says(2, "writer", "b"),
    { kind: "message_sent", visit: 1, agent: "writer", to: "editor", text: "c", tool_call: "t" },
    { kind: "question_asked", visit: 1, question: 12, agent: "editor", turn: 3, text: "?" },
    { kind: "question_answered", visit: 1, question: 12, text: "!", by: "ana" },
    { kind: "user_message", by: "ana", text: "Go on." },
  );
  const { nodes, ties, last } = networkOf(state.entries);
  expect(ties.map(({ from, to, count }) => `${from} to ${to}: ${count}`)).toEqual([
    "writer to the team: 2",
    "writer to editor: 1",
    "editor to a person: 1",
    "a person to editor: 1",
    "a person to the team: 1",
  ]);
  expect(nodes).toEqual(["writer", "editor", "a person"]);
  expect(last).toMatchObject({ from: "a person", to: "the team" });
});

test("a question that nobody answered in time has no answer of a person", () => {
  const state = folded(
    ...begun,
    entered(1, "draft"),
    { kind: "question_asked", visit: 1, question: 4, agent: "editor", turn: 1, text: "?" },
    { kind: "question_answered", visit: 1, question: 4, text: "No one answered." },
  );
  expect(networkOf(state.entries).ties.map(({ to }) => to)).toEqual(["a person"]);
});
