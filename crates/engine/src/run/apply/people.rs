//! Facts of what people are asked, say and allow, and of how long they are waited for.

use std::sync::Arc;

use super::super::{Asked, AskedFor, CallState, ErrandState, Held, Rejected, Run, Spoken, Status, Turn};
use super::Fit;
use super::table::replied;
use crate::definition::ApprovalWhen;
use crate::event::{Event, Fact, LimitKind};
use crate::time::Time;

impl Run {
    /// What is about people.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the caller names every fact, and sends these here")]
    pub(super) fn apply_to_people(&mut self, event: &Event) -> Fit {
        match &event.fact {
            Fact::QuestionAsked { .. } => self.ask(event),
            Fact::QuestionAnswered { question, text, .. } => self.answer(*question, text),
            Fact::ApprovalRequested { .. } => self.request_approval(event),
            Fact::ApprovalDecided { .. } => self.decide_approval(event),
            Fact::UserMessage { by, text } => {
                let said = Arc::new(Spoken::Person { by: by.clone(), text: Arc::clone(text) });
                match &mut self.work {
                    Some(work) => work.table.push(said),
                    None => self.unheard.push(said),
                }
                Ok(())
            }
            Fact::LimitReached { limit, turn, model, .. } => self.hold(*limit, *turn, model, event.at),
            Fact::LimitRaised { limits, .. } => {
                self.limits = super::raised(&self.limits, limits);
                Ok(())
            }
            _ => Err("it is not about people"),
        }
    }

    fn ask(&mut self, event: &Event) -> Fit {
        let Fact::QuestionAsked { question, agent, turn, tool_call, call, text, choices, expires_at } =
            &event.fact
        else {
            return Err("not a question_asked");
        };
        let (text, choices) = (Arc::clone(text), choices.clone());
        let what = match (call, turn, agent, tool_call) {
            (Some(call), ..) => {
                self.errand_mut(*call)?.state = ErrandState::Asked;
                AskedFor::Again { call: *call, agent: agent.clone(), text, choices }
            }
            (None, Some(turn), Some(agent), Some(tool_call)) => {
                let (agent, tool_call) = (agent.clone(), tool_call.clone());
                AskedFor::Question { turn: *turn, agent, tool_call, text, choices }
            }
            (None, ..) => return Err("a question is an agent's, or about a call"),
        };
        self.wait_for_person(*question, *expires_at, what, event)
    }

    fn wait_for_person(&mut self, number: u64, until: Option<Time>, what: AskedFor, event: &Event) -> Fit {
        let visit = event.visit.ok_or("people are asked at a visit")?;
        self.asked.push(Asked { number, visit, since: event.at, until, what });
        Ok(())
    }

    fn answer(&mut self, question: u64, text: &Arc<str>) -> Fit {
        let asked = self.take_asked(question)?;
        self.crashes = 0;
        match asked.what {
            AskedFor::Question { agent, tool_call, .. } => {
                self.reply(&agent, &tool_call, replied(Arc::clone(text)))
            }
            AskedFor::Again { call, .. } => {
                self.errand_mut(call)?.state = ErrandState::Lost;
                Ok(())
            }
            AskedFor::Approval { .. } => Err("an approval is decided, not answered"),
        }
    }

    fn request_approval(&mut self, event: &Event) -> Fit {
        let Fact::ApprovalRequested { approval, when, expires_at } = &event.fact else {
            return Err("not an approval_requested");
        };
        let work = self.work.as_ref().ok_or("no visit is under way")?;
        let place = match when {
            ApprovalWhen::Before => work.approved_before,
            ApprovalWhen::After => work.approved_after,
        };
        self.wait_for_person(*approval, *expires_at, AskedFor::Approval { when: *when, place }, event)
    }

    fn decide_approval(&mut self, event: &Event) -> Fit {
        let Fact::ApprovalDecided { approval, approve, by, comment } = &event.fact else {
            return Err("not an approval_decided");
        };
        let asked = self.take_asked(*approval)?;
        let AskedFor::Approval { when, place } = asked.what else {
            return Err("a question is answered, not decided");
        };
        let work = self.work_mut()?;
        match (approve, when) {
            (true, ApprovalWhen::Before) => work.approved_before = place + 1,
            (true, ApprovalWhen::After) => work.approved_after = place + 1,
            (false, _) => {
                let (approval, comment) = (*approval, comment.clone());
                work.rejected = Some(Rejected { approval, when, place, comment });
            }
        }
        // Whoever works next finds it at the table, at this visit or at the one that follows.
        if let (Some(by), Some(text)) = (by, comment) {
            let said = Spoken::Person { by: by.clone(), text: Arc::clone(text) };
            work.table.push(Arc::new(said));
        }
        Ok(())
    }

    fn take_asked(&mut self, number: u64) -> Result<Asked, &'static str> {
        let place = self.asked.iter().position(|asked| asked.number == number);
        Ok(self.asked.remove(place.ok_or("nobody was asked that")?))
    }

    fn hold(&mut self, limit: LimitKind, turn: Option<u32>, model: &Option<String>, at: Time) -> Fit {
        let Some(number) = turn else { return Ok(()) };
        let turns = &mut self.work_mut()?.turns;
        let turn = turns.iter_mut().find(|turn| turn.number == number).ok_or("no such turn is under way")?;
        turn.held = Some(Held { limit, since: at, model: model.clone() });
        // An attempt that was due is made when the limit lets it, and no longer by the clock.
        if let Some(call) = &mut turn.call {
            call.state = CallState::Failed;
        }
        Ok(())
    }

    /// Counts the time in which nothing but people is waited for: it is no time that the run took.
    pub(super) fn count_waiting(&mut self, at: Time) {
        let waits = self.waits_for_people();
        match (self.waits_since, waits) {
            (None, true) => self.waits_since = Some(at),
            (Some(since), false) => {
                self.waited_ms += at.millis_since(since);
                self.waits_since = None;
            }
            (None, false) | (Some(_), true) => {}
        }
    }

    fn waits_for_people(&self) -> bool {
        if self.status != Status::Running || self.is_closing() || self.calling.is_some() {
            return false;
        }
        let Some(work) = &self.work else { return false };
        let is_raised_by_people = |turn: &Turn| {
            turn.held.as_ref().is_some_and(|held| match held.limit {
                LimitKind::CostUsd | LimitKind::Tokens | LimitKind::WallS | LimitKind::ModelCalls => true,
                LimitKind::CostUsdPerDay => false,
            })
        };
        let waits = !self.asked.is_empty() || work.turns.iter().any(is_raised_by_people);
        waits && work.errands_in_flight().next().is_none() && work.turns.iter().all(|turn| turn.is_idle())
    }
}
