// The server's objects under the names by which the page calls them. Next to nothing is
// defined here: it is what the OpenAPI document says.

import type { components } from "./schema.gen.ts";

type Schemas = components["schemas"];

export type Project = Schemas["Project"];
export type ProjectChange = Schemas["ProjectChange"];
export type WrittenModel = Schemas["WrittenModelFields"];
export type ModelTried = Schemas["ModelTried"];
export type Tool = Schemas["Tool"];
export type WrittenTool = Schemas["WrittenToolFields"];
export type EnvValue = Schemas["EnvValue"];
export type Secret = Schemas["Secret"];
export type WrittenTeam = Schemas["WrittenTeam"];
export type WrittenWorkflow = Schemas["WrittenWorkflowFields"];
export type WrittenStage = Schemas["WrittenStage"];
export type WrittenAssignment = Schemas["WrittenAssignment"];
export type WrittenApproval = Schemas["WrittenApproval"];
export type WrittenHook = Schemas["WrittenHook"];
export type Applied = Schemas["Applied"];
export type Model = Schemas["Model"];
export type Team = Schemas["Team"];
export type AgentFields = Schemas["AgentFields"];
export type Workflow = Schemas["Workflow"];
export type Stage = Schemas["Stage"];
export type Assignment = Schemas["Assignment"];
export type Target = Schemas["Target"];

export type Run = Schemas["Run"];
export type Visit = Schemas["Visit"];
export type PathVisit = Schemas["PathVisit"];
export type Definition = Schemas["Definition"];
export type Source = Schemas["Source"];
export type Status = Schemas["RunStatus"];
export type VisitStatus = Schemas["VisitStatus"];
export type PastVisit = Schemas["PastVisit"];
export type InheritedFrom = Schemas["InheritedFrom"];
export type Summary = Schemas["Summary"];
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

export type Rerun = Schemas["Rerun"];
export type RerunPlan = Schemas["RerunPlan"];
export type Overrides = Schemas["Overrides"];
export type DefinitionChoice = Schemas["DefinitionChoice"];
export type Difference = Schemas["Difference"];
export type PartChange = Schemas["PartChange"];
export type FieldChange = Schemas["FieldChange"];
export type Family = Schemas["Family"];
export type Relative = Schemas["Relative"];
export type Descent = Schemas["Descent"];
export type Variants = Schemas["Variants"];
export type Variant = Schemas["Variant"];
export type Sample = Schemas["Sample"];
export type Figures = Schemas["Figures"];
export type Comparison = Schemas["Comparison"];
export type Side = Schemas["Side"];
export type Pair = Schemas["Pair"];
export type ComparedVisit = Schemas["ComparedVisit"];
export type TextDifference = Schemas["TextDifference"];

export type Delivery = Schemas["Delivery"];
export type DeliveryStatus = Schemas["DeliveryStatus"];
export type DeliveryTry = Schemas["DeliveryTry"];

export type Document = Schemas["Document"];
export type CallSent = Schemas["CallSent"];
export type SentMessage = Schemas["SentMessage"];

export type Event = Schemas["Event"];
export type EventOf<Kind extends Event["kind"]> = Extract<Event, { kind: Kind }>;

/** Words of an answer that is being written. */
export type Delta = Schemas["Delta"];

export type Problem = Schemas["Problem"];
export type Wrong = Schemas["Wrong"];

/** A project file as a value. What it leaves out has its default. */
export interface ProjectFile {
  project: string;
  timezone?: string;
  max_running?: number;
  limits?: Schemas["ProjectLimits"];
  models?: Record<string, WrittenModel>;
  tools?: Record<string, WrittenTool>;
  teams?: Record<string, WrittenTeam>;
  workflows?: Record<string, WrittenWorkflow>;
  triggers?: Record<string, unknown>;
}

/** Every status a run can have, in the order of its life. */
export const STATUSES = ["pending", "running", "completed", "stopped", "error"] as const satisfies readonly Status[];

/** Whether a run in this status never changes again. */
export function isFinal(status: Status): boolean {
  return status === "completed" || status === "stopped" || status === "error";
}
