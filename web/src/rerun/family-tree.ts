// A family of runs as a tree, and what each run changed, in words.

import type { Descent, Family, Relative } from "../api/model.ts";
import { toldLine, toldOverrides } from "./changes.ts";

/** The runs as a tree, each after the one that it goes on from. */
export function tree(family: Family): { relative: Relative; depth: number }[] {
  const children = new Map<number, Relative[]>();
  const known = new Set(family.items.map(({ run_id }) => run_id));
  const roots: Relative[] = [];
  for (const relative of family.items) {
    const parent = relative.descent?.run_id;
    if (parent === undefined || !known.has(parent)) roots.push(relative);
    else children.set(parent, [...(children.get(parent) ?? []), relative]);
  }
  const below = (relative: Relative, depth: number): { relative: Relative; depth: number }[] => [
    { relative, depth },
    ...(children.get(relative.run_id) ?? []).flatMap((child) => below(child, depth + 1)),
  ];
  return roots.flatMap((root) => below(root, 0));
}

/** Where a run goes on, and what was changed in it. */
export function descentLine(descent: Descent, stageName: (id: string) => string): string {
  const name = stageName(descent.stage);
  const words = [descent.after_visit == null ? `from ${name}, visit ${descent.from_visit}` : `after ${name}, visit ${descent.after_visit}`];
  if (descent.outcome != null) words.push(`outcome ${descent.outcome}`);
  const told = toldLine(toldOverrides(descent.overrides, stageName));
  if (told) words.push(told);
  if (descent.other_input) words.push("another input");
  if (descent.definition === "original") words.push("the original definition");
  const other = (descent.changed ?? []).filter((part) => !isOverridden(part, descent));
  if (other.length > 0) words.push(`definition changed: ${other.map((part) => partWords(part, stageName)).join(", ")}`);
  return words.join(" · ");
}

/** Whether a part differs by what was asked for, and not by the project alone. */
function isOverridden(part: string, { overrides }: Descent): boolean {
  const name = part.slice(part.indexOf("/") + 1);
  if (part.startsWith("stages/")) return overrides?.stages?.[name] !== undefined;
  if (part.startsWith("agents/")) return overrides?.agents?.[name] !== undefined;
  // A definition has the models alone that it uses.
  const models = [...Object.values(overrides?.stages ?? {}), ...Object.values(overrides?.agents ?? {})].map(({ model }) => model);
  return part.startsWith("models/") && models.some((model) => model != null);
}

function partWords(part: string, stageName: (id: string) => string): string {
  return part.startsWith("stages/") ? stageName(part.slice("stages/".length)) : part.replace(/^\w+s\//, "");
}
