//! Deliveries: what the server tells other programs, and what became of each try.

use callboard_engine::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Something that is told to another program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Delivery {
    /// Its number.
    pub id: i64,
    /// What it tells.
    pub kind: DeliveryKind,
    /// Its project.
    pub project_id: i64,
    /// The run that it is about.
    pub run_id: Option<i64>,
    /// The trigger whose alert it is.
    pub trigger_id: Option<i64>,
    /// The header `webhook-id`, the same at every try.
    pub webhook_id: String,
    /// Where it goes: scheme, host and port. What stands behind them may be a secret, and is not shown.
    pub to: String,
    /// Where it is in its life.
    pub status: DeliveryStatus,
    /// When it was promised.
    pub created_at: Time,
    /// When it is tried next.
    pub next_try_at: Option<Time>,
    /// Its tries, the oldest first; of very many the newest 100.
    pub tries: Vec<DeliveryTry>,
}

/// What a delivery tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryKind {
    /// A run has ended.
    RunEnded,
    /// A run of a trigger ended in error.
    RunFailed,
    /// A run of a trigger waits for a person.
    RunWaiting,
    /// A slot of a schedule did not fire.
    SlotMissed,
}

impl DeliveryKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::RunEnded, Self::RunFailed, Self::RunWaiting, Self::SlotMissed];

    /// Its word on every surface.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RunEnded => "run_ended",
            Self::RunFailed => "run_failed",
            Self::RunWaiting => "run_waiting",
            Self::SlotMissed => "slot_missed",
        }
    }
}

/// Where a delivery is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// What it is to tell has not happened yet.
    Promised,
    /// It is tried, again and again.
    Due,
    /// It was answered with 2xx.
    Delivered,
    /// It was tried for a day, or the other side said that it is gone for good.
    GivenUp,
}

impl DeliveryStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Promised, Self::Due, Self::Delivered, Self::GivenUp];

    /// Its word on every surface.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Promised => "promised",
            Self::Due => "due",
            Self::Delivered => "delivered",
            Self::GivenUp => "given_up",
        }
    }
}

/// One try.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeliveryTry {
    /// Which, from 1.
    pub nth: u32,
    /// When it began.
    pub at: Time,
    /// How long it took.
    pub duration_ms: u64,
    /// The status that the other side answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The beginning of what it said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// Why there was no answer, as a stable code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The same in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// The key with which a project's callbacks are signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CallbackKey {
    /// The key. It is answered this once and never again.
    pub key: String,
}
