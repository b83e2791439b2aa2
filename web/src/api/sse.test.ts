// What a stream of server-sent events is taken apart into.

import { expect, test } from "vitest";

import { SseParser } from "./sse.ts";

function parse(...pieces: string[]) {
  const parser = new SseParser();
  return pieces.flatMap((piece) => parser.push(piece));
}

test("a message has an id, an event and data", () => {
  expect(parse('id: 7\nevent: run_started\ndata: {"seq":7}\n\n')).toEqual([
    { id: "7", event: "run_started", data: '{"seq":7}' },
  ]);
});

test("a message that comes in pieces is one message", () => {
  expect(parse("id: 1\nev", "ent: a\nda", "ta: x\n", "\n")).toEqual([{ id: "1", event: "a", data: "x" }]);
});

test("all three line ends part lines, wherever the text is cut", () => {
  const text = "event: a\r\ndata: 1\r\n\r\nevent: b\rdata: 2\r\revent: c\ndata: 3\n\n";
  const events = ["a", "b", "c"];
  expect(parse(text).map((message) => message.event)).toEqual(events);
  expect(parse(...text).map((message) => message.event)).toEqual(events);
});

test("comments say nothing, and a message without data is none", () => {
  expect(parse(": still here\n\n", "event: a\n\n", "data: x\n\n")).toEqual([
    { id: null, event: "message", data: "x" },
  ]);
});

test("data over several lines keeps its line ends, and one leading space is not data", () => {
  expect(parse("data: a\ndata:  b\ndata:c\n\n")[0]?.data).toBe("a\n b\nc");
});
