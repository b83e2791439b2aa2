// Every flow with the keyboard alone, in a real browser before the real program: Tab reaches what it needs, each stop
// can be seen, Enter and Escape do what they say, and what was closed gives the focus back. There is no mouse here, and
// nothing is focused by script.

import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { openBrowser, type Browser } from "./browser.ts";
import { startProgram, type Program } from "./program.ts";
import { BAD_KEY, startProvider, type Provider } from "./provider.ts";

/** Stops until something has to be reached: more than any page has. */
const STOPS = 120;

const KEY = "sk-right";

let program: Program;
let provider: Provider;
let browser: Browser;

beforeAll(async () => {
  program = await startProgram();
  provider = await startProvider(KEY);
  browser = await openBrowser(program.address);
});

afterAll(async () => {
  await browser?.close();
  await program?.stop();
  await provider?.close();
});

/** Presses Tab until that has the focus. A stop on the way that cannot be seen, or not soon, is a mistake. */
async function tabTo(page: Page, target: Locator) {
  await target.first().waitFor({ state: "attached" });
  const stops: string[] = [];
  while (stops.length < STOPS) {
    await page.keyboard.press("Tab");
    const { name, hidden } = await page.evaluate(focused);
    stops.push(name);
    if (hidden) await expect.poll(async () => (await page.evaluate(focused)).hidden, { message: `The focus is on ${name}, and nobody sees it.` }).toBe(false);
    if (await target.evaluateAll((found) => found.some((one) => one === document.activeElement))) return;
  }
  throw new Error(`Tab does not lead to ${String(target)}, but to ${[...new Set(stops)].join(" | ")}`);
}

/** What has the focus, and whether it cannot be seen: it, or the box around it, has to be marked and in view. */
function focused(): { name: string; hidden: boolean } {
  const element = document.activeElement;
  if (!element || element === document.body) return { name: "the page", hidden: false };
  const name = `${element.tagName} ${element.getAttribute("aria-label") ?? element.textContent?.trim().slice(0, 40) ?? ""}`;
  const around = [element, element.closest("label"), element.parentElement].filter((one) => one !== null);
  const isMarked = around.some((one) => getComputedStyle(one).outlineStyle !== "none");
  const { width, height, top, bottom } = element.getBoundingClientRect();
  const isThere = width > 1 && height > 1 && bottom > 0 && top < window.innerHeight && element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  return { name, hidden: !isMarked || !isThere };
}

async function press(page: Page, target: Locator, key = "Enter") {
  await tabTo(page, target);
  await page.keyboard.press(key);
}

async function write(page: Page, target: Locator, text: string) {
  await tabTo(page, target);
  await page.keyboard.press("Control+a");
  await page.keyboard.type(text);
}

/** Chooses in a list as one does without a mouse: by the first letters. */
async function choose(page: Page, target: Locator, letters: string, value: string) {
  await tabTo(page, target);
  await target.locator(`option[value="${value}"]`).waitFor({ state: "attached" });
  await page.keyboard.type(letters);
  await expect.poll(() => target.inputValue()).toBe(value);
}

function runPage(page: Page) {
  return {
    timeline: page.getByRole("region", { name: "Timeline" }),
    panel: page.getByRole("region", { name: "Waiting for you" }),
    result: page.getByRole("region", { name: "Final result" }),
  };
}

test("a first visit leads to a first finished run", async () => {
  const { page } = await browser.page();
  await page.goto("/");
  await tabTo(page, page.getByRole("radio", { name: "A newsroom" }));
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.getByRole("radio", { name: "A digest", checked: true }).waitFor();
  await press(page, page.getByRole("button", { name: "Run it" }));
  await page.waitForURL(/\/runs\/\d+$/);
  await runPage(page).result.waitFor({ timeout: 60_000 });
  await page.close();
});

test("a project is set up from nothing, and run", async () => {
  const { page } = await browser.page();
  await page.goto("/");
  await press(page, page.getByRole("link", { name: "New project" }));
  await page.waitForURL("**/new");
  await write(page, page.getByLabel("Name"), "shop");
  await page.keyboard.press("Enter");
  const setup = page.getByRole("region", { name: "Set it up" });
  await press(page, setup.getByRole("link", { name: "Add a model" }));
  await choose(page, page.getByLabel("Provider"), "Sim", "simulated");
  await press(page, page.getByRole("button", { name: "Add the model" }));
  await page.getByRole("heading", { name: "main" }).waitFor();

  await press(page, page.getByRole("navigation", { name: "Project" }).getByRole("link", { name: "Overview" }));
  await press(page, setup.getByRole("link", { name: "Make a team" }));
  await write(page, page.getByLabel("Agent's name"), "writer");
  await press(page, page.getByRole("button", { name: "Make the team" }));
  await page.getByRole("list", { name: "Agents of desk" }).waitFor();

  await press(page, page.getByRole("navigation", { name: "Project" }).getByRole("link", { name: "Overview" }));
  await press(page, setup.getByRole("link", { name: "Make a workflow" }));
  await write(page, page.getByLabel("Name", { exact: true }), "notice");
  await write(page, page.getByLabel("Task"), "Write a notice about {{ input }}.");
  await press(page, page.getByRole("button", { name: "Make the workflow" }));
  await page.waitForURL(/\/workflows\/\d+$/);
  await write(page, page.getByRole("textbox", { name: "Input of the run" }), "owls");
  await page.keyboard.press("Control+Enter");
  await page.waitForURL(/\/runs\/\d+$/);
  await runPage(page).result.waitFor({ timeout: 60_000 });
  await page.close();
});

test("a workflow is edited, and what is wrong is heard", async () => {
  const workflow = await program.apply("../examples/digest.yaml", "digest");
  const { page } = await browser.page();
  await page.goto(`/workflows/${workflow}`);
  await press(page, page.getByRole("button", { name: "Add a stage before Write" }));
  const name = page.getByRole("textbox", { name: "Name", exact: true });
  await name.waitFor();
  await write(page, name, "Check");
  await write(page, page.getByRole("textbox", { name: "Task", exact: true }), "Check {{ results.reed }}");
  await page.getByText(/Did you mean results.read/).first().waitFor();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("Check {{ results.read }}");
  await page.getByRole("button", { name: "Save", exact: true }).and(page.locator(":enabled")).waitFor();
  await page.keyboard.press("Control+s");
  await page.getByRole("button", { name: "Saved", exact: true }).waitFor();
  const { stages } = (await (await fetch(`${program.address}/api/v1/workflows/${workflow}`)).json()) as { stages: { name: string }[] };
  expect(stages.map((stage) => stage.name)).toEqual(["Read", "Check", "Write"]);
  await page.close();
});

test("a run is watched and stopped, and a question that is not meant gives the focus back", async () => {
  const workflow = await program.apply("e2e/views.yaml", "slow");
  const { page } = await browser.page();
  await page.goto(`/workflows/${workflow}`);
  await press(page, page.getByRole("button", { name: "Start run" }));
  await page.waitForURL(/\/runs\/\d+$/);
  const stop = page.getByRole("button", { name: "Stop", exact: true });
  await press(page, stop);
  const dialog = page.getByRole("alertdialog");
  await dialog.waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await stop.and(page.locator(":focus")).waitFor();
  await page.keyboard.press("Enter");
  await press(page, dialog.getByRole("button", { name: "Stop run" }));
  await runPage(page).timeline.getByText("Run stopped").waitFor();
  // Who stopped it is not sent back to the top of the page.
  await page.locator("#main:focus").waitFor();
  await page.close();
});

test("a question is answered, a result is approved, and what an agent saw is read", async () => {
  const { page } = await browser.page();
  await page.goto(`/workflows/${await program.apply("e2e/people.yaml", "question")}`);
  await press(page, page.getByRole("button", { name: "Start run" }));
  const { panel, timeline } = runPage(page);
  await press(page, panel.getByRole("button", { name: "Rome" }));
  await timeline.getByText("Run completed").waitFor();
  const saw = timeline.getByRole("button", { name: "What asker saw" }).first();
  await press(page, saw);
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await saw.and(page.locator(":focus")).waitFor();

  await page.goto(`/workflows/${await program.apply("e2e/people.yaml", "approval")}`);
  await press(page, page.getByRole("button", { name: "Start run" }));
  await write(page, panel.getByLabel(/^Comment/), "Well done.");
  await press(page, panel.getByRole("button", { name: "Approve" }));
  await timeline.getByText("Run completed").waitFor();
  await page.close();
});

test("a run is gone on with from a divider, by another outcome, and compared", async () => {
  const source = await program.carryOut(await program.apply("e2e/rerun.yaml", "notice"), "owls");
  const { page } = await browser.page();
  const start = page.getByRole("button", { name: "Start", exact: true });
  const planned = page.locator("section[aria-labelledby=plan][aria-busy=false]");
  await page.goto(`/runs/${source}?visit=4`);
  await press(page, page.getByRole("link", { name: "Re-run from here: Draft, visit 4" }));
  await write(page, page.getByRole("textbox", { name: "Task of Draft" }), "Write three lines about {{ input }}.");
  await planned.getByText("Write three lines").first().waitFor();
  await press(page, start);
  await page.waitForURL(/\/runs\/\d+$/);
  await runPage(page).timeline.getByText("Run completed").waitFor();
  await page.keyboard.press("8");
  await press(page, page.getByRole("link", { name: `Compare with run ${source}` }));
  await page.waitForURL(/\/compare\//);

  await page.goto(`/runs/${source}?visit=3`);
  await press(page, page.getByRole("link", { name: "Re-run from here: Review, visit 3" }));
  await tabTo(page, page.getByLabel("Make this visit again"));
  await page.keyboard.press("ArrowDown");
  await press(page, page.getByRole("radio", { name: "approved" }), "Space");
  await planned.getByText("is taken over with the outcome approved").waitFor();
  await press(page, start);
  await page.waitForURL(/\/runs\/\d+$/);
  await runPage(page).timeline.getByText("Run completed").waitFor();
  await page.close();
});

test("a schedule is made and fired, and a webhook is made and called", async () => {
  const workflow = await program.apply("e2e/views.yaml", "story");
  const { page } = await browser.page();
  await page.goto(`/workflows/${workflow}`);
  await tabTo(page, page.getByRole("tab", { name: "Run", exact: true }));
  for (const tab of ["Stage", "Triggers"]) {
    await page.keyboard.press("ArrowRight");
    await page.getByRole("tab", { name: tab, selected: true }).and(page.locator(":focus")).waitFor();
  }
  await press(page, page.getByRole("button", { name: "Add a webhook" }));
  await press(page, page.getByRole("button", { name: "Make the webhook" }));
  await page.getByRole("button", { name: "Add a webhook" }).and(page.locator(":focus")).waitFor();
  await press(page, page.locator("summary").filter({ hasText: "Call it from here" }));
  await press(page, page.getByRole("button", { name: "Call it", exact: true }));
  await page.getByRole("link", { name: /^run \d+$/ }).first().waitFor();

  await press(page, page.getByRole("button", { name: "Add a schedule" }));
  await write(page, page.getByLabel("Schedule", { exact: true }), "every Monday at 9am");
  await page.getByRole("list", { name: "Next times" }).waitFor();
  await press(page, page.getByRole("button", { name: "Make the schedule" }));
  await page.getByRole("button", { name: "Add a schedule" }).and(page.locator(":focus")).waitFor();
  await press(page, page.getByRole("button", { name: "Fire now: schedule" }));
  await page.waitForURL(/\/runs\/\d+$/);
  await runPage(page).timeline.getByText("Run completed").waitFor();
  await page.close();
});

test("a model is tried, and its error is mended", async () => {
  const project = await program.applyText(
    `project: trial\nmodels: { real: { provider: openai-compatible, model: small, base_url: "${provider.address}", api_key: { secret: wrong }, retry_for_s: 0 } }\n`,
    null,
  );
  await fetch(`${program.address}/api/v1/projects/${project}/secrets/wrong`, {
    method: "PUT",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ value: "sk-wrong" }),
  });
  const { page } = await browser.page();
  await page.goto(`/projects/${project}/models`);
  await press(page, page.getByRole("button", { name: "Say hello to real" }));
  await page.getByRole("alert").getByText(BAD_KEY).waitFor();
  const change = page.getByRole("button", { name: "Change the model real" });
  await press(page, change);
  // A form takes the focus when it opens in the place of its button, and gives it back when it closes.
  await page.locator("select:focus").waitFor();
  await press(page, page.getByRole("button", { name: "Cancel" }));
  await change.and(page.locator(":focus")).waitFor();
  await page.keyboard.press("Enter");
  await choose(page, page.getByLabel("Where it comes from"), "I type", "typed");
  await write(page, page.getByLabel("The key"), KEY);
  await press(page, page.getByRole("button", { name: "Save", exact: true }));
  await press(page, page.getByRole("button", { name: "Say hello to real" }));
  await page.getByText("Hello from a model.").waitFor();
  await page.close();
});
