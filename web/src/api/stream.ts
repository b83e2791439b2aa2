// Opens the stream of a run's events, and reads it message by message.

import { asProblem, Refused, unreachable } from "./client.ts";
import { SseParser, type Message } from "./sse.ts";

/** How long a stream may be silent before it is taken for dead. The server sends a comment every few
 * seconds; a connection that a network dropped without a word would be waited for for ever. */
const SILENCE_MAX_MS = 45_000;

/** The messages of a run's stream after that event. It ends where the server ends it; whatever cuts
 * it off is thrown. */
export async function* openStream(run: number, after: number, signal: AbortSignal): AsyncGenerator<Message[]> {
  const silence = new AbortController();
  const both = AbortSignal.any([signal, silence.signal]);
  let timer = setTimeout(() => silence.abort(), SILENCE_MAX_MS);
  try {
    const response = await fetch(`/api/v1/runs/${run}/stream?after=${after}`, {
      headers: { Accept: "text/event-stream" },
      signal: both,
      cache: "no-store",
    });
    if (!response.ok || !response.body) throw new Refused(asProblem(await response.json().catch(() => null), response));
    yield [];
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    const parser = new SseParser();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MAX_MS);
      const messages = parser.push(value);
      if (messages.length > 0) yield messages;
    }
  } catch (error) {
    if (error instanceof Refused || signal.aborted) throw error;
    throw unreachable(silence.signal.aborted ? "silence" : error);
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}
