// What a re-run is given besides: another input, limits, variants that are compared, and how many of each.

import { useId } from "react";

import { Button } from "../ui/button.tsx";
import { Folded } from "../ui/folded.tsx";
import { Icon } from "../ui/icon.tsx";
import { InputField } from "../workflow/input-field.tsx";
import { LimitFields } from "../workflow/limit-fields.tsx";
import type { Changes } from "./changes.ts";
import type { Draft } from "./draft.ts";
import type { Known } from "./stands-query.ts";
import { Texts } from "./texts.tsx";

/** Runs that one call may start, as the server has it. */
const RUNS_MAX = 20;

interface PartProps {
  draft: Draft;
  onChange: (change: Partial<Draft>) => void;
}

/** The input of the source, as it is written. */
export function writtenInput(input: unknown): { text: string; json: boolean } {
  return typeof input === "string" ? { text: input, json: false } : { text: JSON.stringify(input, null, 2), json: true };
}

export function OtherInput({ draft, onChange, own }: PartProps & { own: unknown }) {
  const written = draft.input ?? writtenInput(own);
  return (
    <Folded id="input" begins={draft.input !== null} title={<>Another input {draft.input && <Changed />}</>}>
      <InputField
        label={<span className="font-normal text-dim">Input of the new run</span>}
        text={written.text}
        json={written.json}
        placeholder="No input."
        onChange={(input) => onChange({ input })}
      />
      {draft.input && (
        <Button small weight="quiet" onClick={() => onChange({ input: null })}>
          Undo: take the input of the source
        </Button>
      )}
    </Folded>
  );
}

export function Limits({ draft, onChange }: PartProps) {
  const isSet = Object.keys(draft.limits).length > 0;
  return (
    <Folded id="limits" begins={isSet} title={<>Limits {isSet && <Changed />}</>}>
      <p className="mb-2 text-xs text-dim">For each new run, in place of what its workflow says.</p>
      <LimitFields
        limits={draft.limits}
        onLimits={(limits) => onChange({ limits })}
        none="as its workflow says"
        usual="does as its workflow says"
      />
    </Folded>
  );
}

function Changed() {
  return <span className="rounded bg-accent-soft px-1.5 text-2xs font-medium text-accent">changed</span>;
}

interface VariantsProps extends PartProps {
  stage: { id: string; name: string };
  known: Known;
}

export function VariantsPart({ draft, onChange, stage, known }: VariantsProps) {
  const id = useId();
  // The first that is added is compared with one in which nothing more is changed.
  const add = () => onChange({ variants: [...(draft.variants.length === 0 ? [{}] : draft.variants), {}] });
  const set = (index: number, changes: Changes) => onChange({ variants: draft.variants.with(index, changes) });
  const remove = (index: number) => onChange({ variants: draft.variants.filter((_, at) => at !== index) });
  return (
    <div className="space-y-3">
      <p className="text-dim">
        Several runs at once, each variant with texts of its own, so that they can be compared. One run tells little: a model answers
        differently each time.
      </p>
      {draft.variants.map((changes, index) => (
        <section key={index} aria-label={`Variant ${index + 1}`} className="rounded-md border border-line p-3">
          <header className="mb-1 flex items-center gap-2">
            <h3 className="font-semibold whitespace-nowrap">Variant {index + 1}</h3>
            {Object.keys(changes).length === 0 && <span className="text-xs text-dim">nothing more is changed</span>}
            <Button small weight="quiet" className="ml-auto" onClick={() => remove(index)} aria-label={`Remove variant ${index + 1}`}>
              <Icon name="close" /> Remove
            </Button>
          </header>
          <Folded id={`variant-${index}`} begins={index > 0} title="What is different in it">
            <Texts
              id={`variant-${index}`}
              stage={stage.id}
              stageName={stage.name}
              known={known}
              under={draft.changes}
              changes={changes}
              onChange={(to) => set(index, to)}
            />
          </Folded>
        </section>
      ))}
      <div className="flex flex-wrap items-end gap-x-4 gap-y-2">
        <Button onClick={add} disabled={draft.variants.length >= RUNS_MAX}>
          <Icon name="plus" /> {draft.variants.length === 0 ? "Add variants" : "Add a variant"}
        </Button>
        <label htmlFor={id} className="flex items-center gap-2 text-dim">
          {draft.variants.length === 0 ? "Runs" : "Runs of each"}
          <input
            id={id}
            type="number"
            min="1"
            max={RUNS_MAX}
            value={draft.samples}
            onChange={(event) => onChange({ samples: event.target.value })}
            className="h-9 w-16 rounded-md border border-line-strong bg-paper px-2 text-ink"
          />
        </label>
      </div>
    </div>
  );
}
