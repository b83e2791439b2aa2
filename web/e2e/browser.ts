// A real Chromium, with no life of its own: no updates, no calls home.

import { existsSync } from "node:fs";

import { chromium, type Page } from "playwright-core";

export interface Browser {
  /** Scrolls as a person does, by input and not by script; it comes back when the scrolling has ended. */
  scroll(page: Page, how: Scrolling): Promise<void>;
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

/** How long anything on a page may take that does not wait for a run. */
const ACTION_MS = 15_000;

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
      const context = await browser.newContext({ baseURL: address, viewport: { width, height }, colorScheme: scheme });
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
    close: () => browser.close(),
  };
}
