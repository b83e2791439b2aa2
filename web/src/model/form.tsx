// The form that makes or changes a model.

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { Model, Wrong } from "../api/model.ts";
import { under, useCheck } from "../part/check.ts";
import { PartForm } from "../part/form.tsx";
import { changePart, createPart } from "../part/queries.ts";
import { secretsQuery, setSecret } from "../project/queries.ts";
import { Choose, NumberInput, TextInput, Toggle } from "../ui/field.tsx";
import { Folded } from "../ui/folded.tsx";
import { JsonField } from "../ui/json-field.tsx";
import { useKept } from "../ui/kept.ts";
import { draftOf, fieldsOf, newModel, withProvider, type ModelDraft } from "./draft.ts";
import { KeyField } from "./key-field.tsx";
import { PROVIDER_OPTIONS, PROVIDERS } from "./providers.ts";

interface ModelFormProps {
  project: { id: number; name: string };
  /** The model that is changed; none where one is made. */
  model: Model | undefined;
  models: Model[];
  onDone: () => void;
}

export function ModelForm({ project, model, models, onDone }: ModelFormProps) {
  const names = models.map((one) => one.name);
  const begun = model ? draftOf(model) : newModel(names);
  const [draft, setDraft, forget] = useKept<ModelDraft>(`model.${project.id}.${model?.name ?? ""}`, begun);
  const [typed, setTyped] = useState("");
  const secrets = useQuery(secretsQuery(project.id)).data?.items ?? [];
  const fields = fieldsOf(draft);
  const check = useCheck(draft.name === "" ? null : { project: project.name, models: { [draft.name]: fields } });
  const wrong = under(check.mistakes, `models.${draft.name}`);
  const of = (field: string) => under(wrong, field);
  const set = (change: Partial<ModelDraft["fields"]>) => setDraft({ ...draft, fields: { ...draft.fields, ...change } });
  const isTaken = !model && names.includes(draft.name);
  const isSet = secrets.some((secret) => secret.name === draft.key.name);
  const about = PROVIDERS[draft.fields.provider];
  const close = () => (forget(), onDone());
  const shown = ["", "provider", "model", "base_url", "api_key", ...MORE];
  return (
    <PartForm
      save={model ? "Save" : "Add the model"}
      ready={draft.name !== "" && !isTaken && check.mistakes.length === 0 && (draft.key.from !== "typed" || typed.trim() !== "" || isSet)}
      others={[...check.mistakes.filter((one) => !one.path.startsWith(`models.${draft.name}`)), ...unshown(wrong, shown)]}
      onCancel={close}
      onSaved={close}
      onSave={async () => {
        if (draft.key.from === "typed" && typed.trim() !== "") await setSecret(project.id, draft.key.name, typed);
        if (model) await changePart("models", model.id, fieldsOf(draftOf(model)), fields);
        else await createPart("models", project.id, { name: draft.name, ...fields });
      }}
    >
      <div className="grid gap-3 sm:grid-cols-2">
        {!model && (
          <TextInput
            label="Name"
            mono
            value={draft.name}
            onValue={(name) => setDraft({ ...draft, name })}
            wrong={isTaken ? [{ path: "", message: "There is a model of this name already." }] : of("")}
            about="What teams and agents call it by."
          />
        )}
        <Choose
          label="Provider"
          value={draft.fields.provider}
          options={PROVIDER_OPTIONS}
          onValue={(provider) => setDraft(withProvider(draft, provider))}
          wrong={of("provider")}
          about={about.about}
        />
        {draft.fields.provider !== "simulated" && (
          <TextInput
            label="Model"
            mono
            value={draft.fields.model ?? ""}
            placeholder={about.model}
            onValue={(name) => set({ model: name })}
            wrong={of("model")}
            about="As the provider calls it."
          />
        )}
        {about.address !== "none" && (
          <TextInput
            label={about.address === "needed" ? "Address" : "Address, if not the usual one"}
            mono
            type="url"
            value={draft.fields.base_url ?? ""}
            placeholder={about.base ?? ""}
            onValue={(base_url) => set({ base_url })}
            wrong={of("base_url")}
          />
        )}
      </div>
      {about.key !== "none" && (
        <KeyField
          draft={draft.key}
          typed={typed}
          secrets={secrets}
          optional={about.key === "optional" || draft.key.from === "none"}
          wrong={of("api_key")}
          onDraft={(key) => setDraft({ ...draft, key })}
          onTyped={setTyped}
        />
      )}
      <Folded id="more" title="Prices, limits and parameters" begins={MORE.some((field) => of(field).length > 0)}>
        <MoreFields draft={draft} set={set} of={of} others={names.filter((name) => name !== draft.name)} />
      </Folded>
    </PartForm>
  );
}

/** The fields that are folded away: most models need none of them. */
const MORE = ["price", "parameters", "timeout_s", "retry_for_s", "context_tokens", "max_at_once", "per_minute", "fallback", "tools", "script"];

/** Mistakes of fields that the form does not have. */
function unshown(wrong: Wrong[], shown: string[]): Wrong[] {
  return wrong.filter((one) => !shown.includes(one.path.split(/[.[]/)[0] ?? ""));
}

interface MoreProps {
  draft: ModelDraft;
  set: (change: Partial<ModelDraft["fields"]>) => void;
  of: (field: string) => Wrong[];
  others: string[];
}

function MoreFields({ draft: { fields }, set, of, others }: MoreProps) {
  const price = fields.price ?? undefined;
  const setPrice = (input: number | undefined, output: number | undefined) =>
    set({ price: input === undefined && output === undefined ? undefined : { input: input ?? 0, output: output ?? 0 } });
  return (
    <div className="space-y-3">
      <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
        <NumberInput label="Price of input" min={0} value={price?.input} onValue={(input) => setPrice(input, price?.output)} wrong={of("price")} about="US dollars per million tokens." />
        <NumberInput label="Price of output" min={0} value={price?.output} onValue={(output) => setPrice(price?.input, output)} about="A limit on money needs both." />
        <NumberInput label="Calls at once" min={1} value={fields.max_at_once} onValue={(max_at_once) => set({ max_at_once })} wrong={of("max_at_once")} placeholder="50" />
        <NumberInput label="Calls per minute" min={1} value={fields.per_minute} onValue={(per_minute) => set({ per_minute })} wrong={of("per_minute")} placeholder="no limit" />
        <NumberInput label="Longest silence, in seconds" min={1} value={fields.timeout_s} onValue={(timeout_s) => set({ timeout_s })} wrong={of("timeout_s")} placeholder="120" />
        <NumberInput label="Try again for, in seconds" min={0} value={fields.retry_for_s} onValue={(retry_for_s) => set({ retry_for_s })} wrong={of("retry_for_s")} placeholder="600" />
        <NumberInput label="Tokens it can read" min={1000} value={fields.context_tokens} onValue={(context_tokens) => set({ context_tokens })} wrong={of("context_tokens")} placeholder="128000" />
        <Choose
          label="When it fails for good"
          value={fields.fallback ?? ""}
          options={[["", "the stage fails"], ...others.map((name) => [name, `${name} is asked`] as const)]}
          onValue={(fallback) => set({ fallback: fallback === "" ? undefined : fallback })}
          wrong={of("fallback")}
        />
      </div>
      <Toggle label="It can call tools" checked={fields.tools ?? true} onValue={(tools) => set({ tools })} wrong={of("tools")} about="A model that cannot answers with text alone." />
      <JsonField
        label="Parameters"
        value={fields.parameters ?? {}}
        empty={{}}
        placeholder='{ "temperature": 0.2, "max_tokens": 1000 }'
        about="Passed on to the provider as they are."
        wrong={of("parameters")}
        onValue={(parameters) => set({ parameters: parameters as Record<string, unknown> })}
      />
      {fields.provider === "simulated" && (
        <JsonField
          label="Script"
          value={fields.script ?? []}
          empty={[]}
          rows={4}
          placeholder='[{ "when": { "agent": "editor" }, "reply": { "text": "It is good." } }]'
          about="What it says, entry by entry. Without a script it plays each agent plausibly."
          wrong={of("script")}
          onValue={(script) => set({ script: script as ModelDraft["fields"]["script"] })}
        />
      )}
    </div>
  );
}
