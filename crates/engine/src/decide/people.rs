//! What people are asked, and what they say: questions, approvals, messages.

use std::sync::Arc;

use super::Draft;
use super::answer::Done;
use crate::command::Refused;
use crate::definition::{Approval, ApprovalWhen, TimeoutDoes};
use crate::event::Fact;
use crate::rules::RefusedCall;
use crate::run::{Asked, AskedFor, Status, Turn};
use crate::time::Time;

impl Draft {
    /// An agent asks a person.
    pub(super) fn ask_user(
        &mut self,
        turn: &Turn,
        tool_call: String,
        question: &str,
        choices: Vec<String>,
    ) -> Result<Done, RefusedCall> {
        let place = self.run.stage().and_then(|stage| stage.agents.get(turn.seat));
        let timeout_s = place.map_or(0, |place| place.ask_timeout_s);
        self.emit(Fact::QuestionAsked {
            question: self.run.seq + 1,
            agent: Some(turn.agent.clone()),
            turn: Some(turn.number),
            tool_call: Some(tool_call),
            call: None,
            text: question.trim().into(),
            choices,
            expires_at: Some(self.moment.now.plus_millis(timeout_s.saturating_mul(1000))),
        });
        Ok(Done::Waits)
    }

    /// Someone answers a question.
    pub(super) fn answer_question(&mut self, question: u64, text: &str, by: String) -> Result<(), Refused> {
        let asked = self.asked(question)?;
        match &asked.what {
            AskedFor::Question { .. } => self.take_reply(&asked, text.into(), Some(by)),
            AskedFor::Again { choices, .. } => {
                let is_meant = |choice: &&String| choice.eq_ignore_ascii_case(text.trim());
                let choice = choices.iter().find(is_meant).cloned().ok_or(Refused::NotAChoice)?;
                self.take_reply(&asked, choice.into(), Some(by));
            }
            AskedFor::Approval { .. } => return Err(Refused::NotAsked),
        }
        Ok(())
    }

    fn take_reply(&mut self, asked: &Asked, text: Arc<str>, by: Option<String>) {
        let again = match &asked.what {
            AskedFor::Again { choices, .. } => choices.first().is_some_and(|first| **first == *text),
            AskedFor::Question { .. } | AskedFor::Approval { .. } => false,
        };
        self.emit(Fact::QuestionAnswered { question: asked.number, text, by });
        match &asked.what {
            AskedFor::Question { turn, .. } => self.go_on_after_tools(*turn),
            AskedFor::Again { call, .. } => self.take_again(*call, again),
            AskedFor::Approval { .. } => {}
        }
    }

    fn asked(&self, number: u64) -> Result<Asked, Refused> {
        if self.run.is_closing() {
            return Err(Refused::Stopping);
        }
        self.run.asked.iter().find(|asked| asked.number == number).cloned().ok_or(Refused::NotAsked)
    }

    /// Asks for the next approval before or after the work, where one is left. Answers whether one was.
    pub(super) fn next_approval(&mut self, when: ApprovalWhen) -> bool {
        let Some(work) = &self.run.work else { return false };
        let place = match when {
            ApprovalWhen::Before => work.approved_before,
            ApprovalWhen::After => work.approved_after,
        };
        let Some(approval) = self.approval(when, place) else { return false };
        let expires_at = approval.timeout_s.map(|timeout_s| self.later(timeout_s));
        self.emit(Fact::ApprovalRequested { approval: self.run.seq + 1, when, expires_at });
        true
    }

    /// An approval of the current stage.
    pub(super) fn approval(&self, when: ApprovalWhen, place: usize) -> Option<&Approval> {
        self.run.stage()?.approval.iter().filter(|approval| approval.when == when).nth(place)
    }

    fn later(&self, seconds: u64) -> Time {
        self.moment.now.plus_millis(seconds.saturating_mul(1000))
    }

    /// Someone decides an approval.
    pub(super) fn decide_approval(
        &mut self,
        approval: u64,
        approve: bool,
        comment: Option<String>,
        by: String,
    ) -> Result<(), Refused> {
        match self.asked(approval)?.what {
            AskedFor::Approval { .. } => {}
            AskedFor::Question { .. } | AskedFor::Again { .. } => return Err(Refused::NotAsked),
        }
        let comment = comment.filter(|comment| !comment.trim().is_empty()).map(Arc::from);
        self.emit(Fact::ApprovalDecided { approval, approve, by: Some(by), comment });
        Ok(())
    }

    /// Someone says something to the agents of the stage; between two stages, to those of the next.
    pub(super) fn hear_person(&mut self, text: String, by: String) -> Result<(), Refused> {
        // A run that goes on from another has visits before it begins.
        if self.run.status == Status::Pending {
            return Err(Refused::NotBegun);
        }
        if self.run.is_closing() {
            return Err(Refused::Stopping);
        }
        self.emit(Fact::UserMessage { by, text: text.into() });
        Ok(())
    }

    /// What nobody answered in time is given up, and a run that has used up its time stops. Answers
    /// whether something was due.
    pub(super) fn look_at_the_clock(&mut self) -> bool {
        let over = self.run.asked.iter().find(|asked| asked.is_over(self.moment.now)).cloned();
        let Some(asked) = over else { return self.reach_wall() };
        match asked.what {
            AskedFor::Approval { when, place } => {
                let does = self.approval(when, place).map(|approval| approval.on_timeout);
                let approve = does == Some(TimeoutDoes::Approve);
                self.emit(Fact::ApprovalDecided { approval: asked.number, approve, by: None, comment: None });
            }
            AskedFor::Question { .. } | AskedFor::Again { .. } => {
                let waited_s = self.moment.now.millis_since(asked.since) / 1000;
                let text = format!("Nobody answered within {waited_s} seconds. Go on without the answer.");
                self.take_reply(&asked, text.into(), None);
            }
        }
        true
    }

    /// There is nobody who could answer: a run that waits for a person ends.
    pub(super) fn miss_person(&mut self) {
        let Some(asked) = self.run.asked.first() else {
            if self.run.waits_since.is_some() {
                let message = "A limit was reached, and there is nobody to raise it.";
                self.fail_without_person(None, "going on past a limit", message);
            }
            return;
        };
        let (agent, doing, message) = match &asked.what {
            AskedFor::Question { agent, text, .. } => {
                (Some(agent.clone()), "asking a person", format!("There is nobody to answer: {text}"))
            }
            AskedFor::Again { agent, text, .. } => {
                (agent.clone(), "asking a person", format!("There is nobody to answer: {text}"))
            }
            AskedFor::Approval { .. } => (
                None,
                "asking for approval",
                "The stage needs a person's approval, and there is nobody to give it.".to_owned(),
            ),
        };
        self.fail_without_person(agent.as_deref(), doing, &message);
    }

    fn fail_without_person(&mut self, agent: Option<&str>, doing: &str, message: &str) {
        let mut error = self.error(agent, doing, "needs_person", message.to_owned());
        error.hint = Some("Run it in a terminal, or on a server, where people can answer.".to_owned());
        self.fail_stage(error);
    }
}
