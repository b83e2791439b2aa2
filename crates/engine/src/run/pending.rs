//! What the outside owes the run now. Computed, never stored: after a crash, ask again.

use super::{CallState, Run, Status, Turn};
use crate::definition::Model;
use crate::time::Time;

/// Work that the outside owes a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Pending<'r> {
    /// The run waits for a place; then it wants [`Command::Start`](crate::command::Command::Start).
    Place,
    /// A model is to be called; the intent is on disk.
    CallModel(ModelCall<'r>),
    /// An attempt is due at a later moment.
    Wait {
        /// The call.
        call: u64,
        /// The attempt that is due.
        attempt: u32,
        /// Since when it is waited for.
        since: Time,
        /// When.
        until: Time,
    },
    /// A call is to be cut off.
    Abort {
        /// The call.
        call: u64,
        /// The attempt.
        attempt: u32,
    },
}

/// A model call that is owed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ModelCall<'r> {
    /// The call: with the attempt, the key under which it is made once.
    pub call: u64,
    /// The attempt.
    pub attempt: u32,
    /// The agent that asks.
    pub agent: &'r str,
    /// The model's name in the definition.
    pub model_name: &'r str,
    /// The model.
    pub model: &'r Model,
}

impl Run {
    /// What the outside owes the run now.
    pub fn pending(&self) -> Vec<Pending<'_>> {
        match self.status {
            Status::Pending => vec![Pending::Place],
            Status::Running => self.calls_pending(),
            Status::Completed | Status::Stopped | Status::Error => Vec::new(),
        }
    }

    fn calls_pending(&self) -> Vec<Pending<'_>> {
        let Some(work) = &self.work else { return Vec::new() };
        work.turns.iter().filter_map(|turn| self.call_pending(turn)).collect()
    }

    fn call_pending<'r>(&'r self, turn: &'r Turn) -> Option<Pending<'r>> {
        let call = turn.call.as_ref()?;
        let (number, attempt) = (call.number, call.attempt);
        match (call.state, self.is_closing()) {
            (CallState::InFlight { .. }, true) => Some(Pending::Abort { call: number, attempt }),
            (CallState::InFlight { .. }, false) => Some(Pending::CallModel(ModelCall {
                call: number,
                attempt,
                agent: &turn.agent,
                model_name: &call.model,
                model: self.definition.models.get(&call.model)?,
            })),
            (CallState::Waiting { since, until }, false) => {
                Some(Pending::Wait { call: number, attempt: attempt + 1, since, until })
            }
            (CallState::Waiting { .. }, true) | (CallState::Failed, _) => None,
        }
    }
}
