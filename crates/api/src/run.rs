//! A run, as every surface shows it.

use callboard_engine::definition::{ApprovalWhen, Limits};
use callboard_engine::event::{LimitKind, RunError, Source, Usage};
use callboard_engine::prompt::SentMessage;
use callboard_engine::run as engine;
use callboard_engine::time::Time;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

pub use callboard_engine::event::{Origin as InheritedFrom, PastSummary as Summary};
pub use callboard_engine::run::{Became, Cause, Interrupted, InterruptedKind, May, Status, VisitStatus};

/// A run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Run {
    /// Its number.
    pub id: i64,
    /// Its project.
    pub project_id: i64,
    /// Its workflow.
    pub workflow_id: i64,
    /// The workflow's name.
    pub workflow: String,
    /// Where it is in its life.
    pub status: Status,
    /// What it waits for, where it waits for something other than work.
    pub waiting: Option<Waiting>,
    /// What people are asked and have not answered. Lists of runs leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asks: Option<Vec<Asked>>,
    /// Whether a stop was asked for.
    pub stop_requested: bool,
    /// What started it.
    pub source: Source,
    /// Its input: any JSON value.
    pub input: Value,
    /// What the caller wanted to find again.
    pub metadata: Option<Value>,
    /// The hash of its definition.
    pub definition: String,
    /// When it was created.
    pub created_at: Time,
    /// When its first stage was entered.
    pub started_at: Option<Time>,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// From its start to its end, or to now.
    pub duration_ms: u64,
    /// Its visits, in order. Lists of runs leave them out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visits: Option<Vec<Visit>>,
    /// Its own visits that have ended, in short, the first hundred of them: in lists of runs that ask
    /// for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Vec<PathVisit>>,
    /// Its shared memory. Lists of runs leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<IndexMap<String, Shared>>,
    /// Calls of which there is no answer and that may have been billed or have taken effect, the oldest
    /// first; of very many the newest 200. Lists of runs leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interrupted: Option<Vec<Interrupted>>,
    /// How many older ones are left out of that.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub interrupted_left_out: u64,
    /// What it spent, inherited visits not counted.
    pub usage: Usage,
    /// The result of its last stage.
    pub result: Option<String>,
    /// Why it ended in error.
    pub error: Option<RunError>,
}

/// A visit that has ended, in a list of runs: enough to draw the way that a run took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PathVisit {
    /// Its number in the run.
    pub visit: u32,
    /// The stage's id.
    pub stage: String,
    /// The stage's name at the time.
    pub name: String,
    /// How it ended.
    pub status: VisitStatus,
    /// From its start to its end.
    pub duration_ms: u64,
    /// The outcome, where the stage declares outcomes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
}

/// What a run waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Waiting {
    /// The kind of thing.
    #[serde(rename = "for")]
    pub what: WaitingFor,
    /// Since when.
    pub since: Time,
    /// Until when at most, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// The question that a person is asked, as `POST /runs/{id}/answers` names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<u64>,
    /// The approval that is asked for, as `POST /runs/{id}/approvals` names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<u64>,
    /// The limit that was reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<LimitKind>,
    /// The run whose end is waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<i64>,
}

/// Something that people are asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Asked {
    /// What it is.
    pub kind: AskKind,
    /// The number of the event that asked.
    pub number: u64,
    /// The visit at which it was asked.
    pub visit: u32,
    /// Since when it waits.
    pub since: Time,
    /// When it is given up, or decided by the clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// The agent that asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// What is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Answers to choose from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// Whether an approval is asked for before or after the work of the stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<ApprovalWhen>,
}

/// What people are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AskKind {
    /// An answer to an agent's question.
    Question,
    /// Whether a call that a crash cut off is made again; answered as a question is.
    Again,
    /// Leave, before or after a stage.
    Approval,
}

/// The kind of thing that a run waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WaitingFor {
    /// A person's answer or approval.
    Person,
    /// A limit to be raised.
    Limit,
    /// A free place among the runs at once.
    Place,
    /// A model that failed, to be tried again.
    Model,
    /// Another run.
    Run,
}

/// One entry of a run into a stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Visit {
    /// Its number in the run, from 1.
    pub visit: u32,
    /// The stage's id.
    pub stage: String,
    /// The stage's name at the time.
    pub name: String,
    /// The visit to that stage, from 1.
    pub nth: u32,
    /// Where it is in its life.
    pub status: VisitStatus,
    /// Whether a loop guard forced the run here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub forced: bool,
    /// When it was entered.
    pub started_at: Time,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// From its start to its end, or to now.
    pub duration_ms: u64,
    /// How it ended, where the stage declares outcomes.
    pub outcome: Option<String>,
    /// Its result.
    pub result: Option<String>,
    /// What its agents report for later stages.
    pub summaries: Vec<Summary>,
    /// What it used.
    pub usage: Usage,
    /// The run and visit that really carried it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inherited_from: Option<InheritedFrom>,
}

/// A value of shared memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Shared {
    /// The value.
    pub value: Value,
    /// Who shared it.
    pub agent: String,
    /// At which visit.
    pub visit: u32,
    /// Of which run.
    pub run_id: i64,
}

/// What a run is started with by hand.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartRun {
    /// Its input: any JSON value.
    #[serde(default)]
    pub input: Value,
    /// What it may use, in place of what its workflow says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
}

/// Why a run is to stop.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StopRun {
    /// The reason, as the record shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    pub reason: Option<String>,
}

/// An answer to a question.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerQuestion {
    /// The question: the number of the event that asked it.
    pub question: u64,
    /// The answer.
    #[schema(max_length = 20000)]
    pub text: String,
}

/// A decision about an approval.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideApproval {
    /// The approval: the number of the event that asked for it.
    pub approval: u64,
    /// Whether leave is given.
    pub approve: bool,
    /// What is said about it: whoever works next reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 20000)]
    pub comment: Option<String>,
}

/// A message to the agents of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendMessage {
    /// What it says.
    #[schema(max_length = 20000)]
    pub text: String,
}

/// A document of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Document {
    /// Its path within the run.
    pub path: String,
    /// The hash of its text.
    pub hash: String,
    /// Its length in bytes of UTF-8.
    pub bytes: u64,
    /// The agent that wrote it last; absent for a hook.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The visit at which it was written last.
    pub visit: u32,
    /// When.
    pub at: Time,
}

/// What a model was sent for one call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CallSent {
    /// The call.
    pub call: u64,
    /// The attempt.
    pub attempt: u32,
    /// The agent that asked.
    pub agent: String,
    /// The model's name in the definition.
    pub model: String,
    /// The messages, the first of them first.
    pub messages: Vec<SentMessage>,
}

/// What a program starts a run with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// The number of the workflow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow_id: Option<i64>,
    /// Or the names of its project and the workflow: `"newsroom/digest"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow: Option<String>,
    /// The run's input: any JSON value.
    #[serde(default)]
    pub input: Value,
    /// What the caller wants to find again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
    /// Where the run's end is told: a signed POST of the run object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback_url: Option<String>,
}

/// A run that a program started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Triggered {
    /// The run.
    pub run_id: i64,
    /// The run, under the name that some callers know.
    pub workflow_run_id: i64,
    /// Its workflow.
    pub workflow_id: i64,
    /// Where it is in its life.
    pub status: Status,
    /// The address of its page.
    pub url: String,
}

/// A run that a program started and that ended while it waited: the run object, with the fields that a run
/// which goes on is answered with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EndedInTime {
    /// The run.
    pub run_id: i64,
    /// The run, under the name that some callers know.
    pub workflow_run_id: i64,
    /// The address of its page.
    pub url: String,
    /// The run object.
    #[serde(flatten)]
    pub run: Run,
}

/// Words of an answer that is being written: they are not stored, and a later `model_call_failed`
/// takes them back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Delta {
    /// The call.
    pub call: u64,
    /// The attempt.
    pub attempt: u32,
    /// The agent.
    pub agent: String,
    /// The words.
    pub text: String,
}

/// How a stream ends, as the data of its `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StreamEnd {
    /// How the run ended.
    pub status: Status,
}

/// Where a run stands among the other things of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunIds {
    /// Its number.
    pub id: i64,
    /// Its project.
    pub project_id: i64,
    /// Its workflow.
    pub workflow_id: i64,
}

impl Run {
    /// The object of a run that was folded from its history.
    pub fn of(run: &engine::Run, ids: RunIds, now: Time) -> Self {
        let until = run.ended_at().unwrap_or(now);
        Self {
            id: ids.id,
            project_id: ids.project_id,
            workflow_id: ids.workflow_id,
            workflow: run.created_as().workflow.clone(),
            status: run.status(),
            waiting: waiting(run),
            asks: Some(run.asked().iter().map(Asked::of).collect()),
            stop_requested: run.stop_requested(),
            source: run.source().clone(),
            input: run.input().clone(),
            metadata: run.created_as().metadata.clone(),
            definition: run.created_as().definition.to_string(),
            created_at: run.created_at(),
            started_at: run.started_at(),
            ended_at: run.ended_at(),
            duration_ms: run.started_at().map_or(0, |started| until.millis_since(started)),
            visits: Some(run.visits().map(|visit| Visit::of(visit, until)).collect()),
            memory: Some(
                run.memory()
                    .iter()
                    .map(|(key, shared)| (key.clone(), Shared::of(shared, run, ids.id)))
                    .collect(),
            ),
            interrupted: Some(run.interrupted().to_vec()),
            path: None,
            interrupted_left_out: run.interrupted_left_out(),
            usage: run.usage(),
            result: run.result().map(str::to_owned),
            error: run.error().cloned(),
        }
    }
}

impl Visit {
    fn of(visit: &engine::Visit, now: Time) -> Self {
        Self {
            visit: visit.number,
            stage: visit.stage.clone(),
            name: visit.name.clone(),
            nth: visit.nth,
            status: visit.status,
            forced: visit.forced,
            started_at: visit.started_at,
            ended_at: visit.ended_at,
            duration_ms: visit.ended_at.unwrap_or(now).millis_since(visit.started_at),
            outcome: visit.outcome.clone(),
            result: visit.result.as_deref().map(str::to_owned),
            summaries: visit.summaries.clone(),
            usage: visit.usage,
            inherited_from: visit.inherited_from,
        }
    }
}

impl Shared {
    fn of(shared: &engine::Shared, run: &engine::Run, run_id: i64) -> Self {
        let place = usize::try_from(shared.visit).unwrap_or(usize::MAX).saturating_sub(1);
        let origin = run.visits().nth(place).and_then(|visit| visit.inherited_from);
        Self {
            value: shared.value.as_ref().clone(),
            agent: shared.agent.clone(),
            visit: shared.visit,
            run_id: origin.map_or(run_id, |origin| origin.run_id),
        }
    }
}

/// What a run waits for: nothing is in flight, and something is due later, or somebody's to do.
pub fn waiting(run: &engine::Run) -> Option<Waiting> {
    let mut waits = Vec::new();
    for pending in run.pending() {
        let wait = |what, since| Waiting {
            what,
            since,
            until: None,
            question: None,
            approval: None,
            limit: None,
            run_id: None,
        };
        waits.push(match pending {
            engine::Pending::Place => wait(WaitingFor::Place, run.created_at()),
            engine::Pending::Wait { since, until, .. } => {
                Waiting { until: Some(until), ..wait(WaitingFor::Model, since) }
            }
            engine::Pending::AwaitChild(child) => Waiting {
                until: child.until,
                run_id: Some(child.run_id),
                ..wait(WaitingFor::Run, child.since)
            },
            engine::Pending::Person(asked) => {
                let (question, approval) = match asked.what {
                    engine::AskedFor::Approval { .. } => (None, Some(asked.number)),
                    engine::AskedFor::Question { .. } | engine::AskedFor::Again { .. } => {
                        (Some(asked.number), None)
                    }
                };
                Waiting { until: asked.until, question, approval, ..wait(WaitingFor::Person, asked.since) }
            }
            engine::Pending::Limit { limit, since } => {
                Waiting { limit: Some(limit), ..wait(WaitingFor::Limit, since) }
            }
            engine::Pending::Room | engine::Pending::Alarm { .. } => continue,
            engine::Pending::CallModel(_)
            | engine::Pending::CallTool(_)
            | engine::Pending::ListTools(_)
            | engine::Pending::StartChild(_)
            | engine::Pending::Abort { .. } => return None,
        });
    }
    // What a person can do about it comes first, and of several waits for one thing the first.
    waits.into_iter().reduce(|first, other| match (first.what.rank(), other.what.rank()) {
        (one, another) if one < another => first,
        (one, another) if one > another => other,
        _ => Waiting {
            since: first.since.min(other.since),
            until: [first.until, other.until].into_iter().flatten().min(),
            ..first
        },
    })
}

impl WaitingFor {
    fn rank(self) -> u8 {
        match self {
            Self::Person => 0,
            Self::Limit => 1,
            Self::Place => 2,
            Self::Run => 3,
            Self::Model => 4,
        }
    }
}

impl Asked {
    fn of(asked: &engine::Asked) -> Self {
        let (kind, agent, text, choices, when) = match &asked.what {
            engine::AskedFor::Question { agent, text, choices, .. } => {
                (AskKind::Question, Some(agent.clone()), Some(text.to_string()), choices.clone(), None)
            }
            engine::AskedFor::Again { agent, text, choices, .. } => {
                (AskKind::Again, agent.clone(), Some(text.to_string()), choices.clone(), None)
            }
            engine::AskedFor::Approval { when, .. } => {
                (AskKind::Approval, None, None, Vec::new(), Some(*when))
            }
        };
        Self {
            kind,
            number: asked.number,
            visit: asked.visit,
            since: asked.since,
            until: asked.until,
            agent,
            text,
            choices,
            when,
        }
    }
}

/// For `skip_serializing_if`, which passes a reference.
fn is_zero(number: &u64) -> bool {
    *number == 0
}
