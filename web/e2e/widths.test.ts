// Every page on a narrow, a usual and a very wide window: nothing is wider than its window, and no line of text is so
// long that the eye loses it.

import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { openBrowser, type Browser } from "./browser.ts";
import { startProgram, type Program } from "./program.ts";

const FILE = "e2e/views.yaml";

/** Characters of a line of prose that can still be read well; a book has some 70. */
const LINE_MAX = 110;

let program: Program;
let browser: Browser;
let pages: string[];

beforeAll(async () => {
  program = await startProgram("0");
  const stories = await program.apply(FILE, "story");
  const run = await program.carryOut(stories, "owls ".repeat(60));
  const failed = await program.carryOut(await program.apply(FILE, "circle"), "bats", "error");
  // Its agents write sentences, as models do.
  const told = await program.carryOut(await program.apply("../examples/digest.yaml", "digest"), "Owls hunt at night. ".repeat(80));
  const project = ((await (await fetch(`${program.address}/api/v1/workflows/${stories}`)).json()) as { project_id: number }).project_id;
  pages = [
    "/",
    "/new",
    "/runs",
    ...["", "/runs", "/models", "/tools", "/teams", "/settings", "/file", "/new-workflow"].map((part) => `/projects/${project}${part}`),
    `/projects/${project}/models?edit=main`,
    ...["run", "stage&stage=draft", "triggers", "settings", "file"].map((panel) => `/workflows/${stories}?panel=${panel}`),
    ...["timeline", "network", "context", "metrics"].map((view) => `/runs/${run}?view=${view}`),
    ...["results", "memory", "documents", "family", "input"].map((side) => `/runs/${run}?side=${side}`),
    ...["timeline", "results", "input"].map((part) => `/runs/${told}?${part === "timeline" ? "view" : "side"}=${part}`),
    `/runs/${failed}`,
    `/runs/${run}/rerun`,
    `/runs/${run}/compare/${failed}`,
  ];
  browser = await openBrowser(program.address);
});

afterAll(async () => {
  await browser?.close();
  await program?.stop();
});

/** What is wider than its window, and which lines are too long. */
function ill(page: Page): Promise<string[]> {
  return page.evaluate((longest) => {
    const found: string[] = [];
    for (const element of [document.documentElement, ...document.querySelectorAll("main, header")]) {
      if (element.scrollWidth > element.clientWidth + 1) {
        const wide = [...element.querySelectorAll("*")].find((one) => one.getBoundingClientRect().right > window.innerWidth + 1);
        found.push(`${element.tagName} has ${element.scrollWidth} of ${element.clientWidth} pixels: ${wide?.outerHTML.slice(0, 200)}`);
      }
    }
    for (const text of document.querySelectorAll<HTMLElement>("main p, main li")) {
      if (text.querySelector("p, li, ul, pre, div") || !text.checkVisibility()) continue;
      const lines = new Set([...rectsOf(text)].map(({ bottom }) => Math.round(bottom / 4))).size;
      const chars = text.innerText.length / Math.max(1, lines);
      if (lines > 1 && chars > longest) found.push(`A line has ${Math.round(chars)} characters: ${text.innerText.slice(0, 80)}`);
    }
    return found;

    function rectsOf(element: Element) {
      const range = document.createRange();
      range.selectNodeContents(element);
      return range.getClientRects();
    }
  }, LINE_MAX);
}

/** Some thirty pages take longer than a flow does. */
const timeout = 300_000;

test.each([390, 1280, 2560])("no page overflows, nor has lines that cannot be read, at %i pixels", { timeout }, async (width) => {
  const { page, complaints } = await browser.page({ width, height: width === 390 ? 844 : 1200 });
  const found: string[] = [];
  for (const path of pages) {
    await page.goto(path, { waitUntil: "networkidle" });
    await page.locator("main .skeleton").first().waitFor({ state: "detached" });
    found.push(...(await ill(page)).map((words) => `${path}: ${words}`));
  }
  expect(found).toEqual([]);
  expect(complaints).toEqual([]);
  await page.close();
});
