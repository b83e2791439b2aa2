// What is to be different in a re-run, as it is edited: each text under the place where it stands. Only
// what differs from the definition is sent.

import type { Overrides } from "../api/model.ts";

/** A text that a re-run can replace. */
export type Place =
  | { of: "task"; stage: string }
  | { of: "directive"; stage: string; agent: string }
  | { of: "stage_model"; stage: string }
  | { of: "stage_tools"; stage: string }
  | { of: "role"; agent: string }
  | { of: "instructions"; agent: string }
  | { of: "agent_tools"; agent: string }
  | { of: "agent_model"; agent: string };

/** What was written, by `placeKey`. */
export type Changes = Readonly<Record<string, string>>;

/** A place as text, under which what was written there is kept. */
export function placeKey(place: Place): string {
  return JSON.stringify([place.of, "stage" in place ? place.stage : "", "agent" in place ? place.agent : ""]);
}

function placeOf(key: string): Place {
  const [of, stage, agent] = JSON.parse(key) as [Place["of"], string, string];
  return { of, stage, agent } as Place;
}

/** A list of tools as one text, in which their order means nothing. */
export function toolsText(tools: readonly string[] | undefined): string {
  return [...(tools ?? [])].sort().join(", ");
}

export function toolsOf(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

/** With another text at that place; with none where it is the one that stands there anyway. */
export function changed(changes: Changes, place: Place, text: string, stands: string | null): Changes {
  const { [placeKey(place)]: _, ...rest } = changes;
  return text === (stands ?? "") ? rest : { ...rest, [placeKey(place)]: text };
}

/** What the server is sent. */
export function overridesOf(changes: Changes): Overrides {
  const overrides: Overrides = {};
  for (const [key, text] of Object.entries(changes)) set(overrides, placeOf(key), text);
  return overrides;
}

function set(overrides: Overrides, place: Place, text: string) {
  const stage = (id: string) => ((overrides.stages ??= {})[id] ??= {});
  const agent = (name: string) => ((overrides.agents ??= {})[name] ??= {});
  switch (place.of) {
    case "task":
      stage(place.stage).task = text;
      break;
    case "stage_model":
      stage(place.stage).model = text;
      break;
    case "directive":
      (stage(place.stage).directives ??= {})[place.agent] = text;
      break;
    case "stage_tools":
      stage(place.stage).tools = toolsOf(text);
      break;
    case "role":
      agent(place.agent).role = text;
      break;
    case "agent_tools":
      agent(place.agent).tools = toolsOf(text);
      break;
    case "instructions":
      agent(place.agent).instructions = text;
      break;
    case "agent_model":
      agent(place.agent).model = text;
      break;
  }
}

/** One thing that is different, as a person reads it. */
export interface Told {
  /** What it is: "task of Review". */
  what: string;
  /** What it is now. */
  text: string;
  /** Whether it is long text, and not a name. */
  long: boolean;
}

/** Everything that overrides change, in the order in which one reads a definition. */
export function toldOverrides(overrides: Overrides | undefined, stageName: (id: string) => string = (id) => id): Told[] {
  const told: Told[] = [];
  const tell = (what: string, text: string | string[] | null | undefined, long: boolean) => {
    if (text != null) told.push({ what, text: typeof text === "string" ? text : text.join(", ") || "none", long });
  };
  for (const [id, stage] of Object.entries(overrides?.stages ?? {})) {
    const name = stageName(id);
    tell(`task of ${name}`, stage.task, true);
    for (const [agent, directive] of Object.entries(stage.directives ?? {})) tell(`directive of ${agent} at ${name}`, directive, true);
    tell(`model of ${name}`, stage.model, false);
    tell(`tools of ${name}`, stage.tools, false);
  }
  for (const [name, agent] of Object.entries(overrides?.agents ?? {})) {
    tell(`role of ${name}`, agent.role, false);
    tell(`instructions of ${name}`, agent.instructions, true);
    tell(`model of ${name}`, agent.model, false);
    tell(`tools of ${name}`, agent.tools, false);
  }
  return told;
}

/** The same in one line, without the long texts. */
export function toldLine(told: Told[]): string {
  return told.map(({ what, text, long }) => (long ? what : `${what}: ${text}`)).join(", ");
}
