//! The decisions: which events a command causes.
//!
//! A decision runs on until only outside work is owed, so that an answer, all that follows from it
//! and the next intent are one append. It is made on a copy of the run; every event goes through
//! [`Run::apply`] as it is decided, so that what was decided and what will be folded are the same.

mod call;
mod limit;

mod answer;
mod failure;

mod document;
mod hook;
mod tool;

mod child;
mod people;

mod crash;
mod route;
mod stage;

pub use crate::rules::NO_PROGRESS_VISITS;
pub use answer::MODEL_CALLS_PER_TURN_MAX;
pub use child::DEPTH_MAX;
pub(crate) use child::why_not_started;
pub use crash::CRASHES_MAX;
pub use document::DOCUMENTS_MAX;
pub(crate) use failure::luck_of_wait;
pub use failure::{RETRY_WAIT_FIRST_MS, RETRY_WAIT_MAX_MS};
pub use limit::ANSWER_TOKENS;

use std::sync::Arc;

use serde_json::Value;

use crate::command::{Command, Decided, DocumentText, Moment, Question, Refused};
use crate::definition::{Definition, DefinitionHash, Limits};
use crate::event::{Event, Fact, Inherited, RunCreated, RunError, Source};
use crate::money::Usd;
use crate::run::{CallState, Onward, Run, Status};

/// What a new run is asked to do.
#[derive(Clone, Debug, PartialEq)]
pub struct NewRun {
    /// The hash of its definition.
    pub hash: DefinitionHash,
    /// The definition.
    pub definition: Arc<Definition>,
    /// What starts it.
    pub source: Source,
    /// Its input.
    pub input: Value,
    /// What the caller wants to find again.
    pub metadata: Option<Value>,
    /// What it may use, in place of what its workflow says.
    pub limits: Limits,
    /// How many runs above it each wait for the one below.
    pub depth: u32,
    /// What it takes over from the run that it goes on from.
    pub inherited: Option<TakenOver>,
}

/// What a run takes over, as it is said in its history, and a pending run that has taken it over: with a
/// thousand visits that is worth doing once, for the plan and for each of its runs.
#[derive(Clone, Debug, PartialEq)]
pub struct TakenOver {
    said: Arc<Inherited>,
    run: Arc<Run>,
}

impl TakenOver {
    /// What a run takes over that is otherwise made so.
    pub(crate) fn by(new: NewRun, inherited: Arc<Inherited>, moment: Moment) -> Self {
        let mut pending = create(new, moment).run;
        let fact = Fact::RunInherited(Arc::clone(&inherited));
        let fit = pending.apply(&Event { seq: 2, at: moment.now, visit: None, fact });
        assert!(fit.is_ok(), "the engine made an event that does not fit: {fit:?}");
        Self { said: inherited, run: Arc::new(pending) }
    }

    /// What is said of it in the run's history.
    pub fn said(&self) -> &Arc<Inherited> {
        &self.said
    }

    /// A run that has taken it over.
    pub(crate) fn run(&self) -> &Run {
        &self.run
    }
}

/// Creates a run: pending, until it is started.
pub fn create(new: NewRun, moment: Moment) -> Decided {
    let created = RunCreated {
        definition: new.hash,
        workflow: new.definition.name.clone(),
        source: new.source,
        input: Arc::new(new.input),
        metadata: new.metadata,
        limits: new.limits,
        depth: new.depth,
    };
    let event = |seq, fact| Event { seq, at: moment.now, visit: None, fact };
    let mut events = vec![event(1, Fact::RunCreated(created))];
    let run = Run::fold(new.definition, &events);
    let mut run =
        run.unwrap_or_else(|misfit| unreachable!("the engine made an event that does not fit: {misfit}"));
    if let Some(inherited) = new.inherited {
        events.push(event(2, Fact::RunInherited(inherited.said)));
        run.take_over(&inherited.run);
    }
    Decided { events, run, questions: Vec::new(), documents: Vec::new() }
}

/// Answers a command with the events that it causes, or refuses it.
pub fn decide(run: &Run, command: Command, moment: Moment) -> Result<Decided, Refused> {
    if run.status.is_final() {
        return Err(Refused::Ended);
    }
    let mut draft = Draft::of(run, moment);
    draft.obey(command)?;
    draft.go_on();
    Ok(Decided {
        events: draft.events,
        run: draft.run,
        questions: draft.questions,
        documents: draft.documents,
    })
}

/// The run as it is when it has been started and has come to its first stage, before anything else is
/// decided. Where a guard or a template stands in its way, it has ended in error.
pub(crate) fn entered(run: &Run, moment: Moment) -> Run {
    let mut draft = Draft::of(run, moment);
    if draft.start().is_ok() {
        draft.fail_unfilled();
    }
    draft.run
}

/// A decision in the making: a copy of the run, and the events that changed it.
struct Draft {
    run: Run,
    events: Vec<Event>,
    moment: Moment,
    questions: Vec<Question>,
    documents: Vec<DocumentText>,
    /// What was set aside in this decision: the day's reservations do not count it yet.
    reserved: Usd,
}

impl Draft {
    fn of(run: &Run, moment: Moment) -> Self {
        Self {
            run: run.clone(),
            events: Vec::new(),
            moment,
            questions: Vec::new(),
            documents: Vec::new(),
            reserved: Usd::ZERO,
        }
    }

    /// What a command itself causes; what follows from it comes after.
    fn obey(&mut self, command: Command) -> Result<(), Refused> {
        match command {
            Command::Start => self.start(),
            Command::TakeAnswer { call, attempt, answer, tokens } => {
                self.under_way(call, attempt)?;
                self.take_answer(call, answer, tokens);
                Ok(())
            }
            Command::TakeFailure { call, attempt, failure, partial } => {
                self.under_way(call, attempt)?;
                self.take_failure(call, failure, partial);
                Ok(())
            }
            Command::Retry { call, attempt } => self.retry(call, attempt),
            Command::TakeAbort { call, attempt, partial, sent } => {
                self.take_abort(call, attempt, partial, sent)
            }
            Command::TakeTool { call, attempt, outcome } => self.take_tool(call, attempt, outcome),
            Command::TakeTools { call, attempt, listed } => self.take_tools(call, attempt, listed),
            Command::TakeChild { call, run_id } => self.take_child(call, run_id),
            Command::TakeChildRefused { call, outcome } => self.take_child_refused(call, outcome),
            Command::TakeChildEnd { call, run_id, end } => self.take_child_end(call, run_id, end),
            Command::Answer { question, text, by } => self.answer_question(question, &text, by),
            Command::Approve { approval, approve, comment, by } => {
                self.decide_approval(approval, approve, comment, by)
            }
            Command::Say { text, by } => self.hear_person(text, by),
            Command::Raise { limits, by } => {
                self.emit(Fact::LimitRaised { by, limits });
                Ok(())
            }
            Command::NobodyThere => {
                self.miss_person();
                Ok(())
            }
            Command::Look => Ok(()),
            Command::Recover => self.recover(),
            Command::Stop { by, reason } => self.stop(by, reason),
        }
    }

    /// Adds a fact of the current visit, or of the run where none is under way.
    fn emit(&mut self, fact: Fact) {
        let visit = self.run.visit_number();
        self.emit_at(visit, fact);
    }

    fn emit_at(&mut self, visit: Option<u32>, fact: Fact) {
        let event = Event { seq: self.run.seq + 1, at: self.moment.now, visit, fact };
        let fit = self.run.apply(&event);
        assert!(fit.is_ok(), "the engine decided an event that does not fit: {fit:?}");
        self.events.push(event);
    }

    fn start(&mut self) -> Result<(), Refused> {
        match self.run.status {
            Status::Pending => {}
            Status::Running | Status::Completed | Status::Stopped | Status::Error => {
                return Err(Refused::Begun);
            }
        }
        self.emit(Fact::RunStarted);
        match self.run.onward {
            None => self.enter_first(),
            Some(Onward::Enter { stage, forced }) => self.enter_again(stage, forced),
            Some(Onward::Leave { stage }) => self.route(stage),
        }
        Ok(())
    }

    fn stop(&mut self, by: String, reason: Option<String>) -> Result<(), Refused> {
        if self.run.stop.is_some() {
            return Err(Refused::Stopping);
        }
        self.emit(Fact::StopRequested { by, reason });
        Ok(())
    }

    /// Whether the attempt is in flight: the outside may only report on what it owes.
    fn under_way(&self, call: u64, attempt: u32) -> Result<(), Refused> {
        let work = self.run.work.as_ref().ok_or(Refused::NotUnderWay)?;
        let found = work.in_flight().any(|(_, c)| c.number == call && c.attempt == attempt);
        found.then_some(()).ok_or(Refused::NotUnderWay)
    }

    /// Runs on until only outside work is owed, or the run has ended.
    fn go_on(&mut self) {
        while !self.run.status.is_final() {
            let went_on = if self.run.is_closing() {
                self.close()
            } else {
                // A pending run has no visit yet; it waits for its place.
                self.run.status != Status::Pending && (self.look_at_the_clock() || self.next_step())
            };
            if !went_on {
                return;
            }
        }
    }

    /// Ends a run that was asked to stop, or whose stage failed, once nothing is in flight and the hooks
    /// that always run have run. Answers whether a step was taken.
    fn close(&mut self) -> bool {
        if self.is_in_flight() {
            return false;
        }
        if let Some(hook) = self.next_hook_that_always_runs() {
            self.start_hook(hook);
            return true;
        }
        if let Some(stop) = self.run.stop.take() {
            let quiet_at = stop.quiet_at.unwrap_or(self.moment.now);
            let stopped = Fact::RunStopped {
                by: stop.by.clone(),
                reason: stop.reason.clone(),
                took_ms: quiet_at.millis_since(stop.at),
                aborted: self.run.aborted.clone(),
                usage: self.run.usage,
                duration_ms: self.duration_ms(),
            };
            self.run.stop = Some(stop);
            self.emit_at(None, stopped);
        } else if let Some(error) = self.run.failing.clone() {
            self.fail_run(error);
        }
        true
    }

    /// Whether something was begun that has not come back.
    fn is_in_flight(&self) -> bool {
        let of_work = self.run.work.as_ref().is_some_and(|work| {
            work.in_flight().next().is_some() || work.errands_in_flight().next().is_some()
        });
        of_work || self.run.calling.is_some()
    }

    /// Ends the current stage in error; the run follows as soon as nothing is in flight.
    fn fail_stage(&mut self, error: RunError) {
        let (Some(stage), Some(visit), false) =
            (self.run.stage(), self.run.visits.last(), self.run.is_closing())
        else {
            return;
        };
        let failed = Fact::StageFailed {
            stage: stage.id.clone(),
            error: Box::new(error),
            usage: visit.usage,
            duration_ms: self.moment.now.millis_since(visit.started_at),
        };
        self.emit(failed);
    }

    fn fail_run(&mut self, error: Box<RunError>) {
        let (usage, duration_ms) = (self.run.usage, self.duration_ms());
        self.emit_at(None, Fact::RunFailed { error, usage, duration_ms });
    }

    /// From the start of the run to now; a run that never began took no time.
    fn duration_ms(&self) -> u64 {
        self.run.started_at.map_or(0, |started| self.moment.now.millis_since(started))
    }

    /// An error at the current stage.
    fn error(&self, agent: Option<&str>, doing: &str, code: &str, message: String) -> RunError {
        RunError {
            stage: self.run.stage().map(|stage| stage.id.clone()),
            visit: self.run.visit_number(),
            agent: agent.map(str::to_owned),
            doing: doing.to_owned(),
            code: code.to_owned(),
            message,
            provider_message: None,
            hint: None,
        }
    }

    /// The wait before an attempt is over.
    fn retry(&mut self, call: u64, attempt: u32) -> Result<(), Refused> {
        let waits = self.run.work.as_ref().and_then(|work| work.turn_of_call(call)?.call.as_ref());
        let waits =
            waits.filter(|c| c.attempt + 1 == attempt && matches!(c.state, CallState::Waiting { .. }));
        waits.ok_or(Refused::NotUnderWay)?;
        if !self.run.is_closing() {
            self.call_again(call, None);
        }
        Ok(())
    }
}
