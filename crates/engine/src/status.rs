//! Where a run, and a visit of it, is in its life.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a run is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[schema(as = RunStatus)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It waits for its first stage.
    Pending,
    /// It goes.
    Running,
    /// It ended well.
    Completed,
    /// It was stopped.
    Stopped,
    /// It ended in error.
    Error,
}

impl Status {
    /// Every status, in the order of a run's life.
    pub const ALL: [Self; 5] = [Self::Pending, Self::Running, Self::Completed, Self::Stopped, Self::Error];

    /// The status with that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// Whether a run with this status never changes again.
    pub fn is_final(self) -> bool {
        match self {
            Self::Pending | Self::Running => false,
            Self::Completed | Self::Stopped | Self::Error => true,
        }
    }

    /// The word for it on every surface.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Stopped => "stopped",
            Self::Error => "error",
        }
    }
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
