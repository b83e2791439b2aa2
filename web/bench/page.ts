// How the page of a run with ten thousand events behaves, in a real Chromium before the real program: when
// it is painted, when its timeline can be read, when all of it is there, and which frames are late while
// one scrolls through it. Beside them stands a page of plain text without a script, scrolled in turns with it: no page
// can be smoother than that one in this browser on this machine.

import type { Locator, Page } from "playwright-core";

import { openBrowser, type Browser } from "../e2e/browser.ts";
import { startProgram } from "../e2e/program.ts";

const STAGES = 10;
const CYCLES = 37;
const AGENTS = ["analyst", "critic", "writer"];

/** A frame of a screen, and what is later than one: half a frame more. */
const FRAME_MS = 1000 / 60;
const LATE_MS = FRAME_MS * 1.5;

/** How far and how fast one scrolls at a time: as with a hard turn of a wheel. */
const SCROLL = { distance: 12_000, speed: 4000 };

/** Paragraphs of the plain page: more than one scrolls through at a time. */
const PARAGRAPHS = 600;

export async function measure(full: boolean) {
  const program = await startProgram("0");
  const browser = await openBrowser(program.address);
  try {
    const run = await program.carryOut(await program.applyText(project(), "long"), "night trains");
    const events = await lastEvent(program.address, run);
    console.log(`The run has ${events.toLocaleString("en")} events.`);
    const rounds = full ? 9 : 3;
    const loads: Load[] = [];
    const frames: number[] = [];
    const long: number[] = [];
    const work: number[] = [];
    const plain: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const { page } = await browser.page();
      const spent = await mainThread(page);
      const loaded = await load(page, run);
      loads.push({ ...loaded, work: await spent() });
      const [before, times] = [await spent(), full ? 6 : 3];
      const scrolled = await scroll(browser, page, page.getByRole("group", { name: "Events" }), times);
      work.push(((await spent()) - before) / ((2 * times * SCROLL.distance) / SCROLL.speed));
      frames.push(...scrolled.frames);
      long.push(...scrolled.long);
      await page.close();
      plain.push(...(await scrollPlainText(browser, times)));
    }
    tell("first paint, ms", loads.map((one) => one.paint));
    tell("timeline can be read, ms", loads.map((one) => one.read));
    tell("all events are there, ms", loads.map((one) => one.whole));
    tell("  CPU of the page for it, ms", loads.map((one) => one.work));
    tell("frames while scrolling, ms", frames);
    tellLate("late frames", frames);
    tellLate("  of a page of plain text", plain);
    tell("tasks over 50 ms", long);
    // What a busy machine cannot change: a page that works all the time cannot keep up with a screen.
    tell("CPU ms per s of scrolling", work);
  } finally {
    await browser.close();
    await program.stop();
  }
}

/** A run of that many visits in which agents talk and use a tool, until their cycles are used up. */
function project(): string {
  const turns = STAGES * CYCLES;
  const script = AGENTS.flatMap((agent) =>
    Array.from({ length: turns }, (_, turn) => [
      { when: { agent }, reply: { tool_calls: [{ tool: "current_time", arguments: {} }] } },
      { when: { agent }, reply: { text: words(agent, turn) } },
    ]).flat(),
  );
  const stages = Array.from({ length: STAGES }, (_, index) => ({
    id: `part-${index + 1}`,
    name: `Part ${index + 1}`,
    task: "Talk about {{ input }}.",
    agents: AGENTS,
    max_cycles: CYCLES,
    on_max_cycles: "finish",
    summary: "none",
  }));
  return JSON.stringify({
    project: "long",
    models: { main: { provider: "simulated", parameters: { words_per_second: 0 }, script } },
    teams: { desk: { model: "main", agents: Object.fromEntries(AGENTS.map((agent) => [agent, { tools: ["current_time"] }])) } },
    workflows: { long: { team: "desk", ask: "What about?", stages } },
  });
}

function words(agent: string, turn: number): string {
  return `**Point ${turn + 1}** of the ${agent}: the night train comes back.\n\n- It leaves at ${turn % 24} o'clock.\n- \`Berth ${turn}\` is free.`;
}

async function lastEvent(address: string, run: number): Promise<number> {
  const stream = await (await fetch(`${address}/api/v1/runs/${run}/stream`)).text();
  return Number(/id: ?(\d+)\n(?!.*id: ?\d)/s.exec(stream)?.[1] ?? Number.NaN);
}

interface Load {
  paint: number;
  read: number;
  whole: number;
  work: number;
}

/** Tells how many milliseconds the page's main thread has worked, counted by its own clock. */
async function mainThread(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  return async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return (metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN) * 1000;
  };
}

async function load(page: Page, run: number): Promise<Omit<Load, "work">> {
  // Begun before the page's own scripts, so that its clock begins with the navigation.
  await page.addInitScript(() => {
    const seen: Record<string, number> = {};
    Object.assign(window, { seen });
    const look = () => {
      if (document.querySelector("[data-index]")) seen.read ??= performance.now();
      if (document.querySelector("[data-index]") && document.querySelector("[aria-busy=false]")) seen.whole ??= performance.now();
      if (seen.whole === undefined) requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  await page.goto(`/runs/${run}?view=timeline`);
  await page.waitForFunction(() => "whole" in (window as unknown as { seen: object }).seen, null, { timeout: 60_000 });
  return await page.evaluate(() => {
    const { read = Number.NaN, whole = Number.NaN } = (window as unknown as { seen: Record<string, number> }).seen;
    const paint = performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN;
    return { paint, read, whole };
  });
}

/** The frames of a page that has no more to do than to show its text. */
async function scrollPlainText(browser: Browser, times: number): Promise<number[]> {
  const { page } = await browser.page();
  const text = Array.from({ length: PARAGRAPHS }, (_, place) => `<p>${words(AGENTS[place % AGENTS.length] ?? "", place)}</p>`).join("");
  await page.setContent(`<main style="position: fixed; inset: 0; overflow-y: auto; font: 14px/1.6 sans-serif; white-space: pre-wrap">${text}</main>`);
  const { frames } = await scroll(browser, page, page.getByRole("main"), times);
  await page.close();
  return frames;
}

async function scroll(browser: Browser, page: Page, what: Locator, times: number): Promise<{ frames: number[]; long: number[] }> {
  await page.evaluate(() => {
    const frames: number[] = [];
    const long: number[] = [];
    new PerformanceObserver((list) => long.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: "longtask" });
    let before: number | null = null;
    const frame = (at: number) => {
      const state = (window as unknown as { counted: { on: boolean } }).counted;
      if (before !== null && state.on) frames.push(at - before);
      before = at;
      requestAnimationFrame(frame);
    };
    Object.assign(window, { counted: { on: false, frames, long } });
    requestAnimationFrame(frame);
  });
  const box = await what.boundingBox();
  if (!box) throw new Error("There is nothing to scroll.");
  const count = (on: boolean) =>
    page.evaluate((on) => {
      (window as unknown as { counted: { on: boolean } }).counted.on = on;
    }, on);
  await count(true);
  for (let time = 0; time < times; time += 1) {
    for (const direction of [-1, 1]) await browser.scroll(page, { x: box.x + box.width / 2, y: box.y + box.height / 2, distance: SCROLL.distance * direction, speed: SCROLL.speed });
  }
  await count(false);
  return await page.evaluate(() => (window as unknown as { counted: { frames: number[]; long: number[] } }).counted);
}

function tellLate(what: string, frames: number[]) {
  const late = frames.filter((ms) => ms > LATE_MS).length;
  console.log(`${what.padEnd(30)}${late} of ${frames.length} (${((late / frames.length) * 100).toFixed(2)} %)`);
}

function tell(what: string, values: number[]) {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  const shown = (value: number) => (Number.isNaN(value) ? "-" : value.toFixed(1)).padStart(8);
  console.log(`${what.padEnd(30)}median${shown(at(0.5))}   p99${shown(at(0.99))}   most${shown(at(1))}   of ${values.length}`);
}
