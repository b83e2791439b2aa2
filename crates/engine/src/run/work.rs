//! What goes on at the current visit: who sits at the table, what was said, whose turn it is.
//!
//! It is gone when the visit ends; what stays of it is in the [`Visit`](super::Visit).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use super::Memory;
use crate::call::Answer;
use crate::definition::Phase;
use crate::event::{Ask, InFlight};
use crate::time::Time;

/// The state of the current visit.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Work {
    /// The stage's place in the workflow.
    pub(crate) stage: usize,
    /// The task, filled in; or why it could not be.
    pub(crate) task: Result<Arc<str>, String>,
    /// Shared memory as it was at the entry: what is shared later comes as news.
    pub(crate) memory_at_entry: Arc<Memory>,
    /// One per assignment, in the stage's order.
    pub(crate) seats: Vec<Seat>,
    /// The phase and cycle of the latest ordinary turn.
    pub(crate) phase: Phase,
    pub(crate) cycle: u32,
    /// What was said at the table, in order.
    pub(crate) table: Vec<Arc<Spoken>>,
    /// Each agent's conversation, from its first turn on.
    pub(crate) talks: IndexMap<String, Talk>,
    /// Turns under way: one, or several where agents go at once.
    pub(crate) turns: Vec<Turn>,
    /// Who completed last, and with what.
    pub(crate) completed_last: Option<Completion>,
    /// Whose model answered last.
    pub(crate) spoke_last: Option<String>,
    /// What was asked for beyond ordinary turns: each is asked once.
    pub(crate) asked_result: bool,
    pub(crate) asked_outcome: bool,
    pub(crate) asked_summary: BTreeSet<String>,
}

/// An assignment, as it stands at this visit.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Seat {
    /// What the agent in particular is to do, filled in; or why it could not be.
    pub(crate) directive: Option<Result<Arc<str>, String>>,
    /// The cycle of its latest turn; 0 before the first.
    pub(crate) cycle: u32,
    pub(crate) completed: bool,
    /// Whether it was reminded of the keys that it has to share.
    pub(crate) reminded: bool,
}

/// What an agent completed with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Completion {
    pub(crate) agent: String,
    pub(crate) result: Arc<str>,
    pub(crate) outcome: Option<String>,
}

/// Something said at the table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Spoken {
    Message { from: String, to: String, text: Arc<str> },
    Shared { from: String, key: String, value: Arc<Value> },
    Completed { agent: String, result: Arc<str> },
}

/// An agent's conversation at this visit.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Talk {
    pub(crate) entries: Vec<Entry>,
    /// How much of the table it has heard.
    pub(crate) heard: usize,
    /// The keys that it shared.
    pub(crate) shared: BTreeSet<String>,
    /// The summary that it gave when it completed.
    pub(crate) summary: Option<Arc<str>>,
    /// Attempts to call its model, at this visit.
    pub(crate) attempts: u32,
}

/// One entry of a conversation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Entry {
    /// A turn began: what was said at the table since the last one, and what is asked.
    Opening { seat: usize, heard: Range<usize>, ask: Option<Ask> },
    /// What the agent's model answered, and what came of each tool call.
    Answer { answer: Arc<Answer>, results: Arc<BTreeMap<String, (Arc<str>, bool)>> },
}

/// A turn under way.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Turn {
    pub(crate) number: u32,
    pub(crate) agent: String,
    pub(crate) seat: usize,
    pub(crate) ask: Option<Ask>,
    /// Model calls that were begun.
    pub(crate) calls: u32,
    /// The call that the turn waits for.
    pub(crate) call: Option<Call>,
}

/// A model call that a turn waits for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    /// The number of the event of its first attempt.
    pub(crate) number: u64,
    pub(crate) attempt: u32,
    pub(crate) model: String,
    /// Attempts on this model before this one.
    pub(crate) failures: u32,
    /// When this model first failed the call: it is tried again from here on. A long answer that
    /// breaks off late has used up none of that time, and neither has time without a server.
    pub(crate) failing_since: Option<Time>,
    pub(crate) state: CallState,
}

/// Where a model call stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum CallState {
    /// The intent is on disk.
    InFlight { started_at: Time },
    /// The attempt failed; the next step is being decided.
    Failed,
    /// The next attempt is due then.
    Waiting { since: Time, until: Time },
}

impl Work {
    pub(crate) fn turn(&self, number: u32) -> Option<&Turn> {
        self.turns.iter().find(|turn| turn.number == number)
    }

    pub(crate) fn turn_of_call(&self, call: u64) -> Option<&Turn> {
        self.turns.iter().find(|turn| turn.call.as_ref().is_some_and(|c| c.number == call))
    }

    /// The attempts that are in flight.
    pub(crate) fn in_flight(&self) -> impl Iterator<Item = (&Turn, &Call)> {
        self.turns.iter().filter_map(|turn| {
            let call = turn.call.as_ref()?;
            matches!(call.state, CallState::InFlight { .. }).then_some((turn, call))
        })
    }
}

impl Call {
    /// Since when the model fails the call, for an attempt that begins now. By as much as the attempt
    /// comes late, nobody was trying: the server was down or asleep.
    pub(crate) fn failing_since_as_of(&self, now: Time) -> Option<Time> {
        let late_ms = match self.state {
            CallState::Waiting { until, .. } => now.millis_since(until),
            CallState::InFlight { .. } | CallState::Failed => 0,
        };
        self.failing_since.map(|since| since.plus_millis(late_ms))
    }
}

impl Turn {
    /// The call that it waits for, as the record names it.
    pub(crate) fn in_flight(&self, call: &Call) -> InFlight {
        InFlight {
            what: "model_call".to_owned(),
            call: call.number,
            attempt: call.attempt,
            agent: self.agent.clone(),
            model: Some(call.model.clone()),
        }
    }
}
