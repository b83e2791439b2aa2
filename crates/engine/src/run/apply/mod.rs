//! How each fact changes a run: the only place where one changes.
//!
//! Every fact has its arm, and a fact that does not fit the run is an error rather than a guess: it
//! means that a history was damaged, or that it was written by another program.

mod inherit;
mod table;

mod calls;
mod errands;

mod people;

pub(crate) use table::value_of;

use std::sync::Arc;

use super::{Call, Errand, Run, Status, StopAsked, Visit, VisitStatus, Work};
use crate::definition::{Definition, Limits};
use crate::event::{Event, Fact, PastSummary, Usage};
use crate::rules::NO_PROGRESS_VISITS;
use crate::time::Time;

/// An event that does not fit the run that it is applied to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("event {seq} does not fit the history before it: {why}")]
pub struct Misfit {
    /// The number of the event.
    pub seq: u64,
    /// Why it does not fit.
    pub why: &'static str,
}

/// What an arm answers: nothing, or why the fact does not fit.
type Fit = Result<(), &'static str>;

impl Run {
    /// The run that a first event creates.
    pub(crate) fn created(definition: Arc<Definition>, event: &Event) -> Result<Self, Misfit> {
        let Fact::RunCreated(created) = &event.fact else {
            return Err(Misfit { seq: event.seq, why: "a history begins with run_created" });
        };
        if event.seq != 1 {
            return Err(Misfit { seq: event.seq, why: "a history begins with number 1" });
        }
        let limits = raised(&definition.workflow.limits, &created.limits);
        Ok(Self {
            definition,
            created: Arc::new(created.clone()),
            seq: event.seq,
            status: Status::Pending,
            created_at: event.at,
            started_at: None,
            ended_at: None,
            visits: Vec::new(),
            work: None,
            memory: Arc::default(),
            documents: Arc::default(),
            asked: Vec::new(),
            unheard: Vec::new(),
            onward: None,
            calling: None,
            limits,
            usage: Usage::default(),
            turns: 0,
            stop: None,
            failing: None,
            aborted: Vec::new(),
            interrupted: Arc::default(),
            crashes: 0,
            waited_ms: 0,
            waits_since: None,
            result: None,
            error: None,
        })
    }

    /// Folds one event into the run.
    pub fn apply(&mut self, event: &Event) -> Result<(), Misfit> {
        if event.seq != self.seq + 1 {
            return Err(Misfit { seq: event.seq, why: "numbers have no holes" });
        }
        if self.status.is_final() {
            return Err(Misfit { seq: event.seq, why: "the run had ended" });
        }
        self.apply_fact(event).map_err(|why| Misfit { seq: event.seq, why })?;
        self.note_what_became(event);
        self.seq = event.seq;
        self.count_waiting(event.at);
        Ok(())
    }

    /// One arm per fact; what is longer than a line or two has a function of its own.
    fn apply_fact(&mut self, event: &Event) -> Fit {
        match &event.fact {
            Fact::RunInherited(inherited) => self.inherit(inherited),
            Fact::RunCreated(_)
            | Fact::RunStarted
            | Fact::RunRecovered { .. }
            | Fact::StopRequested { .. }
            | Fact::RunCompleted { .. }
            | Fact::RunStopped { .. }
            | Fact::RunFailed { .. } => self.apply_to_run(event),
            Fact::StageEntered { .. }
            | Fact::StageCompleted { .. }
            | Fact::StageRejected { .. }
            | Fact::StageFailed { .. }
            | Fact::LoopGuardTripped { .. }
            | Fact::OutcomeChosen { .. }
            | Fact::SummaryWritten { .. } => self.apply_to_stage(event),
            Fact::TurnStarted { .. }
            | Fact::TurnCapped { .. }
            | Fact::TurnEnded { .. }
            | Fact::MessageSent { .. }
            | Fact::ResultShared { .. }
            | Fact::MemoryRead { .. }
            | Fact::DocumentWritten { .. }
            | Fact::ToolCallRefused { .. }
            | Fact::AgentCompleted { .. } => self.apply_to_table(event),
            Fact::ModelCallStarted { .. }
            | Fact::ModelCallFinished { .. }
            | Fact::ModelCallFailed { .. }
            | Fact::RetryScheduled { .. }
            | Fact::ContextCompacted { .. } => self.apply_to_call(event),
            Fact::ToolListStarted { .. }
            | Fact::ToolsListed { .. }
            | Fact::ToolListFailed { .. }
            | Fact::ToolCallStarted { .. }
            | Fact::ToolCallFinished { .. }
            | Fact::HookFinished { .. }
            | Fact::WorkflowCalled { .. }
            | Fact::ChildStarted { .. }
            | Fact::ChildEnded { .. } => self.apply_to_errand(event),
            Fact::QuestionAsked { .. }
            | Fact::QuestionAnswered { .. }
            | Fact::ApprovalRequested { .. }
            | Fact::ApprovalDecided { .. }
            | Fact::UserMessage { .. }
            | Fact::LimitReached { .. }
            | Fact::LimitRaised { .. } => self.apply_to_people(event),
        }
    }

    /// What is about the run as a whole.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the table above names every fact, and sends these here"
    )]
    fn apply_to_run(&mut self, event: &Event) -> Fit {
        match &event.fact {
            Fact::RunCreated(_) => Err("the run was created already"),
            Fact::RunStarted => {
                self.status = Status::Running;
                self.started_at = Some(event.at);
                Ok(())
            }
            Fact::RunRecovered { in_flight } => self.recover(in_flight, event),
            Fact::StopRequested { by, reason } => {
                let (by, reason, at) = (by.clone(), reason.clone(), event.at);
                let quiet_at = self.only_hooks_that_always_run().then_some(at);
                self.stop = Some(Box::new(StopAsked { by, reason, at, quiet_at }));
                Ok(())
            }
            Fact::RunCompleted { result, .. } => {
                self.result = Some(Arc::clone(result));
                self.end(Status::Completed, event.at)
            }
            Fact::RunStopped { .. } => self.end(Status::Stopped, event.at),
            Fact::RunFailed { error, .. } => {
                self.error = Some(error.clone());
                self.end(Status::Error, event.at)
            }
            _ => Err("it is not about the run"),
        }
    }

    /// What is about the current stage as a whole.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the table above names every fact, and sends these here"
    )]
    fn apply_to_stage(&mut self, event: &Event) -> Fit {
        match &event.fact {
            Fact::StageEntered { .. } => self.enter(event),
            Fact::OutcomeChosen { outcome, .. } => {
                self.visit_mut()?.outcome = Some(outcome.clone());
                Ok(())
            }
            Fact::SummaryWritten { agent, text } => {
                let summary = PastSummary { agent: agent.clone(), text: Arc::clone(text) };
                self.visit_mut()?.summaries.push(summary);
                Ok(())
            }
            Fact::StageCompleted { result, .. } => {
                self.visit_mut()?.result = Some(Arc::clone(result));
                self.leave(VisitStatus::Completed, event.at)
            }
            Fact::StageRejected { result, .. } => {
                let visit = self.visit_mut()?;
                visit.result.clone_from(result);
                visit.rejected = true;
                self.leave(VisitStatus::Completed, event.at)
            }
            Fact::LoopGuardTripped { .. } => Ok(()),
            Fact::StageFailed { error, .. } => {
                self.failing = Some(error.clone());
                Ok(())
            }
            _ => Err("it is not about a stage"),
        }
    }

    fn leave(&mut self, status: VisitStatus, at: Time) -> Fit {
        let is_guarded = self.stage().is_some_and(|stage| !stage.outcomes.is_empty());
        let memory = is_guarded.then(|| Arc::clone(&self.memory));
        if let Some(work) = self.work.take() {
            self.unheard = work.unheard();
        }
        let unheard = inherit::words(&self.unheard);
        let visit = self.visit_mut()?;
        visit.status = status;
        visit.ended_at = Some(at);
        visit.memory_at_end = memory;
        visit.unheard = unheard;
        self.forget_memory_of_old_visits();
        self.asked.clear();
        Ok(())
    }

    /// Keeps shared memory as it was for as many visits to the last stage as are ever compared.
    fn forget_memory_of_old_visits(&mut self) {
        let Some(last) = self.visits.last().map(Arc::clone) else { return };
        let of_stage = self.visits.iter_mut().rev().filter(|visit| visit.stage == last.stage);
        if let Some(old) = of_stage.skip(NO_PROGRESS_VISITS).find(|visit| visit.memory_at_end.is_some()) {
            Arc::make_mut(old).memory_at_end = None;
        }
    }

    fn end(&mut self, status: Status, at: Time) -> Fit {
        if self.work.is_some() {
            let visit = match status {
                Status::Stopped => VisitStatus::Stopped,
                Status::Pending | Status::Running | Status::Completed | Status::Error => VisitStatus::Error,
            };
            self.leave(visit, at)?;
        }
        self.calling = None;
        self.status = status;
        self.ended_at = Some(at);
        Ok(())
    }

    /// Whether the one thing under way is a hook that runs on although the run is to stop.
    fn only_hooks_that_always_run(&self) -> bool {
        let Some(work) = &self.work else { return false };
        let mut errands = work.errands_in_flight().peekable();
        errands.peek().is_some()
            && errands.all(|errand| self.runs_always(errand))
            && work.in_flight().next().is_none()
    }

    fn work_mut(&mut self) -> Result<&mut Work, &'static str> {
        self.work.as_deref_mut().ok_or("no visit is under way")
    }

    fn visit_mut(&mut self) -> Result<&mut Visit, &'static str> {
        self.visits.last_mut().map(Arc::make_mut).ok_or("no visit is under way")
    }

    fn errand_place(&mut self, number: u64) -> Result<usize, &'static str> {
        let mut errands = self.work_mut()?.errands.iter();
        errands.position(|errand| errand.number == number).ok_or("no such call is under way")
    }

    fn errand_mut(&mut self, number: u64) -> Result<&mut Errand, &'static str> {
        let place = self.errand_place(number)?;
        self.work_mut()?.errands.get_mut(place).ok_or("no such call is under way")
    }

    fn call_mut(&mut self, number: u64) -> Result<&mut Call, &'static str> {
        let turns = &mut self.work_mut()?.turns;
        turns
            .iter_mut()
            .filter_map(|turn| turn.call.as_mut())
            .find(|call| call.number == number)
            .ok_or("no such call is under way")
    }
}

/// The limits that hold once some were set anew: those that are absent stay as they were.
pub(crate) fn raised(before: &Limits, set: &Limits) -> Limits {
    Limits {
        cost_usd: set.cost_usd.or(before.cost_usd),
        tokens: set.tokens.or(before.tokens),
        wall_s: set.wall_s.or(before.wall_s),
        model_calls: set.model_calls.or(before.model_calls),
        on_limit: set.on_limit.or(before.on_limit),
    }
}
