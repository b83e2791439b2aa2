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
  await page.getByText("What its times came to").click();
  await page.getByLabel("Which of its times").selectOption("missed");
  await page.getByText("None was missed").waitFor();

  const otherwise = page.getByRole("form", { name: "Fire schedule with another input" });
  await page.getByRole("button", { name: "Fire with…: schedule" }).focus();
  await page.keyboard.press("Enter");
  await otherwise.getByLabel("Input of this run").focus();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type("bats");
  expect(await seriousIssues(page)).toEqual([]);
  await page.keyboard.press("ControlOrMeta+Enter");
  await page.waitForURL(/\/runs\/\d+$/);
  await page.getByRole("banner").or(page.locator("header")).getByText("bats").first().waitFor();
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

test("a webhook is told what goes beside each other and who hears of trouble, by the keyboard alone", async () => {
  const { page, complaints } = await browser.page();
  const fields = async () => {
    const answer = await fetch(`${program.address}/api/v1/workflows/${workflow}/triggers`);
    const { items } = (await answer.json()) as { items: { name: string; webhook?: object; alert?: object }[] };
    return items.find((trigger) => trigger.name === "push");
  };
  await page.goto(`/workflows/${workflow}?panel=triggers`);
  await page.getByRole("button", { name: "Add a webhook" }).focus();
  await page.keyboard.press("Enter");
  await page.getByLabel("Name", { exact: true }).focus();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type("push");
  await page.getByLabel("One run at a time for each").focus();
  await page.keyboard.type("{{ body.ref }");
  await page.getByText("Something is missing or wrong yet.").waitFor();
  await page.keyboard.type("}");
  await page.keyboard.press("Tab");
  // A list that has the focus is chosen from by the beginning of a word.
  await page.keyboard.type("it is stopped");
  await page.keyboard.press("Tab");
  await page.keyboard.type("https://alerts.example/callboard");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  // What is half written is wrong too, so it counts what is said to the whole of it.
  const checked = page.waitForResponse((response) => response.request().postData()?.includes('"on":["slot_missed","run_failed"]') ?? false);
  await page.keyboard.press("Space");
  await checked;
  await page.getByText("Something is missing or wrong yet.").waitFor({ state: "detached" });
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Change push" }).waitFor();
  expect(await fields()).toMatchObject({
    webhook: { concurrency: { key: "{{ body.ref }}", policy: "newest" } },
    alert: { url: "https://alerts.example/callboard", on: ["slot_missed", "run_failed"] },
  });

  await page.getByRole("button", { name: "Change push" }).click();
  expect(await page.getByLabel("a run of it fails").isChecked()).toBe(true);
  expect(await page.getByLabel("a run of it waits for a person").isChecked()).toBe(false);
  expect(await page.getByLabel("one of its times starts no run").count()).toBe(0);
  expect(await seriousIssues(page)).toEqual([]);
  await page.getByLabel("One run at a time for each").fill("");
  await page.getByLabel("Who is told when something goes wrong").fill("");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("button", { name: "Change push" }).waitFor();
  expect(await fields()).not.toHaveProperty("alert");
  expect((await fields())?.webhook).not.toHaveProperty("concurrency");
  expect(unexpected(complaints)).toEqual([]);
  await page.close();
});
