//! The numbered facts of a run's history.
//!
//! An event is stored, served and streamed as the same JSON object. Names are a promise to outside
//! programs: kinds and fields are added, never renamed.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::call::{Answer, Failure};
use crate::definition::{DefinitionHash, Phase};
use crate::money::Usd;
use crate::time::Time;

/// One fact of a run's history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Event {
    /// Its number: from 1, without holes.
    pub seq: u64,
    /// When it was written.
    pub at: Time,
    /// The visit that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub visit: Option<u32>,
    /// What happened.
    #[serde(flatten)]
    pub fact: Fact,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fact {
    /// The run was asked for.
    RunCreated(RunCreated),
    /// Its first stage is about to be entered.
    RunStarted,
    /// A stage was entered.
    StageEntered {
        /// The stage's id.
        stage: String,
        /// Its name.
        name: String,
        /// The visit to that stage, from 1.
        nth: u32,
        /// Whether a loop guard forced the run here.
        #[serde(default, skip_serializing_if = "is_false")]
        forced: bool,
    },
    /// An agent's turn began.
    TurnStarted {
        /// The turn's number in the run, from 1.
        turn: u32,
        /// The agent.
        agent: String,
        /// Its phase.
        phase: Phase,
        /// The cycle of that phase, from 1.
        cycle: u32,
        /// What the turn is for, where it is not an ordinary one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        asks: Option<Ask>,
    },
    /// A model is about to be called: the intent, written before the call goes out.
    ModelCallStarted {
        /// The call: the number of the event of its first attempt.
        call: u64,
        /// The attempt, from 1.
        attempt: u32,
        /// The turn.
        turn: u32,
        /// The agent.
        agent: String,
        /// The model's name in the definition.
        model: String,
    },
    /// A model answered.
    ModelCallFinished {
        /// The call.
        call: u64,
        /// The attempt that was answered.
        attempt: u32,
        /// The turn.
        turn: u32,
        /// The agent.
        agent: String,
        /// The model's name in the definition.
        model: String,
        /// The answer, word for word.
        answer: Arc<Answer>,
        /// What it used.
        usage: CallUsage,
        /// How long it took, in milliseconds.
        duration_ms: u64,
    },
    /// An attempt to call a model gave no answer.
    ModelCallFailed {
        /// The call.
        call: u64,
        /// The attempt.
        attempt: u32,
        /// The turn.
        turn: u32,
        /// The agent.
        agent: String,
        /// The model's name in the definition.
        model: String,
        /// Why.
        #[serde(flatten)]
        failure: Failure,
        /// The text that had come by then; it is shown and never used.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        partial: Option<String>,
        /// How long it took, in milliseconds.
        duration_ms: u64,
    },
    /// A failed call is tried again after a wait.
    RetryScheduled {
        /// The call.
        call: u64,
        /// The next attempt.
        attempt: u32,
        /// The turn.
        turn: u32,
        /// The agent.
        agent: String,
        /// The model that will be called: the same, or its fallback.
        model: String,
        /// The wait, in milliseconds.
        wait_ms: u64,
        /// When it is over.
        retry_at: Time,
    },
    /// An agent, or the whole team, was sent a message.
    MessageSent {
        /// Who sent it.
        agent: String,
        /// `team`, or the agent that it is for.
        to: String,
        /// What it says.
        text: Arc<str>,
        /// The tool call that sent it; absent for a plain answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        tool_call: Option<String>,
    },
    /// A value was written to shared memory.
    ResultShared {
        /// Who shared it.
        agent: String,
        /// Its key.
        key: String,
        /// The value.
        value: Arc<Value>,
        /// The tool call that shared it; absent for the plain answer of a model that cannot call tools.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        tool_call: Option<String>,
    },
    /// An agent read a value of shared memory.
    MemoryRead {
        /// Who read it.
        agent: String,
        /// Its key.
        key: String,
        /// What it was given.
        text: Arc<str>,
        /// The tool call that read it.
        tool_call: String,
    },
    /// A tool call was refused before anything was done.
    ToolCallRefused {
        /// Who made it.
        agent: String,
        /// The tool's name, as the model wrote it.
        tool: String,
        /// The tool call.
        tool_call: String,
        /// The stable code.
        code: String,
        /// What the agent is told.
        message: String,
    },
    /// A turn reached the cap on its model calls.
    TurnCapped {
        /// The turn.
        turn: u32,
        /// The agent.
        agent: String,
        /// The model calls that it made.
        model_calls: u32,
    },
    /// An agent completed its part of the stage.
    AgentCompleted {
        /// The turn.
        turn: u32,
        /// The agent.
        agent: String,
        /// Its result.
        result: Arc<str>,
        /// Its summary.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        summary: Option<Arc<str>>,
        /// The outcome that it named, declared or not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        outcome: Option<String>,
        /// The tool call that completed it; absent for a plain answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        tool_call: Option<String>,
    },
    /// An agent's turn ended.
    TurnEnded {
        /// The turn.
        turn: u32,
        /// The agent.
        agent: String,
        /// How.
        how: TurnEnd,
    },
    /// The outcome of a stage was chosen.
    OutcomeChosen {
        /// Who chose it.
        agent: String,
        /// The outcome.
        outcome: String,
    },
    /// A summary for later stages was written.
    SummaryWritten {
        /// Who wrote it.
        agent: String,
        /// What it says.
        text: Arc<str>,
    },
    /// A stage ended.
    StageCompleted {
        /// The stage's id.
        stage: String,
        /// Its result.
        result: Arc<str>,
        /// Its outcome, where it declares some.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        outcome: Option<String>,
        /// What it used.
        usage: Usage,
        /// How long it took, in milliseconds.
        duration_ms: u64,
    },
    /// A loop guard tripped.
    LoopGuardTripped {
        /// The stage whose guard it is.
        stage: String,
        /// Which guard.
        guard: Guard,
        /// The visits that it counted.
        visits: u32,
        /// Whether the run is forced on; else it ends in error.
        forced: bool,
    },
    /// A stage ended in error, and the run ends as soon as nothing is in flight.
    StageFailed {
        /// The stage's id.
        stage: String,
        /// Why.
        error: Box<RunError>,
        /// What it had used by then.
        usage: Usage,
        /// How long it took until then, in milliseconds.
        duration_ms: u64,
    },
    /// The server came back after a crash and found work in flight.
    RunRecovered {
        /// What was in flight: it may have taken effect, or been billed, and is done again.
        in_flight: Vec<InFlight>,
    },
    /// Someone asked the run to stop.
    StopRequested {
        /// Who.
        by: String,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        reason: Option<String>,
    },
    /// The run ended well.
    RunCompleted {
        /// The result of its last stage.
        result: Arc<str>,
        /// What it used.
        usage: Usage,
        /// From its start to its end, in milliseconds.
        duration_ms: u64,
    },
    /// The run was stopped, and nothing is in flight any more.
    RunStopped {
        /// Who stopped it.
        by: String,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        reason: Option<String>,
        /// How long it took from the request, in milliseconds.
        took_ms: u64,
        /// What was cut off.
        aborted: Vec<InFlight>,
        /// What the run had used by then.
        usage: Usage,
        /// From its start to its end, in milliseconds.
        duration_ms: u64,
    },
    /// The run ended in error.
    RunFailed {
        /// Where, what and why.
        error: Box<RunError>,
        /// What it had used by then.
        usage: Usage,
        /// From its start to its end, in milliseconds.
        duration_ms: u64,
    },
}

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

/// Something that was under way when a run was cut off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InFlight {
    /// What it was.
    pub what: String,
    /// The call.
    pub call: u64,
    /// The attempt.
    pub attempt: u32,
    /// The agent.
    pub agent: String,
    /// The model, where it was a call to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub model: Option<String>,
}

/// What one model call used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CallUsage {
    /// Tokens of the question.
    pub input_tokens: u64,
    /// Tokens of the answer.
    pub output_tokens: u64,
    /// US dollars; nothing where the model has no price.
    pub cost_usd: Usd,
}

/// What a visit or a run used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Usage {
    /// Model calls that were answered.
    pub model_calls: u64,
    /// Tokens of the questions.
    pub input_tokens: u64,
    /// Tokens of the answers.
    pub output_tokens: u64,
    /// US dollars.
    pub cost_usd: Usd,
}

impl Usage {
    /// Counts one answered call in.
    pub fn add(&mut self, call: CallUsage) {
        self.model_calls += 1;
        self.input_tokens += call.input_tokens;
        self.output_tokens += call.output_tokens;
        self.cost_usd = self.cost_usd.plus(call.cost_usd);
    }
}

/// Why a run ended in error: where, who, what was being done, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunError {
    /// The stage's id.
    #[schema(required)]
    pub stage: Option<String>,
    /// The visit.
    #[schema(required)]
    pub visit: Option<u32>,
    /// The agent.
    #[schema(required)]
    pub agent: Option<String>,
    /// What was being done.
    pub doing: String,
    /// The stable code.
    pub code: String,
    /// What happened.
    pub message: String,
    /// The provider's own words.
    #[schema(required)]
    pub provider_message: Option<String>,
    /// What to do about it.
    #[schema(required)]
    pub hint: Option<String>,
}

/// For `skip_serializing_if`, which passes a reference.
fn is_false(value: &bool) -> bool {
    !*value
}
