// The shared memory of a run: each value under its key, with who wrote it and when.

import { memo } from "react";

import { AgentName, Avatar } from "../ui/agent.tsx";
import { CopyButton } from "../ui/copy.tsx";
import { Empty } from "../ui/empty.tsx";
import { ValueBlock } from "../ui/folded.tsx";
import { valueText } from "../ui/format.ts";
import { Simulated } from "../ui/simulated.tsx";
import { useSimulated } from "./models.ts";
import type { SharedState, VisitState } from "./state.ts";

interface MemoryProps {
  memory: Map<string, SharedState>;
  visits: VisitState[];
}

export const Memory = memo(function Memory({ memory, visits }: MemoryProps) {
  const isSimulated = useSimulated();
  if (memory.size === 0) {
    return <Empty title="Nothing is shared yet">Values that agents share with later ones appear here.</Empty>;
  }
  return (
    <ul className="space-y-4">
      {[...memory].map(([key, shared]) => {
        const visit = visits.find((one) => one.visit === shared.visit);
        const text = valueText(shared.value);
        return (
          <li key={key} className="card p-4">
            <div className="mb-2 flex flex-wrap items-center gap-x-2">
              <h2 className="font-mono text-xs font-semibold">{key}</h2>
              {visit && isSimulated(visit.models) && <Simulated />}
              <span className="-mr-2 ml-auto">
                <CopyButton text={text} what={`the value of ${key}`} />
              </span>
              <p className="flex w-full items-center gap-1.5 text-xs text-dim">
                <Avatar agent={shared.agent} small />
                <AgentName agent={shared.agent} />
                {visit && (
                  <>
                    in {visit.name}, visit {visit.visit}
                  </>
                )}
              </p>
            </div>
            <ValueBlock text={text} />
          </li>
        );
      })}
    </ul>
  );
});
