// The real program, with a store of its own that is gone when the tests are over.

import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Applied, Run, Status } from "../src/api/model.ts";

/** The pace of the simulated model: a run takes seconds, and can still be watched and stopped. */
const WORDS_PER_SECOND = "60";

/** How long the program may take until it says where it listens. */
const START_MS = 30_000;

/** How long it may take to end when it is asked to. */
const STOP_MS = 10_000;

export interface Program {
  address: string;
  /** Applies a project file, as it stands or changed, and answers the number of one of its workflows. */
  apply(file: string, workflow: string, change?: (text: string) => string): Promise<number>;
  /** The same with the text of a file; one without a workflow gives the number of its project. */
  applyText(text: string, workflow: string | null): Promise<number>;
  /** Carries out a run, and answers its number when it has ended so. */
  carryOut(workflow: number, input: string, ending?: Status): Promise<number>;
  /** The newest run that was completed. */
  lastRun(): Promise<Run>;
  /** Kills it as a crash would, and starts it again on the same store and the same address. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts it; with settings of its own, by the names of their variables. */
export async function startProgram(wordsPerSecond = WORDS_PER_SECOND, settings: Record<string, string> = {}): Promise<Program> {
  const path = process.env.CALLBOARD_TEST_PROGRAM ?? fileURLToPath(new URL("../../target/debug/callboard", import.meta.url));
  if (!existsSync(path)) throw new Error(`There is no program at ${path}. Build it, or name another with CALLBOARD_TEST_PROGRAM.`);
  const data = mkdtempSync(join(tmpdir(), "callboard-e2e-"));
  const start = (listen: string) =>
    spawn(path, ["serve", "--listen", listen, "--data", data], {
      env: { ...foreignEnvironment(), CALLBOARD_SIMULATED_WORDS_PER_SECOND: wordsPerSecond, ...settings },
      stdio: ["ignore", "ignore", "pipe"],
    });
  let child = start("127.0.0.1:0");
  const stop = async () => {
    await end(child);
    rmSync(data, { recursive: true, force: true });
  };
  try {
    const address = await said(child, /http:\/\/127\.0\.0\.1:\d+/);
    const page = await fetch(address);
    if (!page.ok) throw new Error(`The program has no page in it. Run npm run build here, and build it again. (${path})`);
    return {
      address,
      apply: (file, workflow, change = (text) => text) =>
        apply(address, change(readFileSync(fileURLToPath(new URL(`../${file}`, import.meta.url)), "utf8")), workflow),
      applyText: (text, workflow) => apply(address, text, workflow),
      carryOut: async (workflow, input, ending = "completed") => {
        const answer = await fetch(`${address}/api/v1/workflows/${workflow}/runs`, {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ input }),
        });
        const { id } = (await answer.json()) as Run;
        // Its stream ends with it.
        await (await fetch(`${address}/api/v1/runs/${id}/stream`)).text();
        const run = (await (await fetch(`${address}/api/v1/runs/${id}`)).json()) as Run;
        if (run.status !== ending) throw new Error(`Run ${id} ended as ${run.status}: ${JSON.stringify(run.error)}`);
        return id;
      },
      lastRun: async () => {
        const answer = await fetch(`${address}/api/v1/runs?status=completed&limit=1`);
        const { items } = (await answer.json()) as { items: Run[] };
        if (!items[0]) throw new Error("No run was completed.");
        return items[0];
      },
      crash: async () => {
        await end(child, "SIGKILL");
        child = start(new URL(address).host);
        await said(child, /http:\/\/127\.0\.0\.1:\d+/);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function apply(address: string, text: string, workflow: string | null): Promise<number> {
  const answer = await fetch(`${address}/api/v1/projects/apply`, {
    method: "POST",
    headers: { "Content-Type": "application/yaml" },
    body: text,
  });
  const applied = (await answer.json()) as Applied;
  const id = workflow === null ? applied.project_id : applied.workflows?.[workflow];
  if (id === undefined) throw new Error(`The file was not applied: ${JSON.stringify(applied)}`);
  return id;
}

/** The environment without what is meant for these tests: the program refuses a setting that it does
 * not know, and must not take one of the person who runs the tests. */
function foreignEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("CALLBOARD_")));
}

/** Waits until the program's talk says something, and answers it. */
function said(child: ChildProcess, what: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let talk = "";
    const fail = (why: string) => reject(new Error(`${why}\n${talk}`));
    const timer = setTimeout(() => fail("The program does not say where it listens."), START_MS);
    child.once("error", (error) => fail(error.message));
    child.once("exit", (code) => fail(`The program ended with ${code}.`));
    child.stderr?.on("data", (data: Buffer) => {
      talk += data.toString();
      const found = what.exec(talk);
      if (!found) return;
      clearTimeout(timer);
      resolve(found[0]);
    });
  });
}

function end(child: ChildProcess, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    child.once("exit", () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill(signal);
  });
}
