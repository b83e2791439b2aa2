// What a crash and a stop cut off, on the page of the run: with the real program, which is killed in the
// middle of an answer, and a model that never comes to an end.

import { mkdirSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, expect, test } from "vitest";

import { openBrowser, type Browser } from "./browser.ts";
import { startProgram, type Program } from "./program.ts";

const SHOTS = fileURLToPath(new URL("shots/", import.meta.url));

/** How often the model says one more word. */
const PACE_MS = 50;

let program: Program;
let browser: Browser;
let model: Server;
let workflow: number;

/** A model that says "owls" for ever. */
function endless(): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    const say = () => response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: "owls " } }] })}\n\n`);
    const timer = setInterval(say, PACE_MS);
    response.on("close", () => clearInterval(timer));
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true });
  model = await endless();
  program = await startProgram();
  const { port } = model.address() as AddressInfo;
  workflow = await program.applyText(
    `
project: birds
models: { main: { provider: openai-compatible, model: m, base_url: 'http://127.0.0.1:${port}/v1', price: { input: 1.0, output: 2.0 } } }
teams: { desk: { model: main, agents: { watcher: { role: Watches. } } } }
workflows: { watch: { team: desk, stages: [{ id: look, name: Look, task: Look at owls., agents: [watcher] }] } }
`,
    "watch",
  );
  browser = await openBrowser(program.address);
});

afterAll(async () => {
  await browser?.close();
  await program?.stop();
  model?.closeAllConnections();
  model?.close();
});

test("a crash and a stop say what they cut off, and what had come is marked as a part", async () => {
  const started = await fetch(`${program.address}/api/v1/workflows/${workflow}/runs`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: "{}",
  });
  const { id } = (await started.json()) as { id: number };
  const { page } = await browser.page();
  await page.goto(`/runs/${id}`);
  const timeline = page.getByRole("region", { name: "Timeline" });
  await timeline.getByText("owls owls").waitFor();
  const notice = page.getByRole("region", { name: "Calls that were cut off" });
  expect(await notice.count()).toBe(0);

  await program.crash();
  await notice.getByText("After a crash: 1 model call may have been billed twice.").waitFor();
  await notice.getByRole("button", { name: "Which" }).click();
  await notice.getByText("the server went down meanwhile, and it was made again").waitFor();
  await page.screenshot({ path: `${SHOTS}interrupted-crash.png` });
  await notice.getByRole("button", { name: /^Event \d+$/ }).click();
  await timeline.getByText("The server came back after a crash").waitFor();

  await timeline.getByText("owls owls").waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Stop run" }).click();
  await timeline.getByText("Run stopped").waitFor();
  await timeline.getByText("Partial text, not used").waitFor();
  await timeline.getByText("Cut off here, since the run was ending").waitFor();
  await notice
    .getByText("After a crash: 1 model call may have been billed twice. Cut off: 1 model call may have been billed.")
    .waitFor();
  await page.screenshot({ path: `${SHOTS}interrupted-stop.png` });
  await page.close();
});
