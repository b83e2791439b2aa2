import { expect, test } from "vitest";

import { draftOf, fieldsOf, newModel, withProvider } from "./draft.ts";

test("a key that is typed becomes the name of a secret, and nothing more", () => {
  const draft = newModel([]);
  draft.fields.model = "gpt";
  expect(fieldsOf(draft)).toEqual({ provider: "openai", model: "gpt", api_key: { secret: "openai_key" } });
});

test("another provider leaves behind what only the first one knew", () => {
  const simulated = draftOf({
    id: 1,
    project_id: 1,
    name: "main",
    provider: "simulated",
    model: "simulated",
    parameters: { words_per_second: 25 },
    script: [{ when: {} }],
    timeout_s: 120,
    retry_for_s: 600,
    tools: true,
    context_tokens: 128000,
    max_at_once: 50,
  });
  const real = withProvider(simulated, "anthropic");
  expect(real.key).toEqual({ from: "typed", name: "anthropic_key" });
  expect(fieldsOf(real)).not.toHaveProperty("script");
  expect(fieldsOf(real)).not.toHaveProperty("parameters.words_per_second");
  expect(fieldsOf(real)).not.toHaveProperty("model");
  expect(fieldsOf(withProvider(real, "simulated"))).not.toHaveProperty("api_key");
});

test("a key that was chosen stays with another provider", () => {
  const draft = { ...newModel([]), key: { from: "env" as const, name: "MY_KEY" } };
  expect(withProvider(draft, "gemini").key).toEqual({ from: "env", name: "MY_KEY" });
});
