//! The table of deliveries, and that of their tries.

use std::sync::Arc;

use callboard_api::delivery::{Delivery, DeliveryKind, DeliveryStatus, DeliveryTry};
use callboard_api::run::Waiting;
use callboard_engine::run::Status;
use callboard_engine::time::Time;

use super::post::Answered;
use crate::db::{Db, Error, Row, Value, Write};
use crate::net::origin;

/// For how long a delivery is tried.
const TRIED_FOR_MS: u64 = 24 * 60 * 60 * 1000;

/// For how long what is about no run is kept; the others go with their runs.
const KEPT_MS: u64 = 30 * 24 * 60 * 60 * 1000;

/// Tries that are kept of a delivery: a day of them, and what a person adds.
const TRIES_MAX: u64 = 100;

/// A delivery to be.
pub(super) struct New<'a> {
    pub(super) message: &'a str,
    pub(super) kind: DeliveryKind,
    pub(super) trigger_id: Option<i64>,
    pub(super) url: &'a str,
}

/// What promises something of a run. Its project is that of its row, which is written before.
pub(super) fn promised(new: &New<'_>, run: Value, now: Time) -> Write {
    Write::new(
        "INSERT INTO delivery (message, kind, project_id, run_id, trigger_id, url, status, created_at, tries) \
         VALUES ($1, $2, (SELECT project_id FROM run WHERE id = $3), $3, $4, $5, 'promised', $6, 0)",
        [
            new.message.into(),
            new.kind.name().into(),
            run,
            new.trigger_id.into(),
            new.url.into(),
            now.as_millis().into(),
        ],
    )
}

/// What promises of a new run what is promised of the waits of the one above. Each has a promise of its own,
/// as it waits by itself; the end of one below is no news, since the one above ends by it or goes on.
pub(super) fn promised_below(above: i64, now: Time) -> Write {
    Write::new(
        "INSERT INTO delivery (message, kind, project_id, run_id, trigger_id, url, status, created_at, tries) \
         SELECT one.message || '_' || CAST(CAST($2 AS BIGINT) AS TEXT), one.kind, one.project_id, \
             CAST($2 AS BIGINT), one.trigger_id, one.url, 'promised', CAST($3 AS BIGINT), 0 \
         FROM delivery AS one WHERE one.run_id = $1 AND one.kind = 'run_waiting' AND one.status = 'promised'",
        [above.into(), Value::NewId, now.as_millis().into()],
    )
}

/// What makes something due now.
pub(super) fn owed(
    new: &New<'_>,
    (project_id, run_id): (i64, Option<i64>),
    body: String,
    now: Time,
) -> Write {
    Write::new(
        "INSERT INTO delivery (message, kind, project_id, run_id, trigger_id, url, body, status, created_at, due_at, \
         give_up_at, tries) VALUES ($1, $2, $3, $4, $5, $6, $7, 'due', $8, $8, $9, 0)",
        [
            new.message.into(),
            new.kind.name().into(),
            project_id.into(),
            run_id.into(),
            new.trigger_id.into(),
            new.url.into(),
            body.into(),
            now.as_millis().into(),
            until(now).into(),
        ],
    )
}

/// Until when it is tried what becomes due now.
fn until(now: Time) -> i64 {
    now.plus_millis(TRIED_FOR_MS).as_millis()
}

/// A promise, and where its run is.
pub(super) struct Promise {
    pub(super) id: i64,
    pub(super) kind: DeliveryKind,
    pub(super) run_id: i64,
    pub(super) project_id: i64,
    pub(super) trigger_id: Option<i64>,
    pub(super) url: Arc<str>,
    /// Since when the run waited that was last told of.
    told: Option<i64>,
    /// Nothing where the run is gone.
    pub(super) status: Option<Status>,
    waiting: Option<Waiting>,
}

impl Promise {
    /// Since when the run waits for a person, where nobody was told of that yet.
    pub(super) fn waits_anew(&self) -> Option<i64> {
        let waiting = self.waiting.as_ref()?;
        let since = waiting.since.as_millis();
        let is_person = waiting.what == callboard_api::run::WaitingFor::Person;
        (is_person && self.told.is_none_or(|told| told < since)).then_some(since)
    }
}

/// The promises about those runs.
pub(super) async fn promises(db: &Db, runs: &[i64]) -> Result<Vec<Promise>, Error> {
    let find = db.dialect().pick(
        "SELECT one.id, one.kind, one.run_id, one.project_id, one.trigger_id, one.url, one.told, run.status, \
         run.waiting FROM delivery AS one LEFT JOIN run ON run.id = one.run_id \
         WHERE one.status = 'promised' AND one.run_id IN (SELECT value FROM json_each($1))",
        "SELECT one.id, one.kind, one.run_id, one.project_id, one.trigger_id, one.url, one.told, run.status, \
         run.waiting FROM delivery AS one LEFT JOIN run ON run.id = one.run_id \
         WHERE one.status = 'promised' AND one.run_id IN \
             (SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST(CAST($1 AS TEXT) AS JSON)))",
    );
    let list = serde_json::to_string(runs).map_err(|error| unreadable(&error))?;
    db.query(find, [list.into()]).await?.iter().map(promise).collect()
}

/// The promises after that one whose runs are gone, have ended or wait.
pub(super) async fn promises_to_keep(db: &Db, after: i64, limit: u64) -> Result<Vec<Promise>, Error> {
    let find = "SELECT one.id, one.kind, one.run_id, one.project_id, one.trigger_id, one.url, one.told, run.status, \
                run.waiting FROM delivery AS one LEFT JOIN run ON run.id = one.run_id \
                WHERE one.status = 'promised' AND one.id > $1 AND (run.id IS NULL \
                    OR run.status IN ('completed', 'stopped', 'error') \
                    OR (one.kind = 'run_waiting' AND run.waiting IS NOT NULL)) ORDER BY one.id LIMIT $2";
    db.query(find, [after.into(), limit.into()]).await?.iter().map(promise).collect()
}

fn promise(row: &Row) -> Result<Promise, Error> {
    let status = row.text_or_null(7)?;
    let waiting = row.text_or_null(8)?;
    Ok(Promise {
        id: row.int(0)?,
        kind: kind(row, 1)?,
        run_id: row.int(2)?,
        project_id: row.int(3)?,
        trigger_id: row.int_or_null(4)?,
        url: row.text(5)?,
        told: row.int_or_null(6)?,
        status: status.as_deref().and_then(Status::parse),
        waiting: waiting
            .map(|waiting| serde_json::from_str(&waiting))
            .transpose()
            .map_err(|error| unreadable(&error))?,
    })
}

/// What keeps a promise: it is due from now on.
pub(super) fn due(id: i64, now: Time) -> Write {
    Write::new(
        "UPDATE delivery SET status = 'due', due_at = $2, give_up_at = $3 WHERE id = $1 AND status = 'promised'",
        [id.into(), now.as_millis().into(), until(now).into()],
    )
}

/// What takes a promise back whose time will not come.
pub(super) fn withdrawn(id: i64) -> Write {
    Write::new("DELETE FROM delivery WHERE id = $1 AND status = 'promised'", [id.into()])
}

/// What remembers that somebody was told of a wait. Refused where that was remembered before.
pub(super) fn told(id: i64, since: i64) -> Write {
    Write::claim(
        "UPDATE delivery SET told = $2 WHERE id = $1 AND status = 'promised' AND (told IS NULL OR told < $2)",
        [id.into(), since.into()],
    )
}

/// A delivery that is due.
pub(super) struct Owed {
    pub(super) id: i64,
    pub(super) message: Arc<str>,
    pub(super) kind: DeliveryKind,
    pub(super) project_id: i64,
    pub(super) run_id: Option<i64>,
    pub(super) trigger_id: Option<i64>,
    pub(super) url: Arc<str>,
    pub(super) body: Option<Arc<str>>,
    due_at: i64,
    pub(super) give_up_at: Time,
    pub(super) tries: u64,
}

/// What is due now, the longest due first.
pub(super) async fn all_due(db: &Db, now: Time, limit: u64) -> Result<Vec<Owed>, Error> {
    let find = "SELECT id, message, kind, project_id, run_id, trigger_id, url, body, due_at, give_up_at, tries \
                FROM delivery WHERE status = 'due' AND due_at <= $1 ORDER BY due_at, id LIMIT $2";
    let rows = db.query(find, [now.as_millis().into(), limit.into()]).await?;
    let owed = |row: &Row| {
        Ok(Owed {
            id: row.int(0)?,
            message: row.text(1)?,
            kind: kind(row, 2)?,
            project_id: row.int(3)?,
            run_id: row.int_or_null(4)?,
            trigger_id: row.int_or_null(5)?,
            url: row.text(6)?,
            body: row.text_or_null(7)?,
            due_at: row.int(8)?,
            give_up_at: Time::from_millis(row.int(9)?),
            tries: row.uint(10)?,
        })
    };
    rows.iter().map(owed).collect()
}

/// When something is due next.
pub(super) async fn next_due(db: &Db) -> Result<Option<Time>, Error> {
    let find = "SELECT MIN(due_at) FROM delivery WHERE status = 'due'";
    Ok(db.query_one(find, []).await?.int_or_null(0)?.map(Time::from_millis))
}

/// Puts a delivery off; says whether nobody else was faster.
pub(super) async fn put_off(db: &Db, owed: &Owed, until: Time) -> Result<bool, Error> {
    let put_off = "UPDATE delivery SET due_at = $3 WHERE id = $1 AND status = 'due' AND due_at = $2";
    let params = [owed.id.into(), owed.due_at.into(), until.as_millis().into()];
    Ok(db.execute(put_off, params).await? == 1)
}

/// Where a delivery is after a try.
pub(super) enum Next {
    Delivered,
    Due(Time),
    GivenUp,
}

/// What writes a try down, and what follows from it.
pub(super) fn tried(id: i64, at: Time, answered: &Answered, next: &Next) -> Vec<Write> {
    let note = "INSERT INTO delivery_try (delivery_id, nth, at, duration_ms, status, answer, code, message) \
                SELECT CAST($1 AS BIGINT), COALESCE(MAX(nth), 0) + 1, CAST($2 AS BIGINT), CAST($3 AS BIGINT), \
                CAST($4 AS BIGINT), CAST($5 AS TEXT), CAST($6 AS TEXT), CAST($7 AS TEXT) \
                FROM delivery_try WHERE delivery_id = CAST($1 AS BIGINT)";
    let forget = "DELETE FROM delivery_try WHERE delivery_id = $1 AND nth <= \
                  (SELECT MAX(nth) FROM delivery_try AS newest WHERE newest.delivery_id = $1) - $2";
    let (status, due_at) = match next {
        Next::Delivered => (DeliveryStatus::Delivered, None),
        Next::Due(at) => (DeliveryStatus::Due, Some(at.as_millis())),
        Next::GivenUp => (DeliveryStatus::GivenUp, None),
    };
    let stands =
        "UPDATE delivery SET status = $2, due_at = $3, tries = tries + 1 WHERE id = $1 AND status = 'due'";
    vec![
        Write::new(
            note,
            [
                id.into(),
                at.as_millis().into(),
                answered.duration_ms.into(),
                answered.status.map(u32::from).into(),
                answered.answer.as_deref().map(Value::from).unwrap_or(Value::Null),
                answered.code.map(Value::from).unwrap_or(Value::Null),
                answered.message.as_deref().map(Value::from).unwrap_or(Value::Null),
            ],
        ),
        Write::new(forget, [id.into(), TRIES_MAX.into()]),
        Write::new(stands, [id.into(), status.name().into(), due_at.into()]),
    ]
}

/// What makes a delivery due again, for another day. Refused while it is promised, or is not there.
pub(super) fn again(id: i64, now: Time) -> Write {
    Write::claim(
        "UPDATE delivery SET status = 'due', due_at = $2, give_up_at = $3, tries = 0 \
         WHERE id = $1 AND status <> 'promised'",
        [id.into(), now.as_millis().into(), until(now).into()],
    )
}

/// What forgets a delivery whose run is gone.
pub(super) fn forgotten(id: i64) -> [Write; 2] {
    [
        Write::new("DELETE FROM delivery_try WHERE delivery_id = $1", [id.into()]),
        Write::new("DELETE FROM delivery WHERE id = $1", [id.into()]),
    ]
}

/// What forgets all whose runs are gone, and those that were about none and are old.
pub(super) fn old_forgotten(now: Time) -> [Write; 2] {
    let oldest = now.as_millis().saturating_sub_unsigned(KEPT_MS);
    [
        Write::new(
            "DELETE FROM delivery WHERE (run_id IS NULL AND status <> 'due' AND created_at < $1) \
             OR (run_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM run WHERE run.id = delivery.run_id))",
            [oldest.into()],
        ),
        Write::new(
            "DELETE FROM delivery_try WHERE NOT EXISTS \
             (SELECT 1 FROM delivery WHERE delivery.id = delivery_try.delivery_id)",
            [],
        ),
    ]
}

/// Deliveries with their tries, in one query, so that both are of one moment: a row for each try, and one
/// for a delivery without any.
macro_rules! shown {
    ($which:literal, $order:literal) => {
        concat!(
            "SELECT one.id, one.message, one.kind, one.project_id, one.run_id, one.trigger_id, one.url, one.status, \
             one.created_at, one.due_at, made.nth, made.at, made.duration_ms, made.status, made.answer, made.code, \
             made.message FROM (SELECT * FROM delivery WHERE ",
            $which,
            ") AS one LEFT JOIN delivery_try AS made ON made.delivery_id = one.id ORDER BY ",
            $order
        )
    };
}

/// The deliveries about a run, the oldest first.
pub(super) async fn of_run(db: &Db, run: i64, after: i64, limit: u64) -> Result<Vec<Delivery>, Error> {
    let find = shown!("run_id = $1 AND id > $2 ORDER BY id LIMIT $3", "one.id, made.nth");
    deliveries(&db.query(find, [run.into(), after.into(), limit.into()]).await?)
}

/// The deliveries of a project before that one, the newest first.
pub(super) async fn of_project(
    db: &Db,
    project: i64,
    before: i64,
    limit: u64,
) -> Result<Vec<Delivery>, Error> {
    let find = shown!("project_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3", "one.id DESC, made.nth");
    deliveries(&db.query(find, [project.into(), before.into(), limit.into()]).await?)
}

/// One delivery.
pub(super) async fn find(db: &Db, id: i64) -> Result<Option<Delivery>, Error> {
    let find = shown!("id = $1", "made.nth");
    Ok(deliveries(&db.query(find, [id.into()]).await?)?.pop())
}

fn deliveries(rows: &[Row]) -> Result<Vec<Delivery>, Error> {
    let mut deliveries: Vec<Delivery> = Vec::new();
    for row in rows {
        if deliveries.last().map(|last| last.id) != Some(row.int(0)?) {
            deliveries.push(delivery(row)?);
        }
        if let Some(last) = deliveries.last_mut()
            && let Some(nth) = row.int_or_null(TRY_COLUMNS)?
        {
            last.tries.push(one_try(row, nth)?);
        }
    }
    Ok(deliveries)
}

/// Where the columns of a try begin.
const TRY_COLUMNS: usize = 10;

fn delivery(row: &Row) -> Result<Delivery, Error> {
    let word = row.text(7)?;
    let status = DeliveryStatus::ALL.into_iter().find(|status| status.name() == &*word);
    Ok(Delivery {
        id: row.int(0)?,
        webhook_id: row.text(1)?.as_ref().to_owned(),
        kind: kind(row, 2)?,
        project_id: row.int(3)?,
        run_id: row.int_or_null(4)?,
        trigger_id: row.int_or_null(5)?,
        to: origin(&row.text(6)?).unwrap_or_default(),
        status: status.ok_or_else(|| unreadable(&word))?,
        created_at: Time::from_millis(row.int(8)?),
        next_try_at: row.int_or_null(9)?.map(Time::from_millis),
        tries: Vec::new(),
    })
}

fn one_try(row: &Row, nth: i64) -> Result<DeliveryTry, Error> {
    let text = |index| Ok::<_, Error>(row.text_or_null(index)?.map(|text| text.as_ref().to_owned()));
    Ok(DeliveryTry {
        nth: u32::try_from(nth).unwrap_or(u32::MAX),
        at: Time::from_millis(row.int(TRY_COLUMNS + 1)?),
        duration_ms: row.uint(TRY_COLUMNS + 2)?,
        status: row.int_or_null(TRY_COLUMNS + 3)?.and_then(|status| u16::try_from(status).ok()),
        answer: text(TRY_COLUMNS + 4)?,
        code: text(TRY_COLUMNS + 5)?,
        message: text(TRY_COLUMNS + 6)?,
    })
}

fn kind(row: &Row, index: usize) -> Result<DeliveryKind, Error> {
    let word = row.text(index)?;
    let kind = DeliveryKind::ALL.into_iter().find(|kind| kind.name() == &*word);
    kind.ok_or_else(|| unreadable(&word))
}

fn unreadable(why: &dyn std::fmt::Display) -> Error {
    Error::Failed(format!("a delivery's row cannot be read: {why}").into())
}
