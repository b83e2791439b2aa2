//! The numbered facts of a run's history.
//!
//! An event is stored, served and streamed as the same JSON object. Names are a promise to outside
//! programs: kinds and fields are added, never renamed.

mod inherited;
mod start;
mod visits;

mod turn;
mod usage;

mod limit;
mod trouble;

pub use inherited::{
    DefinitionChoice, Inherited, Origin, PastDocument, PastSummary, PastUsage, PastValue, PastVisit,
    PastWords,
};
pub(crate) use inherited::{in_a_row, listed};
pub use limit::{Guard, LimitKind};
pub use start::{RunCreated, Source, SourceKind};
pub use trouble::{InFlight, RunError};
pub use turn::{Ask, HookPlace, HookWhen, ListedTool, TurnEnd};
pub use usage::{CallUsage, Usage};
pub use visits::PastVisits;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::call::{Answer, Failure};
use crate::content::ContentHash;
use crate::definition::{ApprovalWhen, Limits, OnLimit, Phase};
use crate::money::Usd;
use crate::status::Status;
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
    /// It goes on from an ended run, and took over what that run had before a visit.
    RunInherited(Arc<Inherited>),
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
        /// Whether it is asked to sum up an agent's conversation that has grown too long.
        #[serde(default, skip_serializing_if = "is_false")]
        compacts: bool,
        /// What it is sent: the last message, which leads to those before it. Absent in histories of
        /// versions that did not keep it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        sent: Option<ContentHash>,
        /// The largest answer in tokens, where a limit lowers it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        max_tokens: Option<u64>,
        /// The largest price that it can have, which is set aside until it is answered. Absent where
        /// nothing limits money.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        reserved_usd: Option<Usd>,
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
        /// What it may have cost although no answer came: it counts as spent. Only where money is
        /// limited.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        cost_usd: Option<Usd>,
        /// About the most that it may have cost although no answer came, where nothing limits money and
        /// the model has a price. It does not count as spent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        may_cost_usd: Option<Usd>,
        /// Whether it had not gone out yet when it was cut off: it waited for its turn at the model.
        #[serde(default, skip_serializing_if = "is_false")]
        unsent: bool,
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
    /// An agent's conversation had grown too long, and its older part became a summary.
    ContextCompacted {
        /// The turn.
        turn: u32,
        /// The agent.
        agent: String,
        /// How many of its messages the summary stands for.
        messages: u32,
        /// The summary.
        summary: Arc<str>,
        /// About how many tokens the conversation had before.
        tokens_before: u64,
        /// About how many it has now.
        tokens_after: u64,
    },
    /// The tools of an MCP server are about to be listed: the intent.
    ToolListStarted {
        /// The call: the number of the event of its first attempt.
        call: u64,
        /// The attempt, from 1.
        attempt: u32,
        /// The tool of the project that the server is.
        tool: String,
    },
    /// An MCP server said which tools it has; they are those of this visit.
    ToolsListed {
        /// The call.
        call: u64,
        /// The attempt.
        attempt: u32,
        /// The tool of the project that the server is.
        tool: String,
        /// Its tools.
        tools: Arc<[ListedTool]>,
        /// How long it took, in milliseconds.
        duration_ms: u64,
    },
    /// An MCP server did not say which tools it has.
    ToolListFailed {
        /// The call.
        call: u64,
        /// The attempt.
        attempt: u32,
        /// The tool of the project that the server is.
        tool: String,
        /// The stable code.
        code: String,
        /// What happened.
        message: String,
        /// How long it took, in milliseconds.
        duration_ms: u64,
    },
    /// A tool is about to be called: the intent, written before the call goes out.
    ToolCallStarted {
        /// The call: the number of the event of its first attempt.
        call: u64,
        /// The attempt, from 1.
        attempt: u32,
        /// The turn, where an agent calls it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        turn: Option<u32>,
        /// The agent that calls it; absent for a hook.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        agent: Option<String>,
        /// The tool call of the agent's answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        tool_call: Option<String>,
        /// The hook, where it is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        hook: Option<HookPlace>,
        /// The tool; one of an MCP server as `SERVER.TOOL`.
        tool: String,
        /// Its arguments.
        arguments: Arc<Value>,
    },
    /// A tool answered, or failed, which its caller is told.
    ToolCallFinished {
        /// The call.
        call: u64,
        /// The attempt.
        attempt: u32,
        /// The turn, where an agent called it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        turn: Option<u32>,
        /// The agent that called it; absent for a hook.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        agent: Option<String>,
        /// The tool call of the agent's answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        tool_call: Option<String>,
        /// The tool.
        tool: String,
        /// What it gave, or what its caller is told of its failure.
        text: Arc<str>,
        /// The stable code of its failure; absent where it worked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        code: Option<String>,
        /// How long it took, in milliseconds.
        duration_ms: u64,
    },
    /// A hook of the stage is done.
    HookFinished {
        /// Which.
        hook: HookPlace,
        /// Its tool.
        tool: String,
        /// The key under which its result went into shared memory.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        key: Option<String>,
        /// Its result, where it worked: JSON where its text is an object or a list of JSON.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        value: Option<Arc<Value>>,
        /// The stable code of its failure; absent where it worked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        code: Option<String>,
        /// What is said of its failure.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        message: Option<String>,
    },
    /// A document of the run was written. Its text is kept under its hash.
    DocumentWritten {
        /// Who wrote it; absent for a hook.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        agent: Option<String>,
        /// Its path within the run.
        path: String,
        /// The hash of its text.
        hash: ContentHash,
        /// Its length in bytes of UTF-8.
        bytes: u64,
        /// The tool call that wrote it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        tool_call: Option<String>,
    },
    /// A person is asked something.
    QuestionAsked {
        /// The question: the number of this event.
        question: u64,
        /// The agent that asks; absent where the run itself does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        agent: Option<String>,
        /// Its turn.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        turn: Option<u32>,
        /// The tool call that asks.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        tool_call: Option<String>,
        /// The call that a crash cut off and of which it is asked whether it is made again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        call: Option<u64>,
        /// What is asked.
        text: Arc<str>,
        /// Answers to choose from; others may be given too, unless it is about a call.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        choices: Vec<String>,
        /// When it is given up.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        expires_at: Option<Time>,
    },
    /// A question was answered, or given up.
    QuestionAnswered {
        /// The question.
        question: u64,
        /// The answer, or what the agent is told where there is none.
        text: Arc<str>,
        /// Who answered; absent where nobody did in time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        by: Option<String>,
    },
    /// A person's leave is asked for.
    ApprovalRequested {
        /// The approval: the number of this event.
        approval: u64,
        /// Before or after the stage's work.
        when: ApprovalWhen,
        /// When it is decided by the clock.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        expires_at: Option<Time>,
    },
    /// It was given, or refused.
    ApprovalDecided {
        /// The approval.
        approval: u64,
        /// Whether it was given.
        approve: bool,
        /// Who decided; absent where nobody did in time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        by: Option<String>,
        /// What they said about it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        comment: Option<Arc<str>>,
    },
    /// A person said something to the agents of the stage.
    UserMessage {
        /// Who.
        by: String,
        /// What.
        text: Arc<str>,
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
    /// A stage was left because a person's leave was refused.
    StageRejected {
        /// The stage's id.
        stage: String,
        /// The approval that was refused.
        approval: u64,
        /// The result that was refused; absent where the work had not begun.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        result: Option<Arc<str>>,
        /// What it used.
        usage: Usage,
        /// How long it took, in milliseconds.
        duration_ms: u64,
    },
    /// An outcome leads to another workflow, which is about to be carried out: the intent.
    WorkflowCalled {
        /// The call: the number of this event.
        call: u64,
        /// The workflow's name.
        workflow: String,
        /// The outcome that leads to it.
        outcome: String,
        /// Its input: the stage's result.
        input: Arc<Value>,
    },
    /// The run that carries another workflow out for this one began.
    ChildStarted {
        /// The call.
        call: u64,
        /// The run.
        run_id: i64,
        /// The workflow's name.
        workflow: String,
    },
    /// The run that carried another workflow out for this one ended.
    ChildEnded {
        /// The call.
        call: u64,
        /// The run; absent where none could be started.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        run_id: Option<i64>,
        /// How it ended.
        status: Status,
        /// Its result.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        result: Option<Arc<str>>,
        /// Why it ended in error.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        error: Option<Box<RunError>>,
    },
    /// A limit that people set was reached.
    LimitReached {
        /// Which.
        limit: LimitKind,
        /// How much it allows: US dollars, tokens, seconds or calls.
        max: f64,
        /// How much was used by then.
        used: f64,
        /// What the run does about it.
        action: OnLimit,
        /// The turn that waits, where the run does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        turn: Option<u32>,
        /// The model that the turn wants to call, where it is not the agent's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        model: Option<String>,
    },
    /// A person changed the limits of the run.
    LimitRaised {
        /// Who.
        by: String,
        /// The limits from now on; those that are absent are as they were.
        limits: Limits,
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

/// For `skip_serializing_if`, which passes a reference.
fn is_false(value: &bool) -> bool {
    !*value
}
