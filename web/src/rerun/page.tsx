// The page on which a re-run is asked for: where it goes on, what is different in it, and beside that what
// this would do.

import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import type { Run, Visit } from "../api/model.ts";
import { runQuery } from "../run/queries.ts";
import type { VisitSearch } from "../run/visit-search.ts";
import { Empty, Loading } from "../ui/empty.tsx";
import { RemembersFolds } from "../ui/folded.tsx";
import { Page, Trail } from "../ui/frame.tsx";
import { ProblemPage } from "../ui/problem.tsx";
import { useTitle } from "../ui/title.ts";
import { firstChoice } from "./first-choice.ts";
import { asked, forgetDraft, keepDraft, keptDraft, type Draft } from "./draft.ts";
import { Limits, OtherInput, VariantsPart } from "./more.tsx";
import { useKnown } from "./stands-query.ts";
import { PlanAndStart } from "./start.tsx";
import { Texts } from "./texts.tsx";
import { otherOutcome, Where } from "./where.tsx";

export function RerunPage({ id, search }: { id: number; search: VisitSearch }) {
  const run = useQuery(runQuery(id));
  useTitle("Re-run", run.data ? `${run.data.workflow}, run ${id}` : `Run ${id}`);
  if (run.isError && !run.data) {
    return (
      <Page>
        <ProblemPage error={run.error} />
      </Page>
    );
  }
  if (!run.data) {
    return (
      <Page>
        <Loading rows={6} height="h-16" />
      </Page>
    );
  }
  const visit = run.data.visits?.find((one) => one.visit === (search.visit ?? firstChoice(run.data))) ?? run.data.visits?.[0];
  return (
    <Page>
      <Trail>
        <Link to="/">Projects</Link> /
        <Link to="/workflows/$id" params={{ id: String(run.data.workflow_id) }}>
          {run.data.workflow}
        </Link>{" "}
        /
        <Link to="/runs/$id" params={{ id: String(id) }}>
          run {id}
        </Link>
      </Trail>
      <h1 className="text-xl font-semibold tracking-tight">
        Re-run {visit && <span className="font-normal text-dim">from {visit.name}, visit {visit.visit}</span>}
      </h1>
      <p className="mt-0.5 mb-5 text-dim">A new run goes on from there. Run {id} stays as it is.</p>
      {visit ? (
        <RemembersFolds key={visit.visit}>
          <Form run={run.data} visit={visit} how={search.how} />
        </RemembersFolds>
      ) : (
        <Empty title="There is no visit to go on from">The run ended before its first stage: start the workflow anew.</Empty>
      )}
    </Page>
  );
}

interface FormProps {
  run: Run;
  visit: Visit;
  /** What the address asks for, where nothing was written before. */
  how: VisitSearch["how"];
}

function Form({ run, visit, how }: FormProps) {
  const [draft, setDraft] = useState(() => keptDraft(run.id, visit.visit, how));
  const known = useKnown(run, draft.definition);
  const navigate = useNavigate();
  const change = (to: Partial<Draft>) => {
    const next = { ...draft, ...to };
    setDraft(next);
    keepDraft(run.id, visit.visit, next);
  };
  const toVisit = (other: number) => {
    // What was written goes along; an outcome is of one visit alone.
    keepDraft(run.id, other, { ...draft, how: "again", outcome: null, stage: null });
    void navigate({ to: "/runs/$id/rerun", params: { id: String(run.id) }, search: { visit: other }, replace: true });
  };
  const stages = known.stands?.stages ?? [];
  const atVisit = stages.find(({ id }) => id === visit.stage);
  const stageId = draft.stage ?? visit.stage;
  const stage = { id: stageId, name: stages.find(({ id }) => id === stageId)?.name ?? visit.name };
  return (
    <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_minmax(0,1fr)] xl:grid-cols-[minmax(0,7fr)_minmax(0,6fr)]">
      <form onSubmit={(event) => event.preventDefault()} className="space-y-5">
        <section aria-label="Where it goes on" className="card p-4">
          <Where run={run} visit={visit} draft={draft} stands={known.stands} onVisit={toVisit} onChange={change} />
        </section>
        <section aria-labelledby="different" className="card space-y-4 p-4">
          <div className="flex flex-wrap items-center justify-between gap-2">
            <h2 id="different" className="text-base font-semibold">
              What is different
            </h2>
            {stages.length > 1 && (
              <label className="flex items-center gap-2 text-dim">
                Stage
                <select
                  value={stageId}
                  onChange={(event) => change({ stage: event.target.value })}
                  className="h-8 rounded-md border border-line-strong bg-paper px-2 text-ink"
                >
                  {!stages.some(({ id }) => id === stageId) && <option value={stageId}>{stage.name}</option>}
                  {stages.map(({ id, name }) => (
                    <option key={id} value={id}>
                      {name}
                    </option>
                  ))}
                </select>
              </label>
            )}
          </div>
          <Texts
            key={`${stageId}-${draft.definition}`}
            id="common"
            stage={stage.id}
            stageName={stage.name}
            known={known}
            under={{}}
            changes={draft.changes}
            onChange={(changes) => change({ changes })}
          />
          <OtherInput draft={draft} onChange={change} own={run.input} />
          <Limits draft={draft} onChange={change} />
        </section>
        <section aria-labelledby="variants" className="card space-y-3 p-4">
          <h2 id="variants" className="text-base font-semibold">
            Variants
          </h2>
          <VariantsPart draft={draft} onChange={change} stage={stage} known={known} />
        </section>
      </form>
      <div className="flex lg:sticky lg:top-5 lg:max-h-[calc(100dvh-6rem)] [&>section]:w-full">
        <PlanAndStart
          run={run.id}
          asked={
            draft.how === "outcome" && known.pending
              ? { mistake: "The definition is being read." }
              : asked(visit.visit, draft, { outcome: otherOutcome(visit, atVisit), input: run.input })
          }
          onStarted={() => forgetDraft(run.id, visit.visit)}
        />
      </div>
    </div>
  );
}
