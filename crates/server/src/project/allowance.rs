//! What all runs of a project together may use: how many at once, and how much money in a day.
//!
//! It stands in columns beside the document, so that a run can be let in, or its money set aside, by a
//! statement that reads it in the same transaction.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use callboard_engine::money::Usd;
use callboard_engine::project::{Project, ProjectLimits};
use callboard_engine::time::Time;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use tokio::sync::Notify;

use crate::db::{Db, Error, Row, Value, Write};

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
    /// Counts what was forgotten, so that nothing older is kept afterwards.
    forgotten: AtomicU64,
    /// The projects that changed and of which nobody has heard yet.
    changed: Mutex<BTreeSet<i64>>,
    has_changed: Notify,
}

impl Allowances {
    /// Those of that database.
    pub fn new(db: Db) -> Self {
        let (kept, changed, has_changed) = (RwLock::default(), Mutex::default(), Notify::new());
        Self(Arc::new(Inner { db, kept, forgotten: AtomicU64::new(0), changed, has_changed }))
    }

    /// What the runs of a project may use now.
    pub async fn of(&self, project: i64) -> Result<Allowance, Error> {
        if let Some(kept) = self.0.kept.read().unwrap_or_else(PoisonError::into_inner).get(&project) {
            return Ok(kept.clone());
        }
        let forgotten = self.0.forgotten.load(Ordering::SeqCst);
        let find = "SELECT max_running, day_limit, timezone, document, revision FROM project WHERE id = $1";
        let mut row = self.0.db.query_one(find, [project.into()]).await?;
        if let Some(write) = outdated(project, &row)? {
            self.0.db.execute(write.statement.sql, write.statement.params).await?;
            row = self.0.db.query_one(find, [project.into()]).await?;
        }
        let zone = row.text(2)?;
        let allowance = Allowance {
            max_running: row.int_or_null(0)?.and_then(|max| u32::try_from(max).ok()),
            day_limit: row.int_or_null(1)?.map(|nanos| Usd::from_nanos(nanos.unsigned_abs())),
            // A zone that is not known was refused when the project was written.
            zone: TimeZone::get(&zone).unwrap_or(TimeZone::UTC),
        };
        let mut kept = self.0.kept.write().unwrap_or_else(PoisonError::into_inner);
        // What was read before a change came is used once and not kept.
        if self.0.forgotten.load(Ordering::SeqCst) == forgotten {
            kept.insert(project, allowance.clone());
        }
        Ok(allowance)
    }

    /// Says that a project may use more or less than before.
    pub(crate) fn forget(&self, project: i64) {
        self.0.forgotten.fetch_add(1, Ordering::SeqCst);
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

/// What a document says that stands in columns too.
#[derive(Deserialize)]
struct Said {
    max_running: Option<u32>,
    #[serde(default)]
    limits: ProjectLimits,
    #[serde(default = "utc")]
    timezone: String,
}

fn utc() -> String {
    "UTC".to_owned()
}

/// What brings the columns of a project up to its document, where they are not: versions that could not
/// keep these limits wrote documents without the columns.
fn outdated(project: i64, row: &Row) -> Result<Option<Write>, Error> {
    let Some(document) = row.text_or_null(3)? else { return Ok(None) };
    let said: Said = serde_json::from_str(&document)
        .map_err(|error| Error::Failed(format!("the project {project} cannot be read: {error}").into()))?;
    let day_limit = said.limits.cost_usd_per_day.map(|limit| Usd::of_dollars(limit).as_nanos());
    let stands = row.int_or_null(0)? == said.max_running.map(i64::from)
        && row.uint_or_null(1)? == day_limit
        && *row.text(2)? == *said.timezone;
    let params: [Value; 5] = [
        project.into(),
        said.max_running.into(),
        day_limit.into(),
        said.timezone.as_str().into(),
        row.int(4)?.into(),
    ];
    Ok((!stands).then(|| {
        Write::new(
            "UPDATE project SET max_running = $2, day_limit = $3, timezone = $4 WHERE id = $1 AND revision = $5",
            params,
        )
    }))
}

/// What writes the columns of a project.
pub(super) fn written(name: &str, project: &Project) -> Write {
    let day_limit = project.limits.cost_usd_per_day.map(|limit| Usd::of_dollars(limit).as_nanos());
    let params: [Value; 4] =
        [name.into(), project.max_running.into(), day_limit.into(), project.timezone.as_str().into()];
    Write::new("UPDATE project SET max_running = $2, day_limit = $3, timezone = $4 WHERE name = $1", params)
}
