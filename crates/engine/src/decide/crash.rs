//! Going on after a crash: what was in flight is made again, given up, or left to a person.

use super::Draft;
use crate::command::{Refused, ToolOutcome};
use crate::definition::OnInterrupt;
use crate::event::{Fact, InFlight};
use crate::rules::codes;
use crate::run::{Errand, Status, What};

/// Crashes in a row, without a step forward between them, that end a run: it may be the run itself
/// that brings the server down.
pub const CRASHES_MAX: u32 = 10;

/// The answers to the question whether a call is made again.
const AGAIN: &str = "call it again";
const LEAVE: &str = "leave it";

impl Draft {
    /// Begins again what a crash cut off.
    pub(super) fn recover(&mut self) -> Result<(), Refused> {
        if self.run.status == Status::Pending {
            return Err(Refused::NotBegun);
        }
        let (lost, errands) = self.lost();
        if lost.is_empty() {
            return Ok(());
        }
        self.emit(Fact::RunRecovered { in_flight: lost.clone() });
        if self.run.is_closing() {
            self.give_up_hooks(errands);
            return Ok(());
        }
        if self.run.crashes >= CRASHES_MAX {
            self.fail_repeatedly(&lost);
            return Ok(());
        }
        for lost in lost.iter().filter(|lost| lost.model.is_some()) {
            self.call_again(lost.call, None);
        }
        for errand in errands {
            // A model call that was made again may have reached a limit at which the run stops.
            if !self.run.is_closing() {
                self.go_on_with(&errand);
            }
        }
        Ok(())
    }

    /// What was in flight, and the errands among it. A run that was started for this one is none of it: it
    /// goes on by itself, and one that is to be started is found if it was.
    fn lost(&self) -> (Vec<InFlight>, Vec<Errand>) {
        let Some(work) = &self.run.work else { return (Vec::new(), Vec::new()) };
        let errands: Vec<Errand> =
            work.errands_in_flight().filter(|errand| !errand.is_child()).cloned().collect();
        let calls = work.in_flight().map(|(turn, call)| InFlight {
            may_cost_usd: self.may_cost(call.number),
            ..turn.in_flight(call)
        });
        (calls.chain(errands.iter().map(Errand::in_flight)).collect(), errands)
    }

    fn fail_repeatedly(&mut self, lost: &[InFlight]) {
        let crashes = self.run.crashes;
        let mut error = self.error(
            lost.first().and_then(|lost| lost.agent.as_deref()),
            "going on after a crash",
            "crashed_repeatedly",
            format!("The server went down {crashes} times running while this work was in flight."),
        );
        error.hint = Some(
            "Look at the server's log for what ended it. If it was not this run, run it again.".to_owned(),
        );
        self.fail_stage(error);
    }

    /// Hooks of a run that is ending: one that may run twice is begun again by itself, unless it is what
    /// brings the server down; any other counts as failed.
    fn give_up_hooks(&mut self, errands: Vec<Errand>) {
        let is_repeated = self.run.crashes >= CRASHES_MAX;
        for errand in errands {
            if let What::Hook { place, tool, .. } = &errand.what
                && self.run.runs_always(&errand)
                && (is_repeated || self.on_interrupt(&errand) != OnInterrupt::Retry)
            {
                self.finish_hook(*place, tool, &interrupted());
            }
        }
    }

    fn go_on_with(&mut self, errand: &Errand) {
        match self.on_interrupt(errand) {
            OnInterrupt::Retry => self.begin_again(errand),
            OnInterrupt::Report => self.finish_tool(errand, interrupted()),
            OnInterrupt::Ask => self.ask_whether_again(errand),
        }
    }

    /// A person says whether a call is made again.
    pub(super) fn take_again(&mut self, call: u64, again: bool) {
        let errand = self.run.work.as_ref().and_then(|work| work.errand(call)).cloned();
        match (errand, again) {
            (Some(errand), true) => self.begin_again(&errand),
            (Some(errand), false) => self.finish_tool(&errand, interrupted()),
            (None, _) => {}
        }
    }

    /// The next attempt of an errand.
    fn begin_again(&mut self, errand: &Errand) {
        let (call, attempt) = (errand.number, errand.attempt + 1);
        match errand.what.clone() {
            What::List { tool } => self.emit(Fact::ToolListStarted { call, attempt, tool }),
            What::Tool { turn, agent, tool_call, tool, arguments } => self.emit(Fact::ToolCallStarted {
                call,
                attempt,
                turn: Some(turn),
                agent: Some(agent),
                tool_call: Some(tool_call),
                hook: None,
                tool,
                arguments,
            }),
            What::Hook { place, tool, arguments } => self.emit(Fact::ToolCallStarted {
                call,
                attempt,
                turn: None,
                agent: None,
                tool_call: None,
                hook: Some(place),
                tool,
                arguments,
            }),
        }
    }

    fn ask_whether_again(&mut self, errand: &Errand) {
        let (agent, turn, tool_call) = match &errand.what {
            What::Tool { agent, turn, tool_call, .. } => {
                (Some(agent.clone()), Some(*turn), Some(tool_call.clone()))
            }
            What::Hook { .. } | What::List { .. } => (None, None, None),
        };
        let text = format!(
            "The server went down while {} was being called, so it is not known whether the call took effect. Is it to be called again?",
            errand.tool()
        );
        self.emit(Fact::QuestionAsked {
            question: self.run.seq + 1,
            agent,
            turn,
            tool_call,
            call: Some(errand.number),
            text: text.into(),
            choices: vec![AGAIN.to_owned(), LEAVE.to_owned()],
            expires_at: None,
        });
    }

    /// What becomes of a call that a crash cut off. One that may be made twice is made again.
    fn on_interrupt(&self, errand: &Errand) -> OnInterrupt {
        if !errand.may_take_effect(&self.run.definition) {
            return OnInterrupt::Retry;
        }
        // What comes with the program says nothing of it.
        let Some(tool) = self.run.definition.tools.get(errand.server()) else { return OnInterrupt::Report };
        if tool.idempotent { OnInterrupt::Retry } else { tool.on_interrupt.unwrap_or(OnInterrupt::Report) }
    }
}

/// What is known of a call that was cut off: nothing.
fn interrupted() -> ToolOutcome {
    ToolOutcome {
        text: "The server went down during this call, so it is not known whether it took effect. Find out before you call it again.".into(),
        code: Some(codes::INTERRUPTED.to_owned()),
    }
}
