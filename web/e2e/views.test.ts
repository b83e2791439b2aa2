// The views of a run, in a real browser before the real program: its timeline is searched and sifted, an
// event has an address, and network, context, metrics and memory say what happened. The last tests walk
// with the keyboard, and ask a checker of accessibility.

import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { seriousIssues } from "./axe.ts";
import { openBrowser, type Browser } from "./browser.ts";
import { startProgram, type Program } from "./program.ts";

const FILE = "e2e/views.yaml";

let program: Program;
let browser: Browser;
/** A run with two visits to Draft, whose model failed once. */
let run: number;

beforeAll(async () => {
  program = await startProgram();
  run = await program.carryOut(await program.apply(FILE, "story"), "owls");
  browser = await openBrowser(program.address);
});

afterAll(async () => {
  await browser?.close();
  await program?.stop();
});

function partsOf(page: Page) {
  return {
    timeline: page.getByRole("region", { name: "Timeline" }),
    search: page.getByRole("searchbox", { name: "Search the timeline" }),
    visits: page.getByRole("navigation", { name: "Visits" }),
  };
}

test("a timeline is searched, and both the words and what they found outlive a reload", async () => {
  const { page, complaints } = await browser.page();
  await page.goto(`/runs/${run}?view=timeline`);
  const { timeline, search } = partsOf(page);
  await timeline.getByText("Run created.").waitFor();
  await page.keyboard.press("/");
  await search.and(page.locator(":focus")).waitFor();
  await page.keyboard.type("true that OWLS");
  await timeline.getByText("Run created.").waitFor({ state: "detached" });
  await timeline.getByText("Is it true that owls hunt at night?").waitFor();
  // The stage in which it was found stands above.
  await timeline.getByRole("heading", { name: /^Research/ }).waitFor();
  await timeline.getByRole("heading", { name: /^Draft/ }).first().waitFor({ state: "detached" });
  await page.waitForURL(/q=true/);
  await page.reload();
  await timeline.getByText("Is it true that owls hunt at night?").waitFor();
  expect(await search.inputValue()).toBe("true that OWLS");
  await search.fill("penguins");
  await timeline.getByText("Nothing in this run fits").waitFor();
  await timeline.getByRole("button", { name: "Show everything" }).click();
  await timeline.getByText("Run created.").waitFor();
  expect(complaints).toEqual([]);
  await page.close();
});

test("what is of no interest is hidden, in other runs and later as well", async () => {
  const { page, complaints } = await browser.page();
  await page.goto(`/runs/${run}?view=timeline`);
  const { timeline } = partsOf(page);
  const tools = timeline.getByRole("button", { name: "Tools", exact: true });
  await timeline.getByText("lookup").first().waitFor();
  await tools.click();
  await timeline.getByText("called lookup").waitFor({ state: "detached" });
  await timeline.getByText("Run created.").waitFor();
  await page.reload();
  await timeline.getByText("Run created.").waitFor();
  expect(await tools.getAttribute("aria-pressed")).toBe("false");
  expect(await timeline.getByText("called lookup").count()).toBe(0);
  await timeline.getByRole("button", { name: "Show all" }).click();
  await timeline.getByText("called lookup").waitFor();
  expect(complaints).toEqual([]);
  await page.close();
});

test("an event has an address that leads back to it", async () => {
  const { page, complaints } = await browser.page({ height: 480 });
  await page.goto(`/runs/${run}?view=timeline`);
  const { timeline } = partsOf(page);
  await timeline.getByText("Run created.").waitFor();
  await page.keyboard.press(".");
  await timeline.getByText("Run completed").waitFor();
  await timeline.getByRole("link", { name: /^Link to event \d+/ }).last().click();
  await page.waitForURL(/event=\d+/);
  const address = page.url();
  await page.goto("about:blank");
  await page.goto(address);
  const marked = timeline.locator("[aria-current=location]");
  await marked.waitFor();
  expect(await marked.innerText()).toContain("Run completed");
  await expect.poll(() => marked.evaluate((element) => element.getBoundingClientRect().top < window.innerHeight)).toBe(true);
  // Who goes on from there is not taken back by a reload.
  await page.getByRole("navigation", { name: "Visits" }).getByRole("button").first().click();
  await timeline.getByRole("heading", { name: /^Research/ }).waitFor();
  await page.reload();
  await timeline.getByRole("heading", { name: /^Research/ }).waitFor();
  expect(complaints).toEqual([]);
  await page.close();
});

test("every step of a timeline can be taken with a key", async () => {
  const { page, complaints } = await browser.page();
  await page.goto(`/runs/${run}?view=timeline`);
  const { timeline, visits } = partsOf(page);
  await timeline.getByText("Run created.").waitFor();
  await page.keyboard.press("j");
  await page.locator("[data-index]:focus").waitFor();
  const first = await page.locator("[data-index]:focus").getAttribute("data-index");
  await page.keyboard.press("j");
  await page.locator(`[data-index="${Number(first) + 1}"]:focus`).waitFor();
  await page.keyboard.press("k");
  await page.locator(`[data-index="${first}"]:focus`).waitFor();
  const at = (stage: string) => visits.locator("[aria-current=step]").filter({ hasText: stage }).waitFor();
  await at("Research");
  await page.keyboard.press("]");
  await at("Draft");
  await page.keyboard.press("[");
  await at("Research");
  // Two presses are two steps, however soon one comes after the other.
  await Promise.all([page.keyboard.press("]"), page.keyboard.press("]")]);
  await at("Review");
  await page.keyboard.press("4");
  await page.getByRole("tab", { name: "Metrics", selected: true }).waitFor();
  await page.keyboard.press("1");
  await page.getByRole("tab", { name: "Timeline", selected: true }).waitFor();
  expect(complaints).toEqual([]);
  await page.close();
});

test("the network says who spoke to whom, and leads to what was said", async () => {
  const { page, complaints } = await browser.page();
  await page.goto(`/runs/${run}`);
  await page.getByRole("tab", { name: "Network" }).click();
  await page.getByRole("img", { name: /^Who spoke to whom: 4 speakers/ }).waitFor();
  const row = page.getByRole("row").filter({ hasText: "researcher" }).filter({ hasText: "checker" });
  expect(await row.innerText()).toMatch(/researcher[\s\S]*checker[\s\S]*1[\s\S]*event \d+/);
  await row.getByRole("link").click();
  await partsOf(page).timeline.locator("[aria-current=location]").getByText("Is it true that owls hunt at night?").waitFor();
  expect(complaints).toEqual([]);
  await page.close();
});

test("context and metrics have a figure for each agent, stage and call", async () => {
  const { page, complaints } = await browser.page();
  await page.goto(`/runs/${run}?view=context`);
  await page.getByRole("img", { name: /^Tokens sent to each agent/ }).waitFor();
  const sent = page.getByRole("table", { name: "Tokens sent to each agent" });
  expect(await sent.getByRole("row").count()).toBe(5);
  await page.getByRole("tab", { name: "Metrics" }).click();
  await page.waitForURL(/view=metrics/);
  const stages = page.getByRole("table", { name: "Stages" });
  // Two visits are one stage, and the failed attempts are counted.
  expect(await stages.getByRole("row").filter({ hasText: "Draft" }).innerText()).toMatch(/4 \+ 2 failed/);
  const calls = page.getByRole("group", { name: "Calls" });
  await calls.getByRole("link").filter({ hasText: "failed" }).first().waitFor();
  const all = await calls.getByRole("link").count();
  await page.getByLabel("Of", { exact: true }).selectOption({ label: "Review, 2nd visit" });
  await expect.poll(() => calls.getByRole("link").count()).toBeLessThan(all);
  await calls.getByRole("link").first().click();
  await page.waitForURL(/view=timeline.*event=\d+|event=\d+.*view=timeline/);
  expect(complaints).toEqual([]);
  await page.close();
});

test("shared memory tells what was written over, by whom and where", async () => {
  const { page, complaints } = await browser.page();
  await page.goto(`/runs/${run}?side=memory`);
  const value = page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: "facts" }) });
  await value.getByText("Owls hunt at night.").waitFor();
  expect(await value.innerText()).toMatch(/checker[\s\S]*in Research, visit 1/);
  await value.getByText("1 earlier value").click();
  await value.getByText("Owls hunt.", { exact: true }).waitFor();
  await value.getByRole("link", { name: /^Event \d+/ }).first().click();
  await partsOf(page).timeline.locator("[aria-current=location]").waitFor();
  expect(complaints).toEqual([]);
  await page.close();
});

test("an error stands on top with the ways to mend it", async () => {
  const circle = await program.carryOut(await program.apply(FILE, "circle"), "owls", "error");
  const { page, complaints } = await browser.page();
  await page.goto(`/runs/${circle}`);
  const why = page.getByRole("region", { name: "Why the run ended in error" }).first();
  await why.getByText("loop_guard").waitFor();
  await why.getByRole("link", { name: "Re-run from here" }).waitFor();
  await why.getByRole("link", { name: "Open the workflow" }).waitFor();
  await why.getByRole("link", { name: "Take another outcome" }).click();
  await page.getByRole("heading", { level: 1, name: "Re-run from Review, visit 2" }).waitFor();
  expect(await page.getByLabel("Take another outcome").isChecked()).toBe(true);
  expect(complaints).toEqual([]);
  await page.close();
});

test("a call that failed many times tells of the last one, and of all where one asks", async () => {
  const fail = { when: { agent: "writer" }, fail: { status: 503, retry_after_s: 0 } };
  const script = [...Array.from({ length: 4 }, () => fail), { when: { agent: "writer" }, reply: { text: "Owls are back." } }];
  const workflow = await program.applyText(
    JSON.stringify({
      project: "patient",
      models: { main: { provider: "simulated", parameters: { words_per_second: 0 }, script } },
      teams: { desk: { model: "main", agents: { writer: {} } } },
      workflows: { text: { team: "desk", stages: [{ id: "draft", name: "Draft", task: "Write.", agents: ["writer"], summary: "none" }] } },
    }),
    "text",
  );
  const patient = await program.carryOut(workflow, "owls");
  const { page, complaints } = await browser.page();
  await page.goto(`/runs/${patient}?view=timeline`);
  const { timeline } = partsOf(page);
  await timeline.getByText("Failed 4 times, the last time: The provider has trouble.").waitFor();
  expect(await timeline.getByText(/^Attempt \d:/).count()).toBe(0);
  await timeline.getByText("The 3 attempts before").click();
  await timeline.getByText(/^Attempt 3:/).waitFor();
  await expect.poll(() => timeline.getByText(/^Attempt \d:/).count()).toBe(3);
  expect(await seriousIssues(page)).toEqual([]);
  expect(complaints).toEqual([]);
  await page.close();
});

test("no page of a run has a serious barrier", async () => {
  const asking = await fetch(`${program.address}/api/v1/workflows/${await program.apply(FILE, "slow")}/runs`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: "{}",
  });
  const { id } = (await asking.json()) as { id: number };
  const paths = [
    `/runs/${run}?view=timeline`,
    `/runs/${run}?view=network&side=memory`,
    `/runs/${run}?view=context&side=documents`,
    `/runs/${run}?view=metrics&side=family`,
    `/runs/${id}`,
    `/runs/${run}/rerun?visit=2`,
    `/runs/${run}/compare/${run}`,
    "/runs",
  ];
  const found: string[] = [];
  for (const [width, scheme] of [[1280, "light"], [390, "dark"]] as const) {
    const { page, complaints } = await browser.page({ width, scheme });
    for (const path of paths) {
      await page.goto(path);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await page.locator(".skeleton").first().waitFor({ state: "detached" });
      found.push(...(await seriousIssues(page)).map((issue) => `${path} at ${width}, ${scheme}: ${issue}`));
      const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(tooWide, `${path} at ${width}`).toBeLessThanOrEqual(0);
    }
    expect(complaints).toEqual([]);
    await page.close();
  }
  expect(found).toEqual([]);
});
