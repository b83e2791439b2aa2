// Where those who speak stand in the picture of a run's network, and how the lines between them run.

export interface Spot {
  x: number;
  y: number;
}

/** Everyone on a ring, the first on top. Two stand side by side, one in the middle. */
export function ring(names: readonly string[], { width, height }: { width: number; height: number }): Map<string, Spot> {
  const middle = { x: width / 2, y: height / 2 };
  const radius = { x: width / 2 - 70, y: height / 2 - 52 };
  const begin = names.length === 2 ? Math.PI : -Math.PI / 2;
  return new Map(
    names.map((name, index) => {
      const angle = begin + (index / names.length) * 2 * Math.PI;
      // Nobody stands on the team's own place.
      return [name, { x: middle.x + Math.cos(angle) * radius.x, y: middle.y + Math.sin(angle) * radius.y }];
    }),
  );
}

/** A line from one to another that keeps its distance to both and bows to its right, so that the way back
 * lies beside it; the tip of its arrow; and its middle. */
export function tiePath(from: Spot, to: Spot, distance: number): { path: string; tip: string; middle: Spot } {
  const length = Math.max(1, Math.hypot(to.x - from.x, to.y - from.y));
  const along = { x: (to.x - from.x) / length, y: (to.y - from.y) / length };
  const aside = { x: -along.y, y: along.x };
  const bow = Math.min(36, length * 0.16);
  const bend = { x: (from.x + to.x) / 2 + aside.x * bow, y: (from.y + to.y) / 2 + aside.y * bow };
  const begin = towards(from, bend, distance);
  const end = towards(to, bend, distance + 7);
  const point = towards(to, bend, distance);
  const back = { x: end.x - point.x, y: end.y - point.y };
  const wing = { x: -back.y * 0.6, y: back.x * 0.6 };
  const tip = `M${at(point)}L${at({ x: end.x + wing.x, y: end.y + wing.y })}L${at({ x: end.x - wing.x, y: end.y - wing.y })}Z`;
  // The middle of a quadratic curve.
  const middle = { x: (begin.x + 2 * bend.x + end.x) / 4, y: (begin.y + 2 * bend.y + end.y) / 4 };
  return { path: `M${at(begin)}Q${at(bend)} ${at(end)}`, tip, middle };
}

function towards(from: Spot, to: Spot, distance: number): Spot {
  const length = Math.max(1, Math.hypot(to.x - from.x, to.y - from.y));
  return { x: from.x + ((to.x - from.x) / length) * distance, y: from.y + ((to.y - from.y) / length) * distance };
}

function at({ x, y }: Spot): string {
  return `${x.toFixed(1)} ${y.toFixed(1)}`;
}
