// Lists of runs, in a real browser before the real program: they are filtered, follow what happens without
// moving under one's hands, and let several runs be stopped or gone on with at once.

import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { seriousIssues } from "./axe.ts";
import { openBrowser, type Browser } from "./browser.ts";
import { startProgram, type Program } from "./program.ts";

const FILE = "e2e/views.yaml";

let program: Program;
let browser: Browser;
let stories: number;
let slow: number;

beforeAll(async () => {
  program = await startProgram();
  stories = await program.apply(FILE, "story");
  slow = await program.apply(FILE, "slow");
  await program.carryOut(stories, "owls");
  await program.carryOut(await program.apply(FILE, "circle"), "bats", "error");
  browser = await openBrowser(program.address);
});

afterAll(async () => {
  await browser?.close();
  await program?.stop();
});

/** Starts a run, and answers its number. */
async function begin(workflow: number, input: string): Promise<number> {
  const answer = await fetch(`${program.address}/api/v1/workflows/${workflow}/runs`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ input }),
  });
  return ((await answer.json()) as { id: number }).id;
}

/** The lines of a list. */
function lines(page: Page) {
  return page.getByRole("main").getByRole("listitem");
}

test("a list is filtered, and its filters stand in the address", async () => {
  const { page, complaints } = await browser.page();
  await page.goto("/runs");
  await lines(page).filter({ hasText: "owls" }).first().waitFor();
  await page.getByLabel("Status").selectOption({ label: "Error" });
  await lines(page).filter({ hasText: "owls" }).first().waitFor({ state: "detached" });
  await expect.poll(() => lines(page).filter({ hasText: "bats" }).count()).toBe(1);
  await page.waitForURL(/status=error/);
  await page.getByLabel("Created in").selectOption({ label: "the last hour" });
  await page.waitForURL(/time=hour/);
  await page.reload();
  await lines(page).filter({ hasText: "bats" }).waitFor();
  await page.getByLabel("Created in").selectOption({ label: "between …" });
  await page.getByLabel("From", { exact: true }).fill("2001-01-01T00:00");
  await page.getByLabel("Until", { exact: true }).fill("2001-02-01T00:00");
  await page.getByText("No run fits these filters").waitFor();
  await page.getByRole("button", { name: "Clear" }).click();
  await lines(page).filter({ hasText: "owls" }).first().waitFor();
  expect(complaints).toEqual([]);
  await page.close();
});

test("the way of a run is told by its strip", async () => {
  const { page, complaints } = await browser.page();
  await page.goto(`/runs?workflow=${stories}&status=completed`);
  const line = lines(page).filter({ hasText: "owls" }).last();
  await line.getByText("5 visits: Research, Draft, Review (revise), Draft, Review (approved)").waitFor();
  expect(complaints).toEqual([]);
  await page.close();
});

test("new runs wait while one is in the list, and come when they are asked for", async () => {
  const { page, complaints } = await browser.page();
  await page.goto("/runs");
  await lines(page).filter({ hasText: "owls" }).first().waitFor();
  await page.keyboard.press("j");
  await page.locator("a[data-run]:focus").waitFor();
  const first = await page.locator("a[data-run]:focus").getAttribute("data-run");
  await begin(stories, "late");
  await page.getByRole("button", { name: "1 new run" }).waitFor();
  expect(await page.locator("a[data-run]:focus").getAttribute("data-run")).toBe(first);
  expect(await lines(page).filter({ hasText: "late" }).count()).toBe(0);
  await page.getByRole("button", { name: "1 new run" }).click();
  await lines(page).filter({ hasText: "late" }).waitFor();
  expect(complaints).toEqual([]);
  await page.close();
});

test("several runs are stopped and then gone on with at once, with keys alone", async () => {
  const [one, other] = [await begin(slow, "first"), await begin(slow, "second")];
  const { page, complaints } = await browser.page();
  await page.goto(`/runs?workflow=${slow}`);
  await lines(page).filter({ hasText: "second" }).waitFor();
  await page.keyboard.press("s");
  const bar = page.getByRole("region", { name: "Picked runs" });
  await bar.getByText("Pick runs from the list").waitFor();
  for (let step = 0; step < 2; step += 1) {
    await page.keyboard.press("j");
    await page.keyboard.press("x");
  }
  await bar.getByText("2 runs picked").waitFor();
  await page.getByLabel(`Pick run ${one}`, { exact: true }).and(page.locator(":checked")).waitFor();
  await bar.getByRole("button", { name: "Stop 2" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("alertdialog").getByRole("button", { name: "Stop runs" }).press("Enter");
  await bar.getByText("Asked to stop: 2 runs.").waitFor();
  await expect.poll(() => lines(page).filter({ hasText: "Stopped" }).count()).toBe(2);

  await page.getByLabel(`Pick run ${one}`, { exact: true }).check();
  await page.getByLabel(`Pick run ${other}`, { exact: true }).check();
  await bar.getByRole("button", { name: "Re-run 2" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Start re-runs" }).click();
  await bar.getByText("Started:").waitFor();
  expect(await bar.getByRole("link", { name: /^run \d+$/ }).count()).toBe(2);
  await bar.getByRole("button", { name: "Done" }).click();
  await lines(page).filter({ hasText: `Re-run of ${one}` }).waitFor();
  expect(complaints).toEqual([]);
  await page.close();
});

test("the runs of one trigger are listed, chosen by its name with the keyboard alone", async () => {
  await program.apply(FILE, "story", (text) => `${text}\ntriggers:\n  hook: { workflow: story, webhook: true }\n`);
  const triggers = (await (await fetch(`${program.address}/api/v1/workflows/${stories}/triggers`)).json()) as { items: { webhook_url: string }[] };
  const called = await fetch(triggers.items[0]!.webhook_url, { method: "POST", headers: { "Content-Type": "application/json" }, body: '"called"' });
  expect(called.status).toBe(201);
  const { page, complaints } = await browser.page();
  const { project_id } = (await (await fetch(`${program.address}/api/v1/workflows/${stories}`)).json()) as { project_id: number };
  await page.goto(`/projects/${project_id}/runs`);
  const triggerFilter = page.getByRole("group", { name: "Filters" }).getByLabel(/^Trigger/);
  await triggerFilter.getByRole("option", { name: "hook" }).waitFor({ state: "attached" });
  await triggerFilter.focus();
  await page.keyboard.type("hook");
  await page.waitForURL(/trigger=\d+/);
  await page.waitForFunction(() => document.querySelectorAll("main li").length === 1);
  await lines(page).getByText("called").waitFor();
  expect(await seriousIssues(page)).toEqual([]);
  // A trigger is of one workflow, so it goes with another.
  await page.getByRole("group", { name: "Filters" }).getByLabel(/^Workflow/).selectOption({ label: "slow" });
  await page.waitForURL((url) => !url.search.includes("trigger"));
  // Where no project is chosen there is nothing to choose from, and the filter can still be taken away.
  await page.goto("/runs?trigger=999999");
  await page.getByRole("button", { name: "Trigger 999999: take the filter away" }).click();
  await page.waitForURL((url) => !url.search.includes("trigger"));
  expect(complaints.filter((complaint) => !complaint.includes("status of 404"))).toEqual([]);
  await page.close();
});
