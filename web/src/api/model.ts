// The server's objects under the names by which the page calls them. Next to nothing is
// defined here: it is what the OpenAPI document says.

import type { components } from "./schema.gen.ts";

type Schemas = components["schemas"];

export type Project = Schemas["Project"];
export type Applied = Schemas["Applied"];
export type Model = Schemas["Model"];
export type Team = Schemas["Team"];
export type Workflow = Schemas["Workflow"];
export type Stage = Schemas["Stage"];
export type Assignment = Schemas["Assignment"];
export type Target = Schemas["Target"];

export type Run = Schemas["Run"];
export type Visit = Schemas["Visit"];
export type Source = Schemas["Source"];
export type Status = Schemas["RunStatus"];
export type VisitStatus = Schemas["VisitStatus"];
export type Usage = Schemas["Usage"];
export type Waiting = Schemas["Waiting"];
export type RunError = Schemas["RunError"];
export type ToolCall = Schemas["ToolCall"];
export type CallUsage = Schemas["CallUsage"];
export type Phase = Schemas["Phase"];
export type HookPlace = Schemas["HookPlace"];
export type InFlight = Schemas["InFlight"];
export type Interrupted = Schemas["Interrupted"];
export type LimitKind = Schemas["LimitKind"];
export type Limits = Schemas["Limits"];
export type ListedTool = Schemas["ListedTool"];
export type ApprovalWhen = Schemas["ApprovalWhen"];

export type Document = Schemas["Document"];
export type CallSent = Schemas["CallSent"];
export type SentMessage = Schemas["SentMessage"];

export type Event = Schemas["Event"];
export type EventOf<Kind extends Event["kind"]> = Extract<Event, { kind: Kind }>;

/** Words of an answer that is being written. */
export type Delta = Schemas["Delta"];

export type Problem = Schemas["Problem"];
export type Wrong = Schemas["Wrong"];

/** Every status a run can have, in the order of its life. */
export const STATUSES = ["pending", "running", "completed", "stopped", "error"] as const satisfies readonly Status[];

/** Whether a run in this status never changes again. */
export function isFinal(status: Status): boolean {
  return status === "completed" || status === "stopped" || status === "error";
}
