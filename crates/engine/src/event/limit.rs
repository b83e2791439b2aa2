//! What holds a run back: loop guards, and the limits that people set.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which loop guard tripped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Guard {
    /// The visits to one stage.
    MaxVisits,
    /// The visits of the run in all.
    MaxVisitsInAll,
    /// The same outcome, result and memory three times running.
    NoProgress,
}

/// A limit that people set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LimitKind {
    /// Money that the run may spend.
    CostUsd,
    /// Tokens that it may use.
    Tokens,
    /// Seconds that it may take.
    WallS,
    /// Model calls that it may make.
    ModelCalls,
    /// Money that all runs of the project may spend in a day.
    CostUsdPerDay,
}

impl LimitKind {
    /// The word for it on every surface.
    pub fn name(self) -> &'static str {
        match self {
            Self::CostUsd => "cost_usd",
            Self::Tokens => "tokens",
            Self::WallS => "wall_s",
            Self::ModelCalls => "model_calls",
            Self::CostUsdPerDay => "cost_usd_per_day",
        }
    }
}
