// A real Chromium, with no life of its own: no updates, no calls home.

import { existsSync } from "node:fs";

import { chromium, type Locator, type Page } from "playwright-core";

export interface Browser {
  /** Scrolls as a person does, by input and not by script; it comes back when the scrolling has ended. */
  scroll(page: Page, how: Scrolling): Promise<void>;
  /** Drags with a finger from the middle of one thing to a place in another, over several steps as a finger moves. */
  touchDrag(page: Page, from: Locator, to: Locator, at?: { x: number; y: number }): Promise<void>;
  /** A new page with nothing remembered, and everything that its console complains of. */
  page(look?: Look): Promise<{ page: Page; complaints: string[] }>;
  close(): Promise<void>;
}

/** Complaints but for those of the browser about answers that a test asked for: what is wrong while one writes is
 * refused with 422, and the browser says so too. */
export function unexpected(complaints: string[]): string[] {
  return complaints.filter((complaint) => !complaint.includes("status of 422"));
}

export interface Look {
  width?: number;
  height?: number;
  scheme?: "light" | "dark";
}

export interface Scrolling {
  x: number;
  y: number;
  /** Pixels, upwards where it is above nothing. */
  distance: number;
  /** Pixels a second. */
  speed: number;
}

/** How long anything on a page may take that does not wait for a run: far longer than it does, since a machine that
 * has more to do is no mistake of the page. */
const ACTION_MS = 30_000;

/** Steps in which a finger moves from one place to another. */
const TOUCH_STEPS = 8;

async function boxOf(locator: Locator) {
  const box = await locator.boundingBox();
  if (!box) throw new Error("It is not to be seen, so nobody can touch it.");
  return box;
}

async function middleOf(locator: Locator) {
  const { x, y, width, height } = await boxOf(locator);
  return { x: x + width / 2, y: y + height / 2 };
}

export async function openBrowser(address: string): Promise<Browser> {
  const path = process.env.CALLBOARD_TEST_CHROMIUM ?? "/usr/bin/chromium";
  if (!existsSync(path)) {
    throw new Error(`There is no Chromium at ${path}. Install it, or name another with CALLBOARD_TEST_CHROMIUM.`);
  }
  const browser = await chromium.launch({
    executablePath: path,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  return {
    async page({ width = 1280, height = 800, scheme = "light" } = {}) {
      // The words of dates and the hours of a day are the same wherever the tests run.
      const context = await browser.newContext({ baseURL: address, viewport: { width, height }, colorScheme: scheme, locale: "en-US", timezoneId: "UTC" });
      context.setDefaultTimeout(ACTION_MS);
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(error.message));
      // It may be gone already, with the whole browser.
      page.on("close", () => void context.close().catch(() => undefined));
      return { page, complaints };
    },
    async scroll(page, { x, y, distance, speed }) {
      const session = await page.context().newCDPSession(page);
      await session.send("Input.synthesizeScrollGesture", { x, y, yDistance: distance, speed, gestureSourceType: "mouse" });
      await session.detach();
    },
    async touchDrag(page, from, to, at) {
      const session = await page.context().newCDPSession(page);
      await session.send("Emulation.setTouchEmulationEnabled", { enabled: true });
      const start = await middleOf(from);
      const box = await boxOf(to);
      const end = at ? { x: box.x + at.x, y: box.y + at.y } : await middleOf(to);
      const touch = (type: "touchStart" | "touchMove" | "touchEnd", points: { x: number; y: number }[]) =>
        session.send("Input.dispatchTouchEvent", { type, touchPoints: points });
      await touch("touchStart", [start]);
      for (let step = 1; step <= TOUCH_STEPS; step += 1) {
        const part = step / TOUCH_STEPS;
        await touch("touchMove", [{ x: start.x + (end.x - start.x) * part, y: start.y + (end.y - start.y) * part }]);
      }
      await touch("touchEnd", []);
      await session.detach();
    },
    close: () => browser.close(),
  };
}
