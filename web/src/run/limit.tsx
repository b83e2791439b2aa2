// The form that raises a limit at which a run waits.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";

import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { ProblemLine } from "../ui/problem.tsx";
import { Lasting } from "../ui/time.tsx";
import { raiseLimit, type RunLimit } from "./queries.ts";
import type { HeldState } from "./state.ts";
import { limitWords, usedWords } from "./waiting.ts";

const FIELDS: Record<RunLimit, { label: string; step: string }> = {
  cost_usd: { label: "New limit, in US dollars", step: "any" },
  tokens: { label: "New limit, in tokens", step: "1" },
  wall_s: { label: "New limit, in seconds", step: "1" },
  model_calls: { label: "New limit, in model calls", step: "1" },
};

export function LimitForm({ run, held }: { run: number; held: HeldState }) {
  return (
    <>
      <header className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
        <Icon name="limit" className="text-warn" />
        <h3 className="font-semibold">The run is at its limit of {limitWords(held.limit, held.max)}</h3>
        <p className="text-xs text-dim">
          {usedWords(held.limit, held.used)} used · waits for <Lasting since={held.since} ms={null} />
        </p>
      </header>
      {held.limit === "cost_usd_per_day" ? (
        <p className="mt-2 text-dim">
          This is what all runs of the project may spend in a day. The run goes on when the day is over, or when the project's limit
          is raised.
        </p>
      ) : (
        <Raise key={held.max} run={run} limit={held.limit} held={held} />
      )}
    </>
  );
}

function Raise({ run, limit, held }: { run: number; limit: RunLimit; held: HeldState }) {
  // Twice as much is what most people want who want more.
  const [text, setText] = useState(String(held.max * 2));
  const id = useId();
  const queries = useQueryClient();
  const send = useMutation({
    mutationFn: (max: number) => raiseLimit(run, limit, max),
    onSettled: () => queries.invalidateQueries({ queryKey: ["run", run], exact: true }),
  });
  const max = Number(text);
  const fits = text.trim() !== "" && Number.isFinite(max) && max > held.max;
  const busy = send.isPending;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (fits && !busy) send.mutate(max);
      }}
    >
      <div className="mt-3 flex flex-wrap items-end gap-2">
        <div>
          <label htmlFor={id} className="mb-1 block text-xs text-dim">
            {FIELDS[limit].label}
          </label>
          <input
            id={id}
            type="number"
            inputMode="decimal"
            step={FIELDS[limit].step}
            min={0}
            value={text}
            onChange={(event) => setText(event.target.value)}
            aria-invalid={!fits}
            aria-describedby={`${id}-hint`}
            className="block h-9 w-44 rounded-md border border-line-strong bg-paper px-3"
          />
        </div>
        <Button type="submit" weight="primary" aria-disabled={!fits || busy}>
          {busy ? "Raising…" : "Raise and go on"}
        </Button>
      </div>
      <p id={`${id}-hint`} className="mt-1 min-h-4 text-xs text-bad" aria-live="polite">
        {fits ? "" : `It has to be more than ${limitWords(limit, held.max)}.`}
      </p>
      <ProblemLine error={send.error} />
    </form>
  );
}
