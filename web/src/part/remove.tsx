// Takes a part out of its project, once that is confirmed. What still refers to it stands in the way, and is
// named.

import { useMutation, useQueryClient } from "@tanstack/react-query";

import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { focusMainIfLost } from "../ui/focus.ts";
import { Icon } from "../ui/icon.tsx";
import { ProblemLine } from "../ui/problem.tsx";
import { removePart, type Kind } from "./queries.ts";

interface RemoveProps {
  kind: Kind;
  noun: string;
  id: number;
  name: string;
  /** What the button says, where what it stands with does not say what goes. */
  words?: string;
  onRemoved?: () => void;
}

/** The button, and where its refusal is shown. */
export function useRemove({ kind, noun, id, name, words = "Remove", onRemoved }: RemoveProps) {
  const queries = useQueryClient();
  const removing = useMutation({
    mutationFn: () => removePart(kind, id),
    onSuccess: async () => {
      onRemoved?.();
      await queries.invalidateQueries();
      focusMainIfLost();
    },
  });
  const button = (
    <Confirm
      trigger={
        <Button small weight="quiet" aria-label={`Remove the ${noun} ${name}`} disabled={removing.isPending}>
          <Icon name="trash" className="!size-3.5" />
          {words}
        </Button>
      }
      title={`Remove the ${noun} ${name}?`}
      confirm="Remove"
      onConfirm={() => removing.mutate()}
    >
      Runs that were started keep what they began with. It comes back only by making it anew.
    </Confirm>
  );
  const refusal = removing.error ? (
    <div className="mt-2">
      <ProblemLine error={removing.error} />
    </div>
  ) : null;
  return { button, refusal };
}
