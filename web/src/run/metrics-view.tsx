// What a run has used, by stage, agent and model, and when its calls were under way.

import { useMemo, type ReactNode } from "react";

import { AgentName, Avatar } from "../ui/agent.tsx";
import { Empty } from "../ui/empty.tsx";
import { dollars, duration, number, shortNumber } from "../ui/format.ts";
import { useCalm } from "../ui/measure.ts";
import { useNow } from "../ui/time.tsx";
import { totals, type Total } from "./metrics.ts";
import type { Entry, VisitState } from "./state.ts";
import { Waterfall } from "./waterfall.tsx";

/** How often it is drawn anew while words come in. */
const CALM_MS = 500;

interface MetricsProps {
  run: number;
  entries: Entry[];
  visits: VisitState[];
}

export function MetricsView(props: MetricsProps) {
  const own = props.visits.filter((visit) => !visit.inherited);
  const calm = useCalm(props.entries, CALM_MS);
  if (own.length === 0) return <Empty title="Nothing was used yet">Time, tokens and cost appear here with the first stage.</Empty>;
  const going = own.some((visit) => visit.durationMs === null);
  return going ? <Going {...props} entries={calm} /> : <Figures {...props} entries={calm} now={0} />;
}

/** Apart, so that a run that has ended does not tick. */
function Going(props: MetricsProps) {
  return <Figures {...props} now={useNow()} />;
}

function Figures({ run, entries, visits, now }: MetricsProps & { now: number }) {
  const { stages, agents, models } = useMemo(() => totals(entries, visits, now), [entries, visits, now]);
  return (
    <div className="mx-auto max-w-[64rem] space-y-5">
      <Totals title="Stages" time="Time" rows={stages} name={(total) => <span className="font-medium">{total.name}</span>} />
      <Totals
        title="Agents"
        time="Time of calls"
        rows={agents}
        name={(total) => (
          <span className="flex items-center gap-1.5">
            <Avatar agent={total.name} small />
            <AgentName agent={total.name} />
          </span>
        )}
      />
      <Totals title="Models" time="Time of calls" rows={models} name={(total) => <span className="font-medium">{total.name}</span>} />
      <Waterfall run={run} entries={entries} visits={visits} now={now} />
    </div>
  );
}

interface TotalsProps {
  title: string;
  time: string;
  rows: Total[];
  name: (total: Total) => ReactNode;
}

function Totals({ title, time, rows, name }: TotalsProps) {
  if (rows.length === 0) return null;
  const most = {
    ms: Math.max(1, ...rows.map(({ ms }) => ms)),
    tokens: Math.max(1, ...rows.map(({ input, output }) => input + output)),
    cost: Math.max(1e-9, ...rows.map(({ cost }) => cost)),
  };
  const priced = rows.some(({ cost }) => cost > 0);
  return (
    <section aria-label={title}>
      <div className="card overflow-x-auto outline-offset-[-2px]" tabIndex={0} role="group" aria-label={`Figures of ${title.toLowerCase()}`}>
        <table className="w-full whitespace-nowrap [&_td]:px-2 [&_td]:py-1.5 sm:[&_td]:px-3 [&_th]:px-2 [&_th]:py-1.5 sm:[&_th]:px-3">
          <caption className="sr-only">{title}</caption>
          <thead>
            <tr className="eyebrow text-left">
              <th scope="col" className="w-[30%]">
                {title}
              </th>
              <th scope="col">{time}</th>
              <th scope="col">Calls</th>
              <th scope="col">Tokens</th>
              {priced && <th scope="col">Cost</th>}
            </tr>
          </thead>
          <tbody className="divide-y divide-line border-t border-line">
            {rows.map((total) => (
              <tr key={total.name}>
                <th scope="row" className="text-left font-normal">
                  {name(total)}
                </th>
                <td>
                  <Bar share={total.ms / most.ms}>{duration(total.ms)}</Bar>
                </td>
                <td>
                  {number(total.calls)}
                  {total.failed > 0 && <span className="text-bad"> + {number(total.failed)} failed</span>}
                </td>
                <td title={`${number(total.input)} read, ${number(total.output)} written`}>
                  <Bar share={(total.input + total.output) / most.tokens}>
                    {shortNumber(total.input)} <span className="text-faint">+</span> {shortNumber(total.output)}
                  </Bar>
                </td>
                {priced && (
                  <td>
                    <Bar share={total.cost / most.cost}>{dollars(total.cost)}</Bar>
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** A figure over a bar that shows it beside the others. */
function Bar({ share, children }: { share: number; children: ReactNode }) {
  return (
    <span className="block min-w-16">
      {children}
      <span aria-hidden="true" className="mt-0.5 block h-1 rounded-full bg-line">
        <span className="block h-full rounded-full bg-accent/60" style={{ width: `${Math.max(share > 0 ? 2 : 0, share * 100)}%` }} />
      </span>
    </span>
  );
}
