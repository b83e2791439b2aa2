//! The runner: one light task per working run.
//!
//! A task holds the folded run, asks it what is owed, does that, and hands what came of it to the
//! engine; the events are in the journal before anything acts on them, shows them or answers for
//! them. What is owed is computed, so going on after a crash is the same call as going on. Nothing
//! here decides anything about a run: that is the engine's.

mod outside;

mod patience;

mod calls;
mod tools;

mod days;
mod places;

mod children;

mod told;

mod feed;

mod roster;

mod drive;
mod owed;

mod lost;
mod recover;

mod follow;

pub use feed::Live;
pub use follow::Follow;
#[doc(hidden)]
pub use outside::{CallKey, ModelAsked, Outside, ToolAsked};
pub use recover::Recovered;
pub use told::{Told, Words};

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use callboard_api::run::RunIds;
use callboard_engine::command::{Command, Decided, Refused};
use callboard_engine::decide::{self, TakenOver, create, decide};
use callboard_engine::definition::Limits;
use callboard_engine::event::{Event, Source};
use callboard_engine::run::{Run, Status};
use callboard_engine::time::Time;
use serde_json::Value;
use tokio::sync::{broadcast, oneshot};
use tokio::task::JoinSet;

use self::calls::Models;
use self::days::Days;
use self::drive::Drive;
use self::feed::Feed;
use self::lost::LostRuns;
use self::owed::Seat;
use self::patience::Patience;
use self::roster::{Order, Roster, Way, Woken};
use self::tools::Toolshed;
use super::past::Pasts;
use super::store::{self, RunRow};
use crate::clock::Clock;
use crate::db::{self, Db, Value as DbValue, Write};
use crate::journal::{AppendError, Entry, Events, Journal, NewStream, StreamId};
use crate::net::Net;
use crate::project::Allowances;
use crate::provider::Providers;
use crate::secret::Secrets;
use crate::tool::Tools;
use crate::workflow::{Definitions, Frozen};

/// News that are kept for who is slow to hear them: what a second of many short runs brings. Who misses
/// some is told so, and looks at all runs.
const NEWS_MAX: usize = 1024;

/// The first owner of a run is the process that created it.
const FIRST_EPOCH: u64 = 1;

/// What runs are carried out with.
pub struct Means {
    /// Where everything is stored.
    pub db: Db,
    /// The models that they speak to.
    pub providers: Providers,
    /// The secrets of their projects.
    pub secrets: Secrets,
    /// How their tools reach the network.
    pub net: Net,
    /// What the runs of a project together may use.
    pub allowances: Allowances,
    /// The time.
    pub clock: Clock,
}

/// What is written, by a noun after this one, with the first events of a run that carries a workflow out for
/// the one above it.
pub(crate) type Below = fn(above: i64, now: Time) -> Write;

/// Carries runs out. Clones are the same runner.
#[derive(Clone)]
pub struct Runner(Arc<Inner>);

struct Inner {
    db: Db,
    journal: Journal,
    definitions: Definitions,
    models: Models,
    tools: Toolshed,
    allowances: Allowances,
    days: Days,
    clock: Clock,
    below: Option<Below>,
    roster: Arc<Roster>,
    lost: LostRuns,
    pasts: Pasts,
    news: broadcast::Sender<i64>,
    joins: Mutex<JoinSet<()>>,
    /// What goes on beside the runs is begun with the first of them.
    keeping: OnceLock<()>,
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
    /// What it may use, in place of what its workflow says.
    pub limits: Limits,
    /// How many runs above it each wait for the one below.
    pub depth: u32,
    /// What it takes over from the run that it goes on from.
    pub inherited: Option<TakenOver>,
    /// What must be met in the transaction of its first events, or it is not started, and what is written
    /// with them.
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
            Self::Refused(Refused::NotAChoice) => "not_a_choice",
            Self::Refused(Refused::Begun | Refused::NotBegun | Refused::NotUnderWay | Refused::NotAsked) => {
                "run_not_waiting"
            }
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
    /// A runner with those means. It does nothing until it is told to.
    pub fn new(means: Means) -> Self {
        Self::reaching(means, None, None)
    }

    /// A runner with those means, and what is written with each run below another.
    pub(crate) fn noting(means: Means, below: Below) -> Self {
        Self::reaching(means, None, Some(below))
    }

    /// A runner of a simulation, whose models and tools are played.
    #[doc(hidden)]
    pub fn played(means: Means, by: Arc<dyn Outside>) -> Self {
        Self::reaching(means, Some(by), None)
    }

    fn reaching(means: Means, outside: Option<Arc<dyn Outside>>, below: Option<Below>) -> Self {
        let Means { db, providers, secrets, net, allowances, clock } = means;
        Self(Arc::new(Inner {
            journal: Journal::open(db.clone()),
            definitions: Definitions::new(db.clone()),
            models: Models::new(providers, secrets.clone(), outside.clone()),
            tools: Toolshed::new(db.clone(), Tools::new(net, secrets), outside),
            days: Days::new(db.clone(), allowances.clone(), clock.clone()),
            db,
            allowances,
            clock,
            below,
            roster: Arc::default(),
            lost: LostRuns::default(),
            pasts: Pasts::default(),
            news: broadcast::Sender::new(NEWS_MAX),
            joins: Mutex::default(),
            keeping: OnceLock::new(),
        }))
    }

    /// Where everything is stored.
    pub(crate) fn db(&self) -> &Db {
        &self.0.db
    }

    /// The definitions that runs point to.
    pub(crate) fn definitions(&self) -> &Definitions {
        &self.0.definitions
    }

    /// What was read of ended runs lately.
    pub(super) fn pasts(&self) -> &Pasts {
        &self.0.pasts
    }

    /// The journal that it writes.
    pub fn journal(&self) -> &Journal {
        &self.0.journal
    }

    /// Reads what runs of a project may use, so that one starts at once. What cannot be read now is read then.
    pub(crate) async fn make_ready(&self, project: i64) {
        let _: Result<_, db::Error> = self.0.days.today(project).await;
    }

    /// Starts a run: its first events, up to the first intent, are one append. Where there is no place for
    /// it, it is pending.
    pub async fn start(&self, new: NewRun) -> Result<Started, RunnerError> {
        let day = self.0.days.today(new.project_id).await?;
        let mut moment = self.0.clock.moment();
        moment.day = day.as_ref().map(|account| account.day);
        let definition = self.0.definitions.keep(&new.frozen.hash, Arc::clone(&new.frozen.definition));
        let pending = create(
            decide::NewRun {
                hash: new.frozen.hash.clone(),
                definition: Arc::clone(&definition),
                source: new.source.clone(),
                input: new.input.clone(),
                metadata: new.metadata.clone(),
                limits: new.limits.clone(),
                depth: new.depth,
                inherited: new.inherited.clone(),
            },
            moment,
        );
        // What the day has room for is claimed by the run's task, which knows how to wait for it.
        if day.is_none() {
            let mut begun = decide(&pending.run, Command::Start, moment)?;
            begun.events.splice(0..0, pending.events.iter().cloned());
            let room = self.room((new.project_id, new.workflow_id), &definition, &new.source).await?;
            let claim = room.claim(DbValue::NewId);
            let claims_place = claim.is_some();
            match self.create(&new, &begun, claim).await {
                Ok(id) => return Ok(self.begun(id, &new, begun)),
                Err(RunnerError::Append(AppendError::ClaimTaken { index: PLACE_CLAIM })) if claims_place => {}
                Err(error) => return Err(error),
            }
        }
        let id = self.create(&new, &pending, None).await?;
        let held = Held::first(id, &new);
        self.0.roster.park(held, &Feed::default(), None, None);
        self.order(id, Command::Start);
        Ok(Started { id, run: pending.run })
    }

    /// Writes the first events of a run.
    async fn create(
        &self,
        new: &NewRun,
        decided: &Decided,
        place: Option<Write>,
    ) -> Result<i64, RunnerError> {
        let json = text(0, &decided.events)?;
        let row = store::created(new.project_id, new.workflow_id, &decided.run);
        let row = row.map_err(|error| damaged(0, &error))?;
        let messages = decided.questions.iter().flat_map(|question| &question.sent);
        let messages = messages.map(|sent| store::message(DbValue::NewId, sent));
        // Hooks write documents before anyone has worked.
        let documents = decided.documents.iter().map(|document| store::document(DbValue::NewId, document));
        // A stage can end before anyone has worked on it.
        let left = decided.run.visits().map(|visit| store::left(DbValue::NewId, visit));
        let left = left.collect::<Result<Vec<_>, _>>().map_err(|error| damaged(0, &error))?;
        let writes = [new.frozen.write(), row].into_iter().chain(place).chain(new.claims.iter().cloned());
        let stream = NewStream {
            epoch: FIRST_EPOCH,
            events: Events { count: decided.run.seq(), json: Arc::clone(&json) },
            writes: writes.chain(messages).chain(documents).chain(left.into_iter().flatten()).collect(),
        };
        let created = self.0.journal.create(stream).await;
        if matches!(&created, Err(AppendError::Failed(error)) if *error != db::Error::Closed) {
            self.0.lost.add((new.project_id, new.workflow_id), json);
            self.keep();
        }
        Ok(created?.0)
    }

    /// Carries out a run whose first events are on disk.
    fn begun(&self, id: i64, new: &NewRun, decided: Decided) -> Started {
        let held = Held::first(id, new);
        let Decided { run, questions, .. } = decided;
        let (ear, listed) = self.0.roster.list(held, Feed::default());
        let feed = self.0.roster.feed(id).unwrap_or_default();
        let mut drive = Drive::new(self.clone(), Seat { held, run: run.clone(), ear, feed });
        drive.keep_questions(questions);
        self.spawn(async move {
            let _listed = listed;
            Box::pin(drive.carry_out(Vec::new())).await;
        });
        Started { id, run }
    }

    /// Asks a run to stop. Answered when the request is on disk.
    pub async fn stop(&self, id: i64, by: &str, reason: Option<String>) -> Result<(), RunnerError> {
        self.ask(id, Command::Stop { by: by.to_owned(), reason }).await
    }

    /// Gives a run a command, and waits until what follows from it is on disk.
    pub async fn ask(&self, id: i64, command: Command) -> Result<(), RunnerError> {
        self.tell(id, command).await.map(|_| ())
    }

    /// The same, with the run that it led to: its task has it, so that nothing is read.
    pub(crate) async fn tell(&self, id: i64, command: Command) -> Result<(RunIds, Run), RunnerError> {
        let (reply, answer) = oneshot::channel();
        let mut order = Box::new(Order { command, reply: Some(reply) });
        loop {
            let orders = match self.0.roster.way(id) {
                Way::Task(orders) => orders,
                Way::Wake(orders, woken) => {
                    // The channel is new and has room; the task finds the order when it begins.
                    let sent = orders.try_send(order);
                    self.wake(*woken);
                    match sent {
                        Ok(()) => break,
                        Err(unheard) => order = unheard.into_inner(),
                    }
                    orders
                }
                Way::None => return Err(self.without_task(id).await),
            };
            // A task that has just parked its run hears no more; the next one does.
            match orders.send(order).await {
                Ok(()) => break,
                Err(unheard) => order = unheard.0,
            }
        }
        match answer.await {
            Ok(answer) => Ok(*answer?),
            // The task ended between the order and its answer: with the run, or with the runner.
            Err(_) => Err(self.without_task(id).await),
        }
    }

    /// Gives a run a command, and does not wait. One that has ended needs none.
    fn order(&self, id: i64, command: Command) {
        self.pass_on(id, Box::new(Order { command, reply: None }));
    }

    /// Gives a run an order. Where the run has ended, whoever waits for an answer is told so.
    fn pass_on(&self, id: i64, order: Box<Order>) {
        let orders = match self.0.roster.way(id) {
            Way::Task(orders) => orders,
            Way::Wake(orders, woken) => {
                // The channel is new and has room.
                let _ = orders.try_send(order);
                return self.wake(*woken);
            }
            Way::None => return,
        };
        let runner = self.clone();
        self.spawn(async move {
            if let Err(unheard) = orders.send(order).await {
                runner.pass_on(id, unheard.0);
            }
        });
    }

    /// Begins the task of a run that was without one.
    fn wake(&self, woken: Woken) {
        let runner = self.clone();
        self.spawn(async move { Box::pin(runner.go_on_with(woken)).await });
    }

    async fn go_on_with(self, woken: Woken) {
        let Woken { held, feed, ear, listed } = woken;
        // What was ordered is kept until the run can be read.
        let mut patience = Patience::default();
        let found = loop {
            match self.found(held.id).await {
                Err(error) if patience.waits_out(held.id, &error).await => {}
                found => break found,
            }
        };
        match found {
            Ok((_, run)) => {
                // One that waits for a place has to ask for it before it is known to have to wait.
                let first = (run.status() == Status::Pending).then_some(Command::Start).into_iter().collect();
                let seat = Seat { held, run, ear, feed };
                Drive::new(self.clone(), seat).carry_out(first).await;
            }
            Err(error) => {
                tracing::error!(run = held.id, %error, "run {} cannot go on: {error}", held.id);
                feed.give_up(error);
            }
        }
        drop(listed);
    }

    /// What goes on in a run from here on; nothing where it has no task.
    fn watch(&self, id: i64) -> Option<feed::Watch> {
        self.0.roster.feed(id).map(|feed| feed.watch())
    }

    /// The numbers of runs, as each has ended or begins to wait without a task. What they tell is on disk;
    /// whoever must not miss any of it looks there too.
    pub(crate) fn news(&self) -> broadcast::Receiver<i64> {
        self.0.news.subscribe()
    }

    fn tell_news(&self, id: i64) {
        // It fails where nobody listens.
        let _ = self.0.news.send(id);
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
        self.0.roster.working()
    }

    /// Ends all tasks where they are. Their runs go on at the next start, as after a crash.
    pub async fn shut_down(&self) {
        let mut joins = std::mem::take(&mut *self.0.joins.lock().unwrap_or_else(PoisonError::into_inner));
        joins.shutdown().await;
        self.0.tools.end_all();
        self.0.roster.clear();
    }

    /// Why a run has no task: it has ended, or there is none.
    async fn without_task(&self, id: i64) -> RunnerError {
        match self.load(id).await {
            Ok(run) if run.status().is_final() => RunnerError::Refused(Refused::Ended),
            Ok(_) => RunnerError::ShuttingDown,
            Err(error) => error,
        }
    }

    /// Carries something out until it ends, or until the runner shuts down.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.keep();
        self.join(task);
    }

    /// Begins what goes on beside the runs, if it has not begun.
    fn keep(&self) {
        self.0.keeping.get_or_init(|| {
            self.join(roster::keep_time(self.clone()));
            self.join(children::keep_allowances(self.clone()));
            self.join(lost::keep_lost(self.clone()));
        });
    }

    fn join(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut joins = self.0.joins.lock().unwrap_or_else(PoisonError::into_inner);
        // Tasks that have ended are let go of here, so that the set does not grow with every run.
        while joins.try_join_next().is_some() {}
        joins.spawn(task);
    }
}

/// Where the claim of a place stands among the writes of a new run.
const PLACE_CLAIM: usize = 2;

/// A run that this process owns.
#[derive(Clone, Copy, Debug)]
struct Held {
    id: i64,
    /// Whose secrets it may use.
    project_id: i64,
    workflow_id: i64,
    /// What its appends are let through under.
    epoch: u64,
}

impl Held {
    /// A run that was just created here.
    fn first(id: i64, new: &NewRun) -> Self {
        Self { id, project_id: new.project_id, workflow_id: new.workflow_id, epoch: FIRST_EPOCH }
    }

    fn ids(self) -> RunIds {
        RunIds { id: self.id, project_id: self.project_id, workflow_id: self.workflow_id }
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

pub(super) fn damaged(run: i64, error: &dyn std::fmt::Display) -> RunnerError {
    RunnerError::Damaged { run, why: error.to_string() }
}
