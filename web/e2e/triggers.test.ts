// What starts runs by itself, made on the page: a schedule in English that is fired at once, and a webhook that is
// called.

import { afterAll, beforeAll, expect, test } from "vitest";

import { seriousIssues } from "./axe.ts";
import { openBrowser, unexpected, type Browser } from "./browser.ts";
import { startProgram, type Program } from "./program.ts";

let program: Program;
let browser: Browser;
let workflow: number;

beforeAll(async () => {
  program = await startProgram();
  workflow = await program.apply("../examples/digest.yaml", "digest");
  browser = await openBrowser(program.address);
});

afterAll(async () => {
  await browser?.close();
  await program?.stop();
});

test("a schedule is made in English, explains itself, is fired now, and is paused", async () => {
  const { page, complaints } = await browser.page();
  await page.goto(`/workflows/${workflow}?panel=triggers`);
  await page.getByRole("button", { name: "Add a schedule" }).click();
  const meaning = page.getByRole("status", { name: "What it means" });
  const schedule = page.getByRole("textbox", { name: "Schedule", exact: true }).or(page.getByRole("combobox", { name: "Schedule", exact: true }));
  await schedule.fill("every blue moon");
  await meaning.locator(".text-bad").first().waitFor();
  await schedule.fill("every Monday at 9am EST");
  await meaning.getByText("America/New_York").first().waitFor();
  expect(await meaning.getByRole("list", { name: "Next times" }).getByRole("listitem").count()).toBe(5);
  await page.getByLabel("Input of its runs").fill("owls");
  expect(await seriousIssues(page)).toEqual([]);
  await page.getByRole("button", { name: "Make the schedule" }).click();

  await page.getByRole("button", { name: "Fire now: schedule" }).click();
  await page.waitForURL(/\/runs\/\d+$/);
  await page.getByRole("region", { name: "Timeline" }).getByText("Run completed").waitFor({ timeout: 60_000 });

  await page.goto(`/workflows/${workflow}?panel=triggers`);
  await page.getByRole("button", { name: "Pause schedule" }).click();
  await page.getByLabel("Why, if you like").fill("The holidays");
  await page.getByRole("button", { name: "Pause it: schedule" }).click();
  await page.getByText(/Paused.*The holidays/).waitFor();
  await page.getByRole("button", { name: "Resume schedule" }).click();
  await page.getByText(/^Next /).waitFor();
  expect(unexpected(complaints)).toEqual([]);
  await page.close();
});

test("a webhook is made and called, and its calls are listed", async () => {
  const { page, complaints } = await browser.page();
  await page.goto(`/workflows/${workflow}?panel=triggers`);
  await page.getByRole("button", { name: "Add a webhook" }).click();
  await page.getByRole("button", { name: "Make the webhook" }).click();
  await page.getByText(/\/hooks\//).waitFor();
  await page.getByText("Call it from here").click();
  await page.getByLabel("Body").fill('{ "hello": "owls" }');
  await page.getByRole("button", { name: "Call it", exact: true }).click();
  const run = await page.getByRole("link", { name: /^run \d+$/ }).first().innerText();
  await page.getByText("Its last calls").click();
  await page.getByRole("list", { name: "Calls" }).getByRole("link", { name: new RegExp(run, "i") }).waitFor();
  expect(await seriousIssues(page)).toEqual([]);
  expect(unexpected(complaints)).toEqual([]);
  await page.close();
});
