//! Going on from a stage of an ended run: what is asked for, what it would do, and what became of it.

use callboard_engine::definition::{Difference, Limits, Overrides};
use callboard_engine::event::{DefinitionChoice, Usage};
use callboard_engine::time::Time;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

pub use callboard_engine::rerun::{Ahead, Estimate, Kept, KeptStage, Plan, ToolAgain};

use crate::run::{Run, Status};

/// Runs that one call may start: enough to compare a handful of prompts a few times each.
pub const RUNS_MAX: usize = 20;

/// From where a run goes on, and what is different in it. Exactly one of `from_visit`, `from_stage` and
/// `after_visit` is given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rerun {
    /// The visit that is made again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub from_visit: Option<u32>,
    /// The id of the stage whose last visit is made again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_stage: Option<String>,
    /// The visit that is taken over whole, and left again by `outcome`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub after_visit: Option<u32>,
    /// The outcome by which it is left; its own where none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// Which definition the new run has; the newest one where none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<DefinitionChoice>,
    /// What is different in the new runs alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overrides: Option<Overrides>,
    /// Another input, any JSON value; that of the source where none is given.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[schema(value_type = Option<Value>)]
    pub input: Option<Value>,
    /// What each new run may use, in place of what its workflow says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    /// The plan that was agreed to: where it is no longer true, nothing is started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_hash: Option<String>,
    /// Several runs at once, each with overrides of its own over the common ones. An empty one changes
    /// nothing more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 20)]
    pub variants: Option<Vec<Overrides>>,
    /// How many runs of each variant; at most 20 runs in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 20)]
    pub samples: Option<u32>,
}

/// A value that is given, were it `null`.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// What a re-run would do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RerunPlan {
    /// Names the plan: it covers both definitions, what is taken over, and what was asked for.
    pub plan_hash: String,
    /// How many runs would be started.
    pub runs: u32,
    /// The first of them.
    #[serde(flatten)]
    pub plan: Plan,
    /// How the definition of each variant differs from that of the source, where there are variants.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<PlannedVariant>,
}

/// One variant of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlannedVariant {
    /// Its overrides, the common ones among them.
    pub overrides: Overrides,
    /// The hash of its definition.
    pub new_definition: String,
    /// How that differs from the one of the source.
    pub difference: Difference,
}

/// The runs that one call started.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Rerunning {
    /// The runs, variant by variant.
    pub items: Vec<Run>,
}

/// Where a run stands among the runs that it goes on from and that go on from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Family {
    /// The run from which all others come.
    pub root: i64,
    /// All of them, the oldest first; a run stands after the one that it goes on from.
    pub items: Vec<Relative>,
    /// Whether there are more than are listed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
    /// What all of them used together, as far as they are still kept.
    pub usage: Usage,
}

/// One run of a family.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Relative {
    /// Its number.
    pub run_id: i64,
    /// What is kept of it; absent once it was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub kept: Option<RelativeRun>,
    /// What it goes on from, and what was changed; absent for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub descent: Option<Descent>,
}

/// What is kept of a run of a family.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RelativeRun {
    /// Where it is in its life.
    pub status: Status,
    /// The hash of its definition.
    pub definition: String,
    /// When it was created.
    pub created_at: Time,
    /// From its start to its end, or to now.
    pub duration_ms: u64,
    /// What it used.
    pub usage: Usage,
}

/// What a run goes on from, and what was changed in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Descent {
    /// The run that it goes on from.
    pub run_id: i64,
    /// The visit that was made again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub from_visit: Option<u32>,
    /// Or the visit that was left again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub after_visit: Option<u32>,
    /// The outcome by which it was left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub outcome: Option<String>,
    /// The id of the stage of that visit.
    pub stage: String,
    /// Which definition was asked for.
    pub definition: DefinitionChoice,
    /// The parts of the definition that differ from the source's, such as `stages/review`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<String>,
    /// What was different for this run alone.
    #[serde(default, skip_serializing_if = "Overrides::is_empty")]
    #[schema(required = false)]
    pub overrides: Overrides,
    /// Whether its input is another.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub other_input: bool,
    /// The first run of those that one call started, where it started several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub group: Option<i64>,
}

/// What became of runs that one call started: a table that compares its variants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Variants {
    /// The first of the runs, which names them all.
    pub group: i64,
    /// The run that they go on from.
    pub source: i64,
    /// Each variant, in the order in which they were given.
    pub items: Vec<Variant>,
}

/// One variant, and its runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Variant {
    /// Its number, from 1.
    pub variant: u32,
    /// What was different in it.
    pub overrides: Overrides,
    /// Its runs.
    pub runs: Vec<Sample>,
    /// How many of them ended well.
    pub completed: u32,
    /// The medians over those that ended well; absent where none did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub median: Option<Figures>,
}

/// One run of a variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Sample {
    /// Its number; absent runs were deleted.
    pub run_id: i64,
    /// Where it is in its life.
    pub status: Status,
    /// The outcomes of its own visits, in order, each with the id of its stage.
    pub outcomes: Vec<StageOutcome>,
    /// Its result.
    pub result: Option<String>,
    /// What it used.
    pub figures: Figures,
}

/// How a visit ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StageOutcome {
    /// The id of its stage.
    pub stage: String,
    /// The outcome.
    pub outcome: String,
}

/// What something took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Figures {
    /// Tokens, input and output together.
    pub tokens: u64,
    /// US dollars.
    pub cost_usd: f64,
    /// Milliseconds.
    pub duration_ms: u64,
}
