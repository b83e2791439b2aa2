// What is told to other programs, looked at on the page: a callback that is given up and sent again, alerts of a
// trigger, and the key that signs them.

import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { seriousIssues } from "./axe.ts";
import { openBrowser, unexpected, type Browser } from "./browser.ts";
import { startProgram, type Program } from "./program.ts";
import { startReceiver, type Receiver } from "./receiver.ts";

let program: Program;
let receiver: Receiver;
let browser: Browser;

beforeAll(async () => {
  receiver = await startReceiver();
  program = await startProgram("0", { CALLBOARD_ALLOW_HOSTS: receiver.host });
  browser = await openBrowser(program.address);
});

afterAll(async () => {
  await browser?.close();
  await program?.stop();
  await receiver?.close();
});

/** Starts a run as a program does that wants to be called back, and answers its number. */
async function trigger(workflow: number, metadata: unknown): Promise<number> {
  const answer = await fetch(`${program.address}/api/v1/trigger?wait=60`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ workflow_id: workflow, input: "owls", metadata, callback_url: `http://${receiver.host}/build/7?token=hidden` }),
  });
  return ((await answer.json()) as { run_id: number }).run_id;
}

async function get<T>(path: string): Promise<T> {
  return (await (await fetch(program.address + path)).json()) as T;
}

/** What has the focus, by its role's name. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent ?? "");
}

/** Steps on by the tabulator until that has the focus. */
async function tabTo(page: Page, name: RegExp) {
  for (let steps = 0; steps < 120; steps += 1) {
    await page.keyboard.press("Tab");
    if (name.test(await focused(page))) return;
  }
  throw new Error(`The keyboard does not lead to ${String(name)}.`);
}

test("a callback that nobody took is shown with its answer, and sent again by the keyboard alone", async () => {
  receiver.answer(410, "This build is gone.");
  const workflow = await program.apply("../examples/digest.yaml", "digest");
  const run = await trigger(workflow, { build: 7 });
  const { page, complaints } = await browser.page();
  await page.goto(`/runs/${run}`);
  await page.getByRole("tab", { name: /Deliveries.*given up/ }).waitFor();
  await tabTo(page, /^Results$/);
  // One of a row of tabs has the focus, and the arrows go through them.
  await page.keyboard.press("End");
  const delivery = page.getByRole("listitem", { name: /^Delivery \d+$/ });
  await delivery.getByText("Given up").waitFor();
  await delivery.getByText(/answered with 410/).waitFor();
  expect(await delivery.innerText()).not.toContain("hidden");
  await tabTo(page, /^Its tries$/);
  await page.keyboard.press("Enter");
  await delivery.getByText("This build is gone.").waitFor();
  expect(await seriousIssues(page)).toEqual([]);

  receiver.answer(204, "");
  await tabTo(page, /^Send again: delivery \d+$/);
  await page.keyboard.press("Enter");
  await delivery.getByText("Delivered").waitFor();
  await delivery.getByText(/Tried 2 times.*answered with 204/).waitFor();
  expect(receiver.heard).toHaveLength(2);
  expect(receiver.heard.at(-1)).toMatchObject({ id: run, status: "completed" });

  await page.getByRole("tab", { name: "Input" }).click();
  await page.getByRole("region", { name: "From its caller" }).getByText('"build": 7').waitFor();
  await page.getByText("The definition that it runs with").click();
  await page.getByText('"digest"').first().waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download the whole run" }).click()]);
  expect(download.suggestedFilename()).toBe(`run-${run}.json`);
  expect(unexpected(complaints)).toEqual([]);
  await page.close();
});

test("an alert stands with the run that failed and with its project, and its key is shown once", async () => {
  receiver.answer(200, "");
  const workflow = await program.apply("e2e/views.yaml", "circle", (text) => `${text}\ntriggers:\n  hook: { workflow: circle, webhook: true, alert: { url: "http://${receiver.host}/alerts" } }\n`);
  const { page, complaints } = await browser.page();
  const { items } = await get<{ items: { webhook_url: string; project_id: number }[] }>(`/api/v1/workflows/${workflow}/triggers`);
  const called = await fetch(items[0]!.webhook_url, { method: "POST" });
  await page.goto(`/runs/${((await called.json()) as { run_id: number }).run_id}`);
  await page.getByRole("tab", { name: "Deliveries" }).click();
  const delivery = page.getByRole("listitem", { name: /^Delivery \d+$/ });
  await delivery.getByText("Alert: the run failed").waitFor();
  await delivery.getByText("Delivered").waitFor();

  await page.goto(`/projects/${items[0]!.project_id}/settings`);
  const told = page.getByRole("region", { name: "Callbacks and alerts" });
  await told.getByText("Alert: the run failed").waitFor();
  expect(await told.getByRole("link", { name: /^run \d+$/ }).count()).toBe(1);
  await told.getByRole("button", { name: "Make a key to check them with" }).click();
  await page.getByRole("button", { name: "Make the key" }).click();
  expect(await told.getByLabel("The key", { exact: true }).innerText()).toMatch(/^whsec_/);
  expect(await seriousIssues(page)).toEqual([]);
  await page.reload();
  await told.getByText("Alert: the run failed").waitFor();
  expect(await told.getByText("whsec_").count()).toBe(0);
  expect(unexpected(complaints)).toEqual([]);
  await page.close();
});
