// Where the points of the context's chart lie: across by time or call by call, upwards by tokens.

import type { Context, ContextLine, ContextPoint } from "./context-lines.ts";

const HEIGHT = 300;
const MARGIN = { left: 48, right: 14, top: 26, bottom: 24 } as const;

export interface ContextScale {
  width: number;
  height: number;
  plot: { left: number; right: number; top: number; bottom: number };
  /** The largest figure that is drawn. */
  most: number;
  /** The first and last of what lies across: moments, or places of calls. */
  begin: number;
  end: number;
  x: (point: ContextPoint) => number;
  y: (tokens: number) => number;
  across: (value: number) => number;
  /** Where visits begin, and how much room their names have. */
  bounds: { x: number; name: string; room: number }[];
}

export function contextScale(context: Context, by: "time" | "call", width: number): ContextScale {
  const plot = { left: MARGIN.left, right: width - MARGIN.right, top: MARGIN.top, bottom: HEIGHT - MARGIN.bottom };
  const points = context.lines.flatMap((line) => line.points).sort((one, other) => one.seq - other.seq);
  const places = new Map(points.map((point, place) => [point.seq, place]));
  const begin = by === "call" ? 0 : Math.min(context.bounds[0]?.at ?? Infinity, points[0]?.at ?? Infinity);
  const end = Math.max(by === "call" ? points.length - 1 : (points.at(-1)?.at ?? begin), begin + 1);
  const across = (value: number) => plot.left + ((value - begin) / (end - begin)) * (plot.right - plot.left);
  const most = Math.max(1, context.most * 1.04);
  const valueOf = (point: ContextPoint) => (by === "call" ? (places.get(point.seq) ?? 0) : point.at);
  const bounds = context.bounds.flatMap(({ visit, name, nth, at }) => {
    const first = points.findIndex((point) => point.visit === visit);
    if (by === "call" && first < 0) return [];
    return [{ x: across(by === "call" ? first : at), name: nth > 1 ? `${name} ${nth}` : name }];
  });
  return {
    width,
    height: HEIGHT,
    plot,
    most,
    begin,
    end,
    across,
    x: (point) => across(valueOf(point)),
    y: (tokens) => plot.bottom - (tokens / most) * (plot.bottom - plot.top),
    bounds: bounds.map((bound, index) => ({ ...bound, room: (bounds[index + 1]?.x ?? plot.right) - bound.x - 6 })),
  };
}

/** A line in pieces, one for each visit. */
export function pieces(line: ContextLine): ContextPoint[][] {
  const found: ContextPoint[][] = [];
  for (const point of line.points) {
    const piece = found.at(-1);
    if (piece && piece[0]?.visit === point.visit) piece.push(point);
    else found.push([point]);
  }
  return found;
}

export function linePath(piece: readonly ContextPoint[], scale: ContextScale, of: "sent" | "whole"): string {
  return piece.map((point, index) => `${index === 0 ? "M" : "L"}${scale.x(point).toFixed(1)} ${scale.y(point[of]).toFixed(1)}`).join("");
}
