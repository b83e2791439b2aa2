// The fields of a trigger that fires by the clock.

import type { Wrong } from "../api/model.ts";
import { under } from "../part/check.ts";
import { Choose, NumberInput, TextArea, TextInput } from "../ui/field.tsx";
import { Folded } from "../ui/folded.tsx";
import { OVERLAPS } from "./fire.tsx";
import { ScheduleField } from "./schedule-field.tsx";
import type { TriggerFields } from "./trigger.ts";

interface ScheduleFieldsProps {
  fields: TriggerFields;
  projectZone: string;
  wrong: Wrong[];
  set: (change: Partial<TriggerFields>) => void;
}

export function ScheduleFields({ fields, projectZone, wrong, set }: ScheduleFieldsProps) {
  const of = (field: string) => under(wrong, field);
  return (
    <>
      <ScheduleField
        schedule={fields.schedule ?? ""}
        timezone={fields.timezone ?? ""}
        projectZone={projectZone}
        wrong={wrong.filter((one) => one.path === "schedule" || one.path === "timezone")}
        onSchedule={(schedule) => set({ schedule })}
        onTimezone={(timezone) => set({ timezone })}
      />
      <TextArea
        label="Input of its runs"
        value={typeof fields.input === "string" ? fields.input : fields.input === undefined ? "" : JSON.stringify(fields.input)}
        onValue={(input) => set({ input })}
        wrong={of("input")}
        rows={2}
      />
      <div className="grid gap-3 sm:grid-cols-2">
        <Choose
          label="When a run of it is still going"
          value={fields.overlap ?? "allow"}
          options={OVERLAPS}
          onValue={(overlap) => set({ overlap })}
          wrong={of("overlap")}
        />
        <Choose
          label="Times missed while the server was down"
          value={fields.missed ?? "latest"}
          options={[
            ["latest", "one run for the newest"],
            ["skip", "are skipped"],
            ["all", "one run for each, up to 100"],
          ]}
          onValue={(missed) => set({ missed })}
          wrong={of("missed")}
        />
      </div>
      <Folded id="more" title="First and last time, clock changes, spreading" begins={wrong.some((one) => /^(start_at|end_at|clock|spread)/.test(one.path))}>
        <div className="grid gap-3 sm:grid-cols-2">
          <TextInput label="Not before" mono value={fields.start_at ?? ""} onValue={(to) => set({ start_at: to })} wrong={of("start_at")} placeholder="2027-01-01T00:00:00Z" />
          <TextInput label="Not after" mono value={fields.end_at ?? ""} onValue={(to) => set({ end_at: to })} wrong={of("end_at")} placeholder="2027-12-31T00:00:00Z" />
          <Choose
            label="A time that a clock change leaves out"
            value={fields.clock_gap ?? "shift"}
            options={[
              ["shift", "fires right after the gap"],
              ["skip", "does not fire"],
            ]}
            onValue={(clock_gap) => set({ clock_gap })}
            wrong={of("clock_gap")}
          />
          <Choose
            label="A time that a clock change brings twice"
            value={fields.clock_repeat ?? "first"}
            options={[
              ["first", "fires at the first"],
              ["second", "fires at the second"],
              ["both", "fires at both"],
            ]}
            onValue={(clock_repeat) => set({ clock_repeat })}
            wrong={of("clock_repeat")}
          />
          <NumberInput label="Spread over, in seconds" min={0} value={fields.spread_s} onValue={(spread_s) => set({ spread_s })} wrong={of("spread_s")} placeholder="0" about="So that many schedules do not all begin in one second." />
        </div>
      </Folded>
    </>
  );
}
