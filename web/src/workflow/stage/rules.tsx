// The rules of a stage that mostly stay as they are.

import { under } from "../../part/check.ts";
import { Choose, NumberInput } from "../../ui/field.tsx";
import { JsonField } from "../../ui/json-field.tsx";
import type { StageFieldsProps } from "./panel.tsx";

export function Rules({ stage, wrong, set }: StageFieldsProps) {
  const of = (field: string) => under(wrong, field);
  return (
    <div className="space-y-3">
      <div className="grid gap-3 sm:grid-cols-2">
        <Choose
          label="Turns"
          value={stage.turns ?? "in_order"}
          options={[
            ["in_order", "one after the other"],
            ["at_once", "at once"],
          ]}
          onValue={(to) => set("turns", to === "in_order" ? undefined : to)}
          wrong={of("turns")}
        />
        <Choose
          label="Summary"
          value={stage.summary ?? "individual"}
          options={[
            ["individual", "one for each agent"],
            ["shared", "one for the stage"],
            ["none", "none"],
          ]}
          onValue={(to) => set("summary", to === "individual" ? undefined : to)}
          wrong={of("summary")}
        />
        <NumberInput label="Cycles at most" min={1} value={stage.max_cycles} onValue={(to) => set("max_cycles", to)} wrong={of("max_cycles")} placeholder="30" />
        <Choose
          label="At the last cycle"
          value={stage.on_max_cycles ?? "error"}
          options={[
            ["error", "the stage ends in error"],
            ["finish", "it ends with what there is"],
          ]}
          onValue={(to) => set("on_max_cycles", to === "error" ? undefined : to)}
          wrong={of("on_max_cycles")}
        />
        <NumberInput label="Visits at most" min={1} value={stage.max_visits} onValue={(to) => set("max_visits", to)} wrong={of("max_visits")} placeholder="5" />
        <Choose
          label="At one visit more"
          value={stage.on_max_visits ?? "error"}
          options={[
            ["error", "the run ends in error"],
            ["continue", "the run goes on after the stage before"],
          ]}
          onValue={(to) => set("on_max_visits", to === "error" ? undefined : to)}
          wrong={of("on_max_visits")}
        />
        <Choose
          label="The same outcome and result three times"
          value={stage.no_progress ?? "error"}
          options={[
            ["error", "the run ends in error"],
            ["ignore", "does not matter"],
          ]}
          onValue={(to) => set("no_progress", to === "error" ? undefined : to)}
          wrong={of("no_progress")}
        />
      </div>
      <JsonField
        label="Schema of the result"
        value={stage.result_schema}
        empty={undefined}
        rows={4}
        placeholder='{ "type": "object", "required": ["verdict"] }'
        about="JSON Schema: the result is JSON then, and is mended once where it does not fit."
        wrong={of("result_schema")}
        onValue={(to) => set("result_schema", to)}
      />
    </div>
  );
}
