// The form that makes or changes a trigger: a schedule or a webhook.

import { useQuery } from "@tanstack/react-query";

import type { Project, Wrong } from "../api/model.ts";
import { under, useCheck } from "../part/check.ts";
import { PartForm } from "../part/form.tsx";
import { changePart, createPart } from "../part/queries.ts";
import { secretsQuery } from "../project/queries.ts";
import { Choose, NumberInput, TextArea, TextInput } from "../ui/field.tsx";
import { Folded } from "../ui/folded.tsx";
import { useKept } from "../ui/kept.ts";
import { draftOf, fieldsOf, newTrigger, type TriggerDraft } from "./draft.ts";
import { ScheduleField } from "./schedule-field.tsx";
import type { Trigger, TriggerFields, WebhookFields } from "./trigger.ts";

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
      <TextInput
        label="Who is told when something goes wrong"
        mono
        type="url"
        value={fields.alert?.url ?? ""}
        onValue={(url) => set({ alert: url === "" ? undefined : { ...fields.alert, url } })}
        wrong={under(wrong, "alert").concat(under(wrong, "alert.url"))}
        placeholder="https://alerts.example/callboard"
        about="An address that gets a signed POST when a run of it fails or waits, or a time is missed."
      />
    </PartForm>
  );
}

interface ScheduleFieldsProps {
  fields: TriggerFields;
  projectZone: string;
  wrong: Wrong[];
  set: (change: Partial<TriggerFields>) => void;
}

function ScheduleFields({ fields, projectZone, wrong, set }: ScheduleFieldsProps) {
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
          options={[
            ["allow", "another one starts"],
            ["skip", "this time is skipped"],
            ["queue", "it waits; one at most"],
            ["stop_previous", "the one before is stopped"],
          ]}
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

interface WebhookFieldsetProps {
  project: number;
  webhook: WebhookFields;
  wrong: Wrong[];
  set: (change: Partial<WebhookFields>) => void;
}

function WebhookFieldset({ project, webhook, wrong, set }: WebhookFieldsetProps) {
  const secrets = useQuery(secretsQuery(project)).data?.items.map((secret) => secret.name) ?? [];
  const of = (field: string) => under(wrong, field);
  return (
    <>
      <div className="grid gap-3 sm:grid-cols-2">
        <Choose
          label="The sender proves itself by"
          value={webhook.verify ?? ""}
          options={[
            ["", "the address alone, which is secret"],
            ["github", "GitHub's signature"],
            ["standard-webhooks", "a signature of Standard Webhooks"],
            ["header", "a secret in a header"],
          ]}
          onValue={(to) => set(to === "" ? { verify: undefined, secret: undefined, header: undefined } : { verify: to, secret: webhook.secret ?? { secret: secrets[0] ?? "" } })}
          wrong={of("verify")}
        />
        {webhook.verify === "header" && (
          <TextInput label="In the header" mono value={webhook.header ?? ""} onValue={(header) => set({ header })} wrong={of("header")} placeholder="the usual ones" />
        )}
        {webhook.verify && (
          <Choose
            label="With the secret"
            value={webhook.secret?.secret ?? ""}
            options={secrets}
            onValue={(name) => set({ secret: { secret: name } })}
            wrong={of("secret")}
            about={secrets.length === 0 ? "The project has no secret yet: its settings have a form that sets one." : undefined}
          />
        )}
      </div>
      <TextArea label="Input" mono value={webhook.input ?? ""} onValue={(input) => set({ input })} wrong={of("input")} placeholder="{{ body.ref }}" about="A template over body and headers. Without one the whole body is the input." rows={2} />
      <TextInput label="Only when" mono value={webhook.when ?? ""} onValue={(when) => set({ when })} wrong={of("when")} placeholder="body.ref == 'refs/heads/main'" about="Calls for which this is not so start nothing." />
    </>
  );
}
