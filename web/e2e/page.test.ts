// The page in a real browser, before the real program: a run is started and watched to its end, and
// another is stopped. Pictures of the pages are left in e2e/shots/.

import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { openBrowser, type Browser } from "./browser.ts";
import { startProgram, type Program } from "./program.ts";

const SHOTS = fileURLToPath(new URL("shots/", import.meta.url));

/** How long a run of the example may take: some ten seconds at the pace that program.ts sets. */
const RUN_MS = 60_000;

let program: Program;
let browser: Browser;
let workflow: number;
/** The same, with a model that is far from its end whenever somebody stops it. */
let slow: number;

beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true });
  program = await startProgram();
  workflow = await program.apply("../examples/newsroom.yaml", "article");
  slow = await program.apply("../examples/newsroom.yaml", "article", (text) =>
    text.replace("project: newsroom", "project: slow-newsroom").replace("words_per_second: 25", "words_per_second: 1"),
  );
  browser = await openBrowser(program.address);
});

afterAll(async () => {
  await browser?.close();
  await program?.stop();
});

/** Asks for a run on the page of the workflow, and waits for the page of the run. */
async function startRun(page: Page, input: string, of = workflow) {
  await page.goto(`/workflows/${of}`);
  await page.getByLabel("What should the article be about?").fill(input);
  await page.getByRole("button", { name: "Start run" }).click();
  await page.waitForURL(/\/runs\/\d+$/);
  await page.getByRole("heading", { level: 1, name: /article run \d+/ }).waitFor();
}

test("a run is started on the page and watched to its end", async () => {
  const { page, complaints } = await browser.page();
  await startRun(page, "night trains");
  await page.getByText("Running", { exact: true }).first().waitFor();
  await page.waitForFunction(() => /^Running · article, run \d+ · Callboard$/.test(document.title));

  // Text appears while it is written: what the researcher says grows before it is finished.
  const timeline = page.getByRole("region", { name: "Timeline" });
  await timeline.getByText("researcher", { exact: true }).first().waitFor();
  await timeline.getByText("Simulated", { exact: true }).first().waitFor();

  await page.getByText("Completed", { exact: true }).first().waitFor({ timeout: RUN_MS });
  await page.waitForFunction(() => document.title.startsWith("Completed"), null, { timeout: RUN_MS });
  await timeline.getByText("Run completed").waitFor();
  const result = page.getByRole("region", { name: "Final result" });
  await result.waitFor();
  expect(await result.innerText()).toMatch(/night trains/i);
  expect(await result.innerText()).toContain("Simulated");

  // The loop is told: the review sent the draft back once.
  const visits = page.getByRole("navigation", { name: "Visits" });
  expect(await visits.getByRole("button").count()).toBe(6);
  expect(await visits.innerText()).toMatch(/revise[\s\S]*back to Draft/);

  await page.getByRole("tab", { name: "Shared memory" }).click();
  await page.getByRole("heading", { name: "facts" }).waitFor();
  expect(complaints).toEqual([]);
  await page.close();
});

test("a run is stopped on the page", async () => {
  const { page, complaints } = await browser.page();
  await startRun(page, "slow trains", slow);
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByLabel("Reason, if you like").fill("Wrong trains");
  await page.getByRole("alertdialog").getByRole("button", { name: "Stop run" }).click();

  const timeline = page.getByRole("region", { name: "Timeline" });
  await timeline.getByText("Run stopped").waitFor();
  await page.waitForFunction(() => document.title.startsWith("Stopped"));
  expect(await timeline.innerText()).toContain("Wrong trains");
  await page.getByText("Stopped", { exact: true }).first().waitFor();
  expect(complaints).toEqual([]);
  await page.close();
});

test("a lost connection is told, and mended without a gap", async () => {
  const { page } = await browser.page();
  let cut = true;
  await page.route("**/stream?*", (route) => (cut ? route.abort() : route.continue()));
  await startRun(page, "late trains");
  await page.getByText("No connection.").waitFor();
  // Nobody presses anything: the page looks for the server by itself.
  cut = false;
  const timeline = page.getByRole("region", { name: "Timeline" });
  await timeline.getByText("Run completed").waitFor({ timeout: RUN_MS });
  await page.getByText("No connection.").waitFor({ state: "detached" });
  const visits = page.getByRole("navigation", { name: "Visits" });
  expect(await visits.getByRole("button").count()).toBe(6);
  await page.close();
});

test("a project file with mistakes is refused with their places", async () => {
  const { page } = await browser.page();
  await page.goto("/new");
  await page.getByRole("button", { name: "Apply a project file" }).click();
  await page.getByRole("textbox", { name: "Project file" }).fill("project: broken\nworkflows:\n  one: { team: nobody, stages: [] }\n");
  await page.getByRole("button", { name: "Apply", exact: true }).click();
  await page.getByText(/mistakes? in the file/).waitFor();
  await page.close();
});

test("the theme that was chosen is remembered", async () => {
  const { page } = await browser.page({ scheme: "light" });
  await page.goto("/runs");
  const dark = () => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
  await page.getByRole("button", { name: /^Theme: as the system/ }).click();
  await page.getByRole("button", { name: /^Theme: light/ }).click();
  await page.getByRole("button", { name: /^Theme: dark/ }).waitFor();
  expect(await dark()).toBe("dark");
  await page.reload();
  await page.getByRole("button", { name: /^Theme: dark/ }).waitFor();
  expect(await dark()).toBe("dark");
  await page.close();
});

test("the start of a run and the way to it need no mouse", async () => {
  const { page } = await browser.page();
  await page.goto(`/workflows/${slow}`);
  await page.getByLabel("What should the article be about?").focus();
  await page.keyboard.type("key trains");
  await page.keyboard.press("Control+Enter");
  await page.waitForURL(/\/runs\/\d+$/);
  await page.getByRole("button", { name: "Stop" }).focus();
  await page.keyboard.press("Enter");
  // The question begins on the answer that changes nothing.
  await page.getByRole("button", { name: "Cancel" }).and(page.locator(":focus")).waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByRole("region", { name: "Timeline" }).getByText("Run stopped").waitFor();
  await page.close();
});

test("every page fits every screen, in light and in dark", async () => {
  const run = await program.lastRun();
  const pages = { projects: "/", project: `/projects/${run.project_id}`, workflow: `/workflows/${workflow}`, runs: "/runs", run: `/runs/${run.id}` };
  for (const width of [1280, 390]) {
    for (const scheme of ["light", "dark"] as const) {
      const { page, complaints } = await browser.page({ width, height: width > 1000 ? 800 : 844, scheme });
      for (const [name, path] of Object.entries(pages)) {
        await page.goto(path);
        await page.getByRole("heading", { level: 1 }).waitFor();
        await page.waitForLoadState("load");
        await page.screenshot({ path: `${SHOTS}${name}-${width}-${scheme}.png` });
        const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(tooWide, `${name} at ${width}`).toBeLessThanOrEqual(0);
      }
      expect(complaints).toEqual([]);
      await page.close();
    }
  }
});
