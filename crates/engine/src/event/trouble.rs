//! What went wrong, and what was cut off by it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::money::Usd;

/// Something that was under way when a run was cut off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InFlight {
    /// What it was: `model_call`, `tool_call`, `tool_list` or `workflow`.
    pub what: String,
    /// The call.
    pub call: u64,
    /// The attempt.
    pub attempt: u32,
    /// The agent; absent where none did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub agent: Option<String>,
    /// The model, where it was a call to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub model: Option<String>,
    /// The tool, where it was a call to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub tool: Option<String>,
    /// What it may have cost: it counts as spent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reserved_usd: Option<Usd>,
    /// About the most that it may have cost, where nothing limits money and its model has a price. It
    /// does not count as spent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub may_cost_usd: Option<Usd>,
    /// Whether it had not gone out yet: it waited for its turn at the model, and cost nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unsent: bool,
}

/// Why a run ended in error: where, who, what was being done, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunError {
    /// The stage's id.
    #[schema(required)]
    pub stage: Option<String>,
    /// The visit.
    #[schema(required)]
    pub visit: Option<u32>,
    /// The agent.
    #[schema(required)]
    pub agent: Option<String>,
    /// What was being done.
    pub doing: String,
    /// The stable code.
    pub code: String,
    /// What happened.
    pub message: String,
    /// The provider's own words.
    #[schema(required)]
    pub provider_message: Option<String>,
    /// What to do about it.
    #[schema(required)]
    pub hint: Option<String>,
}
