//! What turns are for and how they end, and which hooks and tools a stage brings.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// What a turn asks for, where it is not an ordinary one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "for", rename_all = "snake_case")]
pub enum Ask {
    /// Keys that must be shared before the agent completes.
    Shares {
        /// The keys.
        keys: Vec<String>,
    },
    /// The result of the stage, since its cycles are used up or nobody gave one.
    Result,
    /// An outcome, and nothing else.
    Outcome,
    /// A summary for later stages, and nothing else.
    Summary,
    /// A result that fits the stage's schema.
    Mend {
        /// Where the one that was given does not.
        mistakes: Vec<String>,
    },
}

/// How a turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TurnEnd {
    /// The agent completed.
    Completed,
    /// It had nothing to add.
    Passed,
    /// It said its part and waits for its next turn.
    Yielded,
    /// It gave what was asked for, or did not.
    Answered,
    /// It reached the cap on model calls; counts as a pass.
    Capped,
}

/// When in a stage a hook runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HookWhen {
    /// Before the work.
    Entry,
    /// After it.
    Exit,
}

/// Which hook of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HookPlace {
    /// When in the stage.
    pub when: HookWhen,
    /// Its place among those, from 0.
    pub index: u32,
}

/// A tool that an MCP server has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ListedTool {
    /// Its name at the server.
    pub name: String,
    /// What it does.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The JSON Schema of its arguments: an object.
    pub parameters: Arc<Value>,
}
