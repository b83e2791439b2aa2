// The one client of the server's HTTP API, and what becomes of an answer that is no success.
//
// Paths and objects come from the OpenAPI document, so a field that the server renames breaks the
// build and not the page.

import createClient from "openapi-fetch";

import type { Problem } from "./model.ts";
import type { paths } from "./schema.gen.ts";

export const client = createClient<paths>();

/** Why the server did not do what it was asked, as something that can be thrown and shown. */
export class Refused extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.name = "Refused";
    this.problem = problem;
  }
}

/** The body of an answer. Anything but a success is thrown, as a problem that a person can read. */
export async function ask<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  let answer;
  try {
    answer = await call;
  } catch (error) {
    throw unreachable(error);
  }
  if (!answer.response.ok) throw new Refused(asProblem(answer.error, answer.response));
  return answer.data as T;
}

/** What to throw where no answer came at all. */
export function unreachable(cause: unknown): Error {
  // A request that the page itself gave up is no news for anybody.
  if (cause instanceof DOMException && cause.name === "AbortError") return cause;
  return new Refused({
    type: "about:blank",
    title: "No answer",
    status: 503,
    code: "server_unreachable",
    detail: "The server does not answer.",
    hint: "See whether callboard serve is still running. The page tries again by itself.",
    errors: [],
  });
}

/** Answers of proxies and of older servers are no problem documents; they are made into one. */
export function asProblem(body: unknown, response: Response): Problem {
  if (typeof body === "object" && body !== null && "detail" in body && "code" in body) return body as Problem;
  return {
    type: "about:blank",
    title: response.statusText,
    status: response.status,
    code: `http_${response.status}`,
    detail: `The server answered ${response.status} ${response.statusText}`.trim() + ".",
    errors: [],
  };
}

/** A key under which a request that is sent twice is carried out once. */
export function idempotencyKey(): string {
  // randomUUID is there on secure origins only; random numbers are there everywhere.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
