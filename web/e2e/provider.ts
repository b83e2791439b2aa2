// A provider of models on this machine, which speaks OpenAI's format and knows one key.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Provider {
  address: string;
  /** Begins every answer that is still waited for, or asked for later, and comes to the end of none. */
  begin(text: string): void;
  close(): Promise<void>;
}

/** What it says to who has another key than its own. */
export const BAD_KEY = "Incorrect API key provided: it is not the one of this account.";

/** One that waits says nothing until it is told to. */
export async function startProvider(key: string, { waits = false } = {}): Promise<Provider> {
  const waiting: ((text: string) => void)[] = [];
  let begun: string | null = null;
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      if (request.headers.authorization !== `Bearer ${key}`) {
        response.writeHead(401, { "Content-Type": "application/json" });
        response.end(JSON.stringify({ error: { message: BAD_KEY, type: "invalid_request_error", code: "invalid_api_key" } }));
        return;
      }
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      const say = (chunk: object) => response.write(`data: ${JSON.stringify({ object: "chat.completion.chunk", ...chunk })}\n\n`);
      const begin = (text: string) => say({ choices: [{ index: 0, delta: { role: "assistant", content: text }, finish_reason: null }] });
      if (waits) {
        if (begun === null) waiting.push(begin);
        else begin(begun);
        return;
      }
      begin("Hello from a model.");
      say({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
      say({ choices: [], usage: { prompt_tokens: 12, completion_tokens: 5, total_tokens: 17 } });
      response.end("data: [DONE]\n\n");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}/v1`,
    begin: (text) => {
      begun = text;
      for (const begin of waiting) begin(text);
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
