// Beginning, in a real browser before the real program: from an empty server to a first finished run, and a project
// from nothing without a file.

import { afterAll, beforeAll, expect, test } from "vitest";

import { seriousIssues } from "./axe.ts";
import { openBrowser, unexpected, type Browser } from "./browser.ts";
import { startProgram, type Program } from "./program.ts";

/** How long a first visit may take to its first finished run. */
const FIRST_RUN_MS = 120_000;

let program: Program;
let browser: Browser;

beforeAll(async () => {
  program = await startProgram();
  browser = await openBrowser(program.address);
});

afterAll(async () => {
  await browser?.close();
  await program?.stop();
});

test("a first visit leads to a first finished run in under two minutes", async () => {
  const began = Date.now();
  const { page, complaints } = await browser.page();
  await page.goto("/");
  await page.getByRole("heading", { level: 1, name: "Welcome to Callboard" }).waitFor();
  expect(await seriousIssues(page)).toEqual([]);
  await page.getByRole("button", { name: "Run it" }).click();
  await page.waitForURL(/\/runs\/\d+$/);
  await page.getByRole("region", { name: "Final result" }).waitFor({ timeout: FIRST_RUN_MS });
  expect(Date.now() - began).toBeLessThan(FIRST_RUN_MS);
  expect(await page.getByRole("region", { name: "Final result" }).innerText()).toMatch(/night train/i);

  // How a real model takes over is told where one comes next, and leads to the form with the model open.
  await page.goto("/");
  await page.getByRole("link", { name: "newsroom" }).click();
  await page.getByText("What is written here is simulated.").waitFor();
  await page.getByRole("link", { name: "give the model main a provider" }).click();
  await page.getByLabel("Provider").selectOption("openai");
  await page.getByLabel("The key").waitFor();
  expect(complaints).toEqual([]);
  await page.close();
});

test("an example whose project is there already is not applied over it", async () => {
  const { page } = await browser.page();
  await page.goto("/new");
  await page.getByRole("radio", { name: "A newsroom" }).check();
  await page.getByText("There is a project newsroom already").waitFor();
  expect(await page.getByRole("button", { name: "Run it" }).isDisabled()).toBe(true);
  await page.getByLabel("Name").fill("newsroom");
  await page.getByText("There is a project of this name already.").waitFor();
  expect(await page.getByRole("button", { name: "Make the project" }).isDisabled()).toBe(true);
  await page.close();
});

test("a project is set up from nothing, without a file, and run", async () => {
  const { page, complaints } = await browser.page();
  await page.goto("/");
  await page.getByRole("link", { name: "New project" }).click();
  await page.getByLabel("Name").fill("shop");
  await page.getByRole("button", { name: "Make the project" }).click();

  const setup = page.getByRole("region", { name: "Set it up" });
  await setup.getByRole("link", { name: "Add a model" }).click();
  await page.getByLabel("Provider").selectOption("simulated");
  await page.getByRole("button", { name: "Add the model" }).click();
  await page.getByRole("heading", { name: "main" }).waitFor();

  await page.getByRole("navigation", { name: "Project" }).getByRole("link", { name: "Tools" }).click();
  await page.getByRole("button", { name: "Add a tool" }).click();
  await page.getByLabel("Name").fill("lookup");
  await page.getByLabel("Command").fill("./lookup.sh");
  await page.getByLabel("Description").fill("Looks a city up.");
  await page.getByLabel("Parameters").fill('{ "city": { "type": "string" } }');
  await page.getByRole("button", { name: "Add the tool" }).click();
  await page.getByRole("heading", { name: "lookup" }).waitFor();

  await page.getByRole("navigation", { name: "Project" }).getByRole("link", { name: "Overview" }).click();
  await setup.getByRole("link", { name: "Make a team" }).click();
  await page.getByLabel("Agent's name").fill("writer");
  await page.getByLabel("Role").fill("Writer");
  await page.getByRole("button", { name: "Add an agent" }).click();
  await page.getByLabel("Agent's name").nth(1).fill("editor");
  await page.getByLabel("Role").nth(1).fill("Editor");
  await page.getByRole("group", { name: "editor" }).getByLabel("lookup").check();
  await page.getByRole("button", { name: "Make the team" }).click();
  await page.getByRole("list", { name: "Agents of desk" }).getByText("editor").first().waitFor();
  expect(await seriousIssues(page)).toEqual([]);

  await page.getByRole("navigation", { name: "Project" }).getByRole("link", { name: "Overview" }).click();
  await setup.getByRole("link", { name: "Make a workflow" }).click();
  await page.getByLabel("Name", { exact: true }).fill("notice");
  await page.getByLabel("What it asks").fill("What is it about?");
  await page.getByLabel("Task").fill("Write a notice about {{ inputs }}.");
  // A slip is told where it was made, before anything is sent off.
  await page.getByText(/Did you mean "input"/).waitFor();
  await page.getByLabel("Task").fill("Write a notice about {{ input }}.");
  await page.getByRole("button", { name: "Make the workflow" }).click();
  await page.waitForURL(/\/workflows\/\d+$/);

  await page.getByLabel("What is it about?").fill("owls");
  await page.getByRole("button", { name: "Start run" }).click();
  await page.waitForURL(/\/runs\/\d+$/);
  await page.getByRole("region", { name: "Final result" }).waitFor({ timeout: 60_000 });
  expect(unexpected(complaints)).toEqual([]);
  await page.close();
});

test("what others refer to is not removed, and who does is named", async () => {
  const { page } = await browser.page();
  await page.goto("/");
  await page.getByRole("link", { name: "shop" }).click();
  await page.getByRole("navigation", { name: "Project" }).getByRole("link", { name: "Models" }).click();
  await page.getByRole("button", { name: "Remove the model main" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
  const refusal = page.getByRole("alert");
  await refusal.getByText("The model is still needed.").waitFor();
  expect(await refusal.innerText()).toContain("teams.desk.model");
  await page.close();
});
