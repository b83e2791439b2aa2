// What a checker of accessibility says of a page: nothing that is serious.

import { createRequire } from "node:module";

import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { expect } from "vitest";

const SCRIPT = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

const SERIOUS = new Set(["serious", "critical"]);

/** Fails with every serious finding, the rule and the element. */
export async function expectAccessible(page: Page, what: string) {
  await page.addScriptTag({ path: SCRIPT });
  const { violations } = await page.evaluate(() => (window as unknown as { axe: { run: () => Promise<AxeResults> } }).axe.run());
  const serious = violations.filter(({ impact }) => SERIOUS.has(impact ?? ""));
  expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).slice(0, 3).join(" | ")}`), what).toEqual([]);
}
