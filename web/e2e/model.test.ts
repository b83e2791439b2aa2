// A model that is tried on the page: what its provider says is shown as it said it, and what was wrong is mended
// right there.

import { afterAll, beforeAll, expect, test } from "vitest";

import { seriousIssues } from "./axe.ts";
import { openBrowser, type Browser } from "./browser.ts";
import { startProgram, type Program } from "./program.ts";
import { BAD_KEY, startProvider, type Provider } from "./provider.ts";

const KEY = "sk-the-right-one";

let program: Program;
let provider: Provider;
let browser: Browser;

beforeAll(async () => {
  program = await startProgram();
  provider = await startProvider(KEY);
  await program.applyText("project: trial\nmodels: { spare: { provider: simulated } }\n", null);
  browser = await openBrowser(program.address);
});

afterAll(async () => {
  await browser?.close();
  await program?.stop();
  await provider?.close();
});

test("a model is tried, its provider's words are shown, and its key is mended", async () => {
  const { page } = await browser.page();
  await page.goto("/projects/1/models");
  await page.getByRole("button", { name: "Add a model" }).click();
  await page.getByLabel("Name", { exact: true }).fill("real");
  await page.getByLabel("Provider").selectOption("openai-compatible");
  await page.getByLabel("Model", { exact: true }).fill("small");
  await page.getByLabel("Address").fill(provider.address);
  await page.getByLabel("Where it comes from").selectOption("typed");
  await page.getByLabel("The key").fill("sk-the-wrong-one");
  await page.getByRole("button", { name: "Add the model" }).click();

  await page.getByRole("button", { name: "Say hello to real" }).click();
  const refusal = page.getByRole("alert");
  await refusal.getByText(BAD_KEY).waitFor();
  expect(await refusal.innerText()).toContain("model_unauthorized");
  expect(await refusal.innerText()).toContain("Check the model's api_key");
  expect(await seriousIssues(page)).toEqual([]);

  await page.getByRole("button", { name: "Change the model real" }).click();
  // The key itself is nowhere: it is a secret with a name now.
  expect(await page.content()).not.toContain("sk-the-wrong-one");
  await page.getByLabel("Where it comes from").selectOption("typed");
  await page.getByLabel("Kept as the secret").fill("model_key");
  await page.getByLabel("The key").fill(KEY);
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("button", { name: "Say hello to real" }).click();
  await page.getByText("Hello from a model.").waitFor();
  await page.getByText(/17 tokens/).waitFor();
  await page.close();
});

test("a simulated model answers at once", async () => {
  const { page, complaints } = await browser.page();
  await page.goto("/projects/1/models");
  await page.getByRole("button", { name: "Say hello to spare" }).click();
  await page.getByText("It answers, after").waitFor();
  await page.getByLabel("Ask spare something").focus();
  await page.keyboard.type("What do owls eat?");
  const asked = page.waitForRequest(/\/models\/\d+\/try$/);
  await page.keyboard.press("Enter");
  expect((await asked).postDataJSON()).toEqual({ text: "What do owls eat?" });
  await page.getByText("It answers, after").waitFor();
  expect(await seriousIssues(page)).toEqual([]);
  expect(complaints).toEqual([]);
  await page.close();
});
