// The last calls of a webhook, and what became of each.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { Empty, Loading } from "../ui/empty.tsx";
import { Folded, ValueBlock } from "../ui/folded.tsx";
import { bytes } from "../ui/format.ts";
import { ProblemCard } from "../ui/problem.tsx";
import { Moment } from "../ui/time.tsx";
import { hookCallsQuery } from "./queries.ts";

export function HookCalls({ trigger }: { trigger: number }) {
  const calls = useQuery(hookCallsQuery(trigger));
  if (calls.isPending) return <Loading rows={3} height="h-6" />;
  if (calls.isError) return <ProblemCard error={calls.error} onRetry={() => calls.refetch()} />;
  if (calls.data.items.length === 0) return <Empty title="Nobody called it yet" />;
  return (
    <ul className="divide-y divide-line" aria-label="Calls">
      {calls.data.items.map((call) => (
        <li key={call.id} className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5 py-1.5">
          <span className={`w-10 font-mono text-xs ${call.status < 300 ? "text-good" : "text-bad"}`}>{call.status}</span>
          <span className="text-dim">
            <Moment at={call.at} />
          </span>
          {call.run_id != null && (
            <Link to="/runs/$id" params={{ id: String(call.run_id) }} className="text-accent hover:underline">
              Run {call.run_id}
            </Link>
          )}
          {call.code && <code className="font-mono text-xs text-dim">{call.code}</code>}
          <span className="text-xs text-faint">{bytes(call.bytes)}</span>
          {call.reason && <span className="basis-full text-xs text-dim wrap-anywhere">{call.reason}</span>}
          {Object.keys(call.headers).length > 0 && (
            <div className="basis-full text-xs">
              <Folded id={`call.${call.id}`} title="Its headers">
                <ValueBlock text={headerLines(call.headers)} />
              </Folded>
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}

function headerLines(headers: Record<string, string>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
}
