//! The table of secrets. The sealed values are kept in memory too, since every model call may need
//! one; they are opened only for the moment in which they are used.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use callboard_engine::time::Time;

use super::{KeyError, SealingKey, Secret};
use crate::db::{self, Db, Value};

/// Bytes of a value: a private key in PEM has a few thousand.
const VALUE_BYTES_MAX: usize = 64 * 1024;

/// The secrets of a database.
#[derive(Clone)]
pub struct Secrets(Arc<Inner>);

struct Inner {
    db: Db,
    /// Nothing where no secrets can be kept: in a store that lives as long as one run.
    key: Option<SealingKey>,
    kept: RwLock<BTreeMap<(i64, String), Kept>>,
    /// Held while a secret changes, so that memory and database take changes in one order.
    changing: tokio::sync::Mutex<()>,
}

#[derive(Clone)]
struct Kept {
    sealed: Arc<[u8]>,
    set_at: Time,
}

/// A secret that is set, without its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    /// Its name.
    pub name: String,
    /// When it was set.
    pub at: Time,
}

/// Why secrets cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::Error),
    /// The key failed.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The secrets that are there were sealed with another key.
    #[error("the secrets of this database were sealed with another key")]
    OtherKey,
    /// There is no key.
    #[error("this store keeps no secrets")]
    NotKept,
    /// The value is empty, or longer than any secret.
    #[error("a secret has 1 to {VALUE_BYTES_MAX} bytes")]
    Length,
}

impl SecretError {
    /// The stable code that programs can rely on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Database(error) => error.code(),
            Self::Key(error) => error.code(),
            Self::OtherKey => "secret_key_wrong",
            Self::NotKept => "secrets_not_kept",
            Self::Length => "secret_length",
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Database(error) => error.hint(),
            Self::Key(error) => error.hint(),
            Self::OtherKey => {
                "Put back the file callboard.key, or the value of CALLBOARD_SECRET_KEY, that belongs to this database."
            }
            Self::NotKept => "Keep the store with --data, or set the key as a variable of the environment.",
            Self::Length => "Send the value itself, without quotes or a line after it.",
        }
    }
}

impl Secrets {
    /// The secrets of that database, under that key. Refused where the key is not the one that they
    /// were sealed with: what cannot be opened must not be found out at night, by a run.
    pub async fn open(db: Db, key: Option<SealingKey>) -> Result<Self, SecretError> {
        let rows = db.query("SELECT project_id, name, sealed, set_at FROM secret", []).await?;
        let mut kept = BTreeMap::new();
        for row in &rows {
            let place = (row.int(0)?, row.text(1)?.as_ref().to_owned());
            kept.insert(place, Kept { sealed: row.bytes(2)?, set_at: Time::from_millis(row.int(3)?) });
        }
        let opens = |(place, kept): (&(i64, String), &Kept)| {
            key.as_ref().is_some_and(|key| key.open(&name_of(place), &kept.sealed).is_some())
        };
        if key.is_some() && !kept.iter().all(opens) {
            return Err(SecretError::OtherKey);
        }
        Ok(Self(Arc::new(Inner {
            db,
            key,
            kept: RwLock::new(kept),
            changing: tokio::sync::Mutex::default(),
        })))
    }

    /// The secrets of a database, under the key of a data folder. A folder without one is given a key,
    /// unless there are secrets already: theirs is missing then, and a new one would hide that.
    pub async fn of_folder(db: Db, folder: &Path) -> Result<Self, SecretError> {
        if let Some(key) = SealingKey::in_folder(folder)? {
            return Self::open(db, Some(key)).await;
        }
        if !db.query("SELECT 1 FROM secret LIMIT 1", []).await?.is_empty() {
            return Err(SecretError::OtherKey);
        }
        Self::open(db, Some(SealingKey::of_folder(folder)?)).await
    }

    /// Sets a secret, in place of the value that it had. Answered when it is on disk.
    pub async fn set(&self, owner: i64, name: &str, value: &str, now: Time) -> Result<Set, SecretError> {
        let key = self.0.key.as_ref().ok_or(SecretError::NotKept)?;
        if value.trim().is_empty() || value.len() > VALUE_BYTES_MAX {
            return Err(SecretError::Length);
        }
        let place = (owner, name.to_owned());
        let sealed: Arc<[u8]> = key.seal(&name_of(&place), value)?.into();
        let params = [owner.into(), name.into(), Value::Bytes(Arc::clone(&sealed)), now.as_millis().into()];
        let set = "INSERT INTO secret (project_id, name, sealed, set_at) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (project_id, name) DO UPDATE SET sealed = $3, set_at = $4";
        let _changing = self.0.changing.lock().await;
        self.0.db.execute(set, params).await?;
        self.kept_mut().insert(place, Kept { sealed, set_at: now });
        Ok(Set { name: name.to_owned(), at: now })
    }

    /// The value of a secret; where it is not set, it is set to a new one first. Of several who set it at
    /// once, all are given the same.
    pub(crate) async fn get_or_set(
        &self,
        owner: i64,
        name: &str,
        new: impl FnOnce() -> Result<String, KeyError>,
        now: Time,
    ) -> Result<Secret, SecretError> {
        let key = self.0.key.as_ref().ok_or(SecretError::NotKept)?;
        let place = (owner, name.to_owned());
        let _changing = self.0.changing.lock().await;
        if let Some(secret) = self.get(owner, name) {
            return Ok(secret);
        }
        let sealed = key.seal(&name_of(&place), &new()?)?;
        let set = "INSERT INTO secret (project_id, name, sealed, set_at) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (project_id, name) DO NOTHING";
        self.0.db.execute(set, [owner.into(), name.into(), sealed.into(), now.as_millis().into()]).await?;
        // Another process may have been faster.
        let find = "SELECT sealed, set_at FROM secret WHERE project_id = $1 AND name = $2";
        let row = self.0.db.query_one(find, [owner.into(), name.into()]).await?;
        let kept = Kept { sealed: row.bytes(0)?, set_at: Time::from_millis(row.int(1)?) };
        self.kept_mut().insert(place, kept);
        self.get(owner, name).ok_or(SecretError::OtherKey)
    }

    /// Seals a value that is kept elsewhere, bound to its place there.
    pub(crate) fn seal(&self, place: &str, value: &str) -> Result<Vec<u8>, SecretError> {
        Ok(self.0.key.as_ref().ok_or(SecretError::NotKept)?.seal(place, value)?)
    }

    /// Opens what was sealed so; nothing where it was sealed under another key, or for another place.
    pub(crate) fn unseal(&self, place: &str, sealed: &[u8]) -> Option<Secret> {
        Some(Secret::new(&self.0.key.as_ref()?.open(place, sealed)?))
    }

    /// Removes a secret; says whether it was there.
    pub async fn remove(&self, owner: i64, name: &str) -> Result<bool, SecretError> {
        let _changing = self.0.changing.lock().await;
        let remove = "DELETE FROM secret WHERE project_id = $1 AND name = $2";
        let removed = self.0.db.execute(remove, [owner.into(), name.into()]).await?;
        self.kept_mut().remove(&(owner, name.to_owned()));
        Ok(removed > 0)
    }

    /// The secrets of an owner, by name.
    pub fn list(&self, owner: i64) -> Vec<Set> {
        let kept = self.0.kept.read().unwrap_or_else(PoisonError::into_inner);
        let of_owner = kept.range((owner, String::new())..).take_while(|((other, _), _)| *other == owner);
        of_owner.map(|((_, name), kept)| Set { name: name.clone(), at: kept.set_at }).collect()
    }

    /// The value of a secret, for the one who sends it.
    pub(crate) fn get(&self, owner: i64, name: &str) -> Option<Secret> {
        let place = (owner, name.to_owned());
        let kept = self.0.kept.read().unwrap_or_else(PoisonError::into_inner).get(&place).cloned()?;
        let value = self.0.key.as_ref()?.open(&name_of(&place), &kept.sealed)?;
        Some(Secret::new(&value))
    }

    fn kept_mut(&self) -> std::sync::RwLockWriteGuard<'_, BTreeMap<(i64, String), Kept>> {
        self.0.kept.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A secret's place, as it is sealed with it.
fn name_of((owner, name): &(i64, String)) -> String {
    format!("{owner}/{name}")
}
