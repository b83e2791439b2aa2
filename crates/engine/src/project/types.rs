//! What a project file says, once it is known to be right.
//!
//! Everything here is written in the form of a project file, with every default written out.

use indexmap::IndexMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use utoipa::ToSchema;

use crate::definition::{Agent, Model, Team, Tool, Workflow};
use crate::time::Time;

/// A project, as its file describes it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = ProjectFile)]
pub struct Project {
    /// Its name.
    #[serde(rename = "project")]
    pub name: String,
    /// The IANA name of the zone in which its day is counted.
    pub timezone: String,
    /// Runs at once; the others are pending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub max_running: Option<u32>,
    /// What all its runs together may use.
    #[serde(skip_serializing_if = "ProjectLimits::is_empty")]
    pub limits: ProjectLimits,
    /// The models, by name.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub models: IndexMap<String, Model>,
    /// The tools that it brings along, by name.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub tools: IndexMap<String, Tool>,
    /// The teams, by name.
    #[serde(skip_serializing_if = "IndexMap::is_empty", serialize_with = "teams_of_file")]
    #[schema(value_type = IndexMap<String, TeamOfFile>)]
    pub teams: IndexMap<String, Team>,
    /// The workflows, by name.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub workflows: IndexMap<String, Workflow>,
    /// The triggers, by name.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub triggers: IndexMap<String, Trigger>,
}

/// What all runs of a project together may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProjectLimits {
    /// US dollars per day of the project's zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cost_usd_per_day: Option<f64>,
}

impl ProjectLimits {
    /// Whether nothing is limited.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A team in a project file, where its name is the key that it stands under.
#[derive(Serialize, ToSchema)]
#[schema(as = TeamFields)]
struct TeamOfFile<'a> {
    /// The model of the agents that name none. Absent only where every agent has its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    model: Option<&'a str>,
    /// The agents, by name.
    agents: &'a IndexMap<String, Agent>,
}

fn teams_of_file<S: Serializer>(teams: &IndexMap<String, Team>, serializer: S) -> Result<S::Ok, S::Error> {
    let teams = teams.iter();
    serializer.collect_map(
        teams
            .map(|(name, Team { model, agents, .. })| (name, TeamOfFile { model: model.as_deref(), agents })),
    )
}

/// What starts runs of a workflow by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = TriggerFields)]
pub struct Trigger {
    /// The name of the workflow that it starts.
    pub workflow: String,
    /// Whether it does.
    pub enabled: bool,
    /// Why it does not, where it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub pause_reason: Option<String>,
    /// Who is told when something of it goes wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub alert: Option<Alert>,
    /// A schedule or a webhook.
    #[serde(flatten)]
    #[schema(value_type = KindOfFile)]
    pub kind: TriggerKind,
}

/// Who is told of what, with a signed request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Alert {
    /// Where it is told.
    pub url: String,
    /// What is told.
    pub on: Vec<AlertOn>,
}

/// What is told of a trigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertOn {
    /// A slot was missed, or skipped.
    SlotMissed,
    /// A run ended in error.
    RunFailed,
    /// A run waits for a person.
    RunWaiting,
}

impl AlertOn {
    /// Everything that can be told.
    pub const ALL: [Self; 3] = [Self::SlotMissed, Self::RunFailed, Self::RunWaiting];
}

/// A schedule or a webhook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "KindOfFile", into = "KindOfFile")]
pub enum TriggerKind {
    /// It fires by the clock.
    Schedule(Box<Schedule>),
    /// It fires when its address is called.
    Webhook(Webhook),
}

/// When a trigger fires by the clock.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ScheduleFields)]
pub struct Schedule {
    /// English or cron.
    pub schedule: String,
    /// The IANA name of its zone; the project's where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub timezone: Option<String>,
    /// The input of its runs.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub input: Value,
    /// The first moment at which it may fire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub start_at: Option<Time>,
    /// The last moment at which it may fire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub end_at: Option<Time>,
    /// What happens when a run of it is still going.
    pub overlap: Overlap,
    /// What happens to slots that passed while the server was down.
    pub missed: Missed,
    /// What happens to a fixed time that a clock change leaves out.
    pub clock_gap: ClockGap,
    /// What happens to a fixed time that a clock change brings twice.
    pub clock_repeat: ClockRepeat,
    /// The seconds over which its runs are spread.
    pub spread_s: u64,
}

/// What happens when a slot is due and a run of the trigger is still going.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// Another is started.
    Allow,
    /// The slot is skipped.
    Skip,
    /// It waits; one at most, the newest.
    Queue,
    /// The run that is going is stopped.
    StopPrevious,
}

/// What happens to slots that passed while the server was down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Missed {
    /// They are skipped.
    Skip,
    /// One run for the newest.
    Latest,
    /// One run each.
    All,
}

/// What happens to a fixed time that a clock change leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClockGap {
    /// It fires at the first moment after the gap.
    Shift,
    /// It does not fire.
    Skip,
}

/// What happens to a fixed time that a clock change brings twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClockRepeat {
    /// It fires at the first.
    First,
    /// It fires at the second.
    Second,
    /// It fires at both.
    Both,
}

/// How a webhook's calls are taken.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = WebhookFields)]
pub struct Webhook {
    /// How the sender's signature is verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub verify: Option<Verify>,
    /// The name of the project's secret that verifies it.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "secret_of_file")]
    #[schema(nullable = false, required = false, value_type = SecretOfFile)]
    pub secret: Option<String>,
    /// The header in which the secret is, where it is a shared one; the usual ones where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub header: Option<String>,
    /// The template that shapes the input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub input: Option<String>,
    /// The expression that says whether a call starts a run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub when: Option<String>,
    /// Which of its runs do not go beside each other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub concurrency: Option<Concurrency>,
}

/// One run at a time for each key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Concurrency {
    /// The template of the key.
    pub key: String,
    /// What happens when a run of the same key is still going.
    pub policy: ConcurrencyPolicy,
}

/// What happens when a webhook is called and a run of the same key is still going.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConcurrencyPolicy {
    /// The new one waits for it; of several that wait, the newest alone.
    Queue,
    /// It is stopped, and the new one goes when it has.
    Newest,
}

/// How a sender's signature is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verify {
    /// GitHub's `X-Hub-Signature-256`.
    Github,
    /// Standard Webhooks.
    StandardWebhooks,
    /// A secret in a header.
    Header,
}

/// A schedule or a webhook as a project file writes it.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(as = TriggerKind)]
enum KindOfFile {
    /// It fires by the clock.
    Schedule(Box<Schedule>),
    /// It fires when its address is called.
    Webhook {
        /// How its calls are taken.
        webhook: Webhook,
    },
}

impl From<TriggerKind> for KindOfFile {
    fn from(kind: TriggerKind) -> Self {
        match kind {
            TriggerKind::Schedule(schedule) => Self::Schedule(schedule),
            TriggerKind::Webhook(webhook) => Self::Webhook { webhook },
        }
    }
}

impl From<KindOfFile> for TriggerKind {
    fn from(kind: KindOfFile) -> Self {
        match kind {
            KindOfFile::Schedule(schedule) => Self::Schedule(schedule),
            KindOfFile::Webhook { webhook } => Self::Webhook(webhook),
        }
    }
}

/// The secret of a webhook as a project file names it: a bare text could be mistaken for the secret.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = SecretName)]
struct SecretOfFile {
    /// The name of the project's secret.
    secret: String,
}

/// A secret's name, written as a [`SecretOfFile`].
mod secret_of_file {
    use super::{Deserialize, Deserializer, SecretOfFile, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(name: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
        name.clone().map(|secret| SecretOfFile { secret }).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<String>, D::Error> {
        Ok(Option::<SecretOfFile>::deserialize(deserializer)?.map(|of_file| of_file.secret))
    }
}
