// What an entry of the timeline is about, and the words by which it is found.
//
// Entries are values that never change, so what is said of one is remembered with it: while a run of ten
// thousand events goes on, only what is new is looked at again.

import { valueLine } from "../ui/format.ts";
import type { Entry, ErrandEntry, NoteEntry, SpeechEntry } from "./state.ts";

/** What can be hidden, in the order in which it is offered. Dividers belong to none. */
export const MATTERS = ["talk", "tools", "memory", "people", "workflow", "states"] as const;

export type Matter = (typeof MATTERS)[number];

export const MATTER_WORDS: Record<Matter, { word: string; means: string }> = {
  talk: { word: "Conversations", means: "What agents say, and messages between them" },
  tools: { word: "Tools", means: "Tool calls, hooks and documents" },
  memory: { word: "Memory", means: "Values shared and read, and summaries" },
  people: { word: "People", means: "Questions, approvals, and what people say" },
  workflow: { word: "Workflow", means: "Outcomes, ends of stages, loop guards, other workflows" },
  states: { word: "States", means: "How the run itself stands: begun, held up, recovered, ended" },
};

export function matterOf(entry: Entry): Matter | null {
  switch (entry.kind) {
    case "divider":
      return null;
    case "speech":
      return "talk";
    case "errand":
      return entry.what === "workflow" ? "workflow" : "tools";
    case "note":
      return matterOfNote(entry);
  }
}

function matterOfNote({ event }: NoteEntry): Matter {
  switch (event.kind) {
    case "message_sent":
    case "turn_started":
    case "turn_ended":
    case "turn_capped":
    case "agent_completed":
    case "context_compacted":
      return "talk";
    case "tool_call_refused":
    case "hook_finished":
    case "document_written":
      return "tools";
    case "result_shared":
    case "memory_read":
    case "summary_written":
      return "memory";
    case "question_asked":
    case "question_answered":
    case "approval_requested":
    case "approval_decided":
    case "user_message":
      return "people";
    case "outcome_chosen":
    case "stage_completed":
    case "stage_rejected":
    case "stage_failed":
    case "loop_guard_tripped":
      return "workflow";
    default:
      return "states";
  }
}

const words = new WeakMap<Entry, string>();

/** All words of an entry, in small letters. Of a divider there are none: it is found by what is in it. */
export function wordsOf(entry: Entry): string {
  let found = words.get(entry);
  if (found === undefined) {
    found = textOf(entry).toLowerCase();
    words.set(entry, found);
  }
  return found;
}

function textOf(entry: Entry): string {
  switch (entry.kind) {
    case "divider":
      return "";
    case "speech":
      return speechText(entry);
    case "errand":
      return errandText(entry);
    case "note": {
      const { seq: _, at: __, ...told } = entry.event;
      return Object.values(told).map(valueText).join("\n");
    }
  }
}

function speechText({ agent, model, text, failures, untold }: SpeechEntry): string {
  const failed = failures.map(({ code, message, providerMessage }) => [code, message, providerMessage].join(" "));
  return [agent, model, text, ...failed, ...untold.map((call) => `${call.tool} ${valueLine(call.arguments)}`)].join("\n");
}

function errandText({ name, agent, input, text, code }: ErrandEntry): string {
  return [name, agent, valueText(input), text, code].join("\n");
}

function valueText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}
