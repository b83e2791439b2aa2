// Where a visit begins in the timeline: which stage, for which time, how it ended, and the way to a re-run
// from there. Of a visit that another run carried out, with what it left.

import { Link } from "@tanstack/react-router";

import type { PastVisit } from "../api/model.ts";
import { AgentName } from "../ui/agent.tsx";
import { buttonLook } from "../ui/button.tsx";
import { Folded } from "../ui/folded.tsx";
import { ordinal } from "../ui/format.ts";
import { Icon } from "../ui/icon.tsx";
import { Markdown } from "../ui/markdown.tsx";
import { Simulated } from "../ui/simulated.tsx";
import { StatusLine } from "../ui/status.tsx";
import { Clock } from "../ui/time.tsx";
import { Code, Part } from "./line.tsx";
import { useSimulated } from "./models.ts";
import type { VisitState } from "./state.ts";

interface DividerProps {
  run: number;
  visit: VisitState;
  /** Whether the run has ended, so that another can go on from it. */
  over: boolean;
}

export function Divider({ run, visit, over }: DividerProps) {
  return (
    <div className="group/divider pt-5 pb-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h2 className={`flex flex-wrap items-baseline gap-x-2 text-base ${visit.inherited ? "font-medium text-dim" : "font-semibold"}`}>
          {visit.name}
          <span className="text-xs font-normal text-dim">
            visit {visit.visit}
            {visit.nth > 1 && <>, {ordinal(visit.nth)} to this stage</>}
          </span>
        </h2>
        {/* What shows only when pointed at may lie over the words beside it; what is always there may not. */}
        <span className={`relative flex h-7 min-w-4 flex-1 items-center justify-end ${over ? "max-sm:min-w-36 pointer-coarse:min-w-36" : ""}`}>
          <span
            aria-hidden="true"
            className={`absolute inset-x-0 top-1/2 border-t ${visit.inherited ? "border-dashed border-line-strong" : "border-line-strong"}`}
          />
          {over && <RerunLink run={run} visit={visit} />}
        </span>
        <span className="flex flex-wrap items-center gap-x-2 text-xs text-dim">
          {visit.forced && <span className="rounded bg-warn-soft px-1.5 font-medium text-warn">forced</span>}
          {visit.outcome && <span className="rounded bg-well px-1.5 font-medium">{visit.outcome}</span>}
          {visit.rejected && <span className="rounded bg-warn-soft px-1.5 font-medium text-warn">rejected</span>}
          <StatusLine status={visit.status} />
          {!visit.inherited && <Clock at={visit.startedAt} className="hidden text-faint sm:inline" />}
        </span>
      </div>
      {visit.inherited && <Left past={visit.inherited} visit={visit} />}
    </div>
  );
}

/** Out of the way until one points at the visit or comes to it with the keyboard; where nothing can point,
 * it is always there. */
function RerunLink({ run, visit }: { run: number; visit: VisitState }) {
  return (
    <Link
      to="/runs/$id/rerun"
      params={{ id: String(run) }}
      search={{ visit: visit.visit }}
      aria-label={`Re-run from here: ${visit.name}, visit ${visit.visit}`}
      className={`relative ${buttonLook("plain", true)} opacity-0 group-hover/divider:opacity-100 focus-visible:opacity-100 max-sm:opacity-100 pointer-coarse:opacity-100`}
    >
      <Icon name="retry" /> Re-run from here
    </Link>
  );
}

/** What a visit left that another run carried out, and where that is told in full. */
function Left({ past, visit }: { past: PastVisit; visit: VisitState }) {
  const isSimulated = useSimulated();
  const label = isSimulated(visit.models) && <Simulated />;
  const from = past.inherited_from;
  const summaries = past.summaries ?? [];
  return (
    <div className="mt-1 space-y-1 text-dim">
      {from && (
        <p className="text-xs">
          Carried out by{" "}
          <Link
            to="/runs/$id"
            params={{ id: String(from.run_id) }}
            search={{ visit: from.visit }}
            className="rounded text-accent hover:underline"
          >
            run {from.run_id}, visit {from.visit}
          </Link>
        </p>
      )}
      {past.result != null && (
        <Folded id={`left-${visit.visit}`} title="What it left">
          <div className="border-l-2 border-line pl-3">
            <Part title={<>Result {label}</>}>
              {past.result === "" ? <p className="text-faint">An empty text.</p> : <Markdown text={past.result} className="text-ink" />}
            </Part>
            {summaries.length > 0 && (
              <Part title={summaries.length === 1 ? "Summary" : "Summaries"}>
                {summaries.map(({ agent, text }) => (
                  <div key={agent}>
                    <AgentName agent={agent} /> {label}
                    <Markdown text={text} className="text-ink" />
                  </div>
                ))}
              </Part>
            )}
            <Written title="Shared" names={(past.memory ?? []).map(({ key }) => key)} />
            <Written title="Documents" names={(past.documents ?? []).map(({ path }) => path)} />
          </div>
        </Folded>
      )}
    </div>
  );
}

function Written({ title, names }: { title: string; names: string[] }) {
  if (names.length === 0) return null;
  return (
    <Part title={title}>
      <ul className="flex flex-wrap gap-1.5">
        {[...new Set(names)].map((name) => (
          <li key={name}>
            <Code>{name}</Code>
          </li>
        ))}
      </ul>
    </Part>
  );
}
