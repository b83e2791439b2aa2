// Going on from a stage of an ended run, in a real browser before the real program: a visit is made again
// with another task, another outcome is taken, variants are compared, and what cannot be is refused.
// Pictures of the pages are left in e2e/shots/.

import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { openBrowser, type Browser } from "./browser.ts";
import { startProgram, type Program } from "./program.ts";

const SHOTS = fileURLToPath(new URL("shots/", import.meta.url));
const FILE = "e2e/rerun.yaml";

/** The task that is said otherwise. */
const TASK = "Write a notice about {{ input }}.";

let program: Program;
let browser: Browser;
/** A run with six visits, whose review sent the draft back once. */
let source: number;

beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true });
  program = await startProgram();
  source = await program.carryOut(await program.apply(FILE, "notice"), "owls");
  browser = await openBrowser(program.address);
});

afterAll(async () => {
  await browser?.close();
  await program?.stop();
});

/** The parts of the page of a run, and of the page that asks for a re-run. */
function partsOf(page: Page) {
  return {
    timeline: page.getByRole("region", { name: "Timeline" }),
    visits: page.getByRole("navigation", { name: "Visits" }),
    plan: page.getByRole("region", { name: "Plan" }),
    start: page.getByRole("button", { name: /^Start( \d+ runs)?$/ }),
  };
}

/** Goes to the page that asks for a re-run, by the divider of a visit. */
async function toRerun(page: Page, run: number, stage: string, visit: number) {
  await page.goto(`/runs/${run}?visit=${visit}`);
  const link = page.getByRole("link", { name: `Re-run from here: ${stage}, visit ${visit}` });
  await link.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: `Re-run from ${stage}, visit ${visit}` }).waitFor();
}

/** Waits until the plan says that, and may be started. */
async function planSays(page: Page, words: string | RegExp) {
  const { plan } = partsOf(page);
  await plan.getByText(words).first().waitFor();
  await page.locator("section[aria-labelledby=plan][aria-busy=false]").waitFor();
}

/** Starts what the plan says, and answers the number of the new run. */
async function start(page: Page): Promise<number> {
  await partsOf(page).start.click();
  await page.waitForURL(/\/runs\/\d+$/);
  return Number(page.url().split("/").at(-1));
}

test("a visit is made again with another task, and the two runs are compared", async () => {
  const { page, complaints } = await browser.page();
  await toRerun(page, source, "Draft", 4);
  const { timeline, visits, plan } = partsOf(page);
  await expect.poll(() => page.getByRole("textbox", { name: "Task of Draft" }).inputValue()).toBe(TASK);
  await page.getByRole("textbox", { name: "Task of Draft" }).fill(`${TASK}\nThree lines.`);
  await planSays(page, "Three lines.");
  expect(await plan.innerText()).toMatch(/may act on the outside world again:\s+post at Publish/);
  expect(await plan.getByRole("region", { name: "Taken over" }).getByRole("listitem").count()).toBe(3);
  expect(await plan.getByRole("region", { name: "Estimate" }).innerText()).toMatch(/3 model calls/);

  const run = await start(page);
  expect(run).not.toBe(source);
  await timeline.getByText("Run completed").waitFor();
  // Who looks on at a run is at its end; what it began with stands above.
  await visits.getByRole("button").first().click();
  await timeline.getByText("3 visits before that are taken over").waitFor();
  await expect.poll(() => visits.getByRole("button").count()).toBe(6);
  expect(await visits.getByText("inherited", { exact: true }).count()).toBe(3);
  await timeline.getByRole("link", { name: `run ${source}, visit 1` }).waitFor();
  const before = await visits.innerText();
  await page.getByRole("tab", { name: "Shared memory" }).click();
  await page.getByRole("heading", { name: "facts" }).waitFor();
  await page.getByRole("tab", { name: "Documents" }).click();
  await page.getByRole("button", { name: "notes/owls.md" }).waitFor();

  // What came live is what is there.
  await page.reload();
  await timeline.getByText("3 visits before that are taken over").waitFor();
  await page.getByText("Completed", { exact: true }).first().waitFor();
  await expect.poll(() => visits.innerText()).toBe(before);
  await timeline.getByText("What it left").first().click();
  await timeline.getByText("Two facts about owls.").waitFor();

  await page.getByRole("tab", { name: "Family" }).click();
  await page.getByText("from Draft, visit 4 · task of Draft").waitFor();
  await page.getByRole("link", { name: `Compare with run ${source}` }).click();
  await page.waitForURL(`**/runs/${source}/compare/${run}`);
  const definition = page.getByRole("region", { name: "Definition" });
  await definition.getByText("Three lines.").waitFor();
  expect(await definition.innerText()).toMatch(/\+\s*only in run \d+:\s+Three lines\./);
  const stages = page.getByRole("region", { name: "Stage by stage" });
  expect(await stages.getByText("Inherited").count()).toBe(3);
  expect(await stages.getByRole("heading", { level: 3 }).count()).toBe(6);
  expect(complaints).toEqual([]);
  await page.close();
});

test("another outcome is taken, and nothing before it is done again", async () => {
  const { page, complaints } = await browser.page();
  await toRerun(page, source, "Review", 3);
  const { timeline, visits, plan } = partsOf(page);
  await page.getByLabel("Take another outcome").check();
  await page.getByLabel("approved", { exact: true }).check();
  await planSays(page, "is taken over with the outcome approved");
  expect(await plan.getByRole("region", { name: "Runs again" }).getByRole("listitem").count()).toBe(1);
  await start(page);
  await timeline.getByText("Run completed").waitFor();
  await expect.poll(() => visits.getByRole("button").count()).toBe(4);
  expect(await visits.innerText()).toMatch(/Review[\s\S]*approved[\s\S]*on to Publish[\s\S]*inherited/);
  expect(complaints).toEqual([]);
  await page.close();
});

test("a visit that was inherited is made again", async () => {
  const { page, complaints } = await browser.page();
  await toRerun(page, source, "Publish", 6);
  await planSays(page, "is made again");
  const first = await start(page);
  await partsOf(page).timeline.getByText("Run completed").waitFor();
  await toRerun(page, first, "Review", 5);
  await planSays(page, "is made again");
  // Who carried out what is taken over is the run that really did.
  await partsOf(page).plan.getByRole("link", { name: `run ${source}` }).first().waitFor();
  await start(page);
  await partsOf(page).timeline.getByText("Run completed").waitFor();
  await page.getByRole("tab", { name: "Family" }).click();
  await page.getByText("from Review, visit 5").first().waitFor();
  expect(complaints).toEqual([]);
  await page.close();
});

test("two variants with two runs each are compared in a table", async () => {
  const { page, complaints } = await browser.page();
  await toRerun(page, source, "Draft", 2);
  await page.getByRole("button", { name: "Add variants" }).click();
  const second = page.getByRole("region", { name: "Variant 2" });
  await second.getByRole("textbox", { name: "Task of Draft" }).fill("Write one line about {{ input }}.");
  await second.getByLabel("Model of Draft").selectOption("careful");
  await page.getByLabel("Runs of each").fill("2");
  await planSays(page, "4 runs, each:");
  await partsOf(page).start.click();
  await page.waitForURL(/\/runs\/\d+\/variants$/);
  const table = page.getByRole("table", { name: "Variants" });
  await page.getByText("2 of 2 runs completed").nth(1).waitFor();
  const rows = table.getByRole("row").filter({ has: page.getByRole("heading") });
  expect(await rows.count()).toBe(2);
  expect(await rows.nth(0).innerText()).toContain("Nothing is changed in it.");
  expect(await rows.nth(1).innerText()).toContain("Task of Draft, model of Draft: careful");
  // The careful model costs three times as much.
  await rows.nth(0).getByText("best").first().waitFor();
  expect(await rows.nth(0).innerText()).toMatch(/approved\s*× 2/);

  await rows.nth(1).getByRole("link", { name: /^run \d+$/ }).first().click();
  await page.getByRole("link", { name: "Variants", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "Variants" }).waitFor();
  expect(complaints).toEqual([]);
  await page.close();
});

test("too many runs are refused in the place of the plan", async () => {
  const { page } = await browser.page();
  await toRerun(page, source, "Draft", 2);
  await page.getByLabel("Runs", { exact: true }).fill("21");
  const { plan, start } = partsOf(page);
  await plan.getByRole("alert").getByText("The call asks for 21 runs.").waitFor();
  await expect.poll(() => start.getAttribute("aria-disabled")).toBe("true");
  await page.getByLabel("Runs", { exact: true }).fill("1");
  await planSays(page, "is made again");
  await expect.poll(() => start.getAttribute("aria-disabled")).toBe("false");
  await page.close();
});

test("limits are given to the new run alone, and what becomes of it at one", async () => {
  const { page, complaints } = await browser.page();
  await toRerun(page, source, "Draft", 2);
  await page.locator("summary", { hasText: "Limits" }).click();
  await page.getByLabel("Model calls").fill("1");
  await page.getByLabel("At a limit the run").selectOption("stop");
  await planSays(page, "is made again");
  await start(page);
  await partsOf(page).timeline.getByText("Run stopped").waitFor();
  expect(complaints).toEqual([]);
  await page.close();
});

test("a stage that is gone is refused, and the original definition still has it", async () => {
  const named = (text: string) => text.replace("project: rerun", "project: gone");
  const run = await program.carryOut(await program.apply(FILE, "notice", named), "owls");
  await program.apply(FILE, "notice", (text) => named(text).replace("id: review, name: Review", "id: check, name: Check"));
  const { page } = await browser.page();
  await toRerun(page, run, "Review", 3);
  const { plan, start: button, timeline } = partsOf(page);
  await plan.getByRole("alert").getByText('The workflow has no stage with the id "review" any more.').waitFor();
  await plan.getByText("take the definition that the run had").waitFor();
  await plan.getByText("stage_missing").waitFor();
  await expect.poll(() => button.getAttribute("aria-disabled")).toBe("true");
  await page.getByLabel("The original one").check();
  await planSays(page, "is made again");
  await start(page);
  await timeline.getByText("Run completed").waitFor();
  await page.close();
});

test("a plan that is no longer true is shown anew before anything starts", async () => {
  const named = (text: string) => text.replace("project: rerun", "project: moving");
  const run = await program.carryOut(await program.apply(FILE, "notice", named), "owls");
  const { page } = await browser.page();
  await toRerun(page, run, "Draft", 4);
  await planSays(page, "The definitions are the same.");
  await program.apply(FILE, "notice", (text) => named(text).replace(TASK, "Write about {{ input }} in verse."));
  const { plan, start: button, timeline } = partsOf(page);
  await button.click();
  await plan.getByText("The plan has changed since it was shown").waitFor();
  await planSays(page, "Write about {{ input }} in verse.");
  await start(page);
  await timeline.getByText("Run completed").waitFor();
  await page.close();
});

test("a run that ended in error leads to the visit that failed", async () => {
  const run = await program.carryOut(await program.apply(FILE, "broken"), "owls", "error");
  const { page, complaints } = await browser.page();
  await page.goto(`/runs/${run}`);
  await page.getByRole("region", { name: "Why the run ended in error" }).first().getByRole("link", { name: "Re-run from here" }).click();
  await page.getByRole("heading", { level: 1, name: "Re-run from Mend, visit 2" }).waitFor();
  await page.getByText("This visit did not come to its end").waitFor();
  expect(await page.getByLabel("Take another outcome").isDisabled()).toBe(true);
  await planSays(page, "is made again");
  // The head leads to the same visit, and another can be chosen.
  await page.goto(`/runs/${run}`);
  await page.getByRole("link", { name: "Re-run", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "Re-run from Mend, visit 2" }).waitFor();
  await page.getByLabel("Visit", { exact: true }).selectOption("1");
  await page.getByRole("heading", { level: 1, name: "Re-run from Draft, visit 1" }).waitFor();
  await planSays(page, "Nothing: the run begins at its first visit.");
  expect(complaints).toEqual([]);
  await page.close();
});

test("a family says which of its runs was deleted", async () => {
  const { page, complaints } = await browser.page();
  await toRerun(page, source, "Publish", 6);
  await planSays(page, "is made again");
  const parent = await start(page);
  await partsOf(page).timeline.getByText("Run completed").waitFor();
  await toRerun(page, parent, "Publish", 6);
  await planSays(page, "is made again");
  const child = await start(page);
  await partsOf(page).timeline.getByText("Run completed").waitFor();
  await page.goto(`/runs/${parent}`);
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete run" }).click();
  await page.waitForURL(/\/projects\/\d+$/);
  await page.goto(`/runs/${child}`);
  await page.getByRole("tab", { name: "Family" }).click();
  await page.getByText(`Run ${parent} was deleted`).waitFor();
  expect(complaints).toEqual([]);
  await page.close();
});

test("what was written outlives a reload", async () => {
  const { page, complaints } = await browser.page();
  await toRerun(page, source, "Draft", 2);
  await page.getByRole("textbox", { name: "Task of Draft" }).fill("Write it anew.");
  await page.reload();
  await page.getByText("changed", { exact: true }).first().waitFor();
  await expect.poll(() => page.getByRole("textbox", { name: "Task of Draft" }).inputValue()).toBe("Write it anew.");
  await page.getByRole("button", { name: "Undo the change: Task of Draft" }).click();
  await expect.poll(() => page.getByRole("textbox", { name: "Task of Draft" }).inputValue()).toBe(TASK);
  await planSays(page, "The definitions are the same.");
  expect(complaints).toEqual([]);
  await page.close();
});

test("two runs are picked from the list", async () => {
  const other = await program.carryOut(await program.apply(FILE, "notice"), "bats");
  const { page, complaints } = await browser.page();
  await page.goto("/runs");
  await page.getByRole("button", { name: "Pick several" }).click();
  await page.getByLabel(`Pick run ${other}`, { exact: true }).check();
  await page.getByLabel(`Pick run ${source}`, { exact: true }).check();
  await page.getByRole("link", { name: `Compare runs ${source} and ${other}` }).click();
  const result = page.getByRole("region", { name: "Final result" });
  await result.getByText(`+ only in run ${other}`).waitFor();
  expect(await result.innerText()).toMatch(/−\s*only in run \d+:\s+# Owls/);
  expect(await page.getByRole("region", { name: "Input" }).innerText()).toMatch(/owls[\s\S]*bats/);
  expect(complaints).toEqual([]);
  await page.close();
});

test("every page of a re-run fits every screen, in light and in dark", async () => {
  const runs = (await (await fetch(`${program.address}/api/v1/runs/${source}/family`)).json()) as {
    items: { run_id: number; descent?: { from_visit?: number; group?: number } }[];
  };
  const again = runs.items.find(({ descent }) => descent?.from_visit === 4)?.run_id;
  const group = runs.items.find(({ descent }) => descent?.group !== undefined)?.run_id;
  const pages = {
    rerun: `/runs/${source}/rerun?visit=4`,
    inherited: `/runs/${again}?visit=1`,
    compare: `/runs/${source}/compare/${again}`,
    variants: `/runs/${group}/variants`,
    family: `/runs/${again}`,
  };
  for (const width of [2560, 1280, 390]) {
    for (const scheme of ["light", "dark"] as const) {
      const { page, complaints } = await browser.page({ width, height: width > 1000 ? 800 : 844, scheme });
      for (const [name, path] of Object.entries(pages)) {
        await page.goto(path);
        await page.getByRole("heading", { level: 1 }).waitFor();
        if (name === "rerun") await planSays(page, "is made again");
        if (name === "inherited") await partsOf(page).timeline.getByText("Carried out by").first().waitFor();
        if (name === "family") await page.getByRole("tab", { name: "Family" }).click();
        await page.screenshot({ path: `${SHOTS}${name}-${width}-${scheme}.png` });
        const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(tooWide, `${name} at ${width}`).toBeLessThanOrEqual(0);
      }
      expect(complaints).toEqual([]);
      await page.close();
    }
  }
});
