//! Triggers: what starts runs by itself, the slots of schedules, and what a schedule means.

use std::collections::BTreeMap;

use callboard_engine::project::Overlap;
use callboard_engine::time::Time;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::run::Triggered;

/// A trigger of a project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ProjectTrigger)]
pub struct Trigger {
    /// Its number.
    pub id: i64,
    /// Its project.
    pub project_id: i64,
    /// The number of the workflow that it starts.
    pub workflow_id: i64,
    /// Its name.
    pub name: String,
    /// What the project file says of it.
    #[serde(flatten)]
    pub trigger: callboard_engine::project::Trigger,
    /// Since when it is paused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub paused_at: Option<Time>,
    /// Its next slot; nothing where it is paused, has none left, or is no schedule.
    pub next: Option<Time>,
    /// Where it is called, where it is a webhook.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub webhook_url: Option<String>,
}

/// What a trigger is made with: the fields of the project file, with its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NewTrigger {
    /// Its name.
    pub name: String,
    /// The fields of the project file.
    #[serde(flatten)]
    pub fields: serde_json::Map<String, Value>,
}

/// What is to change of a trigger: the fields of the project file, and its `name`, which all that refers to it
/// then has too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TriggerChange(pub serde_json::Map<String, Value>);

/// Starting a run of a trigger at once.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FireTrigger {
    /// The input of the run; the trigger's where absent.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub input: Option<Value>,
    /// What happens where a run of the trigger is still going; the trigger's policy where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlap: Option<Overlap>,
}

/// A run that was started by firing a trigger at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Fired {
    /// The run.
    #[serde(flatten)]
    pub triggered: Triggered,
    /// How it went by the runs that were still going.
    pub overlap: FiredOverlap,
}

/// How a trigger that was fired at once went by the runs of it that were still going.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FiredOverlap {
    /// What was obeyed.
    pub policy: Overlap,
    /// Whether the call chose it in place of the trigger's own.
    pub overridden: bool,
}

/// One moment at which a schedule was due, or a stretch of them that did not fire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Slot {
    /// The moment; of a stretch the first.
    pub at: Time,
    /// The last moment of a stretch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub until: Option<Time>,
    /// How many moments the stretch has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub count: Option<u64>,
    /// What became of it.
    pub status: SlotStatus,
    /// Why, where there is something to say.
    pub reason: Option<String>,
    /// The run that it started.
    pub run_id: Option<i64>,
}

/// What became of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SlotStatus {
    /// It started a run.
    Fired,
    /// It did not, though its trigger was at work.
    Skipped,
    /// It passed while nobody was there to fire it.
    Missed,
    /// Its trigger was paused.
    Paused,
    /// It is to start its run when the one before has ended; it does not stay so.
    Waiting,
}

impl SlotStatus {
    /// Every status.
    pub const ALL: [Self; 5] = [Self::Fired, Self::Skipped, Self::Missed, Self::Paused, Self::Waiting];

    /// The word for it on every surface.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fired => "fired",
            Self::Skipped => "skipped",
            Self::Missed => "missed",
            Self::Paused => "paused",
            Self::Waiting => "waiting",
        }
    }

    /// The status with that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

/// The answer to a call of a webhook that starts no run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Filtered {
    /// That the trigger's filter passed the call over: always true.
    pub filtered: bool,
}

/// A call of a webhook, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WebhookDelivery {
    /// Its number.
    pub id: i64,
    /// When it came.
    pub at: Time,
    /// The status that it was answered with.
    pub status: u16,
    /// The code of the problem, where it was one.
    pub code: Option<String>,
    /// Why, where there is something to say.
    pub reason: Option<String>,
    /// The run that it started, or that the same call started before.
    pub run_id: Option<i64>,
    /// Bytes of its body.
    pub bytes: u64,
    /// Headers that say what it was; none that could be a secret.
    pub headers: BTreeMap<String, String>,
}

/// Giving a webhook another token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateToken {
    /// Seconds for which the address before goes on to answer, up to 30 days; none where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 2_592_000)]
    pub grace_s: Option<u64>,
}

/// The new address of a webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RotatedToken {
    /// Where it is called from now on.
    pub webhook_url: String,
    /// Until when the address before answers, where it still does.
    pub old_answers_until: Option<Time>,
}

/// A schedule to be explained.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewSchedule {
    /// English or cron.
    pub schedule: String,
    /// The IANA name of the zone in which it is read; a zone in its words comes before it, and UTC is
    /// where there is neither.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// The moment after which its fire times begin; now where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Time>,
    /// How many fire times, up to 1,000; 5 where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
}

/// What a schedule was understood as.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SchedulePreview {
    /// In a sentence.
    pub description: String,
    /// As cron lines, where such lines hold it.
    pub cron: Option<Vec<String>>,
    /// The IANA name of its zone.
    pub timezone: String,
    /// What is worth knowing about how it was read.
    pub notes: Vec<String>,
    /// Its next fire times.
    pub fires: Vec<Time>,
    /// What clock changes do to some of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<FireMark>,
}

/// What a clock change does to a fire time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FireMark {
    /// The fire time.
    pub at: Time,
    /// What the change does.
    pub note: String,
}

/// An input that is given as `null` is given.
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
