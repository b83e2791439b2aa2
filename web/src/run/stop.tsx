// Stops a run that goes on, and deletes one that has ended; both ask first.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useId, useState } from "react";

import { Refused } from "../api/client.ts";
import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { Icon } from "../ui/icon.tsx";
import { ProblemLine } from "../ui/problem.tsx";
import { deleteRun, stopRun } from "./queries.ts";

/** `stopping` is true from the moment that the record has the request until nothing is in flight. */
export function StopButton({ run, stopping }: { run: number; stopping: boolean }) {
  const [reason, setReason] = useState("");
  const id = useId();
  const queries = useQueryClient();
  const stop = useMutation({
    mutationFn: () => stopRun(run, reason),
    onSettled: () => queries.invalidateQueries({ queryKey: ["run", run] }),
  });
  if (stopping || stop.isPending || stop.isSuccess) {
    return (
      <Button disabled aria-live="polite">
        Stopping…
      </Button>
    );
  }
  // A run that ended in the meantime needs no stop: the page is about to say so.
  const error = stop.error instanceof Refused && stop.error.problem.status === 409 ? null : stop.error;
  return (
    <div className="flex flex-wrap items-center justify-end gap-2">
      <ProblemLine error={error} />
      <Confirm
        trigger={
          <Button>
            <Icon name="stopped" /> Stop
          </Button>
        }
        title="Stop this run?"
        confirm="Stop run"
        onConfirm={() => stop.mutate()}
      >
        <p>What is in flight is aborted. What was done until now stays on record.</p>
        <label htmlFor={id} className="mt-3 block text-ink">
          Reason, if you like
        </label>
        <input
          id={id}
          value={reason}
          maxLength={2000}
          onChange={(event) => setReason(event.target.value)}
          className="mt-1 block h-9 w-full rounded-md border border-line-strong bg-paper px-3 text-ink"
        />
      </Confirm>
    </div>
  );
}

export function DeleteButton({ run, project }: { run: number; project: number }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => deleteRun(run),
    onSuccess: async () => {
      await navigate({ to: "/projects/$id", params: { id: String(project) } });
      queries.removeQueries({ queryKey: ["run", run] });
      await queries.invalidateQueries({ queryKey: ["runs"] });
    },
  });
  return (
    <div className="flex flex-wrap items-center justify-end gap-2">
      <ProblemLine error={remove.error} />
      <Confirm
        trigger={
          <Button weight="quiet" disabled={remove.isPending}>
            Delete
          </Button>
        }
        title="Delete this run?"
        confirm="Delete run"
        onConfirm={() => remove.mutate()}
      >
        <p>Its history and results are gone for good. Runs that were started again from it stay whole.</p>
      </Confirm>
    </div>
  );
}
