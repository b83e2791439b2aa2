// How a stage can end, and where each outcome leads.

import { useState } from "react";

import type { Target, Wrong } from "../../api/model.ts";
import { under } from "../../part/check.ts";
import { Button } from "../../ui/button.tsx";
import { Choose, Mistakes, TextInput } from "../../ui/field.tsx";
import { Icon } from "../../ui/icon.tsx";
import { addOutcome, connect, removeOutcome, renameOutcome } from "../edit/changes.ts";
import { useEditor } from "../edit/editor.ts";
import { targetOf, targetOptions, valueOf } from "../edit/targets.ts";
import type { StageFieldsProps } from "./panel.tsx";

export function Outcomes({ stage, index, wrong, change }: StageFieldsProps) {
  const { workflow, project, name } = useEditor();
  const others = Object.keys(project.workflows ?? {}).filter((other) => other !== name);
  const options = targetOptions(workflow.stages, index, others);
  const outcomes = Object.entries(stage.outcomes ?? {});
  return (
    <section aria-label="Outcomes" className="space-y-2">
      <h4 className="text-xs font-medium text-dim">Outcomes</h4>
      {outcomes.length === 0 && <p className="text-xs text-faint">None: the run goes on to the next stage.</p>}
      {outcomes.map(([label, target], at) => (
        <OutcomeFields
          // By its place: a label that is being written is still the same outcome.
          key={at}
          label={label}
          target={target}
          options={options}
          taken={outcomes.map(([other]) => other).filter((other) => other !== label)}
          wrong={under(wrong, `outcomes.${label}`)}
          onRename={(to) => change((one) => renameOutcome(one, label, to), `outcome.${at}`)}
          onTarget={(to) => change((one) => connect(one, label, to))}
          onRemove={() => change((one) => removeOutcome(one, label))}
        />
      ))}
      <div className="text-xs">
        <Mistakes of={wrong.filter((one) => one.path === "outcomes")} />
      </div>
      <Button small onClick={() => change(addOutcome)}>
        <Icon name="plus" className="!size-3.5" />
        Add an outcome
      </Button>
    </section>
  );
}

interface OutcomeFieldsProps {
  label: string;
  target: Target;
  options: ReturnType<typeof targetOptions>;
  taken: string[];
  wrong: Wrong[];
  onRename: (to: string) => void;
  onTarget: (to: Target) => void;
  onRemove: () => void;
}

function OutcomeFields({ label, target, options, taken, wrong, onRename, onTarget, onRemove }: OutcomeFieldsProps) {
  // A label that another outcome has cannot be one yet; it is held here until it is another.
  const [held, setHeld] = useState<string | null>(null);
  const rename = (to: string) => {
    const isTaken = taken.includes(to);
    setHeld(isTaken ? to : null);
    if (!isTaken) onRename(to);
  };
  return (
    <div className="grid grid-cols-[minmax(0,2fr)_minmax(0,3fr)_auto] items-start gap-2">
      <TextInput
        bare
        label="Outcome"
        mono
        value={held ?? label}
        onValue={rename}
        wrong={held === null ? wrong : [{ path: "", message: "Another outcome is called that." }]}
      />
      <Choose bare label={`Where ${label} leads`} value={valueOf(target)} options={options} onValue={(to) => onTarget(targetOf(to))} />
      <Button small weight="quiet" className="!h-9" onClick={onRemove} aria-label={`Remove the outcome ${label}`} title="Remove">
        <Icon name="close" className="!size-3.5" />
      </Button>
    </div>
  );
}
