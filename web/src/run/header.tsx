// The head of a run's page: what runs, how it stands, what it has used, and the way to stop it.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { isFinal, type Definition, type Run } from "../api/model.ts";
import { projectQuery } from "../project/queries.ts";
import { Avatar } from "../ui/agent.tsx";
import { buttonLook } from "../ui/button.tsx";
import { dollars, number, valueLine } from "../ui/format.ts";
import { Trail } from "../ui/frame.tsx";
import { Icon } from "../ui/icon.tsx";
import { Simulated } from "../ui/simulated.tsx";
import { StatusPill, type Shown } from "../ui/status.tsx";
import { Lasting, Moment } from "../ui/time.tsx";
import { useSimulated } from "./models.ts";
import { definitionQuery } from "./queries.ts";
import { RunLink, SourceWords } from "./source.tsx";
import type { RunState, VisitState } from "./state.ts";
import { DeleteButton, StopButton } from "./stop.tsx";
import { waitingWords, type WaitsFor } from "./waiting.ts";

/** Agents of a team that are shown by their initials. */
const AVATARS = 6;

interface HeaderProps {
  run: Run;
  state: RunState;
  status: Shown;
  waits: WaitsFor | null;
  visits: VisitState[];
  /** Whether others were started together with it, to be compared. */
  grouped: boolean;
}

export function RunHeader({ run, state, status, waits, visits, grouped }: HeaderProps) {
  const owner = useQuery(projectQuery(run.project_id));
  const definition = useQuery(definitionQuery(run.id)).data;
  const isSimulated = useSimulated();
  const over = status !== "stopping" && status !== "waiting" && status !== "inherited" && isFinal(status);
  // The server's own count is exact; while events come in, theirs is ahead of it.
  const usage = state.seq > 0 && !isFinal(run.status) ? state.usage : run.usage;
  const started = state.startedAt ?? run.started_at ?? null;
  const simulated = visits.some((visit) => isSimulated(visit.models));
  const input = valueLine(run.input);
  return (
    <header className="shrink-0 border-b border-line bg-panel px-3 pt-2.5 pb-2.5 sm:px-5">
      <Trail>
        <Link to="/">Projects</Link> /
        <Link to="/projects/$id" params={{ id: String(run.project_id) }}>
          {owner.data?.name ?? "…"}
        </Link>{" "}
        /
        <Link to="/workflows/$id" params={{ id: String(run.workflow_id) }}>
          {run.workflow}
        </Link>
      </Trail>
      {/* Where there is little room, how it stands has a line of its own under the name and the buttons. */}
      <div className="grid grid-cols-[minmax(0,1fr)_auto] items-start gap-x-3 gap-y-1 sm:flex sm:min-h-9 sm:items-center">
        <h1 className="text-xl font-semibold tracking-tight wrap-anywhere sm:min-w-0">
          {run.workflow} <span className="font-normal whitespace-nowrap text-dim">run {run.id}</span>
        </h1>
        <div className="col-span-2 row-start-2 flex flex-wrap items-center gap-x-3 gap-y-1 sm:mr-auto sm:shrink-0">
          <span aria-live="polite">
            <StatusPill status={status} />
          </span>
          {waits && <WaitingWords waits={waits} />}
          {simulated && <Simulated />}
          {run.source.kind === "workflow" && run.source.run_id != null && (
            <span className="text-dim">
              part of <RunLink run={run.source.run_id} />
            </span>
          )}
        </div>
        <div className="flex shrink-0 items-center gap-2">
          {over ? (
            <>
              <RerunButton run={run} />
              <DeleteButton run={run.id} project={run.project_id} />
            </>
          ) : (
            <StopButton run={run.id} stopping={status === "stopping"} />
          )}
        </div>
      </div>
      {input !== "" && (
        <p className="mt-0.5 truncate text-dim" title={input}>
          {input}
        </p>
      )}
      <dl className="mt-2 flex flex-wrap gap-x-5 gap-y-1.5 sm:gap-x-7">
        <Figure name="Duration">
          <Lasting since={started} ms={over ? run.ended_at ? run.duration_ms : state.durationMs : null} />
        </Figure>
        <Figure name="Tokens" title={`${number(usage.input_tokens)} read, ${number(usage.output_tokens)} written`}>
          {number(usage.input_tokens + usage.output_tokens)}
        </Figure>
        <Figure name="Cost">{dollars(usage.cost_usd)}</Figure>
        <Figure name="Team" minor>{definition ? <TeamWords definition={definition} /> : "…"}</Figure>
        <Figure name="Model calls" minor>{number(usage.model_calls)}</Figure>
        <Figure name="Started">{started ? <Moment at={started} /> : "not yet"}</Figure>
        <Figure name="Started by" minor>
          <SourceWords source={run.source} />
        </Figure>
        {grouped && (
          <Figure name="Started with others">
            <Link to="/runs/$id/variants" params={{ id: String(run.id) }} className="rounded text-accent hover:underline">
              Variants
            </Link>
          </Figure>
        )}
      </dl>
    </header>
  );
}

/** The team as it was when the run began; who is in it for who points at it. */
function TeamWords({ definition }: { definition: Definition }) {
  const { name, agents } = definition.team;
  const members = Object.entries(agents).map(([agent, { role }]) => (role ? `${agent}: ${role}` : agent));
  return (
    <span title={members.join("\n")} className="flex items-center gap-1.5">
      {name}
      <span className="flex gap-0.5">
        {Object.keys(agents)
          .slice(0, AVATARS)
          .map((agent) => (
            <Avatar key={agent} agent={agent} small />
          ))}
      </span>
    </span>
  );
}

/** Another run that goes on from a visit of this one; which visit is chosen there. */
function RerunButton({ run }: { run: Run }) {
  if ((run.visits ?? []).length === 0) return null;
  return (
    <Link to="/runs/$id/rerun" params={{ id: String(run.id) }} className={buttonLook("plain")}>
      <Icon name="retry" /> Re-run
    </Link>
  );
}

function WaitingWords({ waits }: { waits: WaitsFor }) {
  return (
    <span className="text-warn">
      {waits.for === "run" && waits.run != null ? (
        <>
          for <RunLink run={waits.run} />
        </>
      ) : (
        waitingWords(waits)
      )}
    </span>
  );
}

interface FigureProps {
  name: string;
  title?: string;
  /** Left out where there is little room. */
  minor?: boolean;
  children: ReactNode;
}

function Figure({ name, title, minor = false, children }: FigureProps) {
  return (
    <div title={title} className={minor ? "hidden sm:block" : ""}>
      <dt className="text-2xs text-faint">{name}</dt>
      <dd className="font-medium whitespace-nowrap">{children}</dd>
    </div>
  );
}
