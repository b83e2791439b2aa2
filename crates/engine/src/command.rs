//! What can be asked of a run, and how it is answered.

use std::sync::Arc;

use crate::call::{Answer, Failure, Tokens};
use crate::event::Event;
use crate::run::Run;
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
    },
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

/// What a decision may know of the world: it comes in, it is not asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The time.
    pub now: Time,
    /// Chance, for the waits between attempts.
    pub luck: u64,
}

/// A command's answer: the events that it causes, and the run that they lead to.
#[derive(Clone, Debug)]
pub struct Decided {
    /// The events, to be stored before anything acts on them. None where nothing changed.
    pub events: Vec<Event>,
    /// The run as it is once they are stored.
    pub run: Run,
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
    /// No such attempt is under way: it was answered, cut off or replaced. Or it is not to be cut off.
    #[error("no such attempt is under way")]
    NotUnderWay,
}
