// What is around every page, and every page that needs no run: the keys, the search, and whether each page fits
// every screen and can be used by everybody. Pictures of the pages are left in e2e/shots/.

import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, expect, test } from "vitest";

import { seriousIssues } from "./axe.ts";
import { openBrowser, type Browser } from "./browser.ts";
import { startProgram, type Program } from "./program.ts";

const SHOTS = fileURLToPath(new URL("shots/", import.meta.url));

/** How long a look at all pages may take: axe reads every element of each. */
const LOOK_MS = 300_000;

let program: Program;
let browser: Browser;
let pages: Record<string, string>;

beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true });
  program = await startProgram();
  const workflow = await program.apply("../examples/letter.yaml", "letter");
  const question = await program.apply("../examples/roundtable.yaml", "question");
  browser = await openBrowser(program.address);
  pages = {
    new: "/new",
    overview: "/projects/1",
    models: "/projects/1/models",
    model: "/projects/1/models?edit=careful",
    tools: "/projects/1/tools",
    tool: "/projects/1/tools?edit=everything",
    teams: "/projects/1/teams",
    team: "/projects/1/teams?edit=desk",
    settings: "/projects/1/settings",
    file: "/projects/1/file",
    "new-workflow": "/projects/1/new-workflow",
    editor: `/workflows/${workflow}`,
    "editor-stage": `/workflows/${question}?panel=stage&stage=discuss`,
    "editor-settings": `/workflows/${workflow}?panel=settings`,
    "editor-file": `/workflows/${workflow}?panel=file`,
    nowhere: "/nowhere",
  };
});

afterAll(async () => {
  await browser?.close();
  await program?.stop();
});

test("keys lead everywhere, and say which they are", async () => {
  const { page, complaints } = await browser.page();
  await page.goto("/");
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("r");
  await page.waitForURL("**/runs");
  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Keys" });
  await help.getByText("Go to the projects").waitFor();
  expect(await seriousIssues(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await help.waitFor({ state: "detached" });

  await page.keyboard.press("/");
  const search = page.getByRole("combobox", { name: "Go to" });
  await page.keyboard.type("round question");
  await page.getByRole("option", { name: /roundtable \/ question/ }).waitFor();
  expect(await seriousIssues(page)).toEqual([]);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/workflows\/\d+$/);
  await search.waitFor({ state: "detached" });

  // On this page there are more keys; while one writes, letters are letters.
  await page.keyboard.press("?");
  await page.getByRole("region", { name: "This workflow" }).getByText("Undo").waitFor();
  await page.keyboard.press("Escape");
  await page.getByLabel("What is the question?").fill("");
  await page.getByLabel("What is the question?").pressSequentially("g r / ?");
  expect(await page.getByLabel("What is the question?").inputValue()).toBe("g r / ?");
  expect(complaints).toEqual([]);
  await page.close();
});

/** Wider windows have the same elements; whether they overflow is looked at with every page of a run. */
const LOOKS = [1280, 390].flatMap((width) => (["light", "dark"] as const).map((scheme) => ({ width, scheme })));

test.each(LOOKS)("every page fits $width pixels in $scheme, and axe finds nothing serious", { timeout: LOOK_MS }, async ({ width, scheme }) => {
  const { page, complaints } = await browser.page({ width, height: width > 1000 ? 900 : 844, scheme });
  const issues: string[] = [];
  for (const [name, path] of Object.entries(pages)) {
    await page.goto(path);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.waitForLoadState("networkidle");
    await page.screenshot({ path: `${SHOTS}${name}-${width}-${scheme}.png` });
    const tooWide = await page.evaluate(() => {
      const main = document.querySelector("main");
      return Math.max(document.documentElement.scrollWidth - window.innerWidth, main ? main.scrollWidth - main.clientWidth : 0);
    });
    if (tooWide > 0) issues.push(`${name} is ${tooWide} pixels too wide`);
    issues.push(...(await seriousIssues(page)).map((issue) => `${name}: ${issue}`));
  }
  expect(issues).toEqual([]);
  expect(complaints).toEqual([]);
  await page.close();
});
