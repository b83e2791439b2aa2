//! A workflow and its stages.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{Limits, Rejection, Target};

/// An ordered list of stages for one team.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkflowFields)]
pub struct Workflow {
    /// The name of the team that carries it out.
    pub team: String,
    /// What a manual start asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub ask: Option<String>,
    /// What one run may use.
    #[serde(default, skip_serializing_if = "Limits::is_empty")]
    pub limits: Limits,
    /// Runs of this workflow at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub max_running: Option<u32>,
    /// Visits of one run in all.
    pub max_visits: u32,
    /// The stages, in order; at least one.
    pub stages: Vec<Stage>,
}

impl Workflow {
    /// The cap on visits where the file names none: the larger of 200 and five times the stages, so
    /// that a long workflow can still loop and a runaway loop still ends.
    pub fn max_visits_of(stages: usize) -> u32 {
        u32::try_from(stages.saturating_mul(5)).unwrap_or(u32::MAX).max(200)
    }
}

/// One step of a workflow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Stage {
    /// What it is known by, through renaming and moving.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What is to be done: a template.
    pub task: String,
    /// Who works on it, in order; at least one.
    pub agents: Vec<Assignment>,
    /// The labels that it can end with, and where each leads.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub outcomes: IndexMap<String, Target>,
    /// What is kept for later stages besides the result.
    pub summary: Summary,
    /// Whether agents go in order or all at once.
    pub turns: Turns,
    /// The JSON Schema that its result must fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub result_schema: Option<Value>,
    /// What happens when it ends three times running with nothing changed.
    pub no_progress: NoProgress,
    /// Cycles of one phase.
    pub max_cycles: u32,
    /// What happens when they are used up.
    pub on_max_cycles: OnMaxCycles,
    /// Visits to this stage.
    pub max_visits: u32,
    /// What happens when they are used up.
    pub on_max_visits: OnMaxVisits,
    /// Approvals by a person, before or after.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approval: Vec<Approval>,
    /// Tools that run before the work.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entry: Vec<Hook>,
    /// Tools that run after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exit: Vec<Hook>,
}

impl Stage {
    /// Enough for a long discussion, few enough that one in circles ends.
    pub const MAX_CYCLES: u32 = 30;
    /// A review that sends work back more than four times is not going to be content.
    pub const MAX_VISITS: u32 = 5;
}

/// An agent's place in a stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Assignment {
    /// The agent's name.
    pub agent: String,
    /// When in the stage it works.
    pub phase: Phase,
    /// What it in particular is to do here: a template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub directive: Option<String>,
    /// The model that it speaks through here, if it differs from the agent's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub model: Option<String>,
    /// Keys that it must share before it completes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shares: Vec<String>,
    /// Tools that it has at this stage besides its own: `NAME`, or `SERVER.TOOL` for one tool of an MCP
    /// server.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<String>,
    /// Whether it may ask a person.
    #[serde(default)]
    #[schema(required)]
    pub asks_user: bool,
    /// How long a question of it waits for an answer, in seconds.
    #[serde(default = "ask_timeout_s")]
    #[schema(required)]
    pub ask_timeout_s: u64,
    /// Whether it may run workflows.
    #[serde(default)]
    #[schema(required)]
    pub runs_workflows: bool,
    /// How long it waits for a workflow that it runs, in seconds.
    #[serde(default = "run_timeout_s")]
    #[schema(required)]
    pub run_timeout_s: u64,
}

impl Assignment {
    /// A day: a question of the evening can be answered in the morning.
    pub const ASK_TIMEOUT_S: u64 = 86_400;
    /// Five minutes: most workflows end in that time, and a turn should not stand still for longer
    /// unless its author says so.
    pub const RUN_TIMEOUT_S: u64 = 300;
}

fn ask_timeout_s() -> u64 {
    Assignment::ASK_TIMEOUT_S
}

fn run_timeout_s() -> u64 {
    Assignment::RUN_TIMEOUT_S
}

/// When in a stage an assigned agent works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// One turn before the others.
    Start,
    /// In cycles, until each has completed.
    Default,
    /// In cycles, after the others have completed.
    Completion,
}

/// What is kept for later stages besides the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = StageSummary)]
#[serde(rename_all = "snake_case")]
pub enum Summary {
    /// One summary per agent.
    Individual,
    /// One for the stage.
    Shared,
    /// None.
    None,
}

/// Whether the agents of a cycle go in order or all at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Turns {
    /// Each sees what those before it said.
    InOrder,
    /// In parallel, on what was there when the cycle began.
    AtOnce,
}

/// What happens when a stage ends three times running with nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoProgress {
    /// The run ends in error.
    Error,
    /// It goes on.
    Ignore,
}

/// What happens when the cycles of a phase are used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnMaxCycles {
    /// The stage ends in error.
    Error,
    /// The last agent that spoke is asked for what is missing.
    Finish,
}

/// What happens when the visits to a stage are used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnMaxVisits {
    /// The run ends in error.
    Error,
    /// It is forced on to the stage after the one being left.
    Continue,
}

/// A person's leave, before or after a stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Approval {
    /// Before or after the work.
    pub when: ApprovalWhen,
    /// How long it waits, in seconds; for ever where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub timeout_s: Option<u64>,
    /// What happens then.
    pub on_timeout: TimeoutDoes,
    /// Where a rejection leads.
    pub on_reject: Rejection,
}

/// When an approval is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalWhen {
    /// Before the stage.
    Before,
    /// After the stage.
    After,
}

/// What an approval that nobody answered counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimeoutDoes {
    /// As approved.
    Approve,
    /// As rejected.
    Reject,
}

/// A tool that runs at a stage's entry or exit, outside of any turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Hook {
    /// The tool's name: `NAME`, or `SERVER.TOOL` for a tool of an MCP server.
    pub tool: String,
    /// Its arguments; the texts in them are templates.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub arguments: Map<String, Value>,
    /// The key under which its result goes into shared memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub key: Option<String>,
    /// What its failure does.
    pub on_failure: HookFailure,
    /// Whether it runs even when the run is stopped or ends in error; exit hooks only.
    #[serde(default)]
    #[schema(required)]
    pub always: bool,
}

/// What a hook's failure does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HookFailure {
    /// The stage ends in error.
    Error,
    /// The stage goes on.
    Continue,
}
