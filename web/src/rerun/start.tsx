// The plan of what is being asked for, fetched anew as the form changes, and the button that starts it.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";

import { idempotencyKey, Refused } from "../api/client.ts";
import type { Rerun, RerunPlan } from "../api/model.ts";
import { Button } from "../ui/button.tsx";
import { Loading } from "../ui/empty.tsx";
import { count } from "../ui/format.ts";
import { Icon } from "../ui/icon.tsx";
import { ProblemCard, ProblemLine } from "../ui/problem.tsx";
import { PlanView } from "./plan.tsx";
import { planQuery, startRerun } from "./queries.ts";

/** How long nobody has to write until the plan is asked for: a pause between two words. */
const PAUSE_MS = 350;

interface StartProps {
  run: number;
  asked: Rerun | { mistake: string };
  onStarted: () => void;
}

export function PlanAndStart({ run, asked, onStarted }: StartProps) {
  const settled = useSettled(JSON.stringify(asked));
  const current: Rerun | { mistake: string } = JSON.parse(settled);
  const mistake = "mistake" in asked ? asked.mistake : null;
  const plan = useQuery({ ...planQuery(run, "mistake" in current ? {} : current), enabled: !("mistake" in current) });
  const start = useStart(run, onStarted, () => void plan.refetch());
  const { reset } = start;
  useEffect(reset, [settled, reset]);
  const fresh = settled === JSON.stringify(asked) && plan.isSuccess && !plan.isPlaceholderData && !plan.isFetching;
  return (
    <section aria-labelledby="plan" aria-busy={!fresh} className="card flex min-h-0 flex-col overflow-hidden">
      <header className="flex items-center gap-2 border-b border-line px-4 py-2.5">
        <h2 id="plan" className="text-base font-semibold">
          Plan
        </h2>
        <span role="status" className="text-xs text-dim">
          {!fresh && !mistake && !plan.isError && "Being made…"}
        </span>
      </header>
      <div tabIndex={0} className="min-h-0 flex-1 overflow-y-auto p-4 focus-visible:-outline-offset-2">
        {mistake ? (
          <p role="alert" className="text-bad">
            {mistake}
          </p>
        ) : plan.isError ? (
          <ProblemCard error={plan.error} onRetry={isRefusal(plan.error) ? null : () => plan.refetch()} />
        ) : plan.data ? (
          <div className={fresh ? "" : "opacity-60"}>
            <PlanView plan={plan.data} />
          </div>
        ) : (
          <Loading rows={4} height="h-14" />
        )}
      </div>
      <footer className="space-y-2 border-t border-line px-4 py-3">
        <StartProblem error={start.error} />
        <Button
          weight="primary"
          aria-disabled={!fresh || mistake !== null || start.isPending}
          onClick={() => {
            if (fresh && plan.data && mistake === null && !start.isPending) start.mutate({ asked: current as Rerun, plan: plan.data });
          }}
        >
          <Icon name="play" />
          {start.isPending ? "Starting…" : plan.data && plan.data.runs > 1 ? `Start ${count(plan.data.runs, "run")}` : "Start"}
        </Button>
      </footer>
    </section>
  );
}

function isRefusal(error: unknown): boolean {
  return error instanceof Refused && error.problem.status < 500;
}

function StartProblem({ error }: { error: unknown }) {
  if (error instanceof Refused && error.problem.code === "plan_changed") {
    return (
      <p role="alert" className="flex gap-2 rounded-md bg-warn-soft px-3 py-2 text-warn">
        <Icon name="error" className="mt-0.5" />
        The plan has changed since it was shown, so nothing was started. This is the new one: look at it, and start again.
      </p>
    );
  }
  return <ProblemLine error={error} />;
}

/** A value once it has been the same for a while. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

/** Starts what was agreed to, and leads to it. */
function useStart(run: number, onStarted: () => void, onChanged: () => void) {
  // The key stays the same for the same request, so that one that is sent twice is one start.
  const sent = useRef({ request: "", key: "" });
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: ({ asked, plan }: { asked: Rerun; plan: RerunPlan }) => {
      const request = { ...asked, plan_hash: plan.plan_hash };
      const text = JSON.stringify(request);
      if (sent.current.request !== text) sent.current = { request: text, key: idempotencyKey() };
      return startRerun(run, request, sent.current.key);
    },
    onSuccess: async (runs, { asked }) => {
      onStarted();
      void queries.invalidateQueries({ queryKey: ["runs"] });
      void queries.invalidateQueries({ queryKey: ["family"] });
      const id = String(runs[0]);
      const several = asked.variants !== undefined || asked.samples !== undefined;
      await navigate({ to: several ? "/runs/$id/variants" : "/runs/$id", params: { id } });
    },
    onError: (error) => {
      if (error instanceof Refused && error.problem.code === "plan_changed") onChanged();
    },
  });
}
