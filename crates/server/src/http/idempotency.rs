//! Requests that must not be carried out twice: the caller names each with a key, and the same
//! request under the same key is answered with what was made the first time.
//!
//! The key is claimed in the transaction that carries the request out, so that of many at once only
//! one makes anything, over crashes too.

use std::fmt::Write as _;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use bytes::Bytes;
use callboard_engine::time::Time;
use sha2::{Digest, Sha256};

use super::{Refusal, Result};
use crate::db::{Db, Error, Value, Write};

/// For how long a key is kept: callers try again for hours, not for days.
const KEPT_MS: u64 = 24 * 60 * 60 * 1000;

/// Bytes of a key. Callers use identifiers of 20 to 64; nobody needs more than this.
const KEY_BYTES_MAX: usize = 255;

/// The header that names a key.
const HEADER: &str = "idempotency-key";

/// The one parameter that says how long the caller waits and not what it wants.
const PATIENCE: &str = "wait=";

/// The key of a request, if its caller named one.
pub(crate) struct Idempotency {
    scope: String,
    /// The parameters that decide what the request means; they have to be the same, as the body has.
    parameters: String,
    key: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Idempotency {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let mut named = parts.headers.get_all(HEADER).iter();
        let key = match (named.next(), named.next()) {
            (None, _) => None,
            (Some(key), None) => Some(key.to_str().ok().filter(|key| is_key(key)).ok_or_else(invalid)?),
            (Some(_), Some(_)) => return Err(invalid()),
        };
        let scope = format!("{} {}", parts.method, parts.uri.path());
        let parameters = parts.uri.query().unwrap_or_default().split('&');
        let parameters: Vec<&str> = parameters.filter(|one| !one.starts_with(PATIENCE)).collect();
        Ok(Self { scope, parameters: parameters.join("&"), key: key.map(str::to_owned) })
    }
}

fn is_key(key: &str) -> bool {
    !key.trim().is_empty() && key.len() <= KEY_BYTES_MAX
}

fn invalid() -> Refusal {
    let message = "The Idempotency-Key cannot be used.";
    Refusal::bad_request("idempotency_key_invalid", message)
        .hint(format!("Send one, of 1 to {KEY_BYTES_MAX} visible ASCII characters."))
}

/// What an earlier request under the same key made.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// The number of what it made.
    pub(crate) made: Option<i64>,
    /// Its answer, where that was kept.
    pub(crate) answer: Option<String>,
}

impl Idempotency {
    /// That of a request whose caller names none.
    pub(crate) fn none() -> Self {
        Self { scope: String::new(), parameters: String::new(), key: None }
    }

    /// What an earlier request made, if there was one with this key; refused if that one was another.
    pub(crate) async fn seen(&self, db: &Db, body: &Bytes, now: Time) -> Result<Option<Seen>> {
        let Some(key) = &self.key else { return Ok(None) };
        let find = "SELECT request, made, answer FROM idempotency_key \
                    WHERE scope = $1 AND key = $2 AND created_at > $3";
        let params = [self.scope.as_str().into(), key.as_str().into(), oldest(now).into()];
        let Some(row) = db.query_optional(find, params).await? else { return Ok(None) };
        if *row.text(0)? != *self.hash(body) {
            let message = "This Idempotency-Key was used for another request.";
            return Err(Refusal::conflict("idempotency_key_reused", message)
                .hint("Use a new key for each request, and the same one only to send the same again."));
        }
        let made = row.int_or_null(1)?;
        let answer = row.text_or_null(2)?.map(|answer| answer.as_ref().to_owned());
        Ok(Some(Seen { made, answer }))
    }

    /// The key of one of several things that one request makes: each is claimed with what makes it.
    pub(crate) fn nth(&self, index: usize) -> Self {
        let scope = match index {
            0 => self.scope.clone(),
            _ => format!("{} {index}", self.scope),
        };
        Self { scope, parameters: self.parameters.clone(), key: self.key.clone() }
    }

    /// What claims the key for the transaction that carries the request out; its last write is the
    /// claim. Nothing where the caller named no key.
    pub(crate) fn claim(&self, body: &Bytes, made: Value, now: Time) -> Vec<Write> {
        let Some(key) = &self.key else { return Vec::new() };
        let (scope, key): (Value, Value) = (self.scope.as_str().into(), key.as_str().into());
        let expired = "DELETE FROM idempotency_key WHERE scope = $1 AND key = $2 AND created_at <= $3";
        let claim = "INSERT INTO idempotency_key (scope, key, request, made, created_at) \
                     VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
        vec![
            Write::new(expired, [scope.clone(), key.clone(), oldest(now).into()]),
            Write::claim(claim, [scope, key, self.hash(body).into(), made, now.as_millis().into()]),
        ]
    }

    /// What writes down the number of a part that is made in the same transaction, which alone knows it.
    pub(crate) fn made_part(&self, project: i64, path: &str) -> Option<Write> {
        let key = self.key.as_deref()?;
        let note = "UPDATE idempotency_key SET made = (SELECT id FROM part WHERE project_id = $3 AND path = $4) \
                    WHERE scope = $1 AND key = $2";
        Some(Write::new(note, [self.scope.as_str().into(), key.into(), project.into(), path.into()]))
    }

    /// What keeps what is known of the answer, for the transaction that carries the request out.
    pub(crate) fn known(&self, answer: &str) -> Option<Write> {
        let key = self.key.as_deref()?;
        let keep = "UPDATE idempotency_key SET answer = $3 WHERE scope = $1 AND key = $2";
        Some(Write::new(keep, [self.scope.as_str().into(), key.into(), answer.into()]))
    }

    /// Keeps the whole answer, for a request whose answer cannot be made again from what it made.
    pub(crate) async fn answered(&self, db: &Db, made: i64, answer: &str) -> Result<()> {
        let Some(key) = &self.key else { return Ok(()) };
        let keep = "UPDATE idempotency_key SET made = $3, answer = $4 WHERE scope = $1 AND key = $2";
        let params = [self.scope.as_str().into(), key.as_str().into(), made.into(), answer.into()];
        db.execute(keep, params).await?;
        Ok(())
    }
}

impl Idempotency {
    /// What has to be the same where the key is.
    fn hash(&self, body: &Bytes) -> String {
        let digest =
            Sha256::new().chain_update(&self.parameters).chain_update([0]).chain_update(body).finalize();
        digest.iter().fold(String::new(), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _: std::fmt::Result = write!(hex, "{byte:02x}");
            hex
        })
    }
}

/// Forgets the keys that are too old to matter.
pub(crate) async fn forget_old_keys(db: &Db, now: Time) -> std::result::Result<u64, Error> {
    db.execute("DELETE FROM idempotency_key WHERE created_at <= $1", [oldest(now).into()]).await
}

fn oldest(now: Time) -> i64 {
    now.as_millis().saturating_sub_unsigned(KEPT_MS)
}
