// The input of a run as a person writes it: a text, or JSON.

/** What the text says. An empty one is no input, which every workflow can be started with. */
export function readInput({ text, json }: { text: string; json: boolean }): { value: unknown } | { mistake: string } {
  if (!json) return { value: text };
  if (text.trim() === "") return { value: "" };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { mistake: `This is not JSON: ${error instanceof Error ? error.message : "it cannot be read"}.` };
  }
}
