// Two runs side by side: where they went, what came of it, and what it took.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import type { Comparison } from "../api/model.ts";
import { runQuery } from "../run/queries.ts";
import { buttonLook } from "../ui/button.tsx";
import { Loading } from "../ui/empty.tsx";
import { RemembersFolds } from "../ui/folded.tsx";
import { valueText } from "../ui/format.ts";
import { Page, Trail } from "../ui/frame.tsx";
import { ProblemPage } from "../ui/problem.tsx";
import { Simulated } from "../ui/simulated.tsx";
import { useTitle } from "../ui/title.ts";
import { Overview, Paths, Stages } from "./compare-parts.tsx";
import { DefinitionDifference } from "./definition-difference.tsx";
import { compareQuery } from "./queries.ts";
import { useOnlySimulated } from "./simulated.ts";
import { BeforeAfter, Legend, TextLines } from "./text-difference.tsx";

export function ComparePage({ a, b }: { a: number; b: number }) {
  const found = useQuery(compareQuery(a, b));
  const simulated = useOnlySimulated(useQuery(runQuery(b)).data?.project_id);
  useTitle("Compare", `runs ${a} and ${b}`);
  if (found.isError && !found.data) {
    return (
      <Page>
        <ProblemPage error={found.error} />
      </Page>
    );
  }
  if (!found.data) {
    return (
      <Page>
        <Loading rows={6} height="h-16" />
      </Page>
    );
  }
  return (
    <Page>
      <Trail>
        <Link to="/">Projects</Link> /<Link to="/runs">Runs</Link>
      </Trail>
      <div className="mb-4 flex flex-wrap items-center justify-between gap-2">
        <h1 className="flex flex-wrap items-center gap-x-2.5 text-xl font-semibold tracking-tight">
          <span>
            Run {a} <span className="font-normal text-dim">and</span> run {b}
          </span>
          {simulated && <Simulated />}
        </h1>
        <Link to="/runs/$a/compare/$b" params={{ a: String(b), b: String(a) }} replace className={buttonLook("plain", true)}>
          Swap sides
        </Link>
      </div>
      <RemembersFolds>
        <Sides comparison={found.data} />
      </RemembersFolds>
    </Page>
  );
}

function Sides({ comparison }: { comparison: Comparison }) {
  const a = `run ${comparison.a.run_id}`;
  const b = `run ${comparison.b.run_id}`;
  return (
    <div className="space-y-4">
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Section title="At a glance">
          <Overview comparison={comparison} />
        </Section>
        <Section title="Paths">
          <Paths comparison={comparison} />
        </Section>
      </div>
      <Section title="Final result" legend={!comparison.result.same && <Legend a={a} b={b} />}>
        <TextLines difference={comparison.result} a={a} b={b} />
      </Section>
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Section title="Definition">
          <DefinitionDifference difference={comparison.definition} a={a} b={b} />
        </Section>
        <div className="space-y-4">
          <Section title="Input">{comparison.same_input ? <p className="text-dim">The same.</p> : <Inputs comparison={comparison} />}</Section>
          <Section title="Shared memory at the end">
            <Memory comparison={comparison} />
          </Section>
        </div>
      </div>
      <Section title="Stage by stage">
        <Stages comparison={comparison} />
      </Section>
    </div>
  );
}

interface SectionProps {
  title: string;
  legend?: ReactNode;
  children: ReactNode;
}

function Section({ title, legend, children }: SectionProps) {
  return (
    <section aria-label={title} className="card min-w-0 p-4">
      <div className="mb-2 flex flex-wrap items-baseline justify-between gap-x-4">
        <h2 className="text-base font-semibold">{title}</h2>
        {legend}
      </div>
      {children}
    </section>
  );
}

function Inputs({ comparison }: { comparison: Comparison }) {
  const [a, b] = [comparison.a.run_id, comparison.b.run_id];
  const runs = { a: useQuery(runQuery(a)), b: useQuery(runQuery(b)) };
  if (!runs.a.data || !runs.b.data) return <Loading rows={2} />;
  return <BeforeAfter before={valueText(runs.a.data.input)} after={valueText(runs.b.data.input)} a={`run ${a}`} b={`run ${b}`} />;
}

function Memory({ comparison }: { comparison: Comparison }) {
  if (comparison.memory.length === 0) return <p className="text-dim">The same.</p>;
  return (
    <dl className="space-y-3">
      {comparison.memory.map(({ key, a, b }) => (
        <div key={key}>
          <dt className="mb-0.5 font-mono text-xs font-semibold">{key}</dt>
          <dd>
            <BeforeAfter
              before={a === null ? null : valueText(a)}
              after={b === null ? null : valueText(b)}
              a={`run ${comparison.a.run_id}`}
              b={`run ${comparison.b.run_id}`}
            />
          </dd>
        </div>
      ))}
    </dl>
  );
}
