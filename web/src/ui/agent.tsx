// An agent, wherever it is named: its initials in its colour. The colour comes from the name, so it
// is the same on every page and in every run.

import type { CSSProperties } from "react";

/** Hues that can be told apart, in an order that puts names that differ little far from each other. */
const HUES = [250, 150, 40, 310, 195, 85, 0, 280, 120, 60, 225, 340];

/** Where the hash of a name begins: with this number the names of the examples lie far apart. */
const SEED = 2166136261;

function hue(name: string): number {
  let hash = SEED;
  for (const character of name) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 33) >>> 0;
  return HUES[((hash ^ (hash >>> 13)) >>> 0) % HUES.length] ?? 0;
}

export function agentInk(name: string): string {
  return `light-dark(oklch(0.45 0.11 ${hue(name)}), oklch(0.82 0.09 ${hue(name)}))`;
}

export function agentSoft(name: string): string {
  return `light-dark(oklch(0.93 0.045 ${hue(name)}), oklch(0.33 0.055 ${hue(name)}))`;
}

export function initials(name: string): string {
  const words = name.split(/[-_\s]+/).filter(Boolean);
  const letters = words.length > 1 ? words.slice(0, 2).map((word) => word[0]) : [name.slice(0, 2)];
  return letters.join("").toUpperCase();
}

export function Avatar({ agent, small = false }: { agent: string; small?: boolean }) {
  const style: CSSProperties = { background: agentSoft(agent), color: agentInk(agent) };
  const size = small ? "size-5 text-[0.5625rem]" : "size-8 text-xs";
  return (
    <span aria-hidden="true" style={style} className={`grid shrink-0 place-items-center rounded-full font-bold ${size}`}>
      {initials(agent)}
    </span>
  );
}

export function AgentName({ agent, className = "" }: { agent: string; className?: string }) {
  return (
    <span style={{ color: agentInk(agent) }} className={`font-semibold ${className}`}>
      {agent}
    </span>
  );
}
