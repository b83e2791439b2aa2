// The models of a project: who speaks for the agents, whether they answer, and the forms that make and change
// them.

import { useQuery } from "@tanstack/react-query";

import type { Model } from "../api/model.ts";
import { PartPage } from "../part/page.tsx";
import type { EditSearch } from "../part/place.ts";
import { useRemove } from "../part/remove.tsx";
import { useRename } from "../part/rename-form.tsx";
import { modelsQuery } from "../project/queries.ts";
import { Button } from "../ui/button.tsx";
import { ModelForm } from "./form.tsx";
import { PROVIDERS } from "./providers.ts";
import { useTry } from "./try.tsx";

export function ModelsPage({ id, search: { edit } }: { id: number; search: EditSearch }) {
  const models = useQuery(modelsQuery(id));
  return (
    <PartPage
      project={id}
      page="Models"
      noun="model"
      none="A model speaks for the agents of a team. A simulated one needs no key."
      edit={edit}
      parts={models}
      line={(model, open) => <ModelLine model={model} onEdit={open} />}
      form={(project, model, close) => (
        <ModelForm project={project} model={model} models={models.data?.items ?? []} onDone={close} />
      )}
    />
  );
}

function ModelLine({ model, onEdit }: { model: Model; onEdit: () => void }) {
  const trial = useTry(model);
  const remove = useRemove({ kind: "models", noun: "model", id: model.id, name: model.name });
  const rename = useRename({ project: model.project_id, id: model.id, noun: "model", part: { kind: "models", name: model.name } });
  const key = model.api_key;
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-60">
          <h2 className="font-mono text-base font-semibold wrap-anywhere">{model.name}</h2>
          <p className="text-dim wrap-anywhere">
            {PROVIDERS[model.provider].words}
            {model.provider !== "simulated" && (
              <>
                {" · "}
                <code className="font-mono text-xs">{model.model}</code>
              </>
            )}
            {model.base_url && <> · {model.base_url}</>}
            {key && <> · {"secret" in key ? `key: the secret ${key.secret}` : `key: the variable ${key.env}`}</>}
            {model.fallback && <> · then {model.fallback}</>}
          </p>
        </div>
        <div className="flex gap-1.5">
          {trial.button}
          <Button small data-opens={model.name} onClick={onEdit} aria-label={`Change the model ${model.name}`}>
            Change
          </Button>
          {rename.button}
          {remove.button}
        </div>
      </div>
      {trial.answer}
      {rename.form}
      {remove.refusal}
    </>
  );
}
