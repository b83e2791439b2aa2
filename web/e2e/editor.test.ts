// The picture of a workflow as its editor, in a real browser before the real program: what is changed there is
// checked, undone, saved, and seen in the next run.

import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { Run, Workflow } from "../src/api/model.ts";
import { seriousIssues } from "./axe.ts";
import { openBrowser, unexpected, type Browser } from "./browser.ts";
import { startProgram, type Program } from "./program.ts";

const FILE = `project: edited
models: { main: { provider: simulated } }
teams:
  desk:
    model: main
    agents: { writer: { role: Writer }, editor: { role: Editor }, clerk: { role: Clerk } }
workflows:
  text:
    team: desk
    ask: What about?
    stages:
      - { id: draft, name: Draft, task: "Write about {{ input }}.", agents: [writer] }
      - { id: print, name: Print, task: "Print {{ results.draft }}", agents: [editor] }
  other:
    team: desk
    stages: [{ id: one, name: One, task: Go., agents: [clerk] }]
`;

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

/** A workflow that no other test has changed, under a project of its own. */
async function fresh(name: string): Promise<number> {
  return program.applyText(FILE.replace("project: edited", `project: ${name}`), "text");
}

function partsOf(page: Page) {
  const stages = page.getByRole("list", { name: "Stages", exact: true });
  return {
    stages,
    stage: (name: string) => stages.getByRole("article", { name, exact: true }),
    names: async () => stages.getByRole("heading", { level: 3 }).allInnerTexts(),
    save: page.getByRole("button", { name: "Save", exact: true }),
    saved: page.getByRole("button", { name: "Saved", exact: true }),
    tab: (name: string) => page.getByRole("tab", { name, exact: true }),
    file: page.getByRole("textbox", { name: "Project file" }),
  };
}

test("a workflow is edited, saved, and its second run differs", async () => {
  const workflow = await fresh("second");
  const first = await program.carryOut(workflow, "owls");
  const { page, complaints } = await browser.page();
  await page.goto(`/workflows/${workflow}`);
  const { stage, names, save, saved } = partsOf(page);
  await stage("Draft").getByRole("button", { name: "Draft", exact: true }).click();

  // A new stage between the two, with a task, an agent and an outcome that leads back.
  await page.getByRole("button", { name: "Add a stage before Print" }).click();
  const name = page.getByRole("textbox", { name: "Name", exact: true });
  await name.fill("Review");
  const task = page.getByRole("textbox", { name: "Task", exact: true });
  await task.fill("Is it good? {{ results.drft }}");
  // What is wrong stands at its field and on its stage, and keeps it from being saved.
  await page.getByText(/Did you mean results.draft/).first().waitFor();
  await stage("Review").getByText(/mistake/).waitFor();
  await save.and(page.locator(":disabled")).waitFor();
  await task.fill("Is it good? {{ results.draft }}");
  await stage("Review").getByLabel("Assign an agent to Review").selectOption("editor");
  await stage("Review").getByRole("button", { name: "Take writer out of this stage" }).click();
  await stage("Review").getByRole("button", { name: "Add an outcome to Review" }).click();
  await stage("Review").getByLabel("Where done of Review leads").selectOption("next");
  await stage("Review").getByRole("button", { name: "Add an outcome to Review" }).click();
  await stage("Review").getByLabel("Where revise of Review leads").selectOption("draft");
  await expect.poll(names).toEqual(["Draft", "Review", "Print"]);
  expect(await seriousIssues(page)).toEqual([]);
  await save.click();
  await saved.waitFor();

  await partsOf(page).tab("Run").click();
  await page.getByLabel("What about?").fill("owls");
  await page.getByRole("button", { name: "Start run" }).click();
  await page.waitForURL(/\/runs\/\d+$/);
  const second = Number(page.url().split("/").at(-1));
  await page.getByRole("region", { name: "Timeline" }).getByText("Run completed").waitFor({ timeout: 60_000 });
  const stagesOf = async (id: number) => {
    const run = (await (await fetch(`${program.address}/api/v1/runs/${id}`)).json()) as Run;
    return (run.visits ?? []).map((visit) => visit.stage);
  };
  expect(await stagesOf(first)).toEqual(["draft", "print"]);
  expect(await stagesOf(second)).toEqual(["draft", "new-stage", "draft", "new-stage", "print"]);
  expect(unexpected(complaints)).toEqual([]);
  await page.close();
});

test("stages, agents and outcomes are dragged", async () => {
  const workflow = await fresh("dragged");
  const { page, complaints } = await browser.page({ height: 1200 });
  await page.goto(`/workflows/${workflow}`);
  const { stage, names } = partsOf(page);
  await page.locator("[data-agent=clerk]").dragTo(stage("Print"));
  await stage("Print").getByRole("button", { name: "Take clerk out of this stage" }).waitFor();

  await stage("Print").getByRole("button", { name: "Add an outcome to Print" }).click();
  await stage("Print").getByTitle("Drag onto a stage to lead there").dragTo(stage("Draft"));
  await expect.poll(() => stage("Print").getByLabel("Where done of Print leads").inputValue()).toBe("draft");

  await page.locator("[data-grip=print]").dragTo(stage("Draft"), { targetPosition: { x: 60, y: 4 } });
  await expect.poll(names).toEqual(["Print", "Draft"]);
  expect(unexpected(complaints)).toEqual([]);
  await page.close();
});

test.each([820, 390])("a finger drags them too, on a page of %i pixels", async (width) => {
  const workflow = await fresh(`touched-${width}`);
  const { page, complaints } = await browser.page({ width, height: 1400 });
  await page.goto(`/workflows/${workflow}?panel=stage`);
  const { stage, names } = partsOf(page);
  await stage("Print").waitFor();
  await browser.touchDrag(page, page.locator("[data-agent=clerk]"), stage("Print"));
  await stage("Print").getByRole("button", { name: "Take clerk out of this stage" }).waitFor();
  await stage("Print").getByRole("button", { name: "Add an outcome to Print" }).click();
  await browser.touchDrag(page, stage("Print").getByTitle("Drag onto a stage to lead there"), stage("Draft"));
  await expect.poll(() => stage("Print").getByLabel("Where done of Print leads").inputValue()).toBe("draft");
  await browser.touchDrag(page, page.locator("[data-grip=print]"), stage("Draft"), { x: 60, y: 4 });
  await expect.poll(names).toEqual(["Print", "Draft"]);
  expect(unexpected(complaints)).toEqual([]);
  await page.close();
});

test("what is dragged is let go of with Escape, and a press that does not move drags nothing", async () => {
  const workflow = await fresh("let-go");
  const { page } = await browser.page({ height: 1200 });
  await page.goto(`/workflows/${workflow}`);
  const { stage, names, saved } = partsOf(page);
  await page.locator("[data-grip=print]").click();
  await page.locator("[data-grip=print]").hover();
  await page.mouse.down();
  await stage("Draft").hover({ position: { x: 60, y: 4 } });
  await page.keyboard.press("Escape");
  await page.mouse.up();
  await expect.poll(names).toEqual(["Draft", "Print"]);
  await saved.waitFor();
  await page.close();
});

test("a stage's id is changed by keyboard alone, and what names it goes along", async () => {
  const workflow = await fresh("another-id");
  const { page, complaints } = await browser.page();
  await page.goto(`/workflows/${workflow}?panel=stage&stage=draft`);
  const { stage, saved } = partsOf(page);
  await stage("Print").getByRole("button", { name: "Add an outcome to Print" }).focus();
  await page.keyboard.press("Enter");
  await stage("Print").getByLabel("Where done of Print leads").selectOption("draft");
  await page.locator("summary", { hasText: "Its id is" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("textbox", { name: "Id", exact: true }).focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("print");
  await page.getByText("Another stage has this id.").waitFor();
  expect(await seriousIssues(page)).toEqual([]);
  await page.keyboard.press("Control+a");
  await page.keyboard.type("first-draft");
  await page.keyboard.press("Enter");
  await page.waitForURL(/stage=first-draft/);
  // The stage stays in view under whatever id it has.
  await page.keyboard.press("Control+z");
  await page.waitForURL(/stage=draft/);
  await page.locator("summary", { hasText: "Its id is draft" }).waitFor();
  await page.keyboard.press("Control+y");
  await page.waitForURL(/stage=first-draft/);
  await page.locator("summary", { hasText: "Its id is first-draft" }).waitFor();
  await page.getByRole("button", { name: "Save", exact: true }).and(page.locator(":enabled")).waitFor();
  await page.keyboard.press("Control+s");
  await saved.waitFor();
  const now = (await (await fetch(`${program.address}/api/v1/workflows/${workflow}`)).json()) as Workflow;
  expect(now.stages).toMatchObject([
    { id: "first-draft", name: "Draft", task: "Write about {{ input }}." },
    { id: "print", name: "Print", task: 'Print {{ results["first-draft"] }}', outcomes: { done: "first-draft" } },
  ]);
  expect(unexpected(complaints)).toEqual([]);
  await page.close();
});

test("everything is done by keyboard alone, and undone with one key", async () => {
  const workflow = await fresh("keyboard");
  const { page } = await browser.page();
  await page.goto(`/workflows/${workflow}`);
  const { stage, names, saved } = partsOf(page);
  await stage("Print").getByRole("button", { name: "Print", exact: true }).focus();
  await page.keyboard.press("Alt+ArrowUp");
  await page.getByText("Print is now stage 1 of 2.").waitFor();
  await expect.poll(names).toEqual(["Print", "Draft"]);
  await page.keyboard.press("Control+z");
  await expect.poll(names).toEqual(["Draft", "Print"]);
  await page.keyboard.press("Control+Shift+z");
  await expect.poll(names).toEqual(["Print", "Draft"]);
  await page.keyboard.press("Control+z");

  // Renaming: the id stays, in the field's own words and in what is saved.
  await stage("Draft").getByRole("button", { name: "Draft", exact: true }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("textbox", { name: "Name", exact: true }).focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("Sketch");
  await stage("Sketch").waitFor();
  await page.keyboard.press("Control+z");
  await stage("Draft").waitFor();
  await page.keyboard.press("Control+y");
  await stage("Sketch").waitFor();
  await page.getByRole("button", { name: "Save", exact: true }).and(page.locator(":enabled")).waitFor();
  await page.keyboard.press("Control+s");
  await saved.waitFor();
  const now = (await (await fetch(`${program.address}/api/v1/workflows/${workflow}`)).json()) as { stages: { id: string; name: string }[] };
  expect(now.stages.map(({ id, name }) => [id, name])).toEqual([
    ["draft", "Sketch"],
    ["print", "Print"],
  ]);
  // What was saved can be undone all the same.
  await page.keyboard.press("Control+z");
  await stage("Draft").waitFor();
  // A stage that is removed takes the outcomes that led to it along.
  await stage("Print").getByRole("button", { name: "Print", exact: true }).focus();
  await page.keyboard.press("Delete");
  await page.getByText("Print was removed.").waitFor();
  await expect.poll(names).toEqual(["Draft"]);
  await page.close();
});

test("the picture and the file are the same thing in two views", async () => {
  const workflow = await fresh("views");
  const { page, complaints } = await browser.page();
  await page.goto(`/workflows/${workflow}?panel=file`);
  const { stage, names, file, save, saved } = partsOf(page);
  await page.waitForFunction(() => document.querySelector<HTMLTextAreaElement>("#project-file")?.value.includes("id: draft"));

  // From the picture into the file, before anything is saved.
  await stage("Print").getByRole("button", { name: "Move Print up" }).click();
  await page.waitForFunction(() => {
    const text = document.querySelector<HTMLTextAreaElement>("#project-file")?.value ?? "";
    return text.indexOf("id: print") < text.indexOf("id: draft");
  });
  await page.keyboard.press("Control+z");

  // And from the file into the picture; a mistake is told with its line.
  await page.waitForFunction(() => {
    const text = document.querySelector<HTMLTextAreaElement>("#project-file")?.value ?? "";
    return text.indexOf("id: print") > text.indexOf("id: draft");
  });
  const text = await file.inputValue();
  await file.fill(text.replace("name: Print", "name: Press"));
  await stage("Press").waitFor();
  expect(await file.inputValue()).toContain("name: Press");
  await file.fill(text.replace("name: Print", "nam: Print"));
  await page.getByRole("alert").getByRole("button", { name: /^Line \d+$/ }).first().click();
  expect(await page.evaluate(() => window.getSelection()?.toString() || (document.activeElement as HTMLTextAreaElement).selectionStart)).toBeTruthy();
  await file.fill(text.replace("role: Clerk", "role: Archivist").replace("name: Print", "name: Press"));
  await page.getByRole("alert").waitFor({ state: "detached" });
  await save.and(page.locator(":enabled")).click();
  await saved.waitFor();
  await expect.poll(names).toEqual(["Draft", "Press"]);
  const teams = (await (await fetch(`${program.address}/api/v1/workflows/${workflow}`)).json()) as { project_id: number };
  const exported = await (await fetch(`${program.address}/api/v1/projects/${teams.project_id}/export`)).text();
  expect(exported).toContain("role: Archivist");
  expect(exported).toContain("name: Press");
  expect(unexpected(complaints)).toEqual([]);
  await page.close();
});

test("what is not saved outlives a reload, and what others did meanwhile is told", async () => {
  const workflow = await fresh("kept");
  const { page } = await browser.page();
  await page.goto(`/workflows/${workflow}?panel=stage&stage=draft`);
  const { stage } = partsOf(page);
  const task = page.getByRole("textbox", { name: "Task", exact: true });
  await task.fill("Write it anew: {{ input }}");
  await page.getByText("Not saved yet.").waitFor();
  await page.reload();
  await expect.poll(() => task.inputValue()).toBe("Write it anew: {{ input }}");

  await program.applyText(FILE.replace("project: edited", "project: kept").replace("name: Print", "name: Press"), "text");
  await page.reload();
  await page.getByText("This workflow was changed elsewhere since you began.").waitFor();
  await page.getByRole("button", { name: "Take theirs" }).click();
  await stage("Press").waitFor();
  await expect.poll(() => task.inputValue()).toBe("Write about {{ input }}.");
  await page.close();
});
