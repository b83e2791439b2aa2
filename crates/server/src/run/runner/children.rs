//! Runs that carry a workflow out for another run: started once for each call, stopped with it, and
//! heard of when they end.

use std::sync::Arc;
use std::time::Duration;

use callboard_engine::command::{ChildEnd, Command, ToolOutcome};
use callboard_engine::event::{Source, SourceKind};
use callboard_engine::run::{NewChild, Run, Status};
use serde_json::Value;

use super::patience::Patience;
use super::{Held, NewRun, Runner, RunnerError};
use crate::journal::AppendError;
use crate::run::store;
use crate::workflow::{self, Frozen};

/// The first wait before a run that could not be told to stop is told again: others are gone on with in
/// milliseconds.
const STOP_AGAIN_FIRST: Duration = Duration::from_millis(20);

/// The longest one: a database that does not answer is not helped by asking more often.
const STOP_AGAIN_MAX: Duration = Duration::from_secs(5);

/// Why a run is stopped that another no longer waits for.
pub(super) const ENDING: &str = "The run that waits for it is ending.";

/// A run that is to be started for another.
pub(super) struct Wanted {
    pub(super) call: u64,
    workflow: String,
    input: Value,
    visit: u32,
    is_over: bool,
}

impl Wanted {
    pub(super) fn of(child: &NewChild<'_>) -> Self {
        Self {
            call: child.call,
            workflow: child.workflow.to_owned(),
            input: child.input.clone(),
            visit: child.visit,
            is_over: child.is_over,
        }
    }
}

impl Runner {
    /// Starts the run that is wanted, or finds it where it was started before.
    pub(super) async fn start_child(&self, held: Held, parent: Arc<Run>, wanted: Wanted) -> Command {
        let call = wanted.call;
        // A start that failed with the database may have been made: it is found, or made, when that is back.
        let mut patience = Patience::default();
        let child = loop {
            match self.child(held, &parent, &wanted).await {
                Err(error) if patience.waits_out(held.id, &error).await => {}
                child => break child,
            }
        };
        match child {
            Ok(Some(run_id)) => Command::TakeChild { call, run_id },
            Ok(None) => refused(call, "aborted", "it is no longer wanted"),
            Err(error) => refused(call, error.code(), &error.to_string()),
        }
    }

    async fn child(&self, held: Held, parent: &Run, wanted: &Wanted) -> Result<Option<i64>, RunnerError> {
        let known = store::child(&self.0.db, held.id, wanted.call).await?;
        if known.is_some() || wanted.is_over {
            return Ok(known);
        }
        let damaged = |why: &dyn std::fmt::Display| super::damaged(held.id, why);
        let definition = parent.child_definition(&wanted.workflow);
        let definition = definition.ok_or_else(|| damaged(&format!("no workflow {}", wanted.workflow)))?;
        let frozen = Frozen::new(definition).map_err(|error| damaged(&error))?;
        let now = self.0.clock.now();
        let workflow_id = workflow::ensure(&self.0.db, held.project_id, &wanted.workflow, now).await?;
        let source = Source {
            kind: SourceKind::Workflow,
            by: None,
            trigger_id: None,
            slot: None,
            run_id: Some(held.id),
            from_visit: Some(wanted.visit),
            after_visit: None,
            outcome: None,
            overlap: None,
            key: None,
        };
        let noted = self.0.below.map(|below| below(held.id, now));
        let claims = [store::child_of(held.id, wanted.call)].into_iter().chain(noted).collect();
        let new = NewRun {
            project_id: held.project_id,
            workflow_id,
            frozen,
            source,
            input: wanted.input.clone(),
            metadata: None,
            limits: Default::default(),
            depth: parent.depth() + 1,
            inherited: None,
            claims,
        };
        match Box::pin(self.start(new)).await {
            Ok(started) => Ok(Some(started.id)),
            // Another attempt of this process was faster.
            Err(RunnerError::Append(AppendError::ClaimTaken { .. })) => {
                Ok(store::child(&self.0.db, held.id, wanted.call).await?)
            }
            Err(error) => Err(error),
        }
    }

    /// Whether a run that was started for another has ended, and how.
    pub(super) async fn child_end(&self, call: u64, run_id: i64) -> Option<Command> {
        let mut patience = Patience::default();
        loop {
            match self.load(run_id).await {
                Ok(run) if run.status().is_final() => return Some(ended(call, run_id, &run)),
                // It goes on, and says so itself when it ends.
                Ok(_) => return None,
                Err(error) if patience.waits_out(run_id, &error).await => {}
                Err(error) => {
                    let gone = ChildEnd { status: Status::Stopped, result: None, error: None };
                    let is_gone = matches!(error, RunnerError::NotFound(_));
                    return is_gone.then_some(Command::TakeChildEnd { call, run_id, end: gone });
                }
            }
        }
    }

    /// Stops a run that was started for another. Where it cannot be told yet, since the database does not
    /// answer or the run is only just being gone on with, it is tried until it can.
    pub(super) async fn stop_child(&self, parent: i64, run_id: i64, reason: &str) {
        let by = run_name(parent);
        let mut wait = STOP_AGAIN_FIRST;
        loop {
            match self.stop(run_id, &by, Some(reason.to_owned())).await {
                Ok(()) => return,
                Err(RunnerError::ShuttingDown | RunnerError::Database(_) | RunnerError::Append(_)) => {}
                Err(error) => {
                    tracing::debug!(run = run_id, "run {run_id} was not stopped for run {parent}: {error}");
                    return;
                }
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(STOP_AGAIN_MAX);
        }
    }

    /// What follows from the end of a run: sessions of its tools end, the run that waits for it hears of
    /// it, and others get its place.
    pub(super) async fn after_end(&self, held: Held, run: &Run) {
        self.0.tools.end(held.id);
        let mut patience = Patience::default();
        while let Err(error) = self.tell_of_end(held, run).await {
            if !patience.waits_out(held.id, &error).await {
                tracing::warn!(run = held.id, %error, "the end of run {} was not passed on: {error}", held.id);
                return;
            }
        }
    }

    async fn tell_of_end(&self, held: Held, run: &Run) -> Result<(), RunnerError> {
        if run.source().kind == SourceKind::Workflow {
            if let Some((parent, call)) = store::parent(&self.0.db, held.id).await? {
                self.order(parent, ended(call, held.id, run));
            }
            return Ok(());
        }
        let limited = run.definition().workflow.max_running.is_some() || run.source().key.is_some();
        if limited || self.0.allowances.of(held.project_id).await?.max_running.is_some() {
            self.fill_places(held.project_id).await?;
        }
        Ok(())
    }

    /// Tells the runs of a project that wait for room in its day that there may be some.
    pub(super) fn tell_of_room(&self, project: i64) {
        for run in self.0.days.take_waiting(project) {
            self.order(run, Command::Look);
        }
    }
}

/// A run, as it stops another.
pub(super) fn run_name(run: i64) -> String {
    format!("run {run}")
}

fn ended(call: u64, run_id: i64, run: &Run) -> Command {
    let end = ChildEnd {
        status: run.status(),
        result: run.result().map(Arc::from),
        error: run.error().cloned().map(Box::new),
    };
    Command::TakeChildEnd { call, run_id, end }
}

fn refused(call: u64, code: &str, why: &str) -> Command {
    Command::TakeChildRefused { call, outcome: ToolOutcome { text: why.into(), code: Some(code.to_owned()) } }
}

/// Lets runs go on that a changed project has room for, for as long as the server runs.
pub(super) async fn keep_allowances(runner: Runner) {
    loop {
        for project in runner.0.allowances.changed().await {
            runner.fill_places_or_warn(project).await;
            runner.tell_of_room(project);
        }
    }
}
