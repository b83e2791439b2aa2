// How two values differ, part by part, so that a changed word is not shown as a changed list.

import type { FieldChange, TextDifference } from "../api/model.ts";

/** One thing that differs, and where it is. */
export interface Differs {
  /** The field, and what is inside of it: "agents › editor › directive". */
  where: string;
  before: unknown;
  after: unknown;
}

/** What differs in a field, as deep as both sides have the same shape. */
export function differs({ field, before, after }: FieldChange): Differs[] {
  return within(field, before, after);
}

function within(where: string, before: unknown, after: unknown): Differs[] {
  if (Array.isArray(before) && Array.isArray(after)) {
    const [was, is] = [named(before), named(after)];
    if (was && is) return within(where, was, is);
  } else if (isObject(before) && isObject(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys]
      .filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
      .flatMap((key) => within(`${where} › ${key}`, before[key] ?? null, after[key] ?? null));
  }
  return [{ where, before, after }];
}

/** A list of agents by their names: at one stage each stands once. Nothing for other lists. */
function named(list: unknown[]): Record<string, unknown> | null {
  const entries = list.map((one) => (isObject(one) && typeof one.agent === "string" ? ([one.agent, one] as const) : null));
  const all = entries.filter((entry) => entry !== null);
  return all.length === list.length && new Set(all.map(([name]) => name)).size === list.length ? Object.fromEntries(all) : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export type DifferentLine = NonNullable<TextDifference["lines"]>[number];

/** Lines that are alike and shown around those that differ, so that one sees where they stand. */
const CONTEXT_LINES = 2;

/** The lines of two texts, without those that are alike at both ends. */
export function changedLines(before: string | null, after: string | null): DifferentLine[] {
  const [was, is] = [before?.split("\n") ?? [], after?.split("\n") ?? []];
  let head = 0;
  while (head < Math.min(was.length, is.length) && was[head] === is[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(was.length, is.length) - head && was.at(-1 - tail) === is.at(-1 - tail)) tail += 1;
  const line = (side: DifferentLine["side"]) => (text: string) => ({ side, text });
  const gap = (is: boolean): DifferentLine[] => (is ? [{ side: "gap", text: "" }] : []);
  return [
    ...gap(head > CONTEXT_LINES),
    ...is.slice(Math.max(0, head - CONTEXT_LINES), head).map(line("both")),
    ...was.slice(head, was.length - tail).map(line("a")),
    ...is.slice(head, is.length - tail).map(line("b")),
    ...is.slice(is.length - tail, is.length - tail + CONTEXT_LINES).map(line("both")),
    ...gap(tail > CONTEXT_LINES),
  ];
}
