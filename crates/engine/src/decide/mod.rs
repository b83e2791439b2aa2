//! The decisions: which events a command causes.
//!
//! A decision runs on until only outside work is owed, so that an answer, all that follows from it
//! and the next intent are one append. It is made on a copy of the run; every event goes through
//! [`Run::apply`] as it is decided, so that what was decided and what will be folded are the same.

mod answer;
mod failure;
mod route;
mod stage;

pub use answer::MODEL_CALLS_PER_TURN_MAX;
pub use failure::{RETRY_WAIT_FIRST_MS, RETRY_WAIT_MAX_MS};
pub use route::NO_PROGRESS_VISITS;

use std::sync::Arc;

use serde_json::Value;

use crate::command::{Command, Decided, Moment, Refused};
use crate::definition::{Definition, DefinitionHash};
use crate::event::{Event, Fact, InFlight, RunCreated, RunError, Source};
use crate::run::{CallState, Run, Status};

/// Crashes in a row, without a step forward between them, that end a run: it may be the run itself
/// that brings the server down.
pub const CRASHES_MAX: u32 = 10;

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
}

/// Creates a run: pending, until it is started.
pub fn create(new: NewRun, moment: Moment) -> Decided {
    let created = RunCreated {
        definition: new.hash,
        workflow: new.definition.name.clone(),
        source: new.source,
        input: Arc::new(new.input),
        metadata: new.metadata,
    };
    let event = Event { seq: 1, at: moment.now, visit: None, fact: Fact::RunCreated(created) };
    let run = Run::created(new.definition, &event);
    let run =
        run.unwrap_or_else(|misfit| unreachable!("the engine made an event that does not fit: {misfit}"));
    Decided { events: vec![event], run }
}

/// Answers a command with the events that it causes, or refuses it.
pub fn decide(run: &Run, command: Command, moment: Moment) -> Result<Decided, Refused> {
    if run.status.is_final() {
        return Err(Refused::Ended);
    }
    let mut draft = Draft { run: run.clone(), events: Vec::new(), moment };
    match command {
        Command::Start => draft.start()?,
        Command::TakeAnswer { call, attempt, answer, tokens } => {
            draft.under_way(call, attempt)?;
            draft.take_answer(call, answer, tokens);
        }
        Command::TakeFailure { call, attempt, failure, partial } => {
            draft.under_way(call, attempt)?;
            draft.take_failure(call, failure, partial);
        }
        Command::Retry { call, attempt } => draft.retry(call, attempt)?,
        Command::TakeAbort { call, attempt, partial } => {
            draft.under_way(call, attempt)?;
            // Nobody asked for it: the call is still owed, and is made by whoever asks what is.
            run.is_closing().then_some(()).ok_or(Refused::NotUnderWay)?;
            draft.take_abort(call, partial);
        }
        Command::Recover => draft.recover()?,
        Command::Stop { by, reason } => {
            if run.stop.is_some() {
                return Err(Refused::Stopping);
            }
            draft.emit(Fact::StopRequested { by, reason });
        }
    }
    draft.go_on();
    Ok(Decided { events: draft.events, run: draft.run })
}

/// A decision in the making: a copy of the run, and the events that changed it.
struct Draft {
    run: Run,
    events: Vec<Event>,
    moment: Moment,
}

impl Draft {
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
        self.enter_first();
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
            if self.run.is_closing() {
                self.close();
                return;
            }
            // A pending run has no visit yet; it waits for its place.
            if self.run.status == Status::Pending || !self.next_step() {
                return;
            }
        }
    }

    /// Ends a run that was asked to stop, or whose stage failed, once nothing is in flight.
    fn close(&mut self) {
        let in_flight = self.run.work.as_ref().is_some_and(|work| work.in_flight().next().is_some());
        if in_flight {
            return;
        }
        if let Some(stop) = self.run.stop.take() {
            let stopped = Fact::RunStopped {
                by: stop.by.clone(),
                reason: stop.reason.clone(),
                took_ms: self.moment.now.millis_since(stop.at),
                aborted: self.run.aborted.clone(),
                usage: self.run.usage,
                duration_ms: self.duration_ms(),
            };
            self.run.stop = Some(stop);
            self.emit_at(None, stopped);
        } else if let Some(error) = self.run.failing.clone() {
            self.fail_run(error);
        }
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

    /// Begins again what a crash cut off.
    fn recover(&mut self) -> Result<(), Refused> {
        if self.run.status == Status::Pending {
            return Err(Refused::NotBegun);
        }
        let lost: Vec<InFlight> = match &self.run.work {
            Some(work) => work.in_flight().map(|(turn, call)| turn.in_flight(call)).collect(),
            None => Vec::new(),
        };
        if lost.is_empty() {
            return Ok(());
        }
        self.emit(Fact::RunRecovered { in_flight: lost.clone() });
        if self.run.is_closing() {
            return Ok(());
        }
        if self.run.crashes >= CRASHES_MAX {
            let crashes = self.run.crashes;
            let mut error = self.error(
                lost.first().map(|lost| lost.agent.as_str()),
                "going on after a crash",
                "crashed_repeatedly",
                format!("The server went down {crashes} times running while this work was in flight."),
            );
            error.hint = Some(
                "Look at the server's log for what ended it. If it was not this run, run it again."
                    .to_owned(),
            );
            self.fail_stage(error);
            return Ok(());
        }
        for lost in lost {
            self.call_again(lost.call, None);
        }
        Ok(())
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
