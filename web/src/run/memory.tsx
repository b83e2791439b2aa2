// The shared memory of a run: each value under its key, with who wrote it and when, and what stood there
// before.

import { memo } from "react";

import { AgentName, Avatar } from "../ui/agent.tsx";
import { CopyButton } from "../ui/copy.tsx";
import { Empty } from "../ui/empty.tsx";
import { Clamped, Folded, ValueBlock } from "../ui/folded.tsx";
import { count, valueText } from "../ui/format.ts";
import { Icon } from "../ui/icon.tsx";
import { Simulated } from "../ui/simulated.tsx";
import { Moment } from "../ui/time.tsx";
import { EventLink } from "./event-link.tsx";
import { useSimulated } from "./models.ts";
import type { SharedState, VisitState, WrittenValue } from "./state.ts";

/** Characters of a value above which only its beginning is shown. */
const LONG = 1200;

interface MemoryProps {
  run: number;
  memory: Map<string, SharedState>;
  visits: VisitState[];
}

export const Memory = memo(function Memory({ run, memory, visits }: MemoryProps) {
  if (memory.size === 0) {
    return <Empty title="Nothing is shared yet">Values that agents share with later ones appear here.</Empty>;
  }
  return (
    <ul className="space-y-4">
      {[...memory].map(([key, shared]) => (
        <li key={key} className="card p-4">
          <Value run={run} name={key} shared={shared} visits={visits} />
        </li>
      ))}
    </ul>
  );
});

interface ValueProps {
  run: number;
  name: string;
  shared: SharedState;
  visits: VisitState[];
}

function Value({ run, name, shared, visits }: ValueProps) {
  const isSimulated = useSimulated();
  const visit = visits.find((one) => one.visit === shared.visit);
  const text = valueText(shared.value);
  return (
    <>
      <div className="mb-2 flex flex-wrap items-center gap-x-2">
        <h2 className="font-mono text-xs font-semibold wrap-anywhere">{name}</h2>
        {visit && isSimulated(visit.models) && <Simulated />}
        <span className="-mr-2 ml-auto">
          <CopyButton text={text} what={`the value of ${name}`} />
        </span>
        <Writer run={run} written={shared} visit={visit} />
      </div>
      <Clamped id={`memory-${name}`} long={text.length > LONG}>
        <ValueBlock text={text} />
      </Clamped>
      {shared.before.length > 0 && (
        <div className="mt-2">
          <Folded id={`memory-${name}-before`} title={`${count(shared.before.length, "earlier value")}`}>
            <ol className="space-y-3">
              {shared.before.map((written, index) => (
                <li key={index} className="border-l-2 border-line pl-3">
                  <div className="mb-1">
                    <Writer run={run} written={written} visit={visits.find((one) => one.visit === written.visit)} />
                  </div>
                  <ValueBlock text={valueText(written.value)} />
                </li>
              ))}
            </ol>
          </Folded>
        </div>
      )}
    </>
  );
}

function Writer({ run, written, visit }: { run: number; written: WrittenValue; visit: VisitState | undefined }) {
  const isHook = / hook$/.test(written.agent);
  return (
    <p className="flex w-full flex-wrap items-center gap-x-1.5 text-xs text-dim">
      {isHook ? <Icon name="hook" className="!size-3.5 text-faint" /> : <Avatar agent={written.agent} small />}
      {isHook ? <span>an {written.agent}</span> : <AgentName agent={written.agent} />}
      {visit && (
        <span>
          in {visit.name}, visit {visit.visit}
          {visit.inherited && ", inherited"}
        </span>
      )}
      {written.at !== null && written.seq !== null && (
        <EventLink run={run} seq={written.seq} className="rounded text-faint hover:text-accent hover:underline">
          <span className="sr-only">Event {written.seq}, </span>
          <Moment at={written.at} />
        </EventLink>
      )}
    </p>
  );
}
