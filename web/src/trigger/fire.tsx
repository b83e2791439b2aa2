// Starts a run of a trigger at once: as the trigger says, or with another input and another rule for the runs that
// are still going.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { Button } from "../ui/button.tsx";
import { Choose } from "../ui/field.tsx";
import { InputField } from "../workflow/input-field.tsx";
import { readInput } from "../workflow/input.ts";
import { fire, type Firing } from "./queries.ts";
import type { Overlap, Trigger } from "./trigger.ts";

/** What starts the run, and leads to its page. */
export function useFiring(trigger: number) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (firing: Firing) => fire(trigger, firing),
    onSuccess: async ({ run_id }) => {
      void queries.invalidateQueries({ queryKey: ["runs"] });
      await navigate({ to: "/runs/$id", params: { id: String(run_id) } });
    },
  });
}

/** What becomes of a run that is still going, as a trigger's form says it too. */
export const OVERLAPS = [
  ["allow", "another one starts"],
  ["skip", "this time is skipped"],
  ["queue", "it waits; one at most"],
  ["stop_previous", "the one before is stopped"],
] as const satisfies (readonly [Overlap, string])[];

/** Two of them refuse a run that a person asks for. */
const AT_ONCE = OVERLAPS.filter(([overlap]) => overlap === "allow" || overlap === "stop_previous");

interface FireFormProps {
  trigger: Trigger;
  firing: ReturnType<typeof useFiring>;
}

export function FireForm({ trigger, firing }: FireFormProps) {
  const own = trigger.input;
  const [input, setInput] = useState(() =>
    typeof own === "string" || own == null ? { text: own ?? "", json: false } : { text: JSON.stringify(own, null, 2), json: true },
  );
  const [overlap, setOverlap] = useState<Overlap | "">("");
  const read = readInput(input);
  const ready = !("mistake" in read) && !firing.isPending;
  const submit = () => {
    if (!("mistake" in read) && ready) firing.mutate({ input: read.value, ...(overlap === "" ? {} : { overlap }) });
  };
  return (
    <form
      aria-label={`Fire ${trigger.name} with another input`}
      className="mt-3 border-t border-line pt-3"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <InputField
        label={<span className="text-xs font-medium text-dim">Input of this run</span>}
        text={input.text}
        json={input.json}
        placeholder="No input."
        onChange={setInput}
        onSubmit={submit}
      />
      <div className="flex flex-wrap items-end gap-2">
        {trigger.schedule !== undefined && (
          <div className="min-w-0 flex-1 basis-48">
            <Choose label="When a run of it is still going" value={overlap} options={[["", "as the trigger says"], ...AT_ONCE]} onValue={setOverlap} />
          </div>
        )}
        <Button type="submit" weight="primary" disabled={!ready}>
          Fire with this
        </Button>
      </div>
    </form>
  );
}
