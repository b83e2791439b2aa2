//! The tables of webhooks: tokens, the ids that senders give their calls, and what became of those.

use std::collections::BTreeMap;

use callboard_api::trigger::WebhookDelivery;
use callboard_engine::time::Time;

use super::token;
use crate::db::{Db, Error, Row, Unit, Value, Write, WriteError};
use crate::secret::{Secret, SecretError, Secrets};

/// Calls of a webhook that are kept.
pub(super) const CALLS_MAX: u64 = 50;

/// For how long the ids of senders are remembered: longer than any of them tries again.
const MESSAGES_KEPT_MS: u64 = 7 * 24 * 60 * 60 * 1000;

/// The trigger that a token calls at that moment.
pub(super) async fn called(db: &Db, token: &str, now: Time) -> Result<Option<i64>, Error> {
    let find = "SELECT trigger_id FROM trigger_token WHERE hash = $1 AND (until IS NULL OR until > $2)";
    let params = [token::hash(token).into(), now.as_millis().into()];
    db.query_optional(find, params).await?.map(|row| row.int(0)).transpose()
}

/// The token of a webhook that is in force; it is made where there is none yet.
pub(super) async fn in_force(
    db: &Db,
    secrets: &Secrets,
    trigger: i64,
) -> Result<Option<Secret>, SecretError> {
    let find = "SELECT hash, sealed FROM trigger_token WHERE trigger_id = $1 AND until IS NULL";
    let found = db.query_optional(find, [trigger.into()]).await?;
    let row = match found {
        Some(row) => row,
        None => {
            let made = made(secrets, trigger, &token::new()?)?;
            db.transaction([made]).await.map_err(failed)?;
            // Of two that make one at once, both read the one that is there.
            db.query_one(find, [trigger.into()]).await?
        }
    };
    Ok(secrets.unseal(&place(&row.text(0)?), &row.bytes(1)?))
}

/// Puts another token in place of the one in force, which answers until that moment.
pub(super) async fn rotated(
    db: &Db,
    secrets: &Secrets,
    trigger: i64,
    (now, until): (Time, Time),
) -> Result<Secret, SecretError> {
    let new = token::new()?;
    let (now, until) = (now.as_millis(), until.as_millis());
    let writes = [
        Write::new(
            "DELETE FROM trigger_token WHERE trigger_id = $1 AND until <= $2",
            [trigger.into(), now.into()],
        ),
        Write::new(
            "UPDATE trigger_token SET until = $2 WHERE trigger_id = $1 AND (until IS NULL OR until > $2)",
            [trigger.into(), until.into()],
        ),
        made(secrets, trigger, &new)?,
    ];
    db.transaction(writes).await.map_err(failed)?;
    Ok(new)
}

fn made(secrets: &Secrets, trigger: i64, new: &Secret) -> Result<Write, SecretError> {
    let hash = token::hash(new.expose());
    let sealed = secrets.seal(&place(&hash), new.expose())?;
    Ok(Write::new(
        "INSERT INTO trigger_token (hash, trigger_id, sealed) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        [hash.into(), trigger.into(), sealed.into()],
    ))
}

/// Where a token is kept, as it is sealed with it.
fn place(hash: &str) -> String {
    format!("webhook/{hash}")
}

fn failed(error: WriteError) -> SecretError {
    match error {
        WriteError::Failed(error) => error.into(),
        WriteError::NotTaken { .. } => unreachable!("a write without a claim cannot be refused"),
    }
}

/// What makes a run that of a sender's id. Refused where that has one.
pub(super) fn first(trigger: i64, message: &str, now: Time) -> [Write; 2] {
    [
        Write::new("DELETE FROM trigger_message WHERE at <= $1", [oldest(now).into()]),
        Write::claim(
            "INSERT INTO trigger_message (trigger_id, message, run_id, at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT DO NOTHING",
            [trigger.into(), message.into(), Value::NewId, now.as_millis().into()],
        ),
    ]
}

/// The run of a sender's id.
pub(super) async fn run_of(db: &Db, trigger: i64, message: &str, now: Time) -> Result<Option<i64>, Error> {
    let find = "SELECT run_id FROM trigger_message WHERE trigger_id = $1 AND message = $2 AND at > $3";
    let params = [trigger.into(), message.into(), oldest(now).into()];
    db.query_optional(find, params).await?.map(|row| row.int(0)).transpose()
}

fn oldest(now: Time) -> i64 {
    now.as_millis().saturating_sub_unsigned(MESSAGES_KEPT_MS)
}

/// A call, as it is noted.
pub(super) struct Noted<'a> {
    pub(super) trigger_id: i64,
    pub(super) at: Time,
    pub(super) status: u16,
    pub(super) code: Option<&'a str>,
    pub(super) reason: Option<&'a str>,
    pub(super) bytes: usize,
    pub(super) headers: &'a BTreeMap<String, String>,
}

impl Noted<'_> {
    /// What notes it, and forgets those that are too many by it.
    pub(super) fn writes(&self, run: Value) -> [Write; 2] {
        let headers = serde_json::to_string(self.headers).unwrap_or_default();
        [
            Write::new(
                "INSERT INTO trigger_call (trigger_id, at, status, code, reason, run_id, bytes, headers) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                [
                    self.trigger_id.into(),
                    self.at.as_millis().into(),
                    u32::from(self.status).into(),
                    self.code.map(Value::from).unwrap_or(Value::Null),
                    self.reason.map(Value::from).unwrap_or(Value::Null),
                    run,
                    (self.bytes as u64).into(),
                    headers.into(),
                ],
            ),
            Write::new(
                "DELETE FROM trigger_call WHERE trigger_id = $1 AND id <= \
                     (SELECT id FROM trigger_call WHERE trigger_id = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)",
                [self.trigger_id.into(), CALLS_MAX.into()],
            ),
        ]
    }

    /// Notes it.
    pub(super) async fn write(&self, db: &Db, run: Option<i64>) -> Result<(), Error> {
        match db.write(Unit::new(self.writes(run.into()))).await {
            Ok(_) => Ok(()),
            Err(WriteError::Failed(error)) => Err(error),
            Err(WriteError::NotTaken { .. }) => unreachable!("a write without a claim cannot be refused"),
        }
    }
}

/// What became of the newest calls of a webhook, the newest first.
pub(super) async fn calls(db: &Db, trigger: i64) -> Result<Vec<WebhookDelivery>, Error> {
    let find = "SELECT id, at, status, code, reason, run_id, bytes, headers FROM trigger_call \
                WHERE trigger_id = $1 ORDER BY id DESC LIMIT $2";
    db.query(find, [trigger.into(), CALLS_MAX.into()]).await?.iter().map(call).collect()
}

fn call(row: &Row) -> Result<WebhookDelivery, Error> {
    let text = |index| Ok::<_, Error>(row.text_or_null(index)?.map(|text| text.as_ref().to_owned()));
    Ok(WebhookDelivery {
        id: row.int(0)?,
        at: Time::from_millis(row.int(1)?),
        status: u16::try_from(row.int(2)?).unwrap_or_default(),
        code: text(3)?,
        reason: text(4)?,
        run_id: row.int_or_null(5)?,
        bytes: row.uint(6)?,
        headers: serde_json::from_str(&row.text(7)?)
            .map_err(|error| Error::Failed(format!("a call's row cannot be read: {error}").into()))?,
    })
}
