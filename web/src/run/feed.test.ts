// How a feed goes on when its stream breaks, with streams that the test writes.

import { expect, test, vi } from "vitest";

import { Refused } from "../api/client.ts";
import type { Message } from "../api/sse.ts";
import { Feed, type Open } from "./feed.ts";

function event(seq: number, kind: string, more: object = {}): Message {
  return { id: String(seq), event: kind, data: JSON.stringify({ seq, kind, at: "2026-11-24T22:00:00Z", ...more }) };
}

const created = event(1, "run_created", { workflow: "article", source: { kind: "manual" }, input: "" });
const started = event(2, "run_started");
const usage = { model_calls: 0, input_tokens: 0, output_tokens: 0, cost_usd: 0 };
const completed = event(3, "run_completed", { result: "R", usage, duration_ms: 1 });
const end: Message = { id: null, event: "end", data: '{"status":"completed"}' };

/** A server whose connections give these messages, one after the other, and then break. */
function server(...connections: (Message[] | Error)[]) {
  const asked: number[] = [];
  const open: Open = async function* (_run, after) {
    asked.push(after);
    const messages = connections.shift();
    if (messages === undefined || messages instanceof Error) throw messages ?? new Error("nobody there");
    yield [];
    for (const message of messages) yield [message];
    if (!messages.includes(end)) throw new Error("broken");
  };
  return { open, asked };
}

async function follow(open: Open) {
  const feed = new Feed(1, open);
  const stop = feed.start();
  await vi.waitFor(
    () => {
      feed.retryNow();
      expect(["ended", "refused"]).toContain(feed.snapshot().connection.kind);
    },
    { timeout: 2000, interval: 5 },
  );
  stop();
  return feed.snapshot();
}

test("a run is followed to its end", async () => {
  const { open, asked } = server([created, started, completed, end]);
  expect((await follow(open)).state).toMatchObject({ seq: 3, status: "completed", result: "R" });
  expect(asked).toEqual([0]);
});

test("a broken connection is resumed after the last event", async () => {
  const { open, asked } = server([created, started], new Error("down"), [completed, end]);
  expect((await follow(open)).state).toMatchObject({ seq: 3, status: "completed" });
  expect(asked).toEqual([0, 2, 2]);
});

test("a gap is mended by asking again from before it", async () => {
  const { open, asked } = server([created, completed, end], [started, completed, end]);
  expect((await follow(open)).state).toMatchObject({ seq: 3, gap: false, status: "completed" });
  expect(asked).toEqual([0, 1]);
});

test("a run that is not there is not asked for again", async () => {
  const gone = new Refused({ type: "", title: "", status: 404, code: "run_not_found", detail: "No such run.", errors: [] });
  const { open, asked } = server(gone);
  expect((await follow(open)).connection).toMatchObject({ kind: "refused", problem: { code: "run_not_found" } });
  expect(asked).toEqual([0]);
});
