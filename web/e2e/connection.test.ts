// A page whose server cannot be reached for a while, and one on a machine without any network whose server can.

import { afterAll, beforeAll, expect, test } from "vitest";

import { openBrowser, type Browser } from "./browser.ts";
import { startProgram, type Program } from "./program.ts";

/** A list that is calm is asked for every ten seconds, and a request that fails is tried twice more. */
const NOTICED_MS = 45_000;

let program: Program;
let browser: Browser;

beforeAll(async () => {
  program = await startProgram("0");
  browser = await openBrowser(program.address);
});

afterAll(async () => {
  await browser?.close();
  await program?.stop();
});

test("a list of runs says that it has no connection, and mends itself without losing or doubling a run", async () => {
  const workflow = await program.apply("../examples/digest.yaml", "digest");
  await program.carryOut(workflow, "the first");
  const { page } = await browser.page();
  await page.goto("/runs");
  const runs = page.getByRole("main").getByRole("listitem");
  await runs.getByText("the first").waitFor();
  await page.context().setOffline(true);
  await page.getByText("No connection: this is how it was.").waitFor({ timeout: NOTICED_MS });
  expect(await runs.count()).toBe(1);
  await program.carryOut(workflow, "the second");
  await page.context().setOffline(false);
  await page.getByText("No connection: this is how it was.").waitFor({ state: "detached", timeout: NOTICED_MS });
  await runs.getByText("the second").waitFor();
  expect(await runs.count()).toBe(2);
  await page.close();
});

test("a machine without any network still reaches the server that is on it", async () => {
  await program.apply("../examples/digest.yaml", "digest");
  const { page } = await browser.page();
  await page.goto("/runs");
  await page.getByRole("heading", { name: "Runs" }).waitFor();
  // What a browser says when the last network is gone; the server is on this machine, and answers as before.
  await page.evaluate(() => window.dispatchEvent(new Event("offline")));
  await page.getByRole("link", { name: "Projects" }).first().click();
  await page.getByRole("link", { name: "digest" }).first().click();
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByLabel("Runs at once").fill("3");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Saved.").waitFor();
  await page.close();
});
