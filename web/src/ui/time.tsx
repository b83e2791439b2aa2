// Moments and lengths of time, some of which go on while one looks.

import { useSyncExternalStore } from "react";

import { clockTime, duration, exactMoment, moment, ticking } from "./format.ts";

/** A moment in the viewer's zone; in full for who points at it. */
export function Moment({ at, className }: { at: string; className?: string }) {
  return (
    <time dateTime={at} title={exactMoment(at)} className={className}>
      {moment(at)}
    </time>
  );
}

/** The time of day of a moment; in full for who points at it. */
export function Clock({ at, className }: { at: string; className?: string }) {
  return (
    <time dateTime={at} title={exactMoment(at)} className={className}>
      {clockTime(at)}
    </time>
  );
}

/** How long something took, or has taken so far where it is not over. */
export function Lasting({ since, ms }: { since: string | null; ms: number | null }) {
  if (ms !== null) return <>{duration(ms)}</>;
  return since === null ? <>–</> : <Ticking since={since} />;
}

function Ticking({ since }: { since: string }) {
  return <>{ticking(useNow() - Date.parse(since))}</>;
}

/** How long it is until a moment that is to come. */
export function Until({ at }: { at: number }) {
  return <>{ticking(Math.max(0, at - useNow() + 999))}</>;
}

// One clock for the whole page, so that all that ticks ticks together. It stands still while nobody looks.
let now = Date.now();
let timer: ReturnType<typeof setInterval> | null = null;
const watchers = new Set<() => void>();

function tick() {
  now = Date.now();
  for (const watcher of watchers) watcher();
}

function watch(watcher: () => void) {
  watchers.add(watcher);
  if (!timer) {
    timer = setInterval(tick, 1000);
    now = Date.now();
  }
  return () => {
    watchers.delete(watcher);
    if (watchers.size === 0 && timer) {
      clearInterval(timer);
      timer = null;
    }
  };
}

/** The moment, to the second. */
export function useNow(): number {
  return useSyncExternalStore(watch, () => now);
}
