// Whether the server would take something, asked while one writes. It is a dry run of applying a piece of
// a project file, so that the page knows no rule of its own.

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { ask, client, Refused } from "../api/client.ts";
import type { Applied, Wrong } from "../api/model.ts";

/** How long nothing may be written until the server is asked: less than one notices, more than a keystroke. */
const PAUSE_MS = 250;

export interface Check {
  /** Whether what is said is about what is written now. */
  settled: boolean;
  mistakes: Wrong[];
  warnings: Wrong[];
  /** What would be, where there is no mistake. */
  applied: Applied | undefined;
  /** Why nothing could be found out. */
  error: unknown;
}

interface Options {
  /** Answers the whole project too. */
  show?: boolean;
  /** Takes out what is not named. */
  prune?: boolean;
}

/** What the server says to a piece of a project file, as a value or as a text; to nothing while it is null. */
export function useCheck(file: unknown, options: Options = {}): Check {
  const written = file === null ? "" : typeof file === "string" ? file : JSON.stringify(file);
  const body = usePaused(written);
  const query = useQuery({
    queryKey: ["check", body, options],
    queryFn: ({ signal }) => dryRun(body, typeof file === "string", options, signal),
    enabled: body !== "",
    placeholderData: keepPreviousData,
    // The same text is right or wrong by the rest of its project, which may have changed.
    staleTime: 0,
    gcTime: 30_000,
  });
  return {
    settled: body === written && !query.isFetching && !query.isPlaceholderData,
    mistakes: query.data?.mistakes ?? [],
    warnings: query.data?.applied?.warnings ?? [],
    applied: query.data?.applied,
    error: query.error,
  };
}

interface Verdict {
  mistakes: Wrong[];
  applied: Applied | undefined;
}

export async function dryRun(body: string, isText: boolean, options: Options, signal?: AbortSignal): Promise<Verdict> {
  try {
    const applied = await ask(
      client.POST("/api/v1/projects/apply", {
        params: { query: { ...options, dry_run: true } },
        body,
        bodySerializer: (text) => text,
        headers: { "Content-Type": isText ? "application/yaml" : "application/json" },
        signal,
      }),
    );
    return { mistakes: [], applied };
  } catch (error) {
    if (!(error instanceof Refused) || error.problem.status !== 422) throw error;
    const mistakes = error.problem.errors ?? [];
    return { mistakes: mistakes.length > 0 ? mistakes : [{ path: "", message: error.problem.detail }], applied: undefined };
  }
}

function usePaused(value: string): string {
  const [paused, setPaused] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return paused;
}

/** The mistakes of one place and of what is in it, by their paths from there on. */
export function under(mistakes: Wrong[], place: string): Wrong[] {
  return mistakes.flatMap((one) => {
    if (one.path === place) return [{ ...one, path: "" }];
    if (!one.path.startsWith(place)) return [];
    const rest = one.path.slice(place.length);
    return rest.startsWith(".") ? [{ ...one, path: rest.slice(1) }] : rest.startsWith("[") ? [{ ...one, path: rest }] : [];
  });
}
