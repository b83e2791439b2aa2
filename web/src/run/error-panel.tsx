// Why a run ended in error: where, who, what was being done, in whose words, and what to do.

import type { RunError } from "../api/model.ts";
import { AgentName } from "../ui/agent.tsx";
import { Icon } from "../ui/icon.tsx";

interface ErrorPanelProps {
  error: RunError;
  stageName: string | null;
}

export function ErrorPanel({ error, stageName }: ErrorPanelProps) {
  return (
    <section aria-label="Why the run ended in error" className="rounded-[10px] border border-bad/40 bg-bad-soft p-4">
      <p className="flex gap-2 font-semibold text-bad">
        <Icon name="error" className="mt-0.5" />
        <span className="wrap-anywhere">{error.message}</span>
      </p>
      {error.hint && <p className="mt-1.5 pl-6 wrap-anywhere">{error.hint}</p>}
      <dl className="mt-3 grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 pl-6 [&_dt]:text-dim">
        {error.stage && (
          <>
            <dt>Stage</dt>
            <dd>
              {stageName ?? error.stage}
              {error.visit != null && <span className="text-dim">, visit {error.visit}</span>}
            </dd>
          </>
        )}
        {error.agent && (
          <>
            <dt>Agent</dt>
            <dd>
              <AgentName agent={error.agent} />
            </dd>
          </>
        )}
        <dt>While</dt>
        <dd className="wrap-anywhere">{error.doing}</dd>
        <dt>Code</dt>
        <dd className="font-mono text-xs leading-5">{error.code}</dd>
        {error.provider_message && (
          <>
            <dt>Provider</dt>
            <dd className="font-mono text-xs leading-5 whitespace-pre-wrap wrap-anywhere">{error.provider_message}</dd>
          </>
        )}
      </dl>
    </section>
  );
}
