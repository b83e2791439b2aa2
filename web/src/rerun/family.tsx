// The family of a run: what it goes on from, what goes on from it, and what each of them changed.

import { Link } from "@tanstack/react-router";

import type { Family, Relative } from "../api/model.ts";
import { buttonLook } from "../ui/button.tsx";
import { count, dollars, duration, number, shortNumber } from "../ui/format.ts";
import { Icon } from "../ui/icon.tsx";
import { StatusLine } from "../ui/status.tsx";
import { Moment } from "../ui/time.tsx";
import { descentLine, tree } from "./family-tree.ts";

/** Generations after which the lines are not set in any further: there is no room. */
const DEEPEST = 6;

interface FamilyProps {
  family: Family;
  /** The run that is looked at. */
  run: number;
  stageName: (id: string) => string;
}

export function FamilyTree({ family, run, stageName }: FamilyProps) {
  const { usage } = family;
  return (
    <div className="space-y-3">
      <p className="text-dim">
        {count(family.items.length, "run")} together: {number(usage.input_tokens + usage.output_tokens)} tokens,{" "}
        {dollars(usage.cost_usd)}
        {family.items.some(({ kept }) => !kept) && ", without what was deleted"}
      </p>
      <ol className="card divide-y divide-line">
        {tree(family).map(({ relative, depth }) => (
          <li key={relative.run_id} aria-current={relative.run_id === run ? "true" : undefined} className={relative.run_id === run ? "bg-accent-soft" : ""}>
            <Member relative={relative} depth={depth} run={run} stageName={stageName} />
          </li>
        ))}
      </ol>
      {family.more && <p className="text-dim">There are more than are shown here.</p>}
    </div>
  );
}

interface MemberProps {
  relative: Relative;
  depth: number;
  run: number;
  stageName: (id: string) => string;
}

function Member({ relative, depth, run, stageName }: MemberProps) {
  const { run_id, kept, descent } = relative;
  return (
    <div className="flex items-start gap-2 py-2 pr-2" style={{ paddingLeft: `${0.875 + Math.min(depth, DEEPEST) * 1.125}rem` }}>
      {depth > 0 && <Icon name="inherited" className="mt-0.5 !size-3.5 -scale-x-100 text-faint" />}
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2">
          {kept ? (
            <Link to="/runs/$id" params={{ id: String(run_id) }} className="rounded font-medium text-accent hover:underline">
              Run {run_id}
            </Link>
          ) : (
            <span className="font-medium text-dim">Run {run_id} was deleted</span>
          )}
          {run_id === run && <span className="text-xs text-dim">this run</span>}
          {kept && <StatusLine status={kept.status} />}
        </p>
        {descent && <p className="text-xs text-dim wrap-anywhere">{descentLine(descent, stageName)}</p>}
        {kept && descent?.group != null && (
          <Link to="/runs/$id/variants" params={{ id: String(run_id) }} className="rounded text-xs text-accent hover:underline">
            one of several variants
          </Link>
        )}
        {kept && (
          <p className="flex flex-wrap gap-x-3 text-xs text-faint">
            <span>{shortNumber(kept.usage.input_tokens + kept.usage.output_tokens)} tokens</span>
            <span>{dollars(kept.usage.cost_usd)}</span>
            <span>{duration(kept.duration_ms)}</span>
            <Moment at={kept.created_at} />
          </p>
        )}
      </div>
      {kept && run_id !== run && <CompareLink a={Math.min(run, run_id)} b={Math.max(run, run_id)} to={run_id} />}
    </div>
  );
}

/** Leads to two runs side by side. The older one stands first. */
function CompareLink({ a, b, to }: { a: number; b: number; to: number }) {
  return (
    <Link
      to="/runs/$a/compare/$b"
      params={{ a: String(a), b: String(b) }}
      aria-label={`Compare with run ${to}`}
      className={buttonLook("quiet", true)}
    >
      <Icon name="compare" /> Compare
    </Link>
  );
}
