// The page of runs that were started together: a row for each variant, so that one sees which of them does
// best.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { isFinal, type Figures, type Sample, type Variant, type Variants } from "../api/model.ts";
import { runQuery } from "../run/queries.ts";
import { RunLink } from "../run/source.tsx";
import { buttonLook } from "../ui/button.tsx";
import { Loading } from "../ui/empty.tsx";
import { Folded, RemembersFolds } from "../ui/folded.tsx";
import { count, dollars, duration, number } from "../ui/format.ts";
import { Page, Trail } from "../ui/frame.tsx";
import { Icon } from "../ui/icon.tsx";
import { Markdown } from "../ui/markdown.tsx";
import { ProblemPage } from "../ui/problem.tsx";
import { Simulated } from "../ui/simulated.tsx";
import { StatusLine } from "../ui/status.tsx";
import { useTitle } from "../ui/title.ts";
import { bestOf, outcomeCounts, type Best } from "./best.ts";
import { toldLine, toldOverrides } from "./changes.ts";
import { variantsQuery } from "./queries.ts";
import { useOnlySimulated } from "./simulated.ts";
import { BeforeAfter } from "./text-difference.tsx";

/** Characters of a result that are shown of it until it is opened. */
const FIRST_WORDS = 160;

export function VariantsPage({ id }: { id: number }) {
  const variants = useQuery(variantsQuery(id));
  const source = useQuery({ ...runQuery(variants.data?.source ?? 0), enabled: variants.data !== undefined });
  const simulated = useOnlySimulated(source.data?.project_id);
  useTitle("Variants", variants.data && `re-runs of run ${variants.data.source}`);
  if (variants.isError && !variants.data) {
    return (
      <Page>
        <ProblemPage error={variants.error} />
      </Page>
    );
  }
  if (!variants.data) {
    return (
      <Page>
        <Loading rows={4} height="h-24" />
      </Page>
    );
  }
  const stages = new Map(source.data?.visits?.map(({ stage, name }) => [stage, name]));
  return (
    <Page>
      <Trail>
        <Link to="/">Projects</Link> /
        {source.data && (
          <Link to="/workflows/$id" params={{ id: String(source.data.workflow_id) }}>
            {source.data.workflow}
          </Link>
        )}{" "}
        /
        <Link to="/runs/$id" params={{ id: String(variants.data.source) }}>
          run {variants.data.source}
        </Link>
      </Trail>
      <h1 className="flex items-center gap-2.5 text-xl font-semibold tracking-tight">Variants {simulated && <Simulated />}</h1>
      <Summary variants={variants.data} />
      <RemembersFolds>
        <Table variants={variants.data} stageName={(stage) => stages.get(stage) ?? stage} />
      </RemembersFolds>
    </Page>
  );
}

function Summary({ variants }: { variants: Variants }) {
  const runs = variants.items.flatMap((variant) => variant.runs);
  const going = runs.filter(({ status }) => !isFinal(status)).length;
  return (
    <p role="status" className="mt-0.5 mb-5 text-dim">
      {count(runs.length, "run")} that go on from <RunLink run={variants.source} />
      {going > 0 ? `; ${going} of them still at work` : ""}. Figures are medians of the runs that were completed.
    </p>
  );
}

interface TableProps {
  variants: Variants;
  stageName: (id: string) => string;
}

function Table({ variants, stageName }: TableProps) {
  const best = bestOf(variants.items);
  return (
    <div role="table" aria-label="Variants" className="card divide-y divide-line">
      <div role="row" className="hidden gap-4 px-4 py-2 text-2xs text-faint lg:grid lg:grid-cols-(--columns)" style={COLUMNS}>
        {["Variant", "Runs", "Outcomes", "Tokens", "Cost", "Time"].map((name) => (
          <span key={name} role="columnheader">
            {name}
          </span>
        ))}
      </div>
      {variants.items.map((variant) => (
        <Row key={variant.variant} variant={variant} best={best} source={variants.source} stageName={stageName} />
      ))}
    </div>
  );
}

const COLUMNS = {
  "--columns": "minmax(0,5fr) minmax(0,6fr) minmax(0,3fr) repeat(3,minmax(5.5rem,1fr))",
} as React.CSSProperties;

interface RowProps {
  variant: Variant;
  best: Best;
  source: number;
  stageName: (id: string) => string;
}

function Row({ variant, best, source, stageName }: RowProps) {
  return (
    <div role="row" className="grid grid-cols-3 gap-x-4 gap-y-3 px-4 py-3 lg:grid-cols-(--columns)" style={COLUMNS}>
      <div role="cell" className="col-span-3 min-w-0 lg:col-span-1">
        <h2 className="font-semibold">Variant {variant.variant}</h2>
        <Different variant={variant} stageName={stageName} />
      </div>
      <div role="cell" className="col-span-3 min-w-0 lg:col-span-1">
        <p className="mb-1 flex flex-wrap items-center gap-x-2 text-xs text-dim">
          {variant.completed} of {count(variant.runs.length, "run")} completed
          {best.completed.has(variant.variant) && <BestMark />}
        </p>
        <ul className="space-y-1.5">
          {variant.runs.map((run) => (
            <RunOf key={run.run_id} run={run} source={source} />
          ))}
        </ul>
      </div>
      <div role="cell" className="col-span-3 min-w-0 lg:col-span-1">
        <Outcomes runs={variant.runs} stageName={stageName} />
      </div>
      <Median name="Tokens" variant={variant} of="tokens" best={best} words={number} />
      <Median name="Cost" variant={variant} of="cost_usd" best={best} words={dollars} />
      <Median name="Time" variant={variant} of="duration_ms" best={best} words={duration} />
    </div>
  );
}

function Different({ variant, stageName }: { variant: Variant; stageName: (id: string) => string }) {
  const told = toldOverrides(variant.overrides, stageName);
  if (told.length === 0) return <p className="text-dim">Nothing is changed in it.</p>;
  return (
    <>
      <p className="text-dim wrap-anywhere">{capitalised(toldLine(told))}</p>
      {told.some(({ long }) => long) && (
        <Folded id={`told-${variant.variant}`} title="The words">
          <dl className="space-y-2">
            {told.map(({ what, text }) => (
              <div key={what}>
                <dt className="text-xs text-dim">{capitalised(what)}</dt>
                <dd>
                  <BeforeAfter before={null} after={text} a="the source" b={`variant ${variant.variant}`} />
                </dd>
              </div>
            ))}
          </dl>
        </Folded>
      )}
    </>
  );
}

function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function RunOf({ run, source }: { run: Sample; source: number }) {
  const text = (run.result ?? "").trim();
  const first = text.replace(/[#*_`>]/g, "").replace(/\s+/g, " ").trim();
  return (
    <li>
      <p className="flex flex-wrap items-center gap-x-2">
        <RunLink run={run.run_id} />
        <StatusLine status={run.status} />
        <Link
          to="/runs/$a/compare/$b"
          params={{ a: String(source), b: String(run.run_id) }}
          aria-label={`Compare run ${run.run_id} with run ${source}`}
          className={buttonLook("quiet", true)}
        >
          <Icon name="compare" /> Compare
        </Link>
      </p>
      {text !== "" && (
        <Folded id={`result-${run.run_id}`} title={first.length > FIRST_WORDS ? `${first.slice(0, FIRST_WORDS)}…` : first}>
          <Markdown text={text} className="rounded-md bg-well px-3 py-2" />
        </Folded>
      )}
    </li>
  );
}

function Outcomes({ runs, stageName }: { runs: Sample[]; stageName: (id: string) => string }) {
  const counts = outcomeCounts(runs);
  if (counts.length === 0) return <p className="hidden text-faint lg:block">None</p>;
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 lg:block lg:space-y-1">
      {counts.map(({ stage, outcome, times }) => (
        <li key={`${stage}/${outcome}`}>
          <span className="text-xs text-dim">{stageName(stage)}:</span>{" "}
          <span className="rounded bg-well px-1.5 font-medium">{outcome}</span> <span className="text-dim">× {times}</span>
        </li>
      ))}
    </ul>
  );
}

interface MedianProps {
  name: string;
  variant: Variant;
  of: keyof Figures;
  best: Best;
  words: (value: number) => string;
}

function Median({ name, variant, of, best, words }: MedianProps) {
  return (
    <Cell name={name}>
      <span className="font-medium">{variant.median ? words(variant.median[of]) : "–"}</span>
      {best[of].has(variant.variant) && <BestMark />}
    </Cell>
  );
}

function Cell({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div role="cell" className="min-w-0">
      <p className="text-2xs text-faint lg:sr-only">{name}</p>
      <p className="flex flex-wrap items-center gap-x-1.5">{children}</p>
    </div>
  );
}

function BestMark() {
  return (
    <span className="inline-flex items-center gap-1 rounded bg-good-soft px-1.5 text-2xs font-medium text-good">
      <Icon name="best" className="!size-3" /> best
    </span>
  );
}
