// Where a re-run goes on: at which visit, whether that is made again or left another way, and with which
// definition.

import { useId } from "react";

import type { Run, Stage, Visit } from "../api/model.ts";
import { ordinal } from "../ui/format.ts";
import { statusWord } from "../ui/status.tsx";
import { destination } from "../workflow/destination.ts";
import type { Draft } from "./draft.ts";
import { Choice } from "./fields.tsx";
import type { Stands } from "./stands.ts";

interface WhereProps {
  run: Run;
  visit: Visit;
  draft: Draft;
  stands: Stands | null;
  onVisit: (visit: number) => void;
  onChange: (change: Partial<Draft>) => void;
}

export function Where({ run, visit, draft, stands, onVisit, onChange }: WhereProps) {
  const id = useId();
  const stage = stands?.stages.find((one) => one.id === visit.stage);
  return (
    <div className="space-y-4">
      <div>
        <label htmlFor={id} className="mb-1 block font-semibold">
          Visit
        </label>
        <select
          id={id}
          value={visit.visit}
          onChange={(event) => onVisit(Number(event.target.value))}
          className="h-9 w-full rounded-md border border-line-strong bg-paper px-2 text-ink"
        >
          {(run.visits ?? []).map((one) => (
            <option key={one.visit} value={one.visit}>
              {visitLine(one)}
            </option>
          ))}
        </select>
      </div>
      <fieldset className="space-y-2">
        <legend className="mb-1 font-semibold">What happens there</legend>
        <Choice name={`${id}-how`} checked={draft.how === "again"} onChoose={() => onChange({ how: "again" })} title="Make this visit again">
          {visit.name} is entered anew, with everything as it was just before it.
        </Choice>
        <AnotherOutcome id={id} visit={visit} stage={stage} draft={draft} stands={stands} onChange={onChange} />
      </fieldset>
      <fieldset className="space-y-2">
        <legend className="mb-1 font-semibold">Definition</legend>
        <div className="grid gap-2 sm:grid-cols-2">
          <Choice
            name={`${id}-definition`}
            checked={draft.definition === "latest"}
            onChoose={() => onChange({ definition: "latest" })}
            title="The newest one"
          >
            The workflow as the project has it now.
          </Choice>
          <Choice
            name={`${id}-definition`}
            checked={draft.definition === "original"}
            onChoose={() => onChange({ definition: "original" })}
            title="The original one"
          >
            The workflow as run {run.id} had it.
          </Choice>
        </div>
      </fieldset>
    </div>
  );
}

function visitLine(visit: Visit): string {
  const ending = visit.outcome ?? statusWord(visit.status).toLowerCase();
  return `${visit.visit}. ${visit.name}${visit.nth > 1 ? `, ${ordinal(visit.nth)} time` : ""} (${ending})`;
}

/** Whether a visit came to its end, so that it can be taken over whole. */
export function isWhole(visit: Visit): boolean {
  return (visit.status === "completed" || visit.status === "inherited") && visit.result != null;
}

/** The outcome that is proposed: one that the visit did not end with, where there is one. */
export function otherOutcome(visit: Visit, stage: Stage | undefined): string | null {
  return Object.keys(stage?.outcomes ?? {}).find((label) => label !== visit.outcome) ?? visit.outcome ?? null;
}

interface OutcomeProps {
  id: string;
  visit: Visit;
  stage: Stage | undefined;
  draft: Draft;
  stands: Stands | null;
  onChange: (change: Partial<Draft>) => void;
}

function AnotherOutcome({ id, visit, stage, draft, stands, onChange }: OutcomeProps) {
  const outcomes = Object.entries(stage?.outcomes ?? {});
  const possible = isWhole(visit) && outcomes.length > 0;
  const chosen = draft.how === "outcome";
  return (
    <>
      <Choice
        name={`${id}-how`}
        checked={chosen}
        disabled={!possible && !chosen}
        onChoose={() => onChange({ how: "outcome" })}
        title="Take another outcome"
      >
        {outcomeWords(visit, stage, stands, possible)}
      </Choice>
      {chosen && stage && (
        <fieldset className="space-y-2 pl-6">
          <legend className="sr-only">Outcome</legend>
          {outcomes.map(([label, target]) => (
            <Choice
              key={label}
              name={`${id}-outcome`}
              checked={(draft.outcome ?? otherOutcome(visit, stage)) === label}
              onChoose={() => onChange({ outcome: label })}
              title={label}
            >
              {[
                stands ? destination(target, stands.stages.indexOf(stage), stands.stages).words : "",
                label === visit.outcome ? "the visit ended with it" : "",
              ]
                .filter(Boolean)
                .join("; ")}
            </Choice>
          ))}
        </fieldset>
      )}
    </>
  );
}

function outcomeWords(visit: Visit, stage: Stage | undefined, stands: Stands | null, possible: boolean): string {
  if (!isWhole(visit)) return "This visit did not come to its end, so there is nothing to take over.";
  if (!possible && stage) return `${visit.name} declares no outcomes there.`;
  if (!possible && stands) return `${visit.name} is not in this definition.`;
  return `What ${visit.name} gave is taken over; the run goes on where the outcome leads.`;
}
