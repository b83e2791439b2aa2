//! What all runs of a project together may use: how many at once, and how much money in a day.
//!
//! It stands in columns beside the document, so that a run can be let in, or its money set aside, by a
//! statement that reads it in the same transaction.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use callboard_engine::money::Usd;
use callboard_engine::project::Project;
use callboard_engine::time::Time;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::sync::Notify;

use crate::db::{Db, Error, Value, Write};

/// What the runs of one project together may use.
#[derive(Clone, Debug)]
pub struct Allowance {
    /// Runs at once.
    pub max_running: Option<u32>,
    /// Money in a day.
    pub day_limit: Option<Usd>,
    /// The zone in which its day is counted.
    zone: TimeZone,
}

impl Allowance {
    /// The day that a moment falls on.
    pub(crate) fn day(&self, now: Time) -> String {
        self.civil(now).map(|zoned| zoned.date().to_string()).unwrap_or_default()
    }

    /// When that day ends.
    pub(crate) fn day_ends(&self, now: Time) -> Option<Time> {
        let tomorrow = self.civil(now)?.tomorrow().ok()?.start_of_day().ok()?;
        Some(Time::from_millis(tomorrow.timestamp().as_millisecond()))
    }

    fn civil(&self, now: Time) -> Option<jiff::Zoned> {
        Some(Timestamp::from_millisecond(now.as_millis()).ok()?.to_zoned(self.zone.clone()))
    }
}

/// The allowances of a database. Clones are the same.
#[derive(Clone)]
pub struct Allowances(Arc<Inner>);

struct Inner {
    db: Db,
    kept: RwLock<HashMap<i64, Allowance>>,
    /// The projects that changed and of which nobody has heard yet.
    changed: Mutex<BTreeSet<i64>>,
    has_changed: Notify,
}

impl Allowances {
    /// Those of that database.
    pub fn new(db: Db) -> Self {
        let (kept, changed, has_changed) = (RwLock::default(), Mutex::default(), Notify::new());
        Self(Arc::new(Inner { db, kept, changed, has_changed }))
    }

    /// What the runs of a project may use now.
    pub async fn of(&self, project: i64) -> Result<Allowance, Error> {
        if let Some(kept) = self.0.kept.read().unwrap_or_else(PoisonError::into_inner).get(&project) {
            return Ok(kept.clone());
        }
        let find = "SELECT max_running, day_limit, timezone FROM project WHERE id = $1";
        let row = self.0.db.query_one(find, [project.into()]).await?;
        let zone = row.text(2)?;
        let allowance = Allowance {
            max_running: row.int_or_null(0)?.and_then(|max| u32::try_from(max).ok()),
            day_limit: row.int_or_null(1)?.map(|nanos| Usd::from_nanos(nanos.unsigned_abs())),
            // A zone that is not known was refused when the project was written.
            zone: TimeZone::get(&zone).unwrap_or(TimeZone::UTC),
        };
        self.0.kept.write().unwrap_or_else(PoisonError::into_inner).insert(project, allowance.clone());
        Ok(allowance)
    }

    /// Says that a project may use more or less than before.
    pub(crate) fn forget(&self, project: i64) {
        self.0.kept.write().unwrap_or_else(PoisonError::into_inner).remove(&project);
        self.0.changed.lock().unwrap_or_else(PoisonError::into_inner).insert(project);
        self.0.has_changed.notify_one();
    }

    /// Waits for projects that may use more or less than before. Each is told once, to whoever asks.
    pub(crate) async fn changed(&self) -> BTreeSet<i64> {
        loop {
            let changed = std::mem::take(&mut *self.0.changed.lock().unwrap_or_else(PoisonError::into_inner));
            if !changed.is_empty() {
                return changed;
            }
            self.0.has_changed.notified().await;
        }
    }

    /// Writes what a project file says, where nothing but the file is known of the project.
    pub async fn set(&self, project: i64, file: &Project) -> Result<(), Error> {
        let write = written(&file.name, file);
        self.0.db.execute(write.statement.sql, write.statement.params).await?;
        self.forget(project);
        Ok(())
    }
}

/// What writes the columns of a project.
pub(super) fn written(name: &str, project: &Project) -> Write {
    let day_limit = project.limits.cost_usd_per_day.map(|limit| Usd::of_dollars(limit).as_nanos());
    let params: [Value; 4] =
        [name.into(), project.max_running.into(), day_limit.into(), project.timezone.as_str().into()];
    Write::new("UPDATE project SET max_running = $2, day_limit = $3, timezone = $4 WHERE name = $1", params)
}
