// A model as its form holds it, and as the server takes it.

import type { Model, WrittenModel } from "../api/model.ts";
import { filled } from "../part/patch.ts";
import type { KeyDraft } from "./key-field.tsx";
import { PROVIDERS, type Provider } from "./providers.ts";

export interface ModelDraft {
  name: string;
  fields: WrittenModel;
  key: KeyDraft;
}

export function newModel(taken: string[]): ModelDraft {
  return {
    name: taken.length === 0 ? "main" : "",
    fields: { provider: "openai", model: "" },
    key: { from: "typed", name: PROVIDERS.openai.secret },
  };
}

export function draftOf(model: Model): ModelDraft {
  const { id: _id, project_id: _project, name, api_key, ...fields } = model;
  const key: KeyDraft = !api_key
    ? { from: "none", name: "" }
    : "secret" in api_key
      ? { from: "secret", name: api_key.secret }
      : { from: "env", name: api_key.env };
  return { name, fields, key };
}

/** The same model at another provider: what only made sense at the one before is left behind. */
export function withProvider(draft: ModelDraft, provider: Provider): ModelDraft {
  const { key, address, secret } = PROVIDERS[provider];
  const { base_url: _base, script: _script, ...rest } = draft.fields;
  const keeps = key !== "none" && draft.key.from !== "none" && draft.key.name !== PROVIDERS[draft.fields.provider].secret;
  return {
    ...draft,
    fields: {
      ...rest,
      provider,
      ...(provider === "simulated" ? { model: "simulated" } : draft.fields.provider === "simulated" ? { model: "", parameters: {} } : {}),
      ...(address === "needed" ? { base_url: "" } : {}),
    },
    key: keeps ? draft.key : key === "needed" ? { from: "typed", name: secret } : { from: "none", name: secret },
  };
}

/** The fields as a project file has them. */
export function fieldsOf({ fields, key }: ModelDraft): WrittenModel {
  const from = key.from === "env" ? { env: key.name } : { secret: key.name };
  return filled({ ...fields, api_key: key.from === "none" || key.name === "" ? undefined : from });
}
