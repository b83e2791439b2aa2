//! What goes on beside the runs: promises are kept when what they are about has happened, and what is due
//! is tried.

use std::collections::HashMap;
use std::time::Duration;

use callboard_api::delivery::DeliveryKind;
use callboard_engine::run::Status;
use callboard_engine::time::Time;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinSet;

use super::post::{TRY_MAX, alert, next};
use super::store::{self, Next, Owed, Promise};
use super::{Deliveries, message};
use crate::db::{Unit, WriteError};
use crate::net::origin;
use crate::run::RunnerError;

/// How often all promises are looked at: the end of a run may have been another process's, or may have
/// been missed.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// How often it is looked for what is due where nothing is known to be: others make things due as well.
const DUE_EVERY: Duration = Duration::from_secs(5);

/// How often what nobody can ask for any more is forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(60 * 60);

/// How long it is waited for a database that does not answer.
const DATABASE_WAIT: Duration = Duration::from_secs(2);

/// Promises that are looked at with one query.
const PROMISES_MAX: usize = 500;

/// Tries at once: mostly they wait for the other side.
const TRIES_AT_ONCE_MAX: usize = 64;

/// Tries at once to one origin, so that one that hangs does not keep the others waiting.
const TRIES_OF_ORIGIN_MAX: usize = 8;

/// How long a delivery is put off whose origin has all its places taken.
const CROWDED_WAIT: Duration = Duration::from_secs(2);

/// For how long one that is being tried is put off, so that it comes back where the process does not: a
/// try, and what goes around it.
const TRYING_FOR: Duration = Duration::from_secs(TRY_MAX.as_secs() + 5);

impl Deliveries {
    /// Keeps promises and tries what is due, until it is dropped.
    pub(crate) async fn keep(self) {
        tokio::join!(self.keep_promises(), self.try_what_is_due(), self.forget_what_is_old());
    }

    async fn keep_promises(&self) {
        let mut news = self.0.runner.news();
        loop {
            while let Err(error) = self.look_at_all().await {
                tracing::warn!("callbacks wait for the database: {error}");
                tokio::time::sleep(DATABASE_WAIT).await;
            }
            let next_look = tokio::time::Instant::now() + LOOK_EVERY;
            // News are heard until some were missed, or it is time to look at all again.
            while let Ok(Some(runs)) = tokio::time::timeout_at(next_look, heard(&mut news)).await {
                let looked = async {
                    let promises = store::promises(&self.0.db, &runs).await?;
                    self.keep_all(promises).await
                };
                if let Err(error) = looked.await {
                    tracing::warn!("callbacks wait for the database: {error}");
                    break;
                }
            }
        }
    }

    async fn look_at_all(&self) -> Result<(), RunnerError> {
        let mut after = 0;
        loop {
            let promises = store::promises_to_keep(&self.0.db, after, PROMISES_MAX as u64).await?;
            let Some(last) = promises.last() else { return Ok(()) };
            after = last.id;
            self.keep_all(promises).await?;
        }
    }

    /// Makes due what has happened, and takes back what will not.
    async fn keep_all(&self, promises: Vec<Promise>) -> Result<(), RunnerError> {
        let now = self.0.clock.now();
        let mut writes = Vec::new();
        for promise in &promises {
            match (promise.kind, promise.status) {
                (DeliveryKind::RunEnded, Some(Status::Completed | Status::Stopped | Status::Error))
                | (DeliveryKind::RunFailed, Some(Status::Error)) => writes.push(store::due(promise.id, now)),
                (_, None | Some(Status::Completed | Status::Stopped | Status::Error)) => {
                    writes.push(store::withdrawn(promise.id));
                }
                (DeliveryKind::RunWaiting, Some(Status::Pending | Status::Running)) => {
                    self.tell_of_wait(promise, now).await?;
                }
                (_, Some(Status::Pending | Status::Running)) => {}
            }
        }
        if !writes.is_empty() {
            match self.0.db.transaction(writes).await {
                Ok(_) => self.wake(),
                Err(WriteError::Failed(error)) => return Err(error.into()),
                Err(WriteError::NotTaken { .. }) => unreachable!("a write without a claim cannot be refused"),
            }
        }
        Ok(())
    }

    /// Makes due that a run waits for a person, once for each wait. The promise stays: it may wait again.
    async fn tell_of_wait(&self, promise: &Promise, now: Time) -> Result<(), RunnerError> {
        let Some(since) = promise.waits_anew() else { return Ok(()) };
        let run = match self.run(promise.run_id).await {
            Ok(run) => run,
            Err(RunnerError::NotFound(_)) => return Ok(()),
            Err(error) => return Err(error),
        };
        let Ok(message) = message() else { return Ok(()) };
        let kind = promise.kind;
        let new = store::New { message: &message, kind, trigger_id: promise.trigger_id, url: &promise.url };
        let place = (promise.project_id, Some(promise.run_id));
        let body = alert(kind, promise.trigger_id, &run).to_string();
        let writes = [store::told(promise.id, since), store::owed(&new, place, body, now)];
        match self.0.db.write(Unit::new(writes)).await {
            Ok(_) => self.wake(),
            // Another process was faster.
            Err(WriteError::NotTaken { .. }) => {}
            Err(WriteError::Failed(error)) => return Err(error.into()),
        }
        Ok(())
    }

    async fn try_what_is_due(&self) {
        let mut tries = Tries::default();
        loop {
            let wait = match self.begin(&mut tries).await {
                Ok(wait) => wait,
                Err(error) => {
                    tracing::warn!("deliveries wait for the database: {error}");
                    DATABASE_WAIT
                }
            };
            tokio::select! {
                () = self.0.woken.notified() => {}
                () = tries.one_ends() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Begins to try what is due, and says when to look again.
    async fn begin(&self, tries: &mut Tries) -> Result<Duration, crate::db::Error> {
        let free = TRIES_AT_ONCE_MAX.saturating_sub(tries.set.len());
        let now = self.0.clock.now();
        if free == 0 {
            return Ok(DUE_EVERY);
        }
        for owed in store::all_due(&self.0.db, now, free as u64).await? {
            let to = origin(&owed.url).unwrap_or_default();
            let is_crowded = tries.at(&to) >= TRIES_OF_ORIGIN_MAX;
            let put_off = if is_crowded { CROWDED_WAIT } else { TRYING_FOR };
            let is_ours = store::put_off(&self.0.db, &owed, plus(now, put_off)).await?;
            if is_ours && !is_crowded {
                let deliveries = self.clone();
                let handle = tries.set.spawn(async move { deliveries.try_one(owed).await });
                tries.to.insert(handle.id(), to);
            }
        }
        let next = store::next_due(&self.0.db).await?;
        let wait = next.map(|next| Duration::from_millis(next.millis_since(self.0.clock.now())));
        Ok(wait.map_or(DUE_EVERY, |wait| wait.min(DUE_EVERY)))
    }

    /// Tries a delivery and writes down what became of it. What cannot be written is tried again: it was
    /// put off, and not taken away.
    async fn try_one(&self, owed: Owed) {
        let began = self.0.clock.now();
        let writes = match self.post(&owed).await {
            Err(error) => {
                tracing::warn!(delivery = owed.id, %error, "delivery {} was not tried: {error}", owed.id);
                return;
            }
            Ok(None) => store::forgotten(owed.id).to_vec(),
            Ok(Some(answered)) => {
                let moment = self.0.clock.moment();
                let next = next(&owed, &answered, moment.now, moment.luck);
                if matches!(next, Next::GivenUp) {
                    let to = origin(&owed.url).unwrap_or_default();
                    tracing::warn!(delivery = owed.id, "delivery {} to {to} was given up", owed.id);
                }
                store::tried(owed.id, began, &answered, &next)
            }
        };
        if let Err(error) = self.0.db.transaction(writes).await {
            tracing::warn!(delivery = owed.id, %error, "a try of delivery {} was not noted: {error}", owed.id);
        }
    }

    async fn forget_what_is_old(&self) {
        let mut every = tokio::time::interval(FORGET_EVERY);
        loop {
            every.tick().await;
            let old = store::old_forgotten(self.0.clock.now());
            if let Err(error) = self.0.db.transaction(old).await {
                tracing::warn!("old deliveries were not forgotten: {error}");
            }
        }
    }
}

/// Tries under way, and to whom.
#[derive(Default)]
struct Tries {
    set: JoinSet<()>,
    to: HashMap<tokio::task::Id, String>,
}

impl Tries {
    fn at(&self, origin: &str) -> usize {
        self.to.values().filter(|to| *to == origin).count()
    }

    /// Waits for the end of one of them.
    async fn one_ends(&mut self) {
        let id = match self.set.join_next_with_id().await {
            Some(Ok((id, ()))) => id,
            // One that ended with a bug has told so itself.
            Some(Err(error)) => error.id(),
            None => return std::future::pending().await,
        };
        self.to.remove(&id);
    }
}

/// The runs of which there are news, as many as there are at once; nothing where some were missed.
async fn heard(news: &mut broadcast::Receiver<i64>) -> Option<Vec<i64>> {
    let mut runs = match news.recv().await {
        Ok(run) => vec![run],
        Err(RecvError::Lagged(_)) => return None,
        // The runner has ended, and there are no news any more.
        Err(RecvError::Closed) => return std::future::pending().await,
    };
    while runs.len() < PROMISES_MAX
        && let Ok(run) = news.try_recv()
    {
        runs.push(run);
    }
    Some(runs)
}

fn plus(now: Time, wait: Duration) -> Time {
    now.plus_millis(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX))
}
