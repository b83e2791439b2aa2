// An agent at its place in a stage, as the picture shows it.

import type { AgentFields } from "../../api/model.ts";
import { AgentName, Avatar } from "../../ui/agent.tsx";
import { Icon } from "../../ui/icon.tsx";
import { useGrip } from "../edit/drag.tsx";
import type { Seat } from "../edit/draft.ts";

interface SeatLineProps {
  seat: Seat;
  agent: AgentFields | undefined;
  onRemove: () => void;
}

export function SeatLine({ seat, agent, onRemove }: SeatLineProps) {
  const { role } = agent ?? {};
  const shares = seat.shares ?? [];
  return (
    <li className="group flex items-start gap-2">
      <Avatar agent={seat.agent} small />
      <div className="min-w-0 flex-1 text-dim">
        <AgentName agent={seat.agent} />
        {role && role.toLowerCase() !== seat.agent.toLowerCase() && <>, {role}</>}
        {seat.phase !== undefined && seat.phase !== "default" && <> · {seat.phase} phase</>}
        {shares.length > 0 && (
          <>
            {" "}
            · shares <code className="font-mono text-xs">{shares.join(", ")}</code>
          </>
        )}
        {seat.asks_user && <> · may ask a person</>}
        {seat.runs_workflows && <> · may run workflows</>}
        {seat.directive && <p className="line-clamp-2">{seat.directive}</p>}
      </div>
      <button
        type="button"
        onClick={onRemove}
        aria-label={`Take ${seat.agent} out of this stage`}
        title="Take out of this stage"
        className="grid size-5 shrink-0 place-items-center rounded text-faint opacity-70 hover:bg-well hover:text-bad hover:opacity-100 focus-visible:opacity-100"
      >
        <Icon name="close" className="!size-3" />
      </button>
    </li>
  );
}

export function AgentChip({ agent }: { agent: string }) {
  const grip = useGrip({ what: "agent", value: agent, words: agent });
  return (
    <span
      onPointerDown={grip.onPointerDown}
      data-agent={agent}
      className={`flex items-center gap-1.5 rounded-full border border-line bg-panel py-0.5 pr-2.5 pl-0.5 text-xs hover:border-line-strong pointer-coarse:py-1.5 ${grip.className}`}
    >
      <Avatar agent={agent} small />
      {agent}
    </span>
  );
}
