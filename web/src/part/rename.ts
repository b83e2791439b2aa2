// Gives a part another name, and carries it to all that refers to the part: what has to be applied to a project so
// that both are so. Workflows and triggers are renamed by the server, since their runs and addresses hang on their
// numbers, and a part that is applied under another name has another number; here it is only said what they would be.

import type { ProjectFile, WrittenStage, WrittenTeam } from "../api/model.ts";
import { same } from "./patch.ts";

/** A part that can be given another name. */
export type Named = { kind: "models" | "tools" | "teams" | "workflows" | "triggers"; name: string } | { kind: "agents"; team: string; name: string };

const SECTIONS = ["models", "tools", "teams", "workflows", "triggers"] as const;

/** Whether a part has its number under another name too, since the server itself renames it. */
export function keepsNumber(part: Named): part is Named & { kind: "workflows" | "triggers" } {
  return part.kind === "workflows" || part.kind === "triggers";
}

/** The piece of a project file that says all that is different then. It takes nothing out: a part that is not within
 * another stands beside its old self until that is removed. */
export function renamePiece(file: ProjectFile, part: Named, to: string): ProjectFile {
  const after = renamed(file, part, to);
  const piece: ProjectFile = { project: file.project };
  for (const section of SECTIONS) {
    const before: Record<string, unknown> = file[section] ?? {};
    const changed = Object.entries(after[section] ?? {}).filter(([name, one]) => !same(before[name], one));
    if (changed.length > 0) Object.assign(piece, { [section]: Object.fromEntries(changed) });
  }
  return piece;
}

function renamed(file: ProjectFile, part: Named, to: string): ProjectFile {
  const as = (name: string | undefined) => (name === part.name ? to : name);
  switch (part.kind) {
    case "models":
      return {
        ...file,
        models: inMap(withKey(file.models, part.name, to), (model) => withField(model, "fallback", as)),
        teams: inMap(file.teams, (team) => inAgents(withField(team, "model", as), (agent) => withField(agent, "model", as))),
        workflows: inStages(file.workflows, (stage) => inSeats(stage, (seat) => withField(seat, "model", as))),
      };
    case "tools": {
      // A tool of a server is named behind its server: `files.read_file`.
      const tool = (name: string) => (name === part.name ? to : name.startsWith(`${part.name}.`) ? to + name.slice(part.name.length) : name);
      const within = <T extends { tools?: string[] }>(one: T): T => (one.tools ? { ...one, tools: one.tools.map(tool) } : one);
      const hooks = (list: WrittenStage["entry"]) => list?.map((hook) => ({ ...hook, tool: tool(hook.tool) }));
      return {
        ...file,
        tools: withKey(file.tools, part.name, to),
        teams: inMap(file.teams, (team) => inAgents(team, within)),
        workflows: inStages(file.workflows, (stage) => ({
          ...inSeats(stage, within),
          ...(stage.entry && { entry: hooks(stage.entry) }),
          ...(stage.exit && { exit: hooks(stage.exit) }),
        })),
      };
    }
    case "teams":
      return {
        ...file,
        teams: withKey(file.teams, part.name, to),
        workflows: inMap(file.workflows, (workflow) => withField(workflow, "team", as)),
      };
    case "workflows":
      return { ...file, workflows: withKey(file.workflows, part.name, to) };
    case "triggers":
      return { ...file, triggers: withKey(file.triggers, part.name, to) };
    case "agents":
      return {
        ...file,
        teams: inMap(file.teams, (team, name) => (name === part.team ? { ...team, agents: withKey(team.agents, part.name, to) } : team)),
        workflows: inStages(file.workflows, (stage, team) => (team === part.team ? inSeats(stage, (seat) => withField(seat, "agent", as)) : stage)),
      };
  }
}

/** The map with one key called otherwise, in its place. */
function withKey<M extends Record<string, unknown> | undefined>(map: M, key: string, to: string): M {
  return map && (Object.fromEntries(Object.entries(map).map(([name, one]) => [name === key ? to : name, one])) as M);
}

function inMap<T>(map: Record<string, T> | undefined, change: (one: T, name: string) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(map ?? {}).map(([name, one]) => [name, change(one, name)]));
}

/** A field that names a part, if it is there. */
function withField<T extends object>(of: T, field: keyof T, as: (name: string | undefined) => string | undefined): T {
  const value = of[field];
  return typeof value === "string" ? { ...of, [field]: as(value) } : of;
}

type Agent = NonNullable<WrittenTeam["agents"]>[string];

function inAgents(team: WrittenTeam, change: (agent: Agent) => Agent): WrittenTeam {
  return { ...team, agents: inMap(team.agents, change) };
}

function inStages(workflows: ProjectFile["workflows"], change: (stage: WrittenStage, team: string) => WrittenStage) {
  return inMap(workflows, (workflow) => ({ ...workflow, stages: workflow.stages.map((stage) => change(stage, workflow.team)) }));
}

type Seat = Exclude<WrittenStage["agents"][number], string>;

/** An agent that stands in a stage by its name alone stays so. */
function inSeats(stage: WrittenStage, change: (seat: Seat) => Seat): WrittenStage {
  return { ...stage, agents: stage.agents.map((seat) => (typeof seat === "string" ? change({ agent: seat }).agent : change(seat))) };
}
