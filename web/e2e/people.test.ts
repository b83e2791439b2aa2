// A person's part in a run, in a real browser before the real program: a question is answered, a result
// approved or rejected, something said to the agents, a limit raised; and what the agents saw and wrote
// is read.

import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { seriousIssues } from "./axe.ts";
import { openBrowser, type Browser } from "./browser.ts";
import { startProgram, type Program } from "./program.ts";

const FILE = "e2e/people.yaml";

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

/** Starts a run of that workflow, and answers the parts of its page. */
async function startRun(page: Page, name: string) {
  const workflow = await program.apply(FILE, name);
  await page.goto(`/workflows/${workflow}`);
  await page.getByRole("button", { name: "Start run" }).click();
  await page.waitForURL(/\/runs\/\d+$/);
  return {
    panel: page.getByRole("region", { name: "Waiting for you" }),
    timeline: page.getByRole("region", { name: "Timeline" }),
  };
}

async function titleSays(page: Page, words: string) {
  await page.waitForFunction((words) => document.title.startsWith(words), words);
}

/** Whether there is no question, approval or limit left on the page. */
async function isGone(page: Page) {
  await page.getByRole("region", { name: "Waiting for you" }).waitFor({ state: "detached" });
}

test("a question is answered with one of its choices", async () => {
  const { page, complaints } = await browser.page();
  const { panel, timeline } = await startRun(page, "question");
  await panel.getByText("asks you").waitFor();
  await titleSays(page, "Waiting for you");
  expect(await panel.innerText()).toContain("Which city is it about?");
  await panel.getByRole("button", { name: "Rome" }).click();
  await isGone(page);
  await timeline.getByText("answered").waitFor();
  expect(await timeline.innerText()).toMatch(/answered\s+Rome/);
  await timeline.getByText("Run completed").waitFor();
  await titleSays(page, "Completed");
  expect(complaints).toEqual([]);
  await page.close();
});

test("a question is answered in other words, with the keyboard alone", async () => {
  const { page, complaints } = await browser.page();
  const { panel, timeline } = await startRun(page, "question");
  await panel.getByLabel("Or in your own words").focus();
  await page.keyboard.type("Lisbon, of course");
  await page.keyboard.press("Control+Enter");
  await isGone(page);
  await timeline.getByText("Lisbon, of course").waitFor();
  // Who uses the keyboard is not sent back to the top of the page.
  await page.locator("#main:focus").waitFor();
  expect(complaints).toEqual([]);
  await page.close();
});

test("an answer shows on every page of the run", async () => {
  const one = await browser.page();
  await startRun(one.page, "question");
  const other = await browser.page();
  await other.page.goto(one.page.url());
  await other.page.getByRole("button", { name: "Paris" }).waitFor();
  await one.page.getByRole("button", { name: "Paris" }).click();
  await isGone(other.page);
  await one.page.close();
  await other.page.close();
});

test("a run that waits for a person says so in the list", async () => {
  const { page } = await browser.page();
  const { panel } = await startRun(page, "question");
  await panel.waitFor();
  await page.goto("/runs?status=running");
  await page.getByText("waiting for you").first().waitFor();
  await page.close();
});

test("a result is approved", async () => {
  const { page, complaints } = await browser.page();
  const { panel, timeline } = await startRun(page, "approval");
  await panel.getByText("Is the result of Write approved?").waitFor();
  expect(await panel.innerText()).toContain("Owls hunt at night.");
  await panel.getByRole("button", { name: "Approve" }).click();
  await isGone(page);
  await timeline.getByText("approved", { exact: true }).waitFor();
  await timeline.getByText("Run completed").waitFor();
  expect(complaints).toEqual([]);
  await page.close();
});

test("a result is rejected with a comment, and the work is done again", async () => {
  const { page, complaints } = await browser.page();
  const { panel, timeline } = await startRun(page, "approval");
  await panel.getByLabel(/^Comment/).fill("Too short for me.");
  await panel.getByRole("button", { name: "Reject" }).click();
  await timeline.getByText("Too short for me.").waitFor();
  const visits = page.getByRole("navigation", { name: "Visits" });
  await visits.getByText("rejected").waitFor();
  // The second visit asks again.
  await panel.getByText("visit 2").waitFor();
  await panel.getByRole("button", { name: "Approve" }).click();
  await timeline.getByText("Run completed").waitFor();
  expect(await visits.getByRole("button").count()).toBe(2);
  expect(complaints).toEqual([]);
  await page.close();
});

test("something is said to the agents, and one of them sees it at its next turn", async () => {
  const { page, complaints } = await browser.page();
  const { panel, timeline } = await startRun(page, "message");
  // The agent waits for an answer, so that there is time to say something.
  await panel.waitFor();
  await page.getByLabel("Say something to the agents").fill("Mind the owls");
  await page.keyboard.press("Enter");
  await timeline.getByText("Mind the owls").waitFor();
  // The event may come before the answer to who said it.
  await expect.poll(() => page.getByLabel("Say something to the agents").inputValue()).toBe("");
  await panel.getByLabel("Your answer").fill("No");
  await panel.getByRole("button", { name: "Answer" }).click();
  await timeline.getByText("Run completed").waitFor();
  await page.getByLabel("Say something to the agents").waitFor({ state: "detached" });

  await timeline.getByRole("button", { name: "What listener saw" }).last().click();
  const sheet = page.getByRole("dialog");
  await sheet.getByText("Mind the owls").first().waitFor();
  await page.keyboard.press("Escape");
  await sheet.waitFor({ state: "detached" });
  expect(complaints).toEqual([]);
  await page.close();
});

test("a run is started with limits of its own, and is given others while it goes on, by the keyboard alone", async () => {
  const { page, complaints } = await browser.page();
  const workflow = await program.apply(FILE, "message");
  await page.goto(`/workflows/${workflow}`);
  await page.locator("summary", { hasText: "Limits of this run" }).focus();
  await page.keyboard.press("Enter");
  await page.getByLabel("Model calls").focus();
  await page.keyboard.type("1");
  expect(await seriousIssues(page)).toEqual([]);
  await page.getByRole("button", { name: "Start run" }).focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/runs\/\d+$/);
  // It asks something with its only call, and is given more before it needs them.
  await page.getByRole("region", { name: "Waiting for you" }).getByText("Is there anything else?").waitFor();
  await page.getByRole("tab", { name: "Input" }).focus();
  await page.keyboard.press("Enter");
  await page.locator("summary", { hasText: "Give it other limits" }).focus();
  await page.keyboard.press("Enter");
  const limits = page.getByRole("form", { name: "Other limits" });
  await limits.getByLabel("Model calls").focus();
  await page.keyboard.type("5");
  await page.keyboard.press("Enter");
  await limits.getByText("They hold now.").waitFor();
  expect(await seriousIssues(page)).toEqual([]);
  await page.getByLabel("Your answer").fill("No.");
  await page.getByRole("button", { name: "Answer", exact: true }).click();
  await page.getByRole("region", { name: "Timeline" }).getByText("Run completed").waitFor();
  expect(complaints).toEqual([]);
  await page.close();
});

test("a limit is raised, and the run goes on", async () => {
  const { page, complaints } = await browser.page();
  const { panel, timeline } = await startRun(page, "limit");
  await panel.getByText("at its limit of 1 model call").waitFor();
  await titleSays(page, "Waiting at its limit");
  await panel.getByLabel("New limit, in model calls").fill("1");
  await panel.getByText("It has to be more than 1 model call.").waitFor();
  await panel.getByLabel("New limit, in model calls").fill("9");
  await panel.getByRole("button", { name: "Raise and go on" }).click();
  await isGone(page);
  await timeline.getByText("Run completed").waitFor();
  expect(complaints).toEqual([]);
  await page.close();
});

test("a document that an agent wrote is read", async () => {
  const { page, complaints } = await browser.page();
  const { panel } = await startRun(page, "approval");
  await panel.waitFor();
  await page.getByRole("tab", { name: "Documents" }).click();
  await page.getByRole("button", { name: "notes/draft.md" }).click();
  const sheet = page.getByRole("dialog");
  await sheet.getByRole("heading", { name: "Draft", exact: true }).waitFor();
  expect(await sheet.innerText()).toContain("Owls hunt at night.");
  expect(await sheet.getByRole("link", { name: "Download notes/draft.md" }).getAttribute("href")).toMatch(
    /\/documents\/notes%2Fdraft\.md$/,
  );
  expect(complaints).toEqual([]);
  await page.close();
});

test("what waits for a person fits every screen, in light and in dark", async () => {
  for (const width of [1280, 390]) {
    for (const scheme of ["light", "dark"] as const) {
      const { page, complaints } = await browser.page({ width, height: width > 1000 ? 800 : 844, scheme });
      for (const [workflow, name] of [
        ["question", "Rome"],
        ["approval", "Approve"],
        ["limit", "Raise and go on"],
      ] as const) {
        const { panel } = await startRun(page, workflow);
        const button = panel.getByRole("button", { name });
        await button.waitFor();
        const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(tooWide, `${workflow} at ${width}`).toBeLessThanOrEqual(0);
        const box = await button.boundingBox();
        expect((box?.y ?? Infinity) + (box?.height ?? 0), `${workflow} at ${width}`).toBeLessThan(844 * 0.75);
      }
      expect(complaints).toEqual([]);
      await page.close();
    }
  }
});
