//! Calls to models: begun where no limit holds them back, after the conversation was made to fit.

use super::Draft;
use super::limit::Allowance;
use crate::call::{Answer, Request};
use crate::command::Question;
use crate::event::Fact;
use crate::prompt::{self, Plan};
use crate::run::Turn;

/// What stands for a part of a conversation of which its model could write no summary.
const LEFT_OUT: &str = "(Older messages were left out here.)";

/// A call that a turn wants to make.
struct Wanted {
    call: u64,
    attempt: u32,
    model: String,
    /// Whether the model is not the agent's own.
    is_fallback: bool,
    request: Request,
    compacts: bool,
}

impl Draft {
    /// Begins the next model call of a turn, unless a limit keeps it from it. Answers whether something
    /// was decided.
    pub(super) fn call_model(&mut self, turn: u32) -> bool {
        let wanted =
            self.run.work.as_ref().and_then(|work| work.turn(turn)).and_then(|turn| self.wanted(turn));
        match wanted {
            Some(wanted) => self.call_or_hold(turn, wanted),
            None => false,
        }
    }

    /// The turns that want to call a model and are not held back by anything but a limit. Answers whether
    /// something was decided for one of them.
    pub(super) fn call_models(&mut self) -> bool {
        let Some(work) = &self.run.work else { return false };
        let idle = |turn: &&Turn| turn.is_idle() && !self.run.waits_for_tools(turn.number);
        let turns: Vec<u32> = work.turns.iter().filter(idle).map(|turn| turn.number).collect();
        let mut decided = false;
        for turn in turns {
            decided |= self.call_model(turn);
        }
        decided
    }

    /// Calls another model, or the same again, for a call that failed.
    pub(super) fn call_again(&mut self, call: u64, fallback: Option<String>) -> bool {
        let Some(turn) = self.run.work.as_ref().and_then(|work| work.turn_of_call(call)).cloned() else {
            return false;
        };
        let wanted = self.wanted_on(&turn, fallback);
        wanted.is_some_and(|wanted| self.call_or_hold(turn.number, wanted))
    }

    /// Sums the conversation of a turn up whose question was longer than its model reads, where that can
    /// make it shorter: at once, or when there is money for it. Answers whether it can.
    pub(super) fn sum_up(&mut self, turn: &Turn) -> bool {
        let Some(model) = turn.call.as_ref().map(|call| call.model.clone()) else { return false };
        let wanted = prompt::plan(&self.run, turn, &model).and_then(|plan| {
            let request = prompt::next(&self.run, turn, &model, Some(&plan))?;
            let (call, attempt, is_fallback) = (self.run.seq + 1, 1, false);
            Some(Wanted { call, attempt, model, is_fallback, request, compacts: true })
        });
        wanted.map(|wanted| self.call_or_hold(turn.number, wanted)).is_some()
    }

    fn wanted(&self, turn: &Turn) -> Option<Wanted> {
        let fallback = turn.held.as_ref().and_then(|held| held.model.clone());
        self.wanted_on(turn, fallback)
    }

    fn wanted_on(&self, turn: &Turn, fallback: Option<String>) -> Option<Wanted> {
        let own = self.run.definition.team.model_at(self.run.stage()?.agents.get(turn.seat)?)?;
        let is_fallback = fallback.is_some();
        if let Some(failed) = &turn.call {
            let model = fallback.unwrap_or_else(|| failed.model.clone());
            let plan = if failed.compacts { prompt::plan(&self.run, turn, &model) } else { None };
            let request = prompt::next(&self.run, turn, &model, plan.as_ref())?;
            let (call, attempt, compacts) = (failed.number, failed.attempt + 1, plan.is_some());
            return Some(Wanted { call, attempt, model, is_fallback, request, compacts });
        }
        let model = fallback.unwrap_or_else(|| own.to_owned());
        let (request, compacts) = self.fitting(turn, &model)?;
        Some(Wanted { call: self.run.seq + 1, attempt: 1, model, is_fallback, request, compacts })
    }

    /// What a turn's model is sent next: a question that fits what it reads, or one to make it fit.
    fn fitting(&self, turn: &Turn, model: &str) -> Option<(Request, bool)> {
        let request = prompt::next(&self.run, turn, model, None)?;
        let context_tokens = self.run.definition.models.get(model)?.context_tokens;
        if prompt::is_full(&request, context_tokens)
            && let Some(plan) = prompt::plan(&self.run, turn, model)
        {
            return Some((prompt::next(&self.run, turn, model, Some(&plan))?, true));
        }
        Some((request, false))
    }

    fn call_or_hold(&mut self, turn: u32, wanted: Wanted) -> bool {
        if self.run.is_closing() {
            return false;
        }
        let Some(of) = self.run.work.as_ref().and_then(|work| work.turn(turn)).cloned() else { return false };
        match self.allowance(&wanted.model, &wanted.request) {
            Allowance::Granted { max_tokens, reserved } => {
                let Wanted { call, attempt, model, request, compacts, .. } = wanted;
                self.reserved = self.reserved.plus(reserved.unwrap_or_default());
                let sent = prompt::record(&request);
                self.emit(Fact::ModelCallStarted {
                    call,
                    attempt,
                    turn,
                    agent: of.agent,
                    model,
                    compacts,
                    sent: sent.last().map(|last| last.hash.clone()),
                    max_tokens,
                    reserved_usd: reserved,
                });
                let request = Request { max_tokens, ..request };
                self.questions.push(Question { call, attempt, request, sent });
                true
            }
            Allowance::InTheWay(reached) => {
                let fallback = wanted.is_fallback.then_some(wanted.model);
                self.wait_for_room(&of, fallback) || self.hold_for_room(reached, &of)
            }
            Allowance::Reached(reached) => {
                let model = wanted.is_fallback.then_some(wanted.model);
                self.reach(reached, &of, model)
            }
        }
    }

    /// The conversation of a turn is summed up by the model's own words.
    pub(super) fn take_compaction(&mut self, turn: &Turn, model: &str, answer: &Answer) {
        let Some(Plan { messages, .. }) = prompt::plan(&self.run, turn, model) else { return };
        let size = |run: &crate::run::Run| {
            prompt::next(run, turn, model, None).map_or(0, |request| prompt::tokens(&request))
        };
        let tokens_before = size(&self.run);
        let summary = Some(answer.text.trim()).filter(|text| !text.is_empty()).unwrap_or(LEFT_OUT);
        let compacted = |tokens_after| Fact::ContextCompacted {
            turn: turn.number,
            agent: turn.agent.clone(),
            messages: u32::try_from(messages).unwrap_or(u32::MAX),
            summary: summary.into(),
            tokens_before,
            tokens_after,
        };
        // How large it is afterwards is seen on a copy.
        let mut after = Self::of(&self.run, self.moment);
        after.emit(compacted(0));
        let tokens_after = size(&after.run);
        self.emit(compacted(tokens_after));
    }
}
