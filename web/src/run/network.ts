// Who spoke to whom: messages among agents, and what agents and people say to each other.

import type { Entry } from "./state.ts";

/** People, as one of those who speak. No agent has this name: names have no spaces. */
export const PERSON = "a person";

/** All agents of the stage, as those who are spoken to. */
export const TEAM = "the team";

export interface Tie {
  from: string;
  to: string;
  count: number;
  /** The event of the newest message. */
  last: number;
}

export interface Network {
  /** Who spoke or was spoken to, in the order in which they appeared. */
  nodes: string[];
  ties: Tie[];
  /** The newest message of all. */
  last: Tie | null;
}

export function networkOf(entries: readonly Entry[]): Network {
  const ties = new Map<string, Tie>();
  const nodes = new Set<string>();
  const asked = new Map<number, string>();
  let last: Tie | null = null;
  for (const entry of entries) {
    // Who only called tools was there all the same.
    if (entry.kind === "speech") nodes.add(entry.agent);
    const said = saidBy(entry, asked);
    if (!said) continue;
    const key = `${said.from}\n${said.to}`;
    const tie = ties.get(key) ?? { ...said, count: 0, last: 0 };
    tie.count += 1;
    tie.last = entry.seq;
    ties.set(key, tie);
    last = tie;
    for (const name of [said.from, said.to]) if (name !== TEAM) nodes.add(name);
  }
  const all = [...ties.values()].sort((one, other) => other.count - one.count || one.last - other.last);
  return { nodes: [...nodes], ties: all, last };
}

/** `asked` is who asked which question: an answer goes to them. */
function saidBy(entry: Entry, asked: Map<number, string>): { from: string; to: string } | null {
  if (entry.kind === "speech") return entry.to === null ? null : { from: entry.agent, to: receiver(entry.to) };
  if (entry.kind !== "note") return null;
  const { event } = entry;
  switch (event.kind) {
    case "message_sent":
      return { from: event.agent, to: receiver(event.to) };
    case "question_asked":
      if (event.agent == null) return null;
      asked.set(event.question, event.agent);
      return { from: event.agent, to: PERSON };
    case "question_answered": {
      const to = asked.get(event.question);
      // What nobody answered in time was said by no one.
      return to === undefined || event.by == null ? null : { from: PERSON, to };
    }
    case "user_message":
      return { from: PERSON, to: TEAM };
    default:
      return null;
  }
}

function receiver(to: string): string {
  return to === "team" ? TEAM : to;
}
