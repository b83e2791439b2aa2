// An example that is brought to the server and run by one button, so that the first thing seen of
// Callboard is a run.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { Button } from "../ui/button.tsx";
import { TextInput } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { ProblemLine } from "../ui/problem.tsx";
import { startRun } from "../workflow/queries.ts";
import { EXAMPLES, type Example } from "./examples.ts";
import { applyFile } from "./queries.ts";

interface TryExampleProps {
  /** Names that are taken: applying over a project of that name would change it. */
  taken: string[];
}

export function TryExample({ taken }: TryExampleProps) {
  const [picked, setPicked] = useState<Example | null>(null);
  const chosen = picked ?? EXAMPLES.find((example) => !taken.includes(example.name)) ?? (EXAMPLES[0] as Example);
  const [inputs, setInputs] = useState<Record<string, string>>({});
  const input = inputs[chosen.name] ?? chosen.input;
  const queries = useQueryClient();
  const navigate = useNavigate();
  const run = useMutation({
    mutationFn: async () => {
      const applied = await applyFile(chosen.file, false);
      const workflow = applied.workflows[chosen.workflow];
      if (workflow === undefined) throw new Error(`The project ${chosen.name} has no workflow ${chosen.workflow}.`);
      return startRun(workflow, input);
    },
    onSuccess: async (started) => {
      queries.setQueryData(["run", started.id], started);
      void queries.invalidateQueries();
      await navigate({ to: "/runs/$id", params: { id: String(started.id) } });
    },
  });
  const isTaken = taken.includes(chosen.name);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!run.isPending && !isTaken) run.mutate();
      }}
    >
      <fieldset>
        <legend className="sr-only">Example</legend>
        <div className="grid gap-2 sm:grid-cols-3">
          {EXAMPLES.map((example) => (
            <label
              key={example.name}
              className={`flex cursor-pointer flex-col rounded-md border p-3 has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent ${example === chosen ? "border-accent bg-accent-soft" : "border-line hover:border-line-strong"}`}
            >
              <span className="flex items-center gap-2 font-medium">
                <input
                  type="radio"
                  name="example"
                  checked={example === chosen}
                  onChange={() => (setPicked(example), run.reset())}
                  className="size-4 accent-(--color-accent)"
                />
                {example.title}
              </span>
              <span className="mt-1 text-xs text-dim">{example.about}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <div className="mt-4 flex flex-wrap items-start gap-3">
        <div className="min-w-0 flex-1 basis-64">
          <TextInput
            label={chosen.ask}
            value={input}
            onValue={(text) => setInputs({ ...inputs, [chosen.name]: text })}
            about={isTaken ? `There is a project ${chosen.name} already: open it, and run its workflow.` : undefined}
          />
        </div>
        <Button type="submit" weight="primary" disabled={run.isPending || isTaken} className="mt-5">
          <Icon name="play" />
          {run.isPending ? "Starting…" : "Run it"}
        </Button>
      </div>
      <div className="mt-2 empty:hidden">
        <ProblemLine error={run.error} />
      </div>
    </form>
  );
}
