// Who spoke to whom in a run: a picture, and the same in words below it. While the run goes on, what was
// said last is marked.

import { useMemo } from "react";

import { agentInk, AgentName, agentSoft, Avatar, initials } from "../ui/agent.tsx";
import { Empty } from "../ui/empty.tsx";
import { count, number } from "../ui/format.ts";
import { Icon } from "../ui/icon.tsx";
import { useCalm } from "../ui/measure.ts";
import { useWide } from "../ui/media.ts";
import { EventLink } from "./event-link.tsx";
import { networkOf, PERSON, TEAM, type Network, type Tie } from "./network.ts";
import { ring, tiePath, type Spot } from "./network-layout.ts";
import type { Entry } from "./state.ts";

/** How often it is drawn anew while words come in. */
const CALM_MS = 250;

/** What is drawn: on a narrow screen less wide, so that its words are not small there. */
const WIDE = { width: 640, height: 400 } as const;
const NARROW = { width: 380, height: 340 } as const;
const NODE = 24;

interface NetworkProps {
  run: number;
  entries: Entry[];
  live: boolean;
}

export function NetworkView({ run, entries, live }: NetworkProps) {
  const calm = useCalm(entries, CALM_MS);
  const network = useMemo(() => networkOf(calm), [calm]);
  if (network.nodes.length === 0) return <Empty title="Nobody has spoken yet">Who speaks to whom appears here as soon as someone does.</Empty>;
  if (network.ties.length === 0) {
    return <Empty title="Nobody has spoken to anyone">Agents that work alone at their stages hand over results, and need no messages.</Empty>;
  }
  return (
    <div className="mx-auto max-w-[56rem] space-y-4">
      <Picture network={network} live={live} />
      <Table run={run} network={network} />
    </div>
  );
}

function Picture({ network, live }: { network: Network; live: boolean }) {
  const size = useWide() ? WIDE : NARROW;
  const spots = useMemo(() => ring([...network.nodes], size), [network.nodes, size]);
  const hub: Spot = { x: size.width / 2, y: size.height / 2 };
  const spotOf = (name: string) => (name === TEAM ? hub : spots.get(name));
  const most = Math.max(1, ...network.ties.map((tie) => tie.count));
  const toTeam = network.ties.some((tie) => tie.to === TEAM);
  const words = `${count(network.nodes.length, "speaker")}, ${count(network.ties.reduce((sum, tie) => sum + tie.count, 0), "message")}`;
  return (
    <figure className="card overflow-hidden p-2">
      <svg viewBox={`0 0 ${size.width} ${size.height}`} role="img" aria-label={`Who spoke to whom: ${words}`} className="mx-auto block max-h-[34rem] w-full">
        {network.ties.map((tie) => {
          const from = spotOf(tie.from);
          const to = spotOf(tie.to);
          return from && to ? (
            <TieLine key={`${tie.from} ${tie.to}`} tie={tie} from={from} to={to} share={tie.count / most} newest={live && tie === network.last} />
          ) : null;
        })}
        {toTeam && (
          <g>
            <circle cx={hub.x} cy={hub.y} r={NODE} className="fill-well stroke-line-strong" strokeDasharray="3 3" />
            <text x={hub.x} y={hub.y + 4} textAnchor="middle" className="fill-dim text-[11px] font-semibold">
              team
            </text>
          </g>
        )}
        {network.nodes.map((name) => {
          const spot = spots.get(name);
          return spot && <Node key={name} name={name} spot={spot} />;
        })}
      </svg>
    </figure>
  );
}

interface TieLineProps {
  tie: Tie;
  from: Spot;
  to: Spot;
  /** How much is said here, beside where most is. */
  share: number;
  newest: boolean;
}

function TieLine({ tie, from, to, share, newest }: TieLineProps) {
  const { path, tip, middle } = tiePath(from, to, NODE + 3);
  const ink = newest ? "var(--color-accent)" : tie.from === PERSON ? "var(--color-dim)" : agentInk(tie.from);
  return (
    <g style={{ color: ink }} opacity={newest ? 1 : 0.55 + share * 0.35}>
      {/* A new message is a new element, so that its mark begins anew. */}
      <path key={newest ? tie.last : 0} d={path} fill="none" stroke="currentColor" strokeWidth={1.25 + share * 3} className={newest ? "tie-said" : ""} />
      <path d={tip} fill="currentColor" />
      <g>
        <rect x={middle.x - 5 - String(tie.count).length * 3.5} y={middle.y - 8} width={10 + String(tie.count).length * 7} height={16} rx={8} className="fill-panel" />
        <text x={middle.x} y={middle.y + 4} textAnchor="middle" className="fill-dim text-[11px] font-medium">
          {tie.count}
        </text>
      </g>
    </g>
  );
}

function Node({ name, spot }: { name: string; spot: Spot }) {
  const isPerson = name === PERSON;
  return (
    <g>
      <circle cx={spot.x} cy={spot.y} r={NODE} style={{ fill: isPerson ? "var(--color-well)" : agentSoft(name) }} className="stroke-panel" strokeWidth={3} />
      {isPerson ? (
        <svg x={spot.x - 10} y={spot.y - 10} width={20} height={20} viewBox="0 0 16 16" className="text-dim">
          <Icon name="person" className="!size-4" />
        </svg>
      ) : (
        <text x={spot.x} y={spot.y + 5} textAnchor="middle" className="text-[14px] font-bold" style={{ fill: agentInk(name) }}>
          {initials(name)}
        </text>
      )}
      <text x={spot.x} y={spot.y + NODE + 15} textAnchor="middle" className="fill-ink text-[12px] font-medium" paintOrder="stroke" stroke="var(--color-panel)" strokeWidth={4}>
        {name.length > 22 ? `${name.slice(0, 21)}…` : name}
      </text>
    </g>
  );
}

function Table({ run, network }: { run: number; network: Network }) {
  return (
    <div className="card overflow-x-auto">
      <table className="w-full [&_td]:px-2 [&_td]:py-2 sm:[&_td]:px-3 [&_th]:px-2 [&_th]:py-1.5 sm:[&_th]:px-3">
        <caption className="sr-only">Messages by who sent them and to whom</caption>
        <thead>
          <tr className="eyebrow text-left">
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col" className="text-right">
              Messages
            </th>
            <th scope="col" className="text-right">
              Newest
            </th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line border-t border-line">
          {network.ties.map((tie) => (
            <tr key={`${tie.from} ${tie.to}`}>
              <td>
                <Who name={tie.from} />
              </td>
              <td>
                <Who name={tie.to} />
              </td>
              <td className="text-right">{number(tie.count)}</td>
              <td className="text-right whitespace-nowrap">
                <EventLink run={run} seq={tie.last}>
                  event {tie.last}
                </EventLink>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Who({ name }: { name: string }) {
  if (name === TEAM || name === PERSON) return <span className="font-medium">{name}</span>;
  return (
    <span className="flex items-center gap-1.5">
      <Avatar agent={name} small />
      <AgentName agent={name} />
    </span>
  );
}
