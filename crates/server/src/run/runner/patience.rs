//! Waiting for a database that does not answer: what must happen in the end is tried again for as long as
//! it takes.

use std::time::Duration;

use super::RunnerError;
use crate::db;

/// The first wait for a database that does not answer.
const WAIT_FIRST: Duration = Duration::from_millis(100);

/// The longest one. Until the database is back, answers that were paid for wait here.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// How long the database was waited for so far.
#[derive(Debug, Default)]
pub(super) struct Patience {
    waited: Option<Duration>,
}

impl Patience {
    /// Whether it was not waited for yet.
    pub(super) fn is_new(&self) -> bool {
        self.waited.is_none()
    }

    /// How long to wait now: longer each time.
    pub(super) fn next(&mut self) -> Duration {
        let wait = self.waited.map_or(WAIT_FIRST, |waited| (waited * 2).min(WAIT_MAX));
        self.waited = Some(wait);
        wait
    }

    /// Waits a while where it was the database that failed, and says whether to try again. One that was
    /// closed is not coming back.
    pub(super) async fn waits_out(&mut self, run: i64, error: &RunnerError) -> bool {
        if error.database().is_none_or(|error| *error == db::Error::Closed) {
            return false;
        }
        if self.is_new() {
            tracing::warn!(run, %error, "run {run} waits for the database: {error}");
        }
        tokio::time::sleep(self.next()).await;
        true
    }
}
