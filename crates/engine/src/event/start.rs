//! How a run came to be: what it was asked to do, and by what.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::definition::{DefinitionHash, Limits};
use crate::time::Time;

/// What a run was asked to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunCreated {
    /// The frozen definition.
    pub definition: DefinitionHash,
    /// The workflow's name.
    pub workflow: String,
    /// What started it.
    pub source: Source,
    /// Its input.
    pub input: Arc<Value>,
    /// What the caller wants to find again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub metadata: Option<Value>,
    /// What it may use, in place of what its workflow says.
    #[serde(default, skip_serializing_if = "Limits::is_empty")]
    pub limits: Limits,
    /// How many runs above it each wait for the one below.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub depth: u32,
}

/// What started a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Source {
    /// In which way.
    pub kind: SourceKind,
    /// Who, where a person or program did.
    #[serde(default)]
    #[schema(required)]
    pub by: Option<String>,
    /// The trigger.
    #[serde(default)]
    #[schema(required)]
    pub trigger_id: Option<i64>,
    /// The slot of the schedule.
    #[serde(default)]
    #[schema(required)]
    pub slot: Option<Time>,
    /// The run that it goes on from, or that called it.
    #[serde(default)]
    #[schema(required)]
    pub run_id: Option<i64>,
    /// The visit of that run.
    #[serde(default)]
    #[schema(required)]
    pub from_visit: Option<u32>,
    /// The visit of that run after which it goes on, where none is made again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub after_visit: Option<u32>,
    /// The outcome that this visit was given instead of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub outcome: Option<String>,
    /// What was chosen for runs of the trigger that were still going, in place of the trigger's own policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub overlap: Option<String>,
    /// The key of the call that started it: of the runs of a trigger with one key, one goes at a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub key: Option<String>,
}

impl Source {
    /// A start by hand.
    pub fn manual(by: &str) -> Self {
        Self {
            kind: SourceKind::Manual,
            by: Some(by.to_owned()),
            trigger_id: None,
            slot: None,
            run_id: None,
            from_visit: None,
            after_visit: None,
            outcome: None,
            overlap: None,
            key: None,
        }
    }
}

/// In which way a run was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// By a person.
    Manual,
    /// By the clock.
    Schedule,
    /// By a webhook.
    Webhook,
    /// By a program.
    Api,
    /// Again, from a stage of an ended run.
    Rerun,
    /// By a stage of another run.
    Workflow,
}

impl SourceKind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Manual, Self::Schedule, Self::Webhook, Self::Api, Self::Rerun, Self::Workflow];

    /// The word for it on every surface.
    pub fn name(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Schedule => "schedule",
            Self::Webhook => "webhook",
            Self::Api => "api",
            Self::Rerun => "rerun",
            Self::Workflow => "workflow",
        }
    }

    /// The kind with that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// For `skip_serializing_if`, which passes a reference.
fn is_zero(number: &u32) -> bool {
    *number == 0
}
