// How two definitions differ: stage by stage and part by part, each field with what it was and what it is.

import type { Difference, PartChange } from "../api/model.ts";
import { valueText } from "../ui/format.ts";
import { differs } from "./difference.ts";
import { BeforeAfter } from "./text-difference.tsx";

interface DefinitionDifferenceProps {
  difference: Difference;
  /** What the two are called. */
  a: string;
  b: string;
}

export function isEmpty(difference: Difference): boolean {
  return difference.stages.length + difference.parts.length === 0;
}

export function DefinitionDifference({ difference, a, b }: DefinitionDifferenceProps) {
  if (isEmpty(difference)) return <p className="text-dim">The definitions are the same.</p>;
  return (
    <ul className="space-y-3">
      {[...difference.stages, ...difference.parts].map((change) => (
        <li key={change.part}>
          <p className="flex flex-wrap items-baseline gap-x-2">
            <span className="font-medium">{partName(change)}</span>
            <span className={`text-xs ${change.change === "removed" ? "text-bad" : change.change === "added" ? "text-good" : "text-dim"}`}>
              {change.change === "changed" && change.moved ? ((change.fields ?? []).length > 0 ? "changed and moved" : "moved") : change.change}
            </span>
          </p>
          <dl className="mt-1 space-y-2 border-l-2 border-line pl-3">
            {(change.fields ?? []).flatMap(differs).map((one) => (
              <div key={one.where}>
                <dt className="font-mono text-xs text-dim">{one.where}</dt>
                <dd className="mt-0.5">
                  <BeforeAfter before={text(one.before)} after={text(one.after)} a={a} b={b} />
                </dd>
              </div>
            ))}
          </dl>
        </li>
      ))}
    </ul>
  );
}

function text(value: unknown): string | null {
  return value === null || value === undefined ? null : valueText(value).replace(/\n$/, "");
}

const KINDS: Record<string, string> = { stages: "Stage", agents: "Agent", models: "Model", tools: "Tool", workflows: "Workflow" };

function partName({ part, name }: PartChange): string {
  const kind = KINDS[part.split("/")[0] ?? ""];
  if (kind) return `${kind} ${name}`;
  return part === "team" ? `Team ${name}` : `Workflow ${name}`;
}
