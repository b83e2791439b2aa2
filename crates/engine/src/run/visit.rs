//! One entry of a run into a stage, and what it leaves behind.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::Memory;
use crate::content::ContentHash;
use crate::event::Usage;
use crate::time::Time;

/// One entry of a run into a stage.
#[derive(Clone, Debug, PartialEq)]
pub struct Visit {
    /// Its number in the run, from 1.
    pub number: u32,
    /// The stage's id.
    pub stage: String,
    /// The stage's name at the time.
    pub name: String,
    /// The visit to that stage, from 1.
    pub nth: u32,
    /// Whether a loop guard forced the run here.
    pub forced: bool,
    /// Where it is in its life.
    pub status: VisitStatus,
    /// When it was entered.
    pub started_at: Time,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// How it ended, where the stage declares outcomes.
    pub outcome: Option<String>,
    /// Its result.
    pub result: Option<Arc<str>>,
    /// What it leaves for later stages besides.
    pub summaries: Vec<SummaryText>,
    /// What it used.
    pub usage: Usage,
    /// Shared memory as it was when the visit ended: the guard against going in circles compares it.
    pub(crate) memory_at_end: Option<Arc<Memory>>,
}

/// Where a visit is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VisitStatus {
    /// It is worked on.
    Running,
    /// It ended well.
    Completed,
    /// The run was stopped here.
    Stopped,
    /// It ended in error.
    Error,
    /// Another run carried it out.
    Inherited,
}

impl VisitStatus {
    /// The word for it on every surface.
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Stopped => "stopped",
            Self::Error => "error",
            Self::Inherited => "inherited",
        }
    }
}

/// What an agent reports for later stages.
#[derive(Clone, Debug, PartialEq)]
pub struct SummaryText {
    /// Who wrote it.
    pub agent: String,
    /// What it says.
    pub text: Arc<str>,
}

/// A value of shared memory, and where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Shared {
    /// The value.
    pub value: Arc<Value>,
    /// Who shared it.
    pub agent: String,
    /// At which visit.
    pub visit: u32,
}

/// A document of a run. Its text is kept under its hash.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The hash of its text.
    pub hash: ContentHash,
    /// Its length in bytes of UTF-8.
    pub bytes: u64,
    /// Who wrote it last; nobody for a hook.
    pub agent: Option<String>,
    /// At which visit.
    pub visit: u32,
    /// When.
    pub at: Time,
}
