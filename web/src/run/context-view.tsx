// How much each agent was sent over the run: solid as it was, dotted as it would have been if nothing had
// been summed up. Lines begin anew with each visit, as conversations do.

import { useMemo, useState, type PointerEvent } from "react";

import { agentInk, AgentName, Avatar } from "../ui/agent.tsx";
import { Empty } from "../ui/empty.tsx";
import { clockTime, duration, number, shortNumber } from "../ui/format.ts";
import { useCalm, useWidth } from "../ui/measure.ts";
import { contextOf, type Context, type ContextLine, type ContextPoint } from "./context-lines.ts";
import { contextScale, linePath, pieces, type ContextScale } from "./context-scale.ts";
import { EventLink } from "./event-link.tsx";
import { ticks, timeTicks } from "./scale.ts";
import type { Entry, VisitState } from "./state.ts";

/** How often it is drawn anew while words come in. */
const CALM_MS = 500;

/** Points that are marked one by one; of more, the lines alone are drawn. */
const DOTS_MAX = 400;

interface ContextProps {
  run: number;
  entries: Entry[];
  visits: VisitState[];
}

export function ContextView({ run, entries, visits }: ContextProps) {
  const calm = useCalm(entries, CALM_MS);
  const context = useMemo(() => contextOf(calm, visits), [calm, visits]);
  const [by, setBy] = useState<"time" | "call">("time");
  if (context.lines.length === 0) return <Empty title="No model was asked yet">How much each agent was sent appears here with the first answer.</Empty>;
  return (
    <div className="mx-auto max-w-[64rem] space-y-4">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p className="text-dim">
          Tokens that each agent was sent, call by call
          {context.compacted && ": solid as sent, dotted as it would be without summaries"}.
        </p>
        <div role="group" aria-label="Along" className="flex rounded-md border border-line-strong p-0.5">
          {(["time", "call"] as const).map((way) => (
            <button
              key={way}
              type="button"
              aria-pressed={by === way}
              onClick={() => setBy(way)}
              className={`h-6 rounded px-2 text-xs font-medium ${by === way ? "bg-accent-soft text-accent" : "text-dim hover:text-ink"}`}
            >
              {way === "time" ? "By time" : "By call"}
            </button>
          ))}
        </div>
      </div>
      <Chart run={run} context={context} by={by} />
      <Table run={run} context={context} />
    </div>
  );
}

interface Pointed {
  line: ContextLine;
  point: ContextPoint;
}

function Chart({ run, context, by }: { run: number; context: Context; by: "time" | "call" }) {
  const [measure, width] = useWidth();
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const scale = useMemo(() => contextScale(context, by, Math.max(280, width)), [context, by, width]);
  const point = (event: PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    setPointed(closest(context, scale, event.clientX - box.left, event.clientY - box.top));
  };
  const all = context.lines.reduce((sum, line) => sum + line.points.length, 0);
  return (
    <figure className="card p-3">
      <div ref={measure}>
        {width > 0 && (
          <svg width={scale.width} height={scale.height} role="img" aria-label="Tokens sent to each agent over the run; the table below has the figures" onPointerMove={point} onPointerLeave={() => setPointed(null)} className="block">
            <Axes scale={scale} by={by} />
            {context.lines.map((line) => (
              <Line key={line.agent} line={line} scale={scale} dots={all <= DOTS_MAX} />
            ))}
            {pointed && (
              <circle cx={scale.x(pointed.point)} cy={scale.y(pointed.point.sent)} r={5} fill="none" strokeWidth={2} style={{ stroke: agentInk(pointed.line.agent) }} />
            )}
          </svg>
        )}
      </div>
      <figcaption className="mt-1 min-h-5 text-xs text-dim">
        {pointed ? <PointWords run={run} {...pointed} /> : <span className="text-faint">Point at a line to read it.</span>}
      </figcaption>
    </figure>
  );
}

function PointWords({ run, line, point }: Pointed & { run: number }) {
  return (
    <>
      <AgentName agent={line.agent} /> · {number(point.sent)} tokens
      {point.whole > point.sent && `, ${number(point.whole)} without summaries`} · {clockTime(new Date(point.at).toISOString())} ·{" "}
      <EventLink run={run} seq={point.seq}>
        event {point.seq}
      </EventLink>
    </>
  );
}

function Axes({ scale, by }: { scale: ContextScale; by: "time" | "call" }) {
  const { plot, most, begin, end } = scale;
  const across = Math.max(2, Math.floor(scale.width / 110));
  return (
    <g className="text-[11px]">
      {ticks(most, 4).map((tokens) => (
        <g key={tokens}>
          <line x1={plot.left} x2={plot.right} y1={scale.y(tokens)} y2={scale.y(tokens)} className="stroke-line" />
          <text x={plot.left - 6} y={scale.y(tokens) + 4} textAnchor="end" className="fill-faint">
            {shortNumber(tokens)}
          </text>
        </g>
      ))}
      {by === "time"
        ? timeTicks(end - begin, across).map((ms) => (
            <text key={ms} x={scale.across(begin + ms)} y={plot.bottom + 15} textAnchor="middle" className="fill-faint">
              {ms === 0 ? "0" : duration(ms)}
            </text>
          ))
        : ticks(end, across).map((call) => (
            <text key={call} x={scale.across(call)} y={plot.bottom + 15} textAnchor="middle" className="fill-faint">
              {number(call + 1)}
            </text>
          ))}
      {scale.bounds.map(({ x, name, room }, index) => (
        <g key={index}>
          <line x1={x} x2={x} y1={plot.top - 4} y2={plot.bottom} className="stroke-line-strong" strokeDasharray="1 3" />
          {room > 24 && (
            <text x={x + 3} y={plot.top - 7} className="fill-dim font-medium">
              {name.length * 6.4 > room ? `${name.slice(0, Math.max(1, Math.floor(room / 6.4) - 1))}…` : name}
            </text>
          )}
        </g>
      ))}
    </g>
  );
}

function Line({ line, scale, dots }: { line: ContextLine; scale: ContextScale; dots: boolean }) {
  return (
    <g style={{ color: agentInk(line.agent) }} fill="none" stroke="currentColor">
      {/* From visit to visit, so that the eye finds the same agent again. */}
      <path d={linePath(line.points, scale, "sent")} strokeWidth={1} opacity={0.3} />
      {pieces(line).map((piece, index) => (
        <g key={index}>
          {piece.some(({ sent, whole }) => whole > sent) && <path d={linePath(piece, scale, "whole")} strokeWidth={1.5} strokeDasharray="1 4" strokeLinecap="round" />}
          <path d={linePath(piece, scale, "sent")} strokeWidth={2} strokeLinejoin="round" />
          {(dots || piece.length === 1) && piece.map((point) => <circle key={point.seq} cx={scale.x(point)} cy={scale.y(point.sent)} r={piece.length === 1 ? 3.5 : 2.5} fill="currentColor" stroke="none" />)}
        </g>
      ))}
    </g>
  );
}

/** The point that is nearest to where one points, if any is near. */
function closest(context: Context, scale: ContextScale, x: number, y: number): Pointed | null {
  let best: Pointed | null = null;
  let least = 40 ** 2;
  for (const line of context.lines) {
    for (const point of line.points) {
      // Who points at a moment rarely hits the height.
      const distance = (scale.x(point) - x) ** 2 + ((scale.y(point.sent) - y) / 3) ** 2;
      if (distance < least) [best, least] = [{ line, point }, distance];
    }
  }
  return best;
}

function Table({ run, context }: { run: number; context: Context }) {
  return (
    <div className="card overflow-x-auto outline-offset-[-2px]" tabIndex={0} role="group" aria-label="Figures of agents">
      <table className="w-full whitespace-nowrap [&_td]:px-2 [&_td]:py-2 sm:[&_td]:px-3 [&_th]:px-2 [&_th]:py-1.5 sm:[&_th]:px-3">
        <caption className="sr-only">Tokens sent to each agent</caption>
        <thead>
          <tr className="eyebrow text-right">
            <th scope="col" className="text-left">
              Agent
            </th>
            <th scope="col">Calls</th>
            <th scope="col">Most at once</th>
            <th scope="col">Last</th>
            {context.compacted && <th scope="col">Without summaries</th>}
          </tr>
        </thead>
        <tbody className="divide-y divide-line border-t border-line text-right">
          {context.lines.map(({ agent, points }) => {
            const peak = points.reduce((most, point) => (point.sent > most.sent ? point : most));
            return (
              <tr key={agent}>
                <th scope="row" className="text-left font-normal">
                  <span className="flex items-center gap-1.5">
                    <Avatar agent={agent} small />
                    <AgentName agent={agent} />
                  </span>
                </th>
                <td>{number(points.length)}</td>
                <td>
                  <EventLink run={run} seq={peak.seq} title={`Event ${peak.seq}`}>
                    {number(peak.sent)}
                  </EventLink>
                </td>
                <td>{number(points.at(-1)?.sent ?? 0)}</td>
                {context.compacted && <td>{number(Math.max(...points.map(({ whole }) => whole)))}</td>}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
