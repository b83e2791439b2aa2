// What a checker of accessibility says of a page: nothing that is serious.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";

const SCRIPT = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const SERIOUS = new Set(["serious", "critical"]);

/** Every serious finding: where, the rule, and the element. */
export async function barriers(page: Page, where: string): Promise<string[]> {
  // Not as an element of the page, whose policy allows none but its own scripts.
  await page.evaluate(SCRIPT);
  const { violations } = await page.evaluate(() => (window as unknown as { axe: { run: () => Promise<AxeResults> } }).axe.run());
  const serious = violations.filter(({ impact }) => SERIOUS.has(impact ?? ""));
  return serious.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${where}: ${id}: ${html} ${failureSummary}`));
}
