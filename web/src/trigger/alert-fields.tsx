// Who is told when something of a trigger goes wrong, and of what.

import type { Wrong } from "../api/model.ts";
import { under } from "../part/check.ts";
import { Mistakes, TextInput, Toggle } from "../ui/field.tsx";
import type { TriggerDraft } from "./draft.ts";
import { ALERTS, type Alert, type AlertOn } from "./trigger.ts";

const WORDS: Record<AlertOn, string> = {
  run_failed: "a run of it fails",
  run_waiting: "a run of it waits for a person",
  slot_missed: "one of its times starts no run",
};

interface AlertFieldsProps {
  alert: Alert | undefined;
  /** How the trigger fires: only a schedule has times that can be missed. */
  fires: TriggerDraft["kind"];
  wrong: Wrong[];
  set: (alert: Alert | undefined) => void;
}

export function AlertFields({ alert, fires, wrong, set }: AlertFieldsProps) {
  const on = alert?.on ?? ALERTS;
  const tick = (one: AlertOn, ticked: boolean) => alert && set({ ...alert, on: ALERTS.filter((other) => (other === one ? ticked : on.includes(other))) });
  // Of a webhook the missed times are kept as they stand, and never asked about.
  const offered = ALERTS.filter((one) => fires === "schedule" || one !== "slot_missed");
  const tellsNothing = alert !== undefined && !offered.some((one) => on.includes(one));
  return (
    <>
      <TextInput
        label="Who is told when something goes wrong"
        mono
        type="url"
        value={alert?.url ?? ""}
        onValue={(url) => set(url === "" ? undefined : { ...alert, url })}
        wrong={wrong.filter(({ path }) => path === "" || path === "url")}
        placeholder="https://alerts.example/callboard"
        about="An address that gets a signed POST. Without one, nobody is told."
      />
      {alert && (
        <fieldset className="min-w-0">
          <legend className="mb-1 text-xs font-medium text-dim">It is told when</legend>
          <div className="flex flex-wrap gap-x-5 gap-y-1.5">
            {offered.map((one) => (
              <Toggle key={one} label={WORDS[one]} checked={on.includes(one)} onValue={(ticked) => tick(one, ticked)} />
            ))}
          </div>
          <div className="mt-1 text-xs">
            <Mistakes of={under(wrong, "on")} />
            {tellsNothing && <p className="text-warn">As it stands, nobody is told of anything.</p>}
          </div>
        </fieldset>
      )}
    </>
  );
}
