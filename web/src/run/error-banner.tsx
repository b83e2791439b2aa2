// Why a run ended in error, on top of its page: where, who, what was being done, in whose words, what to do,
// and the way to do it.

import { Link } from "@tanstack/react-router";

import { isFinal, type Run, type RunError } from "../api/model.ts";
import { AgentName } from "../ui/agent.tsx";
import { buttonLook } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { mendOf } from "./mend.ts";
import type { VisitState } from "./state.ts";

interface ErrorBannerProps {
  run: Run;
  error: RunError | null;
  visits: VisitState[];
}

export function ErrorBanner({ run, error, visits }: ErrorBannerProps) {
  if (!error) return null;
  const name = visits.findLast((visit) => visit.stage === error.stage)?.name ?? error.stage;
  return (
    <section
      aria-label="Why the run ended in error"
      className="flex max-h-[45dvh] shrink-0 flex-wrap items-start gap-x-6 gap-y-2 overflow-y-auto border-b border-bad/40 bg-bad-soft px-3 py-2.5 sm:px-5"
    >
      <div className="min-w-64 flex-1 space-y-1">
        <p className="flex gap-2 font-semibold text-bad">
          <Icon name="error" className="mt-0.5" />
          <span className="wrap-anywhere">{error.message}</span>
        </p>
        <p className="flex flex-wrap gap-x-1.5 pl-6 text-dim">
          {name && (
            <span>
              At {name}
              {error.visit != null && `, visit ${error.visit}`},
            </span>
          )}
          {error.agent && <AgentName agent={error.agent} />}
          <span>while {error.doing}</span>
          <code className="font-mono text-xs leading-5 text-faint">{error.code}</code>
        </p>
        {error.provider_message && (
          <p className="pl-6">
            <span className="text-dim">The provider said: </span>
            <span className="font-mono text-xs whitespace-pre-wrap wrap-anywhere">{error.provider_message}</span>
          </p>
        )}
        {error.hint && <p className="pl-6 wrap-anywhere">{error.hint}</p>}
      </div>
      {isFinal(run.status) && <Ways run={run} error={error} />}
    </section>
  );
}

function Ways({ run, error }: { run: Run; error: RunError }) {
  const mend = mendOf(error, run.visits ?? []);
  return (
    <p className="flex flex-wrap gap-2 pl-6 sm:pl-0">
      {mend.outcome !== null && (
        <Link to="/runs/$id/rerun" params={{ id: String(run.id) }} search={{ visit: mend.outcome, how: "outcome" as const }} className={buttonLook("plain")}>
          <Icon name="out" /> Take another outcome
        </Link>
      )}
      {mend.model && (
        <a href={`/projects/${run.project_id}/models`} className={buttonLook("plain")}>
          Open the models
        </a>
      )}
      {mend.workflow && (
        <Link to="/workflows/$id" params={{ id: String(run.workflow_id) }} className={buttonLook("plain")}>
          Open the workflow
        </Link>
      )}
      {error.visit != null && (
        <Link to="/runs/$id/rerun" params={{ id: String(run.id) }} search={{ visit: error.visit }} className={buttonLook("primary")}>
          <Icon name="retry" /> Re-run from here
        </Link>
      )}
    </p>
  );
}
