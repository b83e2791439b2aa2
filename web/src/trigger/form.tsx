// The form that makes or changes a trigger: a schedule or a webhook.

import type { Project, Wrong } from "../api/model.ts";
import { under, useCheck } from "../part/check.ts";
import { PartForm } from "../part/form.tsx";
import { changePart, createPart } from "../part/queries.ts";
import { TextInput } from "../ui/field.tsx";
import { useKept } from "../ui/kept.ts";
import { AlertFields } from "./alert-fields.tsx";
import { draftOf, fieldsOf, newTrigger, type TriggerDraft } from "./draft.ts";
import { ScheduleFields } from "./schedule-fields.tsx";
import type { Trigger, TriggerFields } from "./trigger.ts";
import { WebhookFieldset } from "./webhook-fields.tsx";

interface TriggerFormProps {
  project: Project;
  workflow: { id: number; name: string };
  /** The trigger that is changed, or what kind is made. */
  trigger: Trigger | TriggerDraft["kind"];
  taken: string[];
  onDone: () => void;
}

export function TriggerForm({ project, workflow, trigger, taken, onDone }: TriggerFormProps) {
  const made = typeof trigger === "object" ? trigger : null;
  const begun = typeof trigger === "object" ? draftOf(trigger) : newTrigger(trigger, taken);
  const [draft, setDraft, forget] = useKept<TriggerDraft>(`trigger.${workflow.id}.${made?.name ?? begun.kind}`, begun);
  const { name, kind, fields } = draft;
  const piece = { ...fieldsOf(draft), workflow: workflow.name };
  const isEmpty = kind === "schedule" && !fields.schedule?.trim();
  const check = useCheck(name === "" || isEmpty ? null : { project: project.name, triggers: { [name]: piece } });
  const wrong = under(check.mistakes, `triggers.${name}`);
  const set = (change: Partial<TriggerFields>) => setDraft({ ...draft, fields: { ...fields, ...change } });
  const isTaken = !made && taken.includes(name);
  const close = () => (forget(), onDone());
  const placed = (one: Wrong) => one.path.startsWith(`triggers.${name}.`);
  return (
    <PartForm
      save={made ? "Save" : kind === "schedule" ? "Make the schedule" : "Make the webhook"}
      ready={name !== "" && !isEmpty && !isTaken && check.mistakes.length === 0}
      others={check.mistakes.filter((one) => !placed(one))}
      onCancel={close}
      onSaved={close}
      onSave={() =>
        made ? changePart("triggers", made.id, fieldsOf(draftOf(made)), fieldsOf(draft)) : createPart("triggers", workflow.id, { name, ...fieldsOf(draft) })
      }
    >
      {!made && (
        <TextInput
          label="Name"
          mono
          value={name}
          onValue={(to) => setDraft({ ...draft, name: to })}
          wrong={isTaken ? [{ path: "", message: "The project has a trigger of this name already." }] : []}
        />
      )}
      {kind === "schedule" ? (
        <ScheduleFields fields={fields} projectZone={project.timezone} wrong={wrong} set={set} />
      ) : (
        <WebhookFieldset
          project={project.id}
          webhook={fields.webhook ?? {}}
          wrong={under(wrong, "webhook")}
          set={(change) => set({ webhook: { ...fields.webhook, ...change } })}
        />
      )}
      <AlertFields alert={fields.alert} fires={kind} wrong={under(wrong, "alert")} set={(alert) => set({ alert })} />
    </PartForm>
  );
}
