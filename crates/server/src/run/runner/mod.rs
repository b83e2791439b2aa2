//! The runner: one light task per working run.
//!
//! A task holds the folded run, asks it what is owed, does that, and hands what came of it to the
//! engine; the events are in the journal before anything acts on them, shows them or answers for
//! them. What is owed is computed, so going on after a crash is the same call as going on. Nothing
//! here decides anything about a run: that is the engine's.

mod calls;
mod drive;
mod feed;
mod follow;
mod told;

pub use feed::Live;
pub use follow::Follow;
pub use told::{Told, Words};

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use callboard_engine::command::{Command, Refused};
use callboard_engine::decide::{self, create, decide};
use callboard_engine::event::{Event, Source};
use callboard_engine::run::{Run, Status};
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use self::calls::Models;
use self::drive::Drive;
use self::feed::Feed;
use super::store::{self, RunRow};
use crate::clock::Clock;
use crate::db::{self, Db, Write};
use crate::journal::{AppendError, Entry, Events, Journal, NewStream, Position, StreamId};
use crate::provider::Providers;
use crate::secret::Secrets;
use crate::workflow::{Definitions, Frozen};

/// The first owner of a run is the process that created it.
const FIRST_EPOCH: u64 = 1;

/// Orders that wait for a run's task: a run gets few, from people.
const ORDERS_MAX: usize = 16;

/// Carries runs out. Clones are the same runner.
#[derive(Clone)]
pub struct Runner(Arc<Inner>);

struct Inner {
    db: Db,
    journal: Journal,
    definitions: Definitions,
    models: Models,
    clock: Clock,
    /// The runs that have a task, with the way to its ear.
    tasks: Mutex<HashMap<i64, Task>>,
    joins: Mutex<JoinSet<()>>,
}

#[derive(Clone)]
struct Task {
    /// Boxed, since a channel holds room for 32 from the beginning, and most runs get no order at all.
    orders: mpsc::Sender<Box<Order>>,
    feed: Feed,
}

/// Something asked of a run that has a task, and where to answer.
struct Order {
    command: Command,
    reply: oneshot::Sender<Result<(), Refused>>,
}

/// A run to be started.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// Its project.
    pub project_id: i64,
    /// Its workflow.
    pub workflow_id: i64,
    /// The definition that it runs with.
    pub frozen: Frozen,
    /// What starts it.
    pub source: Source,
    /// Its input.
    pub input: Value,
    /// What the caller wants to find again.
    pub metadata: Option<Value>,
    /// What must be met in the transaction of its first events, or it is not started.
    pub claims: Vec<Write>,
}

/// A run that was started.
#[derive(Clone, Debug)]
pub struct Started {
    /// Its number.
    pub id: i64,
    /// The run after its first events.
    pub run: Run,
}

/// What a runner found unfinished.
#[derive(Debug)]
pub struct Recovered {
    /// The runs that it goes on with.
    pub runs: Vec<i64>,
    /// Why it cannot go on with others. They are left as they are.
    pub left: Vec<RunnerError>,
}

/// Why a runner could not do what was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RunnerError {
    /// There is no such run.
    #[error("there is no run {0}")]
    NotFound(i64),
    /// The run has not ended, so it cannot be deleted.
    #[error("run {0} has not ended")]
    NotEnded(i64),
    /// The run refused the command.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::Error),
    /// The journal did not take the events.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// What is stored does not fold to a run.
    #[error("the history of run {run} is damaged: {why}")]
    Damaged {
        /// The run.
        run: i64,
        /// What is wrong with it.
        why: String,
    },
    /// Another process made itself the owner of the run.
    #[error("run {0} is carried out by another process now")]
    TakenOver(i64),
    /// The runner is shutting down.
    #[error("the server is shutting down")]
    ShuttingDown,
}

impl RunnerError {
    /// The stable code that programs can rely on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "run_not_found",
            Self::NotEnded(_) => "run_not_ended",
            Self::Refused(Refused::Ended) => "run_ended",
            Self::Refused(Refused::Stopping) => "run_stopping",
            Self::Refused(Refused::Begun | Refused::NotBegun | Refused::NotUnderWay) => "run_not_waiting",
            Self::Database(error) | Self::Append(AppendError::Failed(error)) => error.code(),
            Self::Append(AppendError::Conflict(_) | AppendError::Gone | AppendError::ClaimTaken { .. }) => {
                "run_changed"
            }
            Self::Damaged { .. } => "history_damaged",
            Self::TakenOver(_) => "run_taken_over",
            Self::ShuttingDown => "shutting_down",
        }
    }

    /// What the database said, if it was the database.
    pub const fn database(&self) -> Option<&db::Error> {
        match self {
            Self::Database(error) | Self::Append(AppendError::Failed(error)) => Some(error),
            Self::NotFound(_)
            | Self::NotEnded(_)
            | Self::Refused(_)
            | Self::Append(AppendError::Conflict(_) | AppendError::Gone | AppendError::ClaimTaken { .. })
            | Self::Damaged { .. }
            | Self::TakenOver(_)
            | Self::ShuttingDown => None,
        }
    }
}

impl Runner {
    /// A runner on that database. It does nothing until it is told to.
    pub fn new(db: Db, providers: Providers, secrets: Secrets, clock: Clock) -> Self {
        Self(Arc::new(Inner {
            journal: Journal::open(db.clone()),
            definitions: Definitions::new(db.clone()),
            db,
            models: Models::new(providers, secrets),
            clock,
            tasks: Mutex::default(),
            joins: Mutex::default(),
        }))
    }

    /// The journal that it writes.
    pub fn journal(&self) -> &Journal {
        &self.0.journal
    }

    /// Starts a run: its first events, up to the first intent, are one append.
    pub async fn start(&self, new: NewRun) -> Result<Started, RunnerError> {
        let moment = self.0.clock.moment();
        let definition = self.0.definitions.keep(&new.frozen.hash, Arc::clone(&new.frozen.definition));
        let created = create(
            decide::NewRun {
                hash: new.frozen.hash.clone(),
                definition,
                source: new.source,
                input: new.input,
                metadata: new.metadata,
            },
            moment,
        );
        let started = decide(&created.run, Command::Start, moment)?;
        let mut events = created.events;
        events.extend(started.events);
        let run = started.run;
        let json = text(0, &events)?;
        let row =
            store::created(new.project_id, new.workflow_id, &run).map_err(|error| damaged(0, &error))?;
        let writes = [new.frozen.write(), row].into_iter().chain(new.claims).collect();
        let stream = self
            .0
            .journal
            .create(NewStream { epoch: FIRST_EPOCH, events: Events { count: run.seq(), json }, writes })
            .await?;
        let id = stream.0;
        let held = Held { id, project_id: new.project_id, epoch: FIRST_EPOCH };
        self.spawn(held, run.clone(), None);
        Ok(Started { id, run })
    }

    /// Goes on with every run that has not ended. One whose history is damaged does not keep the
    /// others from it.
    pub async fn recover(&self) -> Result<Recovered, RunnerError> {
        let ids = store::unfinished(&self.0.db).await?;
        let streams: Vec<StreamId> = ids.iter().copied().map(StreamId).collect();
        let positions = self.0.journal.take_over_all(&streams).await?;
        let mut recovered = Recovered { runs: Vec::new(), left: Vec::new() };
        for id in ids {
            match self.go_on(id, positions.get(&StreamId(id))).await {
                Ok(()) => recovered.runs.push(id),
                Err(error) if error.database().is_some() => return Err(error),
                Err(error) => recovered.left.push(error),
            }
        }
        Ok(recovered)
    }

    async fn go_on(&self, id: i64, position: Option<&Position>) -> Result<(), RunnerError> {
        let (row, run) = self.found(id).await?;
        let first = match run.status() {
            Status::Pending => Command::Start,
            Status::Running => Command::Recover,
            // The row is a projection; the history is what counts.
            Status::Completed | Status::Stopped | Status::Error => return Ok(()),
        };
        let position = position.ok_or(RunnerError::NotFound(id))?;
        let held = Held { id, project_id: row.ids.project_id, epoch: position.epoch };
        self.spawn(held, run, Some(first));
        Ok(())
    }

    /// Asks a run to stop. Answered when the request is on disk.
    pub async fn stop(&self, id: i64, by: &str, reason: Option<String>) -> Result<(), RunnerError> {
        let command = Command::Stop { by: by.to_owned(), reason };
        let Some(task) = self.task(id) else { return Err(self.without_task(id).await) };
        let (reply, answer) = oneshot::channel();
        let order = Box::new(Order { command, reply });
        if task.orders.send(order).await.is_err() {
            return Err(self.without_task(id).await);
        }
        match answer.await {
            Ok(answer) => Ok(answer?),
            // The task ended between the order and its answer: with the run, or with the runner.
            Err(_) => Err(self.without_task(id).await),
        }
    }

    /// What goes on in a run from here on; nothing where it has no task.
    fn watch(&self, id: i64) -> Option<feed::Watch> {
        self.task(id).map(|task| task.feed.watch())
    }

    /// The run, as its history says.
    pub async fn load(&self, id: i64) -> Result<Run, RunnerError> {
        Ok(self.found(id).await?.1)
    }

    /// The run, as its history says, with where it belongs.
    pub(crate) async fn found(&self, id: i64) -> Result<(RunRow, Run), RunnerError> {
        let row = store::find(&self.0.db, id).await?.ok_or(RunnerError::NotFound(id))?;
        let definition = self.0.definitions.load(&row.definition).await?;
        let mut pages = self.0.journal.pages(StreamId(id), 0);
        let mut run: Option<Run> = None;
        while let Some(page) = pages.next().await? {
            for entry in page {
                let events = events(id, &entry)?;
                match &mut run {
                    None => {
                        run = Some(Run::fold(Arc::clone(&definition), &events).map_err(|e| damaged(id, &e))?)
                    }
                    Some(run) => events
                        .iter()
                        .try_for_each(|event| run.apply(event))
                        .map_err(|error| damaged(id, &error))?,
                }
            }
        }
        run.map(|run| (row, run)).ok_or(RunnerError::NotFound(id))
    }

    /// Deletes a run that has ended, with its history.
    pub async fn delete(&self, id: i64) -> Result<(), RunnerError> {
        match self.0.journal.delete(StreamId(id), store::deleted(id)).await {
            Ok(()) => Ok(()),
            Err(AppendError::Gone) => Err(RunnerError::NotFound(id)),
            Err(AppendError::ClaimTaken { .. }) => Err(RunnerError::NotEnded(id)),
            Err(error) => Err(error.into()),
        }
    }

    /// How many runs have a task here.
    pub fn at_work(&self) -> usize {
        self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Ends all tasks where they are. Their runs go on at the next start, as after a crash.
    pub async fn shut_down(&self) {
        let mut joins = std::mem::take(&mut *self.0.joins.lock().unwrap_or_else(PoisonError::into_inner));
        joins.shutdown().await;
        self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn task(&self, id: i64) -> Option<Task> {
        self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// Why a run has no task: it has ended, or there is none.
    async fn without_task(&self, id: i64) -> RunnerError {
        match self.load(id).await {
            Ok(run) if run.status().is_final() => RunnerError::Refused(Refused::Ended),
            Ok(_) => RunnerError::ShuttingDown,
            Err(error) => error,
        }
    }

    fn spawn(&self, held: Held, run: Run, first: Option<Command>) {
        let id = held.id;
        let (orders, ear) = mpsc::channel(ORDERS_MAX);
        let feed = Feed::default();
        let task = Task { orders, feed: feed.clone() };
        self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner).insert(id, task);
        let drive = Drive::new(Arc::clone(&self.0), drive::Seat { held, run, ear, feed });
        let inner = Arc::clone(&self.0);
        let mut joins = self.0.joins.lock().unwrap_or_else(PoisonError::into_inner);
        // Tasks that have ended are let go of here, so that the set does not grow with every run.
        while joins.try_join_next().is_some() {}
        let listed = Listed { inner, id };
        joins.spawn(async move {
            let _listed = listed;
            Box::pin(drive.carry_out(first)).await;
        });
    }
}

/// A run that this process owns.
#[derive(Clone, Copy)]
struct Held {
    id: i64,
    /// Whose secrets it may use.
    project_id: i64,
    /// What its appends are let through under.
    epoch: u64,
}

/// A run's place among those that have a task. It is given up however the task ends, by a bug too:
/// whoever follows the run would wait for ever otherwise.
struct Listed {
    inner: Arc<Inner>,
    id: i64,
}

impl Drop for Listed {
    fn drop(&mut self) {
        self.inner.tasks.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

/// The events of an append, as they are stored and served.
fn text(run: i64, events: &[Event]) -> Result<Arc<str>, RunnerError> {
    serde_json::to_string(events).map(Arc::from).map_err(|error| damaged(run, &error))
}

/// The events of an entry.
fn events(run: i64, entry: &Entry) -> Result<Vec<Event>, RunnerError> {
    serde_json::from_str(&entry.events).map_err(|error| damaged(run, &error))
}

fn damaged(run: i64, error: &dyn std::fmt::Display) -> RunnerError {
    RunnerError::Damaged { run, why: error.to_string() }
}
