//! The tables of eras and slots: what is read of them, and what is written when slots are seen to.

use callboard_api::trigger::{Slot as SlotRow, SlotStatus};
use callboard_engine::time::Time;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::decide::{Era, Pause, Stretch};
use super::rules::Rules;
use crate::db::{Db, Error, Row, Value, Write};

/// Eras that are read at once.
pub(super) const ERAS_MAX: usize = 512;

/// Slots that wait and are read at once.
const WAITING_MAX: i64 = 512;

/// A slot that waits for the run before it, with the era of its trigger that lasts; none where the trigger
/// is gone.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) trigger_id: i64,
    pub(super) at: Time,
    pub(super) era: Option<Era>,
}

/// An era that is to be looked at, with what is asked of all of them in one question.
#[derive(Clone, Debug)]
pub(super) struct Due {
    pub(super) era: Era,
    /// When.
    pub(super) look: Time,
    pub(super) fresh: Fresh,
}

/// What was true of a trigger when its eras were read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fresh {
    pub(super) ahead: Ahead,
    /// The revision of its project; none where the trigger is gone.
    pub(super) revision: Option<i64>,
}

/// What stands ahead of the next slot of a trigger.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ahead {
    /// The oldest of its runs that have not ended.
    pub(super) going: Option<i64>,
    /// The slot that waits.
    pub(super) waiting: Option<Time>,
}

/// The eras to be looked at up to a moment, the earliest first.
pub(super) async fn due(db: &Db, until: Time) -> Result<Vec<Due>, Error> {
    let find = "SELECT trigger_id, era, schedule, timezone, start_at, end_at, overlap, missed, clock_gap, \
                    clock_repeat, spread_s, paused_at, pause_reason, until, reached, look_at, \
                    (SELECT MIN(run.id) FROM run WHERE run.trigger_id = trigger_era.trigger_id \
                        AND run.status IN ('pending', 'running')), \
                    (SELECT MAX(slot.at) FROM trigger_slot AS slot \
                        WHERE slot.trigger_id = trigger_era.trigger_id AND slot.status = 'waiting'), \
                    (SELECT project.revision FROM part JOIN project ON project.id = part.project_id \
                        WHERE part.id = trigger_era.trigger_id) \
                FROM trigger_era WHERE look_at <= $1 ORDER BY look_at LIMIT $2";
    let rows = db
        .query(find, [until.as_millis().into(), i64::try_from(ERAS_MAX).unwrap_or(i64::MAX).into()])
        .await?;
    let due = |row: &Row| {
        let fresh = Fresh { ahead: stands_ahead(row, 16)?, revision: row.int_or_null(18)? };
        Ok(Due { era: era(row, 0)?, look: Time::from_millis(row.int(15)?), fresh })
    };
    rows.iter().map(due).collect()
}

/// An era as it is now, if it is there.
pub(super) async fn find(db: &Db, trigger: i64, number: i64) -> Result<Option<Era>, Error> {
    let find = "SELECT trigger_id, era, schedule, timezone, start_at, end_at, overlap, missed, clock_gap, \
                clock_repeat, spread_s, paused_at, pause_reason, until, reached FROM trigger_era \
                WHERE trigger_id = $1 AND era = $2";
    db.query_optional(find, [trigger.into(), number.into()]).await?.map(|row| era(&row, 0)).transpose()
}

/// The era of a trigger that lasts, if it is a schedule.
pub(super) async fn lasting(db: &Db, trigger: i64) -> Result<Option<Era>, Error> {
    let find = "SELECT trigger_id, era, schedule, timezone, start_at, end_at, overlap, missed, clock_gap, \
                clock_repeat, spread_s, paused_at, pause_reason, until, reached FROM trigger_era \
                WHERE trigger_id = $1 AND until IS NULL";
    db.query_optional(find, [trigger.into()]).await?.map(|row| era(&row, 0)).transpose()
}

/// The slots that wait and that something can be done about: no run is going before them any more, that run
/// is to be stopped, or they are not to fire.
pub(super) async fn waiting(db: &Db) -> Result<Vec<Waiting>, Error> {
    let find = "SELECT slot.trigger_id, slot.at, era.trigger_id, era.era, era.schedule, era.timezone, \
                    era.start_at, era.end_at, era.overlap, era.missed, era.clock_gap, era.clock_repeat, \
                    era.spread_s, era.paused_at, era.pause_reason, era.until, era.reached \
                FROM trigger_slot AS slot LEFT JOIN trigger_era AS era \
                    ON era.trigger_id = slot.trigger_id AND era.until IS NULL \
                WHERE slot.status = 'waiting' AND (era.trigger_id IS NULL OR era.paused_at IS NOT NULL \
                    OR era.overlap = 'stop_previous' \
                    OR NOT EXISTS (SELECT 1 FROM run WHERE run.trigger_id = slot.trigger_id \
                                   AND run.status IN ('pending', 'running'))) \
                ORDER BY slot.at LIMIT $1";
    let rows = db.query(find, [WAITING_MAX.into()]).await?;
    let waiting = |row: &Row| {
        let era = if row.is_null(2)? { None } else { Some(era(row, 2)?) };
        Ok(Waiting { trigger_id: row.int(0)?, at: Time::from_millis(row.int(1)?), era })
    };
    rows.iter().map(waiting).collect()
}

/// Whether any slot waits, and so is to be looked at again soon.
pub(super) async fn some_wait(db: &Db) -> Result<bool, Error> {
    let find = "SELECT trigger_id FROM trigger_slot WHERE status = 'waiting' LIMIT 1";
    Ok(db.query_optional(find, []).await?.is_some())
}

/// The runs of a trigger that have not ended, oldest first, and whether each is asked to stop.
pub(super) async fn going(db: &Db, trigger: i64) -> Result<Vec<(i64, bool)>, Error> {
    let find = "SELECT id, stop_requested FROM run WHERE trigger_id = $1 \
                AND status IN ('pending', 'running') ORDER BY id";
    let rows = db.query(find, [trigger.into()]).await?;
    rows.iter().map(|row| Ok((row.int(0)?, row.flag(1)?))).collect()
}

/// What stands ahead of the next slot of a trigger.
pub(super) async fn ahead(db: &Db, trigger: i64) -> Result<Ahead, Error> {
    let find = "SELECT (SELECT MIN(run.id) FROM run WHERE run.trigger_id = $1 \
                    AND run.status IN ('pending', 'running')), \
                (SELECT MAX(slot.at) FROM trigger_slot AS slot WHERE slot.trigger_id = $1 \
                    AND slot.status = 'waiting')";
    stands_ahead(&db.query_one(find, [trigger.into()]).await?, 0)
}

fn stands_ahead(row: &Row, first: usize) -> Result<Ahead, Error> {
    let waiting = row.int_or_null(first + 1)?.map(Time::from_millis);
    Ok(Ahead { going: row.int_or_null(first)?, waiting })
}

/// A page of the slots of a trigger, newest first, from those before a moment on.
pub(super) async fn page(
    db: &Db,
    trigger: i64,
    before: Option<i64>,
    status: Option<SlotStatus>,
    limit: usize,
) -> Result<Vec<SlotRow>, Error> {
    let find = "SELECT at, until, count, status, reason, run_id FROM trigger_slot \
                WHERE trigger_id = $1 AND at < $2 AND (CAST($3 AS TEXT) IS NULL OR status = CAST($3 AS TEXT)) \
                ORDER BY at DESC LIMIT $4";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let params: [Value; 4] = [
        trigger.into(),
        before.unwrap_or(i64::MAX).into(),
        status.map(SlotStatus::name).into(),
        limit.into(),
    ];
    let rows = db.query(find, params).await?;
    rows.iter().map(slot).collect()
}

/// What moves an era past the slots that were seen to, over the moment that it was decided from. It is
/// refused where others have moved it, or a change has ended it before.
pub(super) fn moved(era: &Era, reached: Time, (next, look): (Option<Time>, Option<Time>)) -> Write {
    Write::claim(
        "UPDATE trigger_era SET reached = $4, next_at = $5, look_at = $6 WHERE trigger_id = $1 AND era = $2 \
         AND reached = $3 AND (until IS NULL OR until >= $4)",
        [
            era.trigger_id.into(),
            era.number.into(),
            era.reached.as_millis().into(),
            reached.as_millis().into(),
            next.map(Time::as_millis).into(),
            look.map(Time::as_millis).into(),
        ],
    )
}

/// What says when to look at an era again, where nothing else of it has changed.
pub(super) fn rested(era: &Era, look: Option<Time>) -> Write {
    Write::new(
        "UPDATE trigger_era SET look_at = $4 WHERE trigger_id = $1 AND era = $2 AND reached = $3 \
         AND (until IS NULL) = (CAST($5 AS BIGINT) IS NULL)",
        [
            era.trigger_id.into(),
            era.number.into(),
            era.reached.as_millis().into(),
            look.map(Time::as_millis).into(),
            era.until.map(Time::as_millis).into(),
        ],
    )
}

/// What forgets an era whose slots have all been seen to.
pub(super) fn ended(era: &Era) -> Write {
    Write::new(
        "DELETE FROM trigger_era WHERE trigger_id = $1 AND era = $2 AND reached = $3 AND until IS NOT NULL",
        [era.trigger_id.into(), era.number.into(), era.reached.as_millis().into()],
    )
}

/// What makes a slot that of the run that is made in the same transaction. A slot has one run at most.
pub(super) fn fired(trigger: i64, at: Time, reason: Option<&str>) -> Write {
    Write::claim(
        "INSERT INTO trigger_slot (trigger_id, at, until, count, status, reason, run_id) \
         VALUES ($1, $2, $2, 1, 'fired', $3, $4) ON CONFLICT DO NOTHING",
        [trigger.into(), at.as_millis().into(), reason.into(), Value::NewId],
    )
}

/// The same for a slot that waited.
pub(super) fn waited(trigger: i64, at: Time) -> Write {
    Write::claim(
        "UPDATE trigger_slot SET status = 'fired', run_id = $3 \
         WHERE trigger_id = $1 AND at = $2 AND status = 'waiting'",
        [trigger.into(), at.as_millis().into(), Value::NewId],
    )
}

/// Why a slot that waited does not fire.
pub(super) const DISPLACED: &str = "A newer slot took its place while it waited for the run before.";

/// What is met where the slot of a trigger that waits is still that one, or still none: whoever is told of
/// the one that gives its place away is told the truth.
pub(super) fn waits_still(trigger: i64, waiting: Option<Time>) -> Write {
    Write::claim(
        "UPDATE trigger_era SET era = era WHERE trigger_id = $1 AND era = \
             (SELECT MIN(one.era) FROM trigger_era AS one WHERE one.trigger_id = $1) \
         AND COALESCE((SELECT MAX(slot.at) FROM trigger_slot AS slot WHERE slot.trigger_id = $1 \
             AND slot.status = 'waiting'), CAST($2 AS BIGINT)) = CAST($3 AS BIGINT)",
        [
            trigger.into(),
            // No slot has that moment: it stands for none.
            i64::MIN.into(),
            waiting.map_or(i64::MIN, Time::as_millis).into(),
        ],
    )
}

/// What makes a slot wait. The one that waited before does not fire any more.
pub(super) fn waits_now(trigger: i64, at: Time, reason: Option<&str>) -> Vec<Write> {
    let params = || [Value::from(trigger), DISPLACED.into()];
    vec![
        // Of slots that were displaced one after the other there is one row.
        Write::new(
            "UPDATE trigger_slot SET count = count + 1, until = (SELECT one.at FROM trigger_slot AS one \
                 WHERE one.trigger_id = $1 AND one.status = 'waiting') \
             WHERE trigger_id = $1 AND status = 'skipped' AND reason = $2 AND at = \
                 (SELECT MAX(other.at) FROM trigger_slot AS other WHERE other.trigger_id = $1 AND other.at < \
                     (SELECT one.at FROM trigger_slot AS one \
                      WHERE one.trigger_id = $1 AND one.status = 'waiting'))",
            params(),
        ),
        Write::new(
            "DELETE FROM trigger_slot WHERE trigger_id = $1 AND status = 'waiting' AND EXISTS \
                 (SELECT 1 FROM trigger_slot AS other WHERE other.trigger_id = $1 \
                  AND other.status = 'skipped' AND other.reason = $2 AND other.until = trigger_slot.at)",
            params(),
        ),
        Write::new(
            "UPDATE trigger_slot SET status = 'skipped', reason = $2 \
             WHERE trigger_id = $1 AND status = 'waiting'",
            params(),
        ),
        Write::claim(
            "INSERT INTO trigger_slot (trigger_id, at, until, count, status, reason) \
             VALUES ($1, $2, $2, 1, 'waiting', $3) ON CONFLICT DO NOTHING",
            [trigger.into(), at.as_millis().into(), reason.into()],
        ),
    ]
}

/// What says why a slot that waited does not fire.
pub(super) fn given_up(trigger: i64, at: Time, status: SlotStatus, reason: &str) -> Write {
    Write::claim(
        "UPDATE trigger_slot SET status = $3, reason = $4 \
         WHERE trigger_id = $1 AND at = $2 AND status = 'waiting'",
        [trigger.into(), at.as_millis().into(), status.name().into(), reason.into()],
    )
}

/// What writes slots down that do not fire: with the row before, where that says the same.
pub(super) fn passed(trigger: i64, stretch: &Stretch) -> Write {
    Write::claim(
        "INSERT INTO trigger_slot (trigger_id, at, until, count, status, reason) \
         VALUES ($1, COALESCE((SELECT MAX(same.at) FROM trigger_slot AS same WHERE same.trigger_id = $1 \
                 AND same.status = CAST($5 AS TEXT) AND same.reason = CAST($6 AS TEXT) AND same.at = \
                     (SELECT MAX(newest.at) FROM trigger_slot AS newest WHERE newest.trigger_id = $1)), \
             CAST($2 AS BIGINT)), $3, $4, $5, $6) \
         ON CONFLICT (trigger_id, at) DO UPDATE SET until = excluded.until, \
             count = trigger_slot.count + excluded.count \
         WHERE trigger_slot.status = excluded.status AND trigger_slot.reason = excluded.reason",
        [
            trigger.into(),
            stretch.first.as_millis().into(),
            stretch.last.as_millis().into(),
            stretch.count.into(),
            stretch.status.name().into(),
            stretch.reason.as_str().into(),
        ],
    )
}

/// What keeps the eras of a trigger as they are until the transaction ends: whoever starts a run of it
/// comes after whoever did before.
pub(super) fn held(trigger: i64) -> Write {
    Write::new("UPDATE trigger_era SET era = era WHERE trigger_id = $1", [trigger.into()])
}

/// What is met where no run of a trigger is going, besides the one that is being made. It comes after what
/// holds an era of the trigger, so that of two that are started at once the second one sees the first.
pub(super) fn nothing_goes(trigger: i64) -> Write {
    Write::claim(
        "UPDATE trigger_era SET era = era WHERE trigger_id = $1 AND era = \
             (SELECT MIN(one.era) FROM trigger_era AS one WHERE one.trigger_id = $1) \
         AND NOT EXISTS (SELECT 1 FROM run WHERE run.trigger_id = $1 \
             AND run.status IN ('pending', 'running') AND run.id <> $2)",
        [trigger.into(), Value::NewId],
    )
}

/// Projects whose triggers were kept by a version that fired none.
pub(super) async fn unbegun(db: &Db) -> Result<Vec<i64>, Error> {
    let rows = db.query("SELECT project_id FROM trigger_unbegun ORDER BY project_id", []).await?;
    rows.iter().map(|row| row.int(0)).collect()
}

/// What notes that the eras of a project have begun. Only one process begins them.
pub(super) fn begun(project: i64) -> Write {
    Write::claim("DELETE FROM trigger_unbegun WHERE project_id = $1", [project.into()])
}

/// A choice of the project file, as it is written there.
pub(super) fn word<T: Serialize>(choice: &T) -> Value {
    match serde_json::to_value(choice) {
        Ok(serde_json::Value::String(word)) => word.into(),
        Ok(_) | Err(_) => unreachable!("a choice is written as a word"),
    }
}

fn choice<T: DeserializeOwned>(row: &Row, index: usize) -> Result<T, Error> {
    let word = row.text(index)?;
    serde_json::from_value(serde_json::Value::from(word.as_ref()))
        .map_err(|error| Error::Failed(format!("an era cannot be read: {error}").into()))
}

/// The era whose columns begin there.
fn era(row: &Row, first: usize) -> Result<Era, Error> {
    let time = |index: usize| Ok::<_, Error>(row.int_or_null(first + index)?.map(Time::from_millis));
    let rules = Rules {
        schedule: row.text(first + 2)?.as_ref().to_owned(),
        timezone: row.text(first + 3)?.as_ref().to_owned(),
        start_at: time(4)?,
        end_at: time(5)?,
        overlap: choice(row, first + 6)?,
        missed: choice(row, first + 7)?,
        clock_gap: choice(row, first + 8)?,
        clock_repeat: choice(row, first + 9)?,
        spread_s: row.uint(first + 10)?,
    };
    let reason = row.text_or_null(first + 12)?.map(|reason| reason.as_ref().to_owned());
    Ok(Era {
        trigger_id: row.int(first)?,
        number: row.int(first + 1)?,
        rules,
        pause: time(11)?.map(|since| Pause { since, reason }),
        until: time(13)?,
        reached: Time::from_millis(row.int(first + 14)?),
    })
}

fn slot(row: &Row) -> Result<SlotRow, Error> {
    let word = row.text(3)?;
    let status = SlotStatus::parse(&word)
        .ok_or_else(|| Error::Failed(format!("a slot has the unknown status {word}").into()))?;
    let (at, until, count) = (row.int(0)?, row.int(1)?, row.uint(2)?);
    let is_stretch = count > 1;
    Ok(SlotRow {
        at: Time::from_millis(at),
        until: is_stretch.then_some(Time::from_millis(until)),
        count: is_stretch.then_some(count),
        status,
        reason: row.text_or_null(4)?.map(|reason| reason.as_ref().to_owned()),
        run_id: row.int_or_null(5)?,
    })
}
