// The limits of a run, wherever they are given: to every run of a workflow, to the one that is started, or to one that
// is going.

import type { Limits, Wrong } from "../api/model.ts";
import { under } from "../part/check.ts";
import { Choose, NumberInput } from "../ui/field.tsx";
import { withField } from "./edit/draft.ts";

const NUMBERS = [
  ["cost_usd", "US dollars", 0],
  ["tokens", "Tokens", 1],
  ["wall_s", "Seconds", 1],
  ["model_calls", "Model calls", 1],
] as const;

interface LimitFieldsProps {
  limits: Limits;
  onLimits: (limits: Limits) => void;
  /** What an empty field means. */
  none: string;
  /** What it means that nothing is said of what happens at a limit. */
  usual: string;
  /** What is wrong, by paths within the limits. */
  wrong?: Wrong[];
}

export function LimitFields({ limits, onLimits, none, usual, wrong = [] }: LimitFieldsProps) {
  return (
    <>
      <div className="grid gap-3 sm:grid-cols-2">
        {NUMBERS.map(([field, label, min]) => (
          <NumberInput
            key={field}
            label={label}
            min={min}
            value={limits[field]}
            onValue={(to) => onLimits(withField(limits, field, to))}
            wrong={under(wrong, field)}
            placeholder={none}
          />
        ))}
      </div>
      <div className="mt-3">
        <Choose
          label="At a limit the run"
          value={limits.on_limit ?? ""}
          options={[
            ["", usual],
            ["wait", "waits until it is raised"],
            ["stop", "stops"],
          ]}
          onValue={(to) => onLimits(withField(limits, "on_limit", to === "" ? undefined : to))}
          wrong={under(wrong, "on_limit")}
        />
      </div>
    </>
  );
}
