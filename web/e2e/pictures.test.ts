// The pictures of the manual, taken of the real program: each test walks to what one shows, and compares it with the
// one in docs/pictures/. So a picture that is old fails here, and so does one that no page shows.
//
//   npm run pictures    takes all of them anew

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { openBrowser, type Browser } from "./browser.ts";
import { readPng, writePng, type Pixels } from "./png.ts";
import { startProgram, type Program } from "./program.ts";
import { BAD_KEY, startProvider, type Provider } from "./provider.ts";
import { holdStill } from "./still.ts";

const MANUAL = fileURLToPath(new URL("../../docs/", import.meta.url));
const PICTURES = join(MANUAL, "pictures");
const SHOTS = fileURLToPath(new URL("shots/", import.meta.url));

/** Whether the pictures are written and not compared. */
const WRITES = process.env.CALLBOARD_PICTURES === "write";

const SIZE = { width: 1100, height: 700 } as const;

/** A picture is compared in squares, since one word that is another is little of a page and much of its square. */
const SQUARE = 20;

/** How far a colour may be off: the edges of letters are drawn a little differently on other machines. */
const SHADE = 64;

/** How many pixels of a square may be further off: three letters have some 40. */
const OFF = 24;

/** How wide the page's letters are, in pixels, where the pictures were taken: with DejaVu Sans, as Debian comes. With
 * other letters every word stands elsewhere, and nothing can be compared. */
const LETTERS = "Sphinx of black quartz, judge my vow: 0123456789";
const LETTERS_WIDE = 2581;

/** What a picture may have, so that the manual stays quick to fetch. */
const BYTES = 80_000;

const BEGINNING = "# A night on rails\n\nIt is half past eight, and the platform is full. Nobody here wants to be quick: they want to sleep, and to wake up elsewhere. ";
const INPUT = "the return of the night train";
const KEY = "sk-right";

let program: Program;
let provider: Provider;
let browser: Browser;
/** What the pictures are of, by its numbers: a workflow, a run with a loop, one that goes on from it, and others. */
let made: Awaited<ReturnType<typeof fill>>;

beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true });
  mkdirSync(PICTURES, { recursive: true });
  provider = await startProvider(KEY, { waits: true });
  // Nobody watches these runs, so nothing in them takes its time.
  program = await startProgram("0");
  browser = await openBrowser(program.address);
});

afterAll(async () => {
  await browser?.close();
  await program?.stop();
  await provider?.close();
});

/** The one of a server that holds nothing yet, which is taken first. */
const FIRST = "first-visit";

/** What each picture shows, and the walk to it. */
const WALKS: Record<string, (page: Page) => Promise<void>> = {
  [FIRST]: async (page) => {
    await page.goto("/");
    await page.getByRole("heading", { level: 1, name: "Welcome to Callboard" }).waitFor();
  },
  "model-try": async (page) => {
    await page.goto(`/projects/${made.project}/models`);
    await page.getByRole("button", { name: "Say hello to careful" }).click();
    await page.getByRole("alert").getByText(BAD_KEY).waitFor();
    await page.getByRole("button", { name: "Say hello to main" }).click();
    await page.getByText("It answers, after").waitFor();
  },
  editor: async (page) => {
    await page.goto(`/workflows/${made.article}?panel=stage&stage=review`);
    await page.getByRole("textbox", { name: "Task", exact: true }).waitFor();
  },
  triggers: async (page) => {
    await holdSchedule(page);
    await page.goto(`/workflows/${made.article}?panel=triggers`);
    await page.getByRole("button", { name: "Add a schedule" }).click();
    await page.getByRole("textbox", { name: "Schedule", exact: true }).or(page.getByRole("combobox", { name: "Schedule", exact: true })).fill("every Monday at 9am EST");
    await page.getByRole("list", { name: "Next times" }).waitFor();
  },
  "run-live": async (page) => {
    // Words pass by: whoever comes later reads them when the answer is whole.
    const watched = page.waitForResponse((response) => response.url().endsWith("/stream") || response.url().includes("/stream?"));
    await page.goto(`/runs/${made.live}`);
    await watched;
    await page.getByRole("navigation", { name: "Visits" }).getByText("writer's turn").waitFor();
    provider.begin(BEGINNING);
    await page.getByRole("region", { name: "Timeline" }).getByText("wake up elsewhere").waitFor();
  },
  run: async (page) => {
    await page.goto(`/runs/${made.run}?view=timeline&visit=3`);
    await page.getByRole("region", { name: "Timeline" }).getByRole("heading", { name: /^Review/ }).first().waitFor();
  },
  "run-network": async (page) => {
    await page.goto(`/runs/${made.table}?view=network&side=memory`);
    await page.getByRole("img", { name: /^Who spoke to whom/ }).waitFor();
    await page.getByRole("heading", { name: "facts" }).waitFor();
  },
  "run-error": async (page) => {
    await page.goto(`/runs/${made.broken}`);
    await page.getByRole("region", { name: "Why the run ended in error" }).first().getByText("model_unauthorized").waitFor();
  },
  "run-question": async (page) => {
    await page.goto(`/runs/${made.question}`);
    await page.getByRole("region", { name: "Waiting for you" }).getByRole("button", { name: "Rome" }).waitFor();
  },
  rerun: async (page) => {
    await page.goto(`/runs/${made.run}/rerun?visit=4`);
    await page.getByRole("textbox", { name: "Task of Draft" }).fill("Write the article about: {{ input }}\nBegin with one concrete case.");
    await page.getByRole("region", { name: "Plan" }).getByText("Begin with one concrete case.").waitFor();
    await page.locator("section[aria-labelledby=plan][aria-busy=false]").waitFor();
  },
  compare: async (page) => {
    await page.goto(`/runs/${made.run}/compare/${made.again}`);
    await page.getByRole("region", { name: "Definition" }).waitFor();
  },
  runs: async (page) => {
    await page.goto("/runs");
    await page.getByRole("button", { name: "Pick several" }).click();
    for (const run of [made.run, made.again]) await page.getByLabel(`Pick run ${run}`, { exact: true }).check();
    await page.getByText("2 runs picked").waitFor();
  },
};

/** Brings the projects there, and carries out what the pictures look at. */
async function fill() {
  const text = readFileSync(fileURLToPath(new URL("pictures.yaml", import.meta.url)), "utf8").replaceAll("PROVIDER", provider.address);
  const article = await program.applyText(text, "article");
  const { project_id: project } = await call<{ project_id: number }>(`workflows/${article}`);
  for (const [name, value] of [["right", KEY], ["wrong", "sk-wrong"]] as const) {
    await call(`projects/${project}/secrets/${name}`, { value }, "PUT");
  }
  const run = await program.carryOut(article, INPUT);
  const otherwise = { from_visit: 4, overrides: { stages: { draft: { task: "Write the article about: {{ input }}\nThree short paragraphs." } } } };
  const again = await end((await call<{ id: number }>(`runs/${run}/rerun`, otherwise)).id);
  const table = await program.carryOut(await program.apply("../examples/roundtable.yaml", "question"), "Should the office move out of town?");
  const broken = await end(await start(await program.applyText(text, "column"), INPUT));
  const live = await start(await program.applyText(text, "feature"), INPUT);
  const question = await start(await program.apply("e2e/people.yaml", "question"), "");
  return { project, article, run, again, table, broken, live, question };
}

async function start(workflow: number, input: string): Promise<number> {
  return (await call<{ id: number }>(`workflows/${workflow}/runs`, { input })).id;
}

/** Waits for the end of a run. */
async function end(run: number): Promise<number> {
  await (await fetch(`${program.address}/api/v1/runs/${run}/stream`)).text();
  return run;
}

async function call<Answer>(path: string, body?: object, method = body ? "POST" : "GET"): Promise<Answer> {
  const asked = body ? { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) } : { method };
  const answer = await fetch(`${program.address}/api/v1/${path}`, asked);
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  return (answer.status === 204 ? undefined : await answer.json()) as Answer;
}

/** The next times of a schedule are those of one week in January. */
async function holdSchedule(page: Page) {
  await page.route("**/schedules/preview", async (route) => {
    const answer = await route.fetch();
    const preview = (await answer.json()) as { fires?: string[] };
    const fires = preview.fires?.map((_, week) => new Date(Date.UTC(2027, 0, 4 + 7 * week, 14)).toISOString());
    await route.fulfill({ response: answer, json: { ...preview, ...(fires ? { fires } : {}) } });
  });
}

test.each(Object.keys(WALKS))("the picture %s shows the page as it is", async (name) => {
  if (name !== FIRST) made ??= await fill();
  const { page } = await browser.page(SIZE);
  const settled = await holdStill(page);
  await WALKS[name]?.(page);
  await settled();
  const taken = await readPng(page, await page.screenshot({ animations: "disabled", caret: "hide" }));
  const path = join(PICTURES, `${name}.png`);
  if (WRITES) writeFileSync(path, writePng(taken));
  expect(existsSync(path), `There is no picture ${path}. "npm run pictures" takes it.`).toBe(true);
  if (!(await hasLetters(page))) return;
  const kept = await readPng(page, readFileSync(path));
  const other = difference(kept, taken);
  if (other) writeFileSync(join(SHOTS, `picture-${name}.png`), writePng(taken));
  expect(other, `docs/pictures/${name}.png is not what the page shows: ${other}. It is in e2e/shots/picture-${name}.png now; "npm run pictures" takes all of them anew.`).toBeNull();
  expect(readFileSync(path).length, `docs/pictures/${name}.png is too large.`).toBeLessThan(BYTES);
  await page.close();
});

/** Whether the page is drawn with the letters of the pictures. Continuous integration has them, or fails. */
async function hasLetters(page: Page): Promise<boolean> {
  const wide = await page.evaluate((letters) => {
    const context = document.createElement("canvas").getContext("2d");
    if (!context) throw new Error("This browser draws nothing.");
    context.font = `100px ${getComputedStyle(document.body).fontFamily}`;
    return Math.round(context.measureText(letters).width);
  }, LETTERS);
  if (process.env.CI === "true") expect(wide, "The pictures are compared with DejaVu Sans: install fonts-dejavu-core.").toBe(LETTERS_WIDE);
  if (wide !== LETTERS_WIDE) console.warn("This machine has other letters than the manual's pictures: they were walked to and not compared.");
  return wide === LETTERS_WIDE;
}

/** What is not the same in two pictures, in words; nothing where the eye would see none. */
function difference(one: Pixels, other: Pixels): string | null {
  const { width, height } = one;
  if (width !== other.width || height !== other.height) return `it has ${other.width} × ${other.height} pixels and not ${width} × ${height}`;
  const columns = Math.ceil(width / SQUARE);
  const off = new Uint16Array(columns * Math.ceil(height / SQUARE));
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    const isFar = [0, 1, 2].some((part) => Math.abs((one.data[pixel * 4 + part] ?? 0) - (other.data[pixel * 4 + part] ?? 0)) > SHADE);
    const square = Math.floor(Math.floor(pixel / width) / SQUARE) * columns + Math.floor((pixel % width) / SQUARE);
    if (isFar) off[square] = (off[square] ?? 0) + 1;
  }
  const squares = [...off.entries()].filter(([, count]) => count > OFF);
  if (squares.length === 0) return null;
  const [first] = squares[0] as [number, number];
  return `of its squares of ${SQUARE} pixels ${squares.length} differ, the first at ${(first % columns) * SQUARE}, ${Math.floor(first / columns) * SQUARE}`;
}

test("every picture is shown in the manual, and every one that is shown is made", () => {
  const pages = readdirSync(MANUAL, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".md"));
  const texts = [...pages.map((path) => join(MANUAL, path)), join(MANUAL, "../README.md")].map((path) => readFileSync(path, "utf8"));
  const shown = new Set(texts.flatMap((text) => [...text.matchAll(/pictures\/([\w-]+\.png)/g)].map((found) => found[1])));
  const taken = Object.keys(WALKS).map((name) => `${name}.png`).sort();
  expect([...shown].sort()).toEqual(taken);
  expect(readdirSync(PICTURES).sort()).toEqual(taken);
});
