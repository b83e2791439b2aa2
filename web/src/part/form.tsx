// What every form that makes or changes a part has around its fields: whether the server would take it,
// the buttons, and what went wrong.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";

import type { Wrong } from "../api/model.ts";
import { Button } from "../ui/button.tsx";
import { Mistakes } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { ProblemLine } from "../ui/problem.tsx";
import { mistakesOf } from "./queries.ts";

interface PartFormProps {
  /** What the button that saves says. */
  save: string;
  onSave: () => Promise<unknown>;
  /** Saves, and is told when it is done. */
  onSaved: () => void;
  onCancel: () => void;
  /** Mistakes that no field of the form shows. */
  others: Wrong[];
  /** Whether it can be saved as it is. */
  ready: boolean;
  children: ReactNode;
  /** Further buttons, beside the one that saves. */
  actions?: ReactNode;
}

export function PartForm({ save, onSave, onSaved, onCancel, others, ready, children, actions }: PartFormProps) {
  const queries = useQueryClient();
  const saving = useMutation({
    mutationFn: onSave,
    onSuccess: async () => {
      await queries.invalidateQueries();
      onSaved();
    },
  });
  // What is refused is mostly a mistake that a field shows already.
  const told = saving.error && mistakesOf(saving.error).length > 0 && others.length === 0;
  return (
    <form
      noValidate
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready && !saving.isPending) saving.mutate();
      }}
    >
      {children}
      {others.length > 0 && (
        <div className="rounded-md bg-bad-soft px-3 py-2">
          <Mistakes of={others} />
        </div>
      )}
      {saving.error && !told && <ProblemLine error={saving.error} />}
      <div className="flex flex-wrap items-center gap-2 border-t border-line pt-4">
        <Button type="submit" weight="primary" disabled={!ready || saving.isPending}>
          {saving.isPending ? "Saving…" : save}
        </Button>
        <Button onClick={onCancel}>Cancel</Button>
        {actions}
        {!ready && (
          <span role="status" className="flex items-center gap-1.5 text-xs text-dim">
            <Icon name="info" className="!size-3.5" /> Something is missing or wrong yet.
          </span>
        )}
      </div>
    </form>
  );
}
