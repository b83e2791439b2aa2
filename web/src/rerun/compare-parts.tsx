// The parts of a comparison that stand side by side: figures, paths, and the visits to each stage.

import { Link } from "@tanstack/react-router";
import { Fragment } from "react";

import type { ComparedVisit, Comparison, Figures, Pair, Side } from "../api/model.ts";
import { Folded } from "../ui/folded.tsx";
import { dollars, duration, number, ordinal } from "../ui/format.ts";
import { Icon } from "../ui/icon.tsx";
import { StatusIcon, StatusLine } from "../ui/status.tsx";
import { Legend, TextLines } from "./text-difference.tsx";

const FIGURES: [name: string, of: keyof Figures, words: (value: number) => string][] = [
  ["Tokens", "tokens", number],
  ["Cost", "cost_usd", dollars],
  ["Time", "duration_ms", duration],
];

export function Overview({ comparison }: { comparison: Comparison }) {
  const { a, b } = comparison;
  return (
    <>
      <table className="w-full table-fixed text-left [&_td]:py-1 [&_td]:align-middle [&_th]:py-1 [&_th]:align-middle [&_th]:font-normal">
        <thead>
          <tr>
            <td className="w-20" />
            <SideHead side={a} />
            <SideHead side={b} />
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          <tr>
            <th scope="row" className="text-dim">
              Status
            </th>
            <td>
              <StatusLine status={a.status} />
            </td>
            <td>
              <StatusLine status={b.status} />
            </td>
          </tr>
          {FIGURES.map(([name, of, words]) => (
            <tr key={of}>
              <th scope="row" className="text-dim">
                {name}
              </th>
              <td>{words(a.figures[of])}</td>
              <td>
                {words(b.figures[of])} <Change before={a.figures[of]} after={b.figures[of]} />
              </td>
            </tr>
          ))}
          <tr>
            <th scope="row" className="text-dim">
              Workflow
            </th>
            <td className="wrap-anywhere">{a.workflow}</td>
            <td className="wrap-anywhere">{b.workflow}</td>
          </tr>
        </tbody>
      </table>
      <p className="mt-2 text-xs text-faint">Of each run what it used itself: visits that it took over are not counted.</p>
    </>
  );
}

function SideHead({ side }: { side: Side }) {
  return (
    <th scope="col">
      <Link to="/runs/$id" params={{ id: String(side.run_id) }} className="rounded font-semibold text-accent hover:underline">
        Run {side.run_id}
      </Link>
    </th>
  );
}

/** How much more or less it is, in parts of a hundred. */
function Change({ before, after }: { before: number; after: number }) {
  if (before === 0 || before === after) return null;
  const percent = Math.round((after / before - 1) * 100);
  if (percent === 0) return null;
  return <span className="text-xs text-dim">{`${percent > 0 ? "+" : "−"}${number(Math.abs(percent))} %`}</span>;
}

export function Paths({ comparison }: { comparison: Comparison }) {
  return (
    <div className="space-y-3">
      {(["a", "b"] as const).map((side) => (
        <div key={side}>
          <h3 className="mb-1 text-xs text-dim">Run {comparison[side].run_id}</h3>
          <Path visits={pathOf(comparison.visits, side)} />
        </div>
      ))}
    </div>
  );
}

interface Step {
  name: string;
  visit: ComparedVisit;
}

/** The visits of one side, in its own order. */
function pathOf(pairs: Pair[], side: "a" | "b"): Step[] {
  const steps = pairs.flatMap((pair) => (pair[side] ? [{ name: pair.name, visit: pair[side] }] : []));
  return steps.sort((one, other) => one.visit.visit - other.visit.visit);
}

function Path({ visits }: { visits: Step[] }) {
  if (visits.length === 0) return <p className="text-dim">It visited no stage.</p>;
  return (
    <ol className="flex flex-wrap items-center gap-x-1.5 gap-y-1">
      {visits.map(({ name, visit }, index) => (
        <Fragment key={visit.visit}>
          {index > 0 && (
            <li aria-hidden="true" className="text-faint">
              <Icon name="out" className="!size-3.5" />
            </li>
          )}
          <li
            className={`inline-flex items-center gap-1.5 rounded-md border px-1.5 py-0.5 text-xs ${visit.status === "inherited" ? "border-dashed border-line text-dim" : "border-line-strong"}`}
          >
            <StatusIcon status={visit.status} />
            <span className="font-medium">{name}</span>
            {visit.outcome != null && <span className="text-dim">{visit.outcome}</span>}
          </li>
        </Fragment>
      ))}
    </ol>
  );
}

export function Stages({ comparison }: { comparison: Comparison }) {
  const [a, b] = [comparison.a.run_id, comparison.b.run_id];
  if (comparison.visits.length === 0) return <p className="text-dim">Neither visited a stage.</p>;
  return (
    <ol className="divide-y divide-line">
      {comparison.visits.map((pair) => (
        <li key={`${pair.stage}-${pair.nth}`} className="py-3 first:pt-0 last:pb-0">
          <h3 className="font-semibold">
            {pair.name}
            {pair.nth > 1 && <span className="font-normal text-dim">, {ordinal(pair.nth)} visit</span>}
          </h3>
          <div className="mt-1 grid gap-x-4 gap-y-2 sm:grid-cols-2">
            <VisitOf run={a} visit={pair.a} />
            <VisitOf run={b} visit={pair.b} other={pair.a} />
          </div>
          <ResultOf pair={pair} a={a} b={b} />
        </li>
      ))}
    </ol>
  );
}

function VisitOf({ run, visit, other }: { run: number; visit: ComparedVisit | undefined; other?: ComparedVisit | undefined }) {
  if (!visit) {
    return <p className="text-dim">Run {run} did not come here.</p>;
  }
  const otherWay = other !== undefined && other.outcome !== visit.outcome;
  return (
    <div className="min-w-0">
      <p className="flex flex-wrap items-center gap-x-2">
        <span className="text-xs text-dim">
          Run {run}, visit {visit.visit}
        </span>
        <StatusLine status={visit.status} />
        {visit.outcome != null && (
          <span className={`rounded px-1.5 text-xs font-medium ${otherWay ? "bg-warn-soft text-warn" : "bg-well"}`}>
            {visit.outcome}
            {otherWay && <span className="sr-only"> (another outcome)</span>}
          </span>
        )}
      </p>
      <p className={`text-xs ${visit.status === "inherited" ? "text-faint" : "text-dim"}`}>
        {FIGURES.map(([, of, words]) => `${words(visit.figures[of])}${of === "tokens" ? " tokens" : ""}`).join(" · ")}
        {visit.status === "inherited" && ", used by the run that made it"}
      </p>
    </div>
  );
}

function ResultOf({ pair, a, b }: { pair: Pair; a: number; b: number }) {
  if (!pair.result) return null;
  if (pair.result.same) return <p className="mt-1 text-xs text-dim">The result is the same.</p>;
  const [first, second] = [`run ${a}`, `run ${b}`];
  return (
    <div className="mt-1.5">
      <Folded id={`pair-${pair.stage}-${pair.nth}`} begins title="The results differ">
        <Legend a={first} b={second} />
        <div className="mt-1">
          <TextLines difference={pair.result} a={first} b={second} />
        </div>
      </Folded>
    </div>
  );
}
