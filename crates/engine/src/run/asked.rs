//! What people are asked: questions of agents and of the run, and approvals.

use std::sync::Arc;

use crate::definition::ApprovalWhen;
use crate::time::Time;

/// Something that a person is asked and has not answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// The number of the event that asked.
    pub number: u64,
    /// The visit at which it was asked.
    pub visit: u32,
    /// Since when it waits.
    pub since: Time,
    /// When it is given up, or decided by the clock.
    pub until: Option<Time>,
    /// What it is.
    pub what: AskedFor,
}

/// What a person is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum AskedFor {
    /// An agent's question.
    Question {
        /// Its turn.
        turn: u32,
        /// The agent.
        agent: String,
        /// The tool call that asks.
        tool_call: String,
        /// What it asks.
        text: Arc<str>,
        /// Answers to choose from.
        choices: Vec<String>,
    },
    /// Whether a call that a crash cut off is made again.
    Again {
        /// The call.
        call: u64,
        /// The agent that made it; none for a hook.
        agent: Option<String>,
        /// What is asked.
        text: Arc<str>,
        /// The two answers: yes and no.
        choices: Vec<String>,
    },
    /// Leave, before or after the work of a stage.
    Approval {
        /// Before or after.
        when: ApprovalWhen,
        /// Its place among the approvals of the stage.
        place: usize,
    },
}

impl Asked {
    /// Whether it is leave that is asked for.
    pub(crate) fn is_approval(&self) -> bool {
        match self.what {
            AskedFor::Approval { .. } => true,
            AskedFor::Question { .. } | AskedFor::Again { .. } => false,
        }
    }

    /// Whether its time is over.
    pub(crate) fn is_over(&self, now: Time) -> bool {
        self.until.is_some_and(|until| until <= now)
    }
}
