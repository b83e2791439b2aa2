//! Starting the run of a slot: the one thing that a scheduler needs of runs, so that a simulation can play
//! it.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use callboard_engine::definition::Limits;
use callboard_engine::event::{Source, SourceKind};
use callboard_engine::project::TriggerKind;
use callboard_engine::time::Time;

use super::alert::{self, Whose};
use super::decide::Stretch;
use crate::db::{self, Write};
use crate::delivery::Deliveries;
use crate::journal::AppendError;
use crate::project::{PartPath, ProjectError, Projects};
use crate::run::{NewRun, Runner, RunnerError};
use crate::workflow::{WorkflowError, Workflows};

/// What a scheduler waits for.
pub type Waited<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A slot that is to have a run.
#[derive(Clone, Copy, Debug)]
pub struct Firing {
    /// Its trigger.
    pub trigger: i64,
    /// Its moment.
    pub slot: Time,
    /// The revision of the trigger's project, where it was read since the slot is due.
    pub revision: Option<i64>,
}

/// Who starts and stops runs for a scheduler.
pub trait Start: Send + Sync {
    /// Reads what a run of the trigger will need, so that it starts at once when its slot is due.
    fn prepare(&self, trigger: i64) -> Waited<'_, ()>;

    /// Starts the run of a slot, with those writes in the transaction of its first events: all of them are
    /// met, or there is no run.
    fn start(&self, firing: Firing, claims: Vec<Write>) -> Waited<'_, Result<i64, NotStarted>>;

    /// What tells whoever is to be told of slots that do not fire, for the transaction that writes them down.
    fn alert(&self, _trigger: i64, _stretch: &Stretch) -> Waited<'_, Result<Vec<Write>, db::Error>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// Asks a run to stop, for the slot that comes after it. One that ended meanwhile is as good as stopped.
    fn stop(&self, run: i64, trigger: i64) -> Waited<'_, Result<(), db::Error>>;
}

/// Why a slot has no run.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NotStarted {
    /// Others have seen to the slot, or something came in between.
    #[error("a claim was not met")]
    Claimed,
    /// It cannot start, now or later.
    #[error("{0}")]
    Refused(String),
    /// The database failed; the slot is tried again.
    #[error(transparent)]
    Failed(#[from] db::Error),
}

/// Runs that are ready to start and kept at one time: more than are due at one moment on a large server.
const READY_MAX: usize = 1_000;

/// Starts real runs.
pub(crate) struct Runs {
    projects: Projects,
    workflows: Workflows,
    runner: Runner,
    deliveries: Deliveries,
    /// The runs of slots that are due soon, by their triggers, each with the revision of the project that
    /// it was read from.
    ready: Mutex<HashMap<i64, (i64, NewRun)>>,
}

impl Start for Runs {
    fn prepare(&self, trigger: i64) -> Waited<'_, ()> {
        Box::pin(async move {
            // What cannot be read is told when the slot is due.
            let Ok(ready) = self.new_run(trigger).await else { return };
            self.runner.make_ready(ready.1.project_id).await;
            let mut all = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
            if all.len() >= READY_MAX {
                all.clear();
            }
            all.insert(trigger, ready);
        })
    }

    fn start(&self, firing: Firing, claims: Vec<Write>) -> Waited<'_, Result<i64, NotStarted>> {
        Box::pin(async move {
            let mut new = self.ready_run(firing).await?;
            new.source.slot = Some(firing.slot);
            new.claims.extend(claims);
            Ok(self.runner.start(new).await?.id)
        })
    }

    fn alert(&self, trigger: i64, stretch: &Stretch) -> Waited<'_, Result<Vec<Write>, db::Error>> {
        let stretch = stretch.clone();
        Box::pin(async move {
            let found = match self.projects.of_part(trigger).await {
                Ok(found) => found,
                Err(ProjectError::Database(error)) => return Err(error),
                Err(_) => None,
            };
            let Some((stored, path)) = found else { return Ok(Vec::new()) };
            let Some(of_file) = stored.project.triggers.get(path.name()) else { return Ok(Vec::new()) };
            let whose =
                Whose { project_id: stored.id, trigger_id: trigger, name: path.name(), trigger: of_file };
            // Without chance nothing is told, and the slots are written down all the same.
            Ok(alert::of_slots(&self.deliveries, &whose, &stretch).unwrap_or_default())
        })
    }

    fn stop(&self, run: i64, trigger: i64) -> Waited<'_, Result<(), db::Error>> {
        Box::pin(async move {
            let reason = "A newer slot of the trigger is due, and its policy is stop_previous.".to_owned();
            match self.runner.stop(run, &format!("trigger {trigger}"), Some(reason)).await {
                Ok(()) => Ok(()),
                // It is another process's to stop, or has ended: the slot waits until it has.
                Err(error) => error.database().map_or(Ok(()), |error| Err(error.clone())),
            }
        })
    }
}

impl Runs {
    pub(crate) fn new(
        projects: Projects,
        workflows: Workflows,
        runner: Runner,
        deliveries: Deliveries,
    ) -> Arc<Self> {
        Arc::new(Self { projects, workflows, runner, deliveries, ready: Mutex::default() })
    }

    /// The run of a slot, as its project says now: the one that was made ready, if the project is still the
    /// same.
    async fn ready_run(&self, Firing { trigger, revision, .. }: Firing) -> Result<NewRun, NotStarted> {
        let ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner).remove(&trigger);
        if let Some((read_from, new)) = ready {
            let now = match revision {
                Some(revision) => Some(revision),
                None => self.projects.revision_of_part(trigger).await?,
            };
            if now == Some(read_from) {
                return Ok(new);
            }
        }
        Ok(self.new_run(trigger).await?.1)
    }

    /// The run of a slot that is still to be named, and the revision of the project that says so.
    async fn new_run(&self, trigger_id: i64) -> Result<(i64, NewRun), NotStarted> {
        let gone = || NotStarted::Refused("The trigger was removed before the slot could fire.".to_owned());
        let (stored, path) = self.projects.of_part(trigger_id).await?.ok_or_else(gone)?;
        let trigger = stored.project.triggers.get(path.name()).ok_or_else(gone)?;
        let TriggerKind::Schedule(schedule) = &trigger.kind else {
            let message = "The trigger became a webhook before the slot could fire.";
            return Err(NotStarted::Refused(message.to_owned()));
        };
        let workflow = stored.number(&PartPath::of("workflows", &trigger.workflow)).ok_or_else(|| {
            NotStarted::Refused(format!("There is no workflow \"{}\" any more.", trigger.workflow))
        })?;
        let ready = self.workflows.ready(workflow).await?;
        let source = Source {
            kind: SourceKind::Schedule,
            by: None,
            trigger_id: Some(trigger_id),
            ..Source::manual("")
        };
        let new = NewRun {
            project_id: ready.project_id,
            workflow_id: ready.workflow_id,
            frozen: ready.frozen,
            source,
            input: schedule.input.clone(),
            metadata: None,
            limits: Limits::default(),
            depth: 0,
            inherited: None,
            // Without chance nothing is told, and the slot fires all the same.
            claims: alert::of_run(&self.deliveries, trigger_id, trigger).unwrap_or_default(),
        };
        Ok((stored.revision, new))
    }
}

impl From<ProjectError> for NotStarted {
    fn from(error: ProjectError) -> Self {
        match error {
            ProjectError::Database(error) => Self::Failed(error),
            ProjectError::NotFound(_)
            | ProjectError::PartNotFound(_)
            | ProjectError::NameTaken { .. }
            | ProjectError::Mistakes(_)
            | ProjectError::Busy
            | ProjectError::ClaimTaken => Self::Refused(format!("The run could not start: {error}.")),
        }
    }
}

impl From<WorkflowError> for NotStarted {
    fn from(error: WorkflowError) -> Self {
        match error {
            WorkflowError::Project(error) => error.into(),
            WorkflowError::NotFound(_) => Self::Refused(format!("The run could not start: {error}.")),
        }
    }
}

impl From<RunnerError> for NotStarted {
    fn from(error: RunnerError) -> Self {
        if let Some(failed) = error.database() {
            return Self::Failed(failed.clone());
        }
        match error {
            RunnerError::Append(AppendError::ClaimTaken { .. }) => Self::Claimed,
            RunnerError::ShuttingDown => Self::Failed(db::Error::Closed),
            RunnerError::NotFound(_)
            | RunnerError::NotEnded(_)
            | RunnerError::Refused(_)
            | RunnerError::Database(_)
            | RunnerError::Append(AppendError::Conflict(_) | AppendError::Gone | AppendError::Failed(_))
            | RunnerError::Damaged { .. }
            | RunnerError::TakenOver(_) => Self::Refused(format!("The run could not start: {error}.")),
        }
    }
}
