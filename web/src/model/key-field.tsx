// Where a model's key comes from. A key that is typed here goes straight into a secret of the project; the
// model only names it.

import type { ReactNode } from "react";

import type { Secret, Wrong } from "../api/model.ts";
import { Choose, Mistakes, TextInput } from "../ui/field.tsx";

/** Where the key comes from, as the form holds it. */
export interface KeyDraft {
  from: "none" | "typed" | "secret" | "env";
  /** The name of the secret or of the variable. */
  name: string;
}

interface KeyFieldProps {
  draft: KeyDraft;
  /** What is typed as the key. It is kept nowhere but in the field. */
  typed: string;
  secrets: Secret[];
  optional: boolean;
  wrong: Wrong[];
  onDraft: (draft: KeyDraft) => void;
  onTyped: (key: string) => void;
}

export function KeyField({ draft, typed, secrets, optional, wrong, onDraft, onTyped }: KeyFieldProps) {
  const names = secrets.map((secret) => secret.name);
  const ways: [KeyDraft["from"], string][] = [
    ["typed", "I type it here"],
    ...(names.length > 0 || draft.from === "secret" ? [["secret", "A secret of this project"] as [KeyDraft["from"], string]] : []),
    ["env", "A variable of the server"],
    ...(optional ? [["none", "It needs none"] as [KeyDraft["from"], string]] : []),
  ];
  return (
    <fieldset className="min-w-0 rounded-md border border-line p-3">
      <legend className="px-1 text-xs font-medium text-dim">Key</legend>
      <div className="grid gap-3 sm:grid-cols-2">
        <Choose
          label="Where it comes from"
          value={draft.from}
          options={ways}
          onValue={(from) => onDraft({ from, name: from === "secret" ? (names[0] ?? "") : from === "env" ? "" : draft.name })}
        />
        {fields[draft.from]({ draft, typed, names, onDraft, onTyped })}
      </div>
      <div className="mt-1 text-xs">
        <Mistakes of={wrong} />
      </div>
    </fieldset>
  );
}

type Ways = Pick<KeyFieldProps, "draft" | "typed" | "onDraft" | "onTyped"> & { names: string[] };

const fields: Record<KeyDraft["from"], (props: Ways) => ReactNode> = {
  none: () => null,
  typed: ({ draft, typed, names, onDraft, onTyped }) => (
    <>
      <TextInput
        label="The key"
        type="password"
        mono
        autoComplete="new-password"
        value={typed}
        onValue={onTyped}
        about="Sealed on the server when you save; it is never shown again."
      />
      <TextInput
        label="Kept as the secret"
        mono
        value={draft.name}
        onValue={(name) => onDraft({ ...draft, name })}
        about={names.includes(draft.name) ? "There is a secret of this name: its value is replaced." : undefined}
      />
    </>
  ),
  secret: ({ draft, names, onDraft }) => (
    <Choose label="Secret" value={draft.name} options={names} onValue={(name) => onDraft({ ...draft, name })} />
  ),
  env: ({ draft, onDraft }) => (
    <TextInput
      label="Variable"
      mono
      placeholder="OPENAI_API_KEY"
      value={draft.name}
      onValue={(name) => onDraft({ ...draft, name })}
      about="In the environment in which callboard serve was started."
    />
  ),
};
