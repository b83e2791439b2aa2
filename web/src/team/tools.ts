// The tools that an agent can be given: those of the project, and those that come along.

/** What comes with Callboard. */
export const BUILT_IN = ["http_request", "read_file", "write_file", "list_files", "current_time"];

export function toolNames(tools: { name: string }[]): string[] {
  return [...tools.map((tool) => tool.name), ...BUILT_IN];
}
