//! Runs of which it is not known whether they were made: the database can be lost after a commit and
//! before its answer. When it is back they are looked for, and those that are there are carried out;
//! nobody else would do it before the next start.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::feed::Feed;
use super::patience::Patience;
use super::{FIRST_EPOCH, Held, Runner, RunnerError};
use callboard_engine::command::Command;

/// Runs that are looked for at once. An outage in which more are asked for leaves the oldest to the next
/// start; nobody waits that long with calls that fail.
const LOST_MAX: usize = 256;

/// How long after the failure they are looked for: a server that was cut off may still be busy with the
/// commit.
const LOOK_AFTER: Duration = Duration::from_secs(1);

/// The runs that may have been made.
#[derive(Default)]
pub(super) struct LostRuns {
    lost: Mutex<Vec<Lost>>,
    is_more: Notify,
}

/// A run that may have been made.
#[derive(Clone)]
struct Lost {
    project_id: i64,
    workflow_id: i64,
    /// Its first events, as they would stand on disk.
    json: Arc<str>,
}

impl LostRuns {
    fn lost(&self) -> std::sync::MutexGuard<'_, Vec<Lost>> {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has a run looked for.
    pub(super) fn add(&self, (project_id, workflow_id): (i64, i64), json: Arc<str>) {
        let mut lost = self.lost();
        if lost.len() == LOST_MAX {
            tracing::error!("too many runs may have been made unseen; one goes on at the next start only");
            lost.remove(0);
        }
        lost.push(Lost { project_id, workflow_id, json });
        self.is_more.notify_one();
    }
}

impl Runner {
    /// Carries out those of the lost runs that were made.
    async fn find_lost(&self) -> Result<(), RunnerError> {
        let looked_for = self.0.lost.lost().clone();
        for lost in &looked_for {
            for stream in self.0.journal.beginning_with(&lost.json).await? {
                let Lost { project_id, workflow_id, .. } = *lost;
                let held = Held { id: stream.0, project_id, workflow_id, epoch: FIRST_EPOCH };
                // Another with the same words, begun in the same instant, may be known.
                if self.0.roster.feed(held.id).is_none() {
                    tracing::info!(run = held.id, "run {} had been made unseen, and goes on", held.id);
                    self.0.roster.park(held, &Feed::default(), None, None);
                    self.order(held.id, Command::Look);
                }
            }
        }
        let is_found = |lost: &Lost| looked_for.iter().any(|found| Arc::ptr_eq(&found.json, &lost.json));
        self.0.lost.lost().retain(|lost| !is_found(lost));
        Ok(())
    }
}

/// Looks for lost runs, for as long as the server runs.
pub(super) async fn keep_lost(runner: Runner) {
    loop {
        runner.0.lost.is_more.notified().await;
        tokio::time::sleep(LOOK_AFTER).await;
        let mut patience = Patience::default();
        while let Err(error) = runner.find_lost().await {
            if !patience.waits_out(0, &error).await {
                tracing::error!(%error, "runs that may have been made cannot be looked for: {error}");
                break;
            }
        }
    }
}
