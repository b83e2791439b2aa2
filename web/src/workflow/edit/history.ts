// What was done and can be undone. Letters that are typed into one field soon after each other are one step.

export interface History<T> {
  past: T[];
  present: T;
  future: T[];
  /** What the last step was about, and when it was made. */
  last: { about: string; at: number } | null;
}

/** Steps that can be undone: more than anybody goes back, and few enough to be held. */
const STEPS_MAX = 200;

/** How soon after a step another one about the same belongs to it. */
const SAME_STEP_MS = 1500;

export function begin<T>(present: T): History<T> {
  return { past: [], present, future: [], last: null };
}

/** A step. One `about` nothing stands by itself. */
export function step<T>(history: History<T>, present: T, about: string | null, now: number): History<T> {
  const { past, last } = history;
  const joins = about !== null && last?.about === about && now - last.at < SAME_STEP_MS;
  return {
    past: joins ? past : [...past, history.present].slice(-STEPS_MAX),
    present,
    future: [],
    last: about === null ? null : { about, at: now },
  };
}

export function undo<T>(history: History<T>): History<T> {
  const before = history.past.at(-1);
  if (before === undefined) return history;
  return { past: history.past.slice(0, -1), present: before, future: [history.present, ...history.future], last: null };
}

export function redo<T>(history: History<T>): History<T> {
  const [after, ...rest] = history.future;
  if (after === undefined) return history;
  return { past: [...history.past, history.present], present: after, future: rest, last: null };
}

/** The same place in the history, with what the server made of it. */
export function settle<T>(history: History<T>, present: T): History<T> {
  return { ...history, present, last: null };
}
