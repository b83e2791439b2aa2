//! What can be asked of a run, and how it is answered.

use std::sync::Arc;

use crate::call::{Answer, Failure, Request, Tokens};
use crate::content::ContentHash;
use crate::definition::Limits;
use crate::event::{Event, ListedTool, RunError};
use crate::money::Usd;
use crate::prompt::Sent;
use crate::run::{Run, Status};
use crate::time::Time;

/// Something asked of a run. Named as an order, or as news from the outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// There is a place for the run: begin.
    Start,
    /// A model answered.
    TakeAnswer {
        /// The call.
        call: u64,
        /// The attempt.
        attempt: u32,
        /// The answer.
        answer: Arc<Answer>,
        /// What it used; unknown where the provider does not say.
        tokens: Option<Tokens>,
    },
    /// A call to a model failed.
    TakeFailure {
        /// The call.
        call: u64,
        /// The attempt.
        attempt: u32,
        /// Why.
        failure: Failure,
        /// The text that had come by then.
        partial: Option<String>,
    },
    /// The wait before an attempt is over.
    Retry {
        /// The call.
        call: u64,
        /// The attempt that is now due.
        attempt: u32,
    },
    /// A call was cut off, as the run asked for.
    TakeAbort {
        /// The call.
        call: u64,
        /// The attempt.
        attempt: u32,
        /// The text that had come by then.
        partial: Option<String>,
        /// Whether it had gone out, or still waited for its turn.
        sent: bool,
    },
    /// A tool answered, or failed.
    TakeTool {
        /// The call.
        call: u64,
        /// The attempt.
        attempt: u32,
        /// What came of it.
        outcome: ToolOutcome,
    },
    /// An MCP server said which tools it has, or did not.
    TakeTools {
        /// The call.
        call: u64,
        /// The attempt.
        attempt: u32,
        /// The tools, or why there are none.
        listed: Result<Arc<[ListedTool]>, ToolOutcome>,
    },
    /// The run that carries another workflow out for this one began.
    TakeChild {
        /// The call.
        call: u64,
        /// The run.
        run_id: i64,
    },
    /// It could not be started.
    TakeChildRefused {
        /// The call.
        call: u64,
        /// Why.
        outcome: ToolOutcome,
    },
    /// That run ended.
    TakeChildEnd {
        /// The call.
        call: u64,
        /// The run.
        run_id: i64,
        /// How it ended.
        end: ChildEnd,
    },
    /// Someone answers a question.
    Answer {
        /// The question.
        question: u64,
        /// The answer.
        text: String,
        /// Who.
        by: String,
    },
    /// Someone decides an approval.
    Approve {
        /// The approval.
        approval: u64,
        /// Whether leave is given.
        approve: bool,
        /// What they say about it.
        comment: Option<String>,
        /// Who.
        by: String,
    },
    /// Someone says something to the agents of the stage.
    Say {
        /// What.
        text: String,
        /// Who.
        by: String,
    },
    /// Someone changes the limits of the run.
    Raise {
        /// The limits from now on; those that are absent are as they were.
        limits: Limits,
        /// Who.
        by: String,
    },
    /// There is nobody who could answer what is asked.
    NobodyThere,
    /// Time has passed, or there is room again: what is due is decided.
    Look,
    /// Whoever drove the run is gone, and with it whatever was in flight.
    Recover,
    /// Someone wants the run to stop.
    Stop {
        /// Who.
        by: String,
        /// Why.
        reason: Option<String>,
    },
}

/// What a tool gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolOutcome {
    /// Its result, or what its caller is told of its failure.
    pub text: Arc<str>,
    /// The stable code of its failure; none where it worked.
    pub code: Option<String>,
}

/// How a run ended that was carried out for another.
#[derive(Clone, Debug, PartialEq)]
pub struct ChildEnd {
    /// Its status.
    pub status: Status,
    /// Its result.
    pub result: Option<Arc<str>>,
    /// Why it ended in error.
    pub error: Option<Box<RunError>>,
}

/// What a decision may know of the world: it comes in, it is not asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// The time.
    pub now: Time,
    /// Chance, for the waits between attempts.
    pub luck: u64,
    /// What the project may still spend today; none where that is not limited.
    pub day: Option<Day>,
}

/// What the runs of a project may still spend on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// What it may spend in all.
    pub limit: Usd,
    /// What is spent.
    pub spent: Usd,
    /// What is set aside for calls that are under way, of all its runs.
    pub reserved: Usd,
}

/// A command's answer: the events that it causes, and the run that they lead to.
#[derive(Clone, Debug)]
pub struct Decided {
    /// The events, to be stored before anything acts on them. None where nothing changed.
    pub events: Vec<Event>,
    /// The run as it is once they are stored.
    pub run: Run,
    /// What models are to be asked, each with the call that its event began.
    pub questions: Vec<Question>,
    /// The texts of documents that were written, to be stored with the events.
    pub documents: Vec<DocumentText>,
}

/// What a model is to be asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// The call.
    pub call: u64,
    /// The attempt.
    pub attempt: u32,
    /// What it is sent.
    pub request: Request,
    /// The same as it is kept.
    pub sent: Vec<Sent>,
}

/// The text of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentText {
    /// Its hash.
    pub hash: ContentHash,
    /// The text.
    pub text: Arc<str>,
}

/// Why a command was refused. The run is unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The run has ended, and a final run never changes.
    #[error("the run has ended")]
    Ended,
    /// The run has begun already.
    #[error("the run has begun already")]
    Begun,
    /// The run has not begun yet.
    #[error("the run has not begun yet")]
    NotBegun,
    /// The run is asked to stop already.
    #[error("the run is asked to stop already")]
    Stopping,
    /// Nobody was asked that, or it was answered already.
    #[error("nothing of that number waits for an answer")]
    NotAsked,
    /// The answer is not one of those that there are to choose from.
    #[error("the answer is none of those that there are to choose from")]
    NotAChoice,
    /// No such attempt is under way: it was answered, cut off or replaced. Or it is not to be cut off.
    #[error("no such attempt is under way")]
    NotUnderWay,
}
