import { expect, test } from "vitest";

import { draftOf } from "./draft.ts";
import { renamedResults, renamedTo, renameStage } from "./rename.ts";

const workflow = draftOf({
  team: "desk",
  stages: [
    { id: "draft", name: "Draft", task: "Write a draft.", agents: ["writer"] },
    {
      id: "review",
      name: "draft",
      task: "Read {{ results.draft }}.",
      agents: [{ agent: "editor", directive: "Mind {{ results.draft | upper }}" }],
      outcomes: { draft: "draft", good: "end", other: { workflow: "draft" } },
      approval: { when: "after", on_reject: "draft" },
      entry: [{ tool: "note", arguments: { text: "{{ results.draft }}" } }],
    },
  ],
});

test("with its id goes all that knows a stage by it, and nothing else that is called so", () => {
  const [first, second] = renameStage(workflow, "draft", "first").stages;
  expect(first).toEqual({ ...workflow.stages[0], id: "first" });
  expect(second).toEqual({
    id: "review",
    name: "draft",
    task: "Read {{ results.first }}.",
    agents: [{ agent: "editor", directive: "Mind {{ results.first | upper }}" }],
    outcomes: { draft: "first", good: "end", other: { workflow: "draft" } },
    approval: [{ when: "after", on_reject: "first" }],
    entry: [{ tool: "note", arguments: { text: "{{ results.first }}" } }],
  });
});

test("results are found by either way of naming them, in braces alone", () => {
  expect(renamedResults("results.draft and {{ results.draft }}", "draft", "x")).toBe("results.draft and {{ results.x }}");
  expect(renamedResults('{% if results["a-b"] %}{{ results["a-b"].verdict }}{% endif %}', "a-b", "c")).toBe(
    "{% if results.c %}{{ results.c.verdict }}{% endif %}",
  );
  expect(renamedResults("{{ results.draft }}", "draft", "a-b")).toBe('{{ results["a-b"] }}');
});

test("an id that begins alike is another", () => {
  const text = "{{ results.draft2 }} {{ results.draft-b }} {{ my_results.draft }} {{ memory.draft }}";
  expect(renamedResults(text, "draft", "x")).toBe(text);
});

test("a stage is found again under its other id, and no other stage is taken for it", () => {
  const renamed = renameStage(workflow, "draft", "first").stages.map(({ id }) => id);
  expect(renamedTo(["draft", "review"], renamed, "draft")).toBe("first");
  expect(renamedTo(renamed, ["draft", "review"], "first")).toBe("draft");
  expect(renamedTo(["draft", "review"], ["draft"], "review")).toBeUndefined();
  expect(renamedTo(["draft", "review"], ["review", "draft"], "draft")).toBeUndefined();
  expect(renamedTo(["draft", "review"], ["draft", "other"], "draft")).toBeUndefined();
});
