// A tool as its form holds it, and as the server takes it.

import type { EnvValue, Tool, WrittenTool } from "../api/model.ts";
import { filled } from "../part/patch.ts";

/** How a tool is reached: a program, or a server of tools that is started or called. */
export type Way = "command" | "mcp_command" | "mcp_url";

export interface ToolDraft {
  name: string;
  way: Way;
  command: string[];
  url: string;
  headers: Record<string, EnvValue>;
  rest: Omit<WrittenTool, "command" | "mcp">;
}

export function newTool(): ToolDraft {
  return { name: "", way: "command", command: [], url: "", headers: {}, rest: {} };
}

export function draftOf(tool: Tool): ToolDraft {
  const { id: _id, project_id: _project, name, ...fields } = tool;
  if ("command" in fields) {
    const { command, ...rest } = fields;
    return { ...newTool(), name, command, rest };
  }
  const { mcp, ...rest } = fields;
  const { command = [], url = "", headers = {} } = mcp;
  return { name, way: url ? "mcp_url" : "mcp_command", command, url, headers, rest };
}

/** The fields as a project file has them. */
export function fieldsOf({ way, command, url, headers, rest }: ToolDraft): WrittenTool {
  const fields = filled(rest);
  if (way === "command") return { command, ...fields };
  // A server tells its tools' parameters itself.
  const { parameters: _parameters, ...others } = fields;
  const known = Object.keys(headers).length > 0 ? { headers } : {};
  return { mcp: way === "mcp_url" ? { url, ...known } : { command }, ...others };
}
