// The secrets of a project: their names, and a form that sets one. A value leaves the page once and is never shown
// again.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { Loading } from "../ui/empty.tsx";
import { TextInput } from "../ui/field.tsx";
import { focusMainIfLost } from "../ui/focus.ts";
import { Icon } from "../ui/icon.tsx";
import { ProblemCard, ProblemLine } from "../ui/problem.tsx";
import { Moment } from "../ui/time.tsx";
import { removeSecret, secretsQuery, setSecret } from "./queries.ts";

export function Secrets({ project }: { project: number }) {
  const secrets = useQuery(secretsQuery(project));
  return (
    <section className="card p-4 sm:p-5" aria-labelledby="secrets">
      <h2 id="secrets" className="text-base font-semibold">
        Secrets
      </h2>
      <p className="mt-1 mb-4 text-dim">Keys of models and tools. Their values are sealed on the server and never shown.</p>
      {secrets.isPending ? (
        <Loading rows={2} />
      ) : secrets.isError ? (
        <ProblemCard error={secrets.error} onRetry={() => secrets.refetch()} />
      ) : (
        <ul className="mb-4 divide-y divide-line empty:hidden" aria-label="Secrets that are set">
          {secrets.data.items.map((secret) => (
            <SecretLine key={secret.name} project={project} name={secret.name} at={secret.set_at} />
          ))}
        </ul>
      )}
      <SetForm project={project} taken={secrets.data?.items.map((secret) => secret.name) ?? []} />
    </section>
  );
}

function SecretLine({ project, name, at }: { project: number; name: string; at: string }) {
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => removeSecret(project, name),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["project", project, "secrets"] });
      focusMainIfLost();
    },
  });
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2">
      <Icon name="key" className="text-faint" />
      <code className="min-w-0 flex-1 basis-40 font-mono text-xs wrap-anywhere">{name}</code>
      <span className="text-xs text-faint">
        set <Moment at={at} />
      </span>
      <Confirm
        trigger={
          <Button small weight="quiet" aria-label={`Remove the secret ${name}`}>
            <Icon name="trash" className="!size-3.5" />
            Remove
          </Button>
        }
        title={`Remove the secret ${name}?`}
        confirm="Remove"
        onConfirm={() => remove.mutate()}
      >
        Models and tools that name it fail from then on, until it is set again.
      </Confirm>
      <ProblemLine error={remove.error} />
    </li>
  );
}

function SetForm({ project, taken }: { project: number; taken: string[] }) {
  const [name, setName] = useState("");
  const [value, setValue] = useState("");
  const queries = useQueryClient();
  const set = useMutation({
    mutationFn: () => setSecret(project, name, value),
    onSuccess: async () => {
      setName("");
      setValue("");
      await queries.invalidateQueries({ queryKey: ["project", project, "secrets"] });
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (name !== "" && value !== "" && !set.isPending) set.mutate();
      }}
    >
      <div className="grid gap-3 sm:grid-cols-2">
        <TextInput label="Name" mono value={name} onValue={setName} about={taken.includes(name) ? "Its value is replaced." : undefined} />
        <TextInput label="Value" mono type="password" autoComplete="new-password" value={value} onValue={setValue} />
      </div>
      <Button type="submit" className="mt-3" disabled={name === "" || value === "" || set.isPending}>
        {set.isPending ? "Setting it…" : "Set the secret"}
      </Button>
      <div className="mt-2 empty:hidden">
        <ProblemLine error={set.error} />
      </div>
    </form>
  );
}
