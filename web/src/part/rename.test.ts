import { expect, test } from "vitest";

import type { ProjectFile } from "../api/model.ts";
import { keepsNumber, renamePiece } from "./rename.ts";

const file: ProjectFile = {
  project: "p",
  models: { main: { provider: "simulated" }, spare: { provider: "simulated", fallback: "main" } },
  tools: { files: { mcp: { command: ["files"] } } as never },
  teams: {
    desk: { model: "main", agents: { writer: { tools: ["files.read", "filesystem", "files"] }, editor: { model: "spare" } } },
    other: { model: "spare", agents: { writer: {} } },
  },
  workflows: {
    text: { team: "desk", stages: [{ id: "a", name: "A", task: "Go.", agents: ["writer", { agent: "editor", model: "main", tools: ["files"] }], entry: [{ tool: "files.read" }] }] },
    elsewhere: { team: "other", stages: [{ id: "a", name: "A", task: "Go.", agents: ["writer"] }] },
  },
};

test("a model takes its new name to teams, seats and fallbacks, and what does not name it is left out", () => {
  expect(renamePiece(file, { kind: "models", name: "main" }, "large")).toEqual({
    project: "p",
    models: { large: { provider: "simulated" }, spare: { provider: "simulated", fallback: "large" } },
    teams: { desk: { ...file.teams!.desk, model: "large" } },
    workflows: {
      text: {
        team: "desk",
        stages: [{ id: "a", name: "A", task: "Go.", agents: ["writer", { agent: "editor", model: "large", tools: ["files"] }], entry: [{ tool: "files.read" }] }],
      },
    },
  });
});

test("a server of tools takes its new name to each of its tools, and not to one that is called alike", () => {
  const piece = renamePiece(file, { kind: "tools", name: "files" }, "disk");
  expect(piece.tools).toEqual({ disk: file.tools!.files });
  expect(piece.teams!.desk!.agents!.writer).toEqual({ tools: ["disk.read", "filesystem", "disk"] });
  expect(piece.workflows!.text!.stages[0]).toMatchObject({ agents: ["writer", { tools: ["disk"] }], entry: [{ tool: "disk.read" }] });
  expect(piece.models).toBeUndefined();
});

test("a team takes its new name to its workflows", () => {
  const piece = renamePiece(file, { kind: "teams", name: "desk" }, "office");
  expect(piece.teams).toEqual({ office: file.teams!.desk });
  expect(Object.keys(piece.workflows!)).toEqual(["text"]);
  expect(piece.workflows!.text!.team).toBe("office");
});

test("an agent is another one in another team", () => {
  const piece = renamePiece(file, { kind: "agents", team: "desk", name: "writer" }, "author");
  expect(Object.keys(piece.teams!)).toEqual(["desk"]);
  expect(Object.keys(piece.teams!.desk!.agents!)).toEqual(["author", "editor"]);
  expect(Object.keys(piece.workflows!)).toEqual(["text"]);
  expect(piece.workflows!.text!.stages[0]!.agents[0]).toBe("author");
});

test("a workflow and a trigger are only checked under their new names, as the server renames them", () => {
  const triggers = { hourly: { workflow: "text", schedule: "0 * * * *" } } as never;
  const whole = { ...file, triggers };
  expect(renamePiece(whole, { kind: "workflows", name: "text" }, "prose")).toEqual({ project: "p", workflows: { prose: file.workflows!.text } });
  expect(renamePiece(whole, { kind: "triggers", name: "hourly" }, "clock")).toEqual({ project: "p", triggers: { clock: { workflow: "text", schedule: "0 * * * *" } } });
  expect(keepsNumber({ kind: "triggers", name: "hourly" })).toBe(true);
  expect(keepsNumber({ kind: "agents", team: "desk", name: "writer" })).toBe(false);
});
