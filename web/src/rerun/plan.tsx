// What a re-run would do, before it is started: what is taken over, what runs again, what is different, and
// what it may cost.

import type { ReactNode } from "react";

import type { RerunPlan } from "../api/model.ts";
import { Folded } from "../ui/folded.tsx";
import { count, dollars, duration, number, ordinal } from "../ui/format.ts";
import { Icon } from "../ui/icon.tsx";
import { RunLink } from "../run/source.tsx";
import { toldLine, toldOverrides } from "./changes.ts";
import { DefinitionDifference, isEmpty } from "./definition-difference.tsx";

/** How many parts of a difference are shown at once; more are folded away. */
const PARTS_MAX = 6;

export function PlanView({ plan }: { plan: RerunPlan }) {
  const names = new Map([...plan.inherited, ...plan.ahead].map(({ stage, name }) => [stage, name]));
  const stageName = (id: string) => names.get(id) ?? id;
  return (
    <div className="space-y-5">
      <p className="font-medium">
        <Headline plan={plan} />
      </p>
      <Tools plan={plan} stageName={stageName} />
      {plan.notes.map((note) => (
        <Warning key={note}>{note}</Warning>
      ))}
      <PlanPart title="Taken over">
        <Inherited plan={plan} />
      </PlanPart>
      <PlanPart title="Runs again">
        <AheadList plan={plan} />
      </PlanPart>
      <PlanPart title="Estimate">
        <EstimateWords plan={plan} stageName={stageName} />
      </PlanPart>
      <PlanPart title="What is different">
        <Differences plan={plan} stageName={stageName} />
      </PlanPart>
    </div>
  );
}

function PlanPart({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3 className="eyebrow mb-1.5">{title}</h3>
      {children}
    </section>
  );
}

function Headline({ plan }: { plan: RerunPlan }) {
  const times = plan.runs > 1 ? `${count(plan.runs, "run")}, each: ` : "";
  if (plan.after_visit != null) {
    return (
      <>
        {times}
        {plan.name}, visit {plan.after_visit}, is taken over{plan.outcome != null && <> with the outcome {plan.outcome}</>}, and the
        run goes on from there.
      </>
    );
  }
  return (
    <>
      {times}
      {plan.name}, visit {plan.from_visit}, is made again, and the run goes on from there.
    </>
  );
}

function Warning({ children }: { children: ReactNode }) {
  return (
    <div className="flex gap-2 rounded-md border border-warn/40 bg-warn-soft px-3 py-2 text-warn">
      <Icon name="error" className="mt-0.5" />
      <div className="min-w-0 wrap-anywhere">{children}</div>
    </div>
  );
}

interface PartProps {
  plan: RerunPlan;
  stageName: (id: string) => string;
}

function Tools({ plan, stageName }: PartProps) {
  if (plan.tools.length === 0) return null;
  return (
    <Warning>
      <p className="font-semibold">This may act on the outside world again:</p>
      <ul className="list-disc pl-5">
        {plan.tools.map(({ tool, stages }) => (
          <li key={tool}>
            <code className="font-mono text-xs">{tool}</code> at {stages.map(stageName).join(", ")}
          </li>
        ))}
      </ul>
    </Warning>
  );
}

function Inherited({ plan }: { plan: RerunPlan }) {
  if (plan.inherited.length === 0) return <p className="text-dim">Nothing: the run begins at its first visit.</p>;
  return (
    <ol className="space-y-1">
      {plan.inherited.map((kept) => (
        <li key={kept.visit} className="flex flex-wrap items-baseline gap-x-2">
          <span className="text-faint">{kept.visit}.</span>
          <span className="font-medium">
            {kept.name}
            {kept.nth > 1 && <span className="font-normal text-dim">, {ordinal(kept.nth)} time</span>}
          </span>
          {kept.outcome != null && <span className="rounded bg-well px-1.5 text-xs font-medium">{kept.outcome}</span>}
          <span className="text-xs text-dim">
            from <RunLink run={kept.inherited_from.run_id} />, visit {kept.inherited_from.visit}
          </span>
          {kept.stage_now === "changed" && <span className="text-xs text-warn">its stage is different now</span>}
          {kept.stage_now === "removed" && <span className="text-xs text-warn">its stage is gone</span>}
        </li>
      ))}
    </ol>
  );
}

function AheadList({ plan }: { plan: RerunPlan }) {
  if (plan.ahead.length === 0) return <p className="text-dim">Nothing: the run ends there.</p>;
  return (
    <ul className="space-y-1">
      {plan.ahead.map((ahead) => (
        <li key={ahead.stage} className="flex flex-wrap items-baseline gap-x-2">
          <span className="font-medium">{ahead.name}</span>
          <span className="text-xs text-dim">
            {ahead.visits === 0
              ? `run ${plan.run_id} did not come here from there on`
              : `${count(ahead.visits, "visit")} in run ${plan.run_id}: ${number(ahead.usage.input_tokens + ahead.usage.output_tokens)} tokens, ${duration(ahead.duration_ms)}`}
          </span>
        </li>
      ))}
    </ul>
  );
}

function EstimateWords({ plan, stageName }: PartProps) {
  const { usage, duration_ms, unknown } = plan.estimate;
  if (plan.ahead.length === 0) return <p className="text-dim">Nothing is used.</p>;
  const tokens = usage.input_tokens + usage.output_tokens;
  return (
    <>
      <p>
        {plan.after_visit == null ? `As run ${plan.run_id} went from there` : `What run ${plan.run_id} used from there on, the way it went`}:{" "}
        {count(usage.model_calls, "model call")}, {count(tokens, "token")},{" "}
        {dollars(usage.cost_usd)}, {duration(duration_ms)}
        {plan.runs > 1 && (
          <>
            ; for {count(plan.runs, "run")} together {count(usage.model_calls * plan.runs, "call")},{" "}
            {count(tokens * plan.runs, "token")}, {dollars(usage.cost_usd * plan.runs)}
          </>
        )}
        .
      </p>
      <p className="mt-0.5 text-xs text-dim">
        {unknown.length > 0 && (
          <>
            More where it comes to {unknown.map(stageName).join(", ")}: of what that takes run {plan.run_id} tells nothing.{" "}
          </>
        )}
        A loop that goes round more often takes more, and what is changed may too.
      </p>
    </>
  );
}

function Differences({ plan, stageName }: PartProps) {
  const words = { a: `run ${plan.run_id}`, b: "the new run" };
  const variants = plan.variants ?? [];
  if (variants.length === 0) return <Difference id="difference" difference={plan.difference} {...words} />;
  return (
    <ol className="space-y-2">
      {variants.map((variant, index) => (
        <li key={index}>
          <Folded
            id={`difference-${index}`}
            title={
              <>
                <span className="font-medium text-ink">Variant {index + 1}</span>:{" "}
                {toldLine(toldOverrides(variant.overrides, stageName)) || (isEmpty(variant.difference) ? "nothing" : "the definition")}
              </>
            }
          >
            <DefinitionDifference difference={variant.difference} {...words} />
          </Folded>
        </li>
      ))}
    </ol>
  );
}

interface DifferenceProps {
  id: string;
  difference: RerunPlan["difference"];
  a: string;
  b: string;
}

function Difference({ id, difference, a, b }: DifferenceProps) {
  const parts = difference.stages.length + difference.parts.length;
  const all = <DefinitionDifference difference={difference} a={a} b={b} />;
  if (parts <= PARTS_MAX) return all;
  return (
    <Folded id={id} title={`${count(parts, "part")} of the definition`}>
      {all}
    </Folded>
  );
}
