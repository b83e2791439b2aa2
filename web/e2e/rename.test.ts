// Parts that are called otherwise, in a real browser before the real program: what refers to them goes along.

import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { ProjectFile } from "../src/api/model.ts";
import { seriousIssues } from "./axe.ts";
import { openBrowser, unexpected, type Browser } from "./browser.ts";
import { startProgram, type Program } from "./program.ts";

const FILE = `project: names
models: { main: { provider: simulated }, spare: { provider: simulated, fallback: main } }
tools: { lookup: { description: Looks up., command: [cat] } }
teams:
  desk: { model: main, agents: { writer: { tools: [lookup] }, editor: {} } }
workflows:
  text:
    team: desk
    stages: [{ id: draft, name: Draft, task: "Write about {{ input }}.", agents: [writer, { agent: editor, phase: completion }] }]
  lead:
    team: desk
    stages: [{ id: go, name: Go, task: Go on., agents: [writer], outcomes: { further: { workflow: text }, done: end } }]
triggers: { bell: { workflow: text, webhook: true } }
`;

let program: Program;
let browser: Browser;
let workflow: number;

beforeAll(async () => {
  program = await startProgram("0");
  workflow = await program.applyText(FILE, "text");
  browser = await openBrowser(program.address);
});

afterAll(async () => {
  await browser?.close();
  await program?.stop();
});

async function file(): Promise<ProjectFile> {
  const answer = await fetch(`${program.address}/api/v1/projects/1/export`, { headers: { Accept: "application/json" } });
  return (await answer.json()) as ProjectFile;
}

async function trigger(): Promise<{ name: string; webhook_url: string }> {
  const answer = await fetch(`${program.address}/api/v1/workflows/${workflow}/triggers`);
  return ((await answer.json()) as { items: { name: string; webhook_url: string }[] }).items[0]!;
}

/** Renames by the keyboard alone, from the button on. */
async function rename(page: Page, what: string, to: string) {
  await page.getByRole("button", { name: `Rename the ${what}`, exact: true }).focus();
  await page.keyboard.press("Enter");
  const form = page.getByRole("form", { name: `Rename the ${what}`, exact: true });
  await form.getByRole("textbox").and(page.locator(":focus")).waitFor();
  await page.keyboard.press("Control+a");
  await page.keyboard.type(to);
  await form.getByRole("button", { name: "Rename it" }).and(page.locator(":enabled")).waitFor();
  await page.keyboard.press("Enter");
  await form.waitFor({ state: "detached" });
}

test("a model, a tool, a team and an agent are renamed, and what names them goes along", async () => {
  const { page, complaints } = await browser.page();
  await page.goto("/projects/1/models");
  await rename(page, "model main", "large");
  await page.getByRole("heading", { name: "large" }).waitFor();
  await page.goto("/projects/1/tools");
  await rename(page, "tool lookup", "find");
  await page.goto("/projects/1/teams");
  await rename(page, "agent writer", "author");
  await page.getByRole("button", { name: "Rename the agent author" }).waitFor();
  await rename(page, "team desk", "office");
  await page.getByRole("button", { name: "Rename the team office" }).waitFor();
  const { models, tools, teams, workflows } = await file();
  expect(Object.keys(models!).toSorted()).toEqual(["large", "spare"]);
  expect(models!.spare!.fallback).toBe("large");
  expect(Object.keys(tools!)).toEqual(["find"]);
  expect(Object.keys(teams!)).toEqual(["office"]);
  expect(teams!.office).toMatchObject({ model: "large", agents: { author: { tools: ["find"] }, editor: {} } });
  expect(workflows!.text).toMatchObject({ team: "office", stages: [{ agents: ["author", { agent: "editor", phase: "completion" }] }] });
  // The workflow is the same one, and runs with the new names.
  await program.carryOut(workflow, "owls");
  expect(unexpected(complaints)).toEqual([]);
  await page.close();
});

test("a name that is taken or cannot be one is refused while one writes", async () => {
  const { page } = await browser.page();
  await page.goto("/projects/1/models");
  await page.getByRole("button", { name: "Rename the model spare" }).click();
  const form = page.getByRole("form", { name: "Rename the model spare" });
  const name = form.getByRole("textbox");
  await name.fill("large");
  await form.getByText("There is a model of this name already.").waitFor();
  await name.fill("not a name");
  await form.getByText("cannot be a name").waitFor();
  await form.getByRole("button", { name: "Rename it", disabled: true }).waitFor();
  expect(await seriousIssues(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await form.waitFor({ state: "detached" });
  await page.close();
});

test("a workflow and a trigger are renamed, and are the same ones with their runs and their addresses", async () => {
  const { page, complaints } = await browser.page();
  const address = (await trigger()).webhook_url;
  const run = await program.carryOut(workflow, "owls");
  await page.goto(`/workflows/${workflow}?panel=settings`);
  await rename(page, "workflow text", "prose");
  await page.getByRole("heading", { name: "prose", level: 1 }).waitFor();
  await page.getByRole("button", { name: "Rename the workflow prose" }).waitFor();
  await page.goto(`/workflows/${workflow}?panel=triggers`);
  await rename(page, "trigger bell", "gong");
  await page.getByRole("heading", { name: "gong" }).waitFor();
  const { workflows, triggers } = await file();
  expect(Object.keys(workflows!)).toEqual(["prose", "lead"]);
  expect(workflows!.lead!.stages[0]!.outcomes).toEqual({ further: { workflow: "prose" }, done: "end" });
  expect(triggers).toMatchObject({ gong: { workflow: "prose" } });
  expect(await trigger()).toMatchObject({ name: "gong", webhook_url: address });
  await page.goto(`/runs?workflow=${workflow}`);
  await page.locator(`a[href="/runs/${run}"]`).first().waitFor();
  expect(unexpected(complaints)).toEqual([]);
  await page.close();
});

test("a workflow is not renamed to one that is there, nor while something is written", async () => {
  const { page } = await browser.page();
  await page.goto(`/workflows/${workflow}?panel=settings`);
  await page.getByRole("button", { name: "Rename the workflow prose" }).click();
  const form = page.getByRole("form", { name: "Rename the workflow prose" });
  await form.getByRole("textbox").fill("lead");
  await form.getByText("There is a workflow of this name already.").waitFor();
  await form.getByRole("textbox").fill("two words");
  await form.getByText("cannot be a name").waitFor();
  expect(await seriousIssues(page)).toEqual([]);
  await page.getByLabel("What it asks").fill("What about?");
  await form.waitFor({ state: "detached" });
  expect(await page.getByRole("button", { name: "Rename the workflow prose" }).isDisabled()).toBe(true);
  await page.close();
});
