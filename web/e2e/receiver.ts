// A program on this machine that is told things, and answers as it was told to.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Receiver {
  /** Where it listens, as a setting names it. */
  host: string;
  /** What it was sent, the newest last. */
  heard: unknown[];
  /** What it answers from now on. */
  answer(status: number, words: string): void;
  close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const heard: unknown[] = [];
  let status = 200;
  let words = "";
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (data: Buffer) => (body += data.toString()));
    request.on("end", () => {
      heard.push(JSON.parse(body));
      response.writeHead(status).end(words);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    answer: (to, say) => ([status, words] = [to, say]),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
