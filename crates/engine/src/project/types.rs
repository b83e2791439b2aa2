//! What a project file says, once it is known to be right.

use indexmap::IndexMap;
use serde_json::Value;

use crate::definition::{Model, Team, Tool, Workflow};
use crate::time::Time;

/// A project, as its file describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Project {
    /// Its name.
    pub name: String,
    /// The IANA name of the zone in which its day is counted.
    pub timezone: String,
    /// Runs at once; the others are pending.
    pub max_running: Option<u32>,
    /// What all its runs together may use.
    pub limits: ProjectLimits,
    /// The models, by name.
    pub models: IndexMap<String, Model>,
    /// The tools that it brings along, by name.
    pub tools: IndexMap<String, Tool>,
    /// The teams, by name.
    pub teams: IndexMap<String, Team>,
    /// The workflows, by name.
    pub workflows: IndexMap<String, Workflow>,
    /// The triggers, by name.
    pub triggers: IndexMap<String, Trigger>,
}

/// What all runs of a project together may use.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ProjectLimits {
    /// US dollars per day of the project's zone.
    pub cost_usd_per_day: Option<f64>,
}

/// What starts runs of a workflow by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Trigger {
    /// The name of the workflow that it starts.
    pub workflow: String,
    /// Whether it does.
    pub enabled: bool,
    /// A schedule or a webhook.
    pub kind: TriggerKind,
}

/// A schedule or a webhook.
#[derive(Clone, Debug, PartialEq)]
pub enum TriggerKind {
    /// It fires by the clock.
    Schedule(Box<Schedule>),
    /// It fires when its address is called.
    Webhook(Webhook),
}

/// When a trigger fires by the clock.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// English or cron.
    pub schedule: String,
    /// The IANA name of its zone; the project's where absent.
    pub timezone: Option<String>,
    /// The input of its runs.
    pub input: Value,
    /// The first moment at which it may fire.
    pub start_at: Option<Time>,
    /// The last moment at which it may fire.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missed {
    /// They are skipped.
    Skip,
    /// One run for the newest.
    Latest,
    /// One run each.
    All,
}

/// What happens to a fixed time that a clock change leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockGap {
    /// It fires at the first moment after the gap.
    Shift,
    /// It does not fire.
    Skip,
}

/// What happens to a fixed time that a clock change brings twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockRepeat {
    /// It fires at the first.
    First,
    /// It fires at the second.
    Second,
    /// It fires at both.
    Both,
}

/// How a webhook's calls are taken.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Webhook {
    /// How the sender's signature is verified.
    pub verify: Option<Verify>,
    /// The name of the project's secret that verifies it.
    pub secret: Option<String>,
    /// The template that shapes the input.
    pub input: Option<String>,
    /// The expression that says whether a call starts a run.
    pub when: Option<String>,
}

/// How a sender's signature is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verify {
    /// GitHub's `X-Hub-Signature-256`.
    Github,
    /// Standard Webhooks.
    StandardWebhooks,
    /// A secret in a header.
    Header,
}
