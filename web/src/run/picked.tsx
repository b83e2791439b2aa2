// What can be done with several runs at once: two are compared, those that go on are stopped, those that
// have ended are gone on with.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { isFinal, type Run } from "../api/model.ts";
import { Button, buttonLook } from "../ui/button.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { count } from "../ui/format.ts";
import { Icon } from "../ui/icon.tsx";
import { rerunAll, stopAll, type Done } from "./several.ts";
import { RunLink } from "./source.tsx";

interface PickedProps {
  picked: ReadonlyMap<number, Run>;
  onChange: (picked: ReadonlyMap<number, Run> | null) => void;
}

export function PickedBar({ picked, onChange }: PickedProps) {
  const queries = useQueryClient();
  const runs = [...picked.values()];
  const [ended, going] = [runs.filter((run) => isFinal(run.status)), runs.filter((run) => !isFinal(run.status))];
  const work = useMutation({
    mutationFn: (act: () => Promise<Done>) => act(),
    onSuccess: () => onChange(new Map()),
    onSettled: () => queries.invalidateQueries({ queryKey: ["runs"] }),
  });
  return (
    <section aria-label="Picked runs" className="sticky top-0 z-30 mb-3 rounded-md border border-accent bg-accent-soft px-3 py-2">
      <div className="flex flex-wrap items-center gap-2">
        <span role="status" className="mr-2 font-medium">
          {work.isPending ? "At work…" : runs.length === 0 ? "Pick runs from the list" : `${count(runs.length, "run")} picked`}
        </span>
        <CompareLink runs={runs} />
        {going.length > 0 && (
          <Confirm
            trigger={
              <Button disabled={work.isPending}>
                <Icon name="stopped" /> Stop {going.length}
              </Button>
            }
            title={`Stop ${count(going.length, "run")}?`}
            confirm={going.length === 1 ? "Stop run" : "Stop runs"}
            onConfirm={() => work.mutate(() => stopAll(going))}
          >
            What is in flight is aborted. What was done until now stays on record.
          </Confirm>
        )}
        {ended.length > 0 && (
          <Confirm
            trigger={
              <Button disabled={work.isPending}>
                <Icon name="retry" /> Re-run {ended.length}
              </Button>
            }
            title={`Re-run ${count(ended.length, "run")}?`}
            confirm={ended.length === 1 ? "Start a re-run" : "Start re-runs"}
            weight="primary"
            onConfirm={() => work.mutate(() => rerunAll(ended))}
          >
            Each goes on from the visit at which it broke off; one that was completed begins at its first. They have the newest definition of
            their workflow, and spend money as runs do. To change something first, re-run them one by one.
          </Confirm>
        )}
        <Button weight="quiet" className="ml-auto" onClick={() => onChange(null)}>
          Done
        </Button>
      </div>
      {work.data && <Outcome done={work.data} />}
    </section>
  );
}

/** The way to two runs side by side. */
function CompareLink({ runs }: { runs: Run[] }) {
  const [a, b] = runs.map((run) => run.id).sort((one, other) => one - other);
  if (runs.length !== 2 || a === undefined || b === undefined) return null;
  return (
    <Link to="/runs/$a/compare/$b" params={{ a: String(a), b: String(b) }} className={buttonLook("plain")}>
      <Icon name="compare" /> Compare runs {a} and {b}
    </Link>
  );
}

function Outcome({ done }: { done: Done }) {
  return (
    <div role="status" className="mt-2 space-y-1 border-t border-accent/30 pt-2">
      {done.runs.length > 0 && (
        <p className="flex flex-wrap gap-x-2">
          {done.what === "stopped" ? `Asked to stop: ${count(done.runs.length, "run")}.` : "Started:"}
          {done.what === "started" && done.runs.map((run) => <RunLink key={run} run={run} />)}
        </p>
      )}
      {done.refused.map(({ run, why }) => (
        <p key={run} className="text-bad wrap-anywhere">
          Run {run}: {why}
        </p>
      ))}
    </div>
  );
}
