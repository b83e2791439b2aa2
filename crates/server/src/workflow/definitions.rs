//! Definitions, stored once under their hash and shared by all runs that point to them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use callboard_engine::definition::{Definition, DefinitionHash};

use crate::db::{Db, Error, Value, Write};

/// How many definitions are kept in memory: more than the workflows that run at one time.
const KEPT_MAX: usize = 1_000;

/// A definition with its hash and the text that is hashed.
#[derive(Clone, Debug)]
pub struct Frozen {
    /// The hash of the text.
    pub hash: DefinitionHash,
    /// The text.
    pub text: Arc<str>,
    /// What it says.
    pub definition: Arc<Definition>,
}

impl Frozen {
    /// Freezes a definition.
    pub fn new(definition: Definition) -> Result<Self, serde_json::Error> {
        let text: Arc<str> = definition.to_text()?.into();
        Ok(Self { hash: DefinitionHash::of(&text), text, definition: Arc::new(definition) })
    }

    /// What stores it, for the transaction of a run's first events.
    pub fn write(&self) -> Write {
        Write::new(
            "INSERT INTO definition (hash, body) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING",
            [Value::Text(self.hash.as_str().into()), Value::Text(Arc::clone(&self.text))],
        )
    }
}

/// The definitions of a database; those in use are kept in memory, one copy for all runs.
#[derive(Clone)]
pub struct Definitions {
    db: Db,
    kept: Arc<Mutex<HashMap<DefinitionHash, Arc<Definition>>>>,
}

impl Definitions {
    /// The definitions of that database.
    pub fn new(db: Db) -> Self {
        Self { db, kept: Arc::default() }
    }

    /// The definition with that hash.
    pub async fn load(&self, hash: &DefinitionHash) -> Result<Arc<Definition>, Error> {
        if let Some(kept) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(hash) {
            return Ok(Arc::clone(kept));
        }
        let definition: Definition = serde_json::from_str(&text(&self.db, hash).await?).map_err(|error| {
            Error::Failed(format!("the definition {hash} cannot be read: {error}").into())
        })?;
        Ok(self.keep(hash, Arc::new(definition)))
    }

    /// The definition with that hash, and the very text that has it.
    pub async fn frozen(&self, hash: &DefinitionHash) -> Result<Frozen, Error> {
        let definition = self.load(hash).await?;
        let find = "SELECT body FROM definition WHERE hash = $1";
        let text = self.db.query_one(find, [Value::Text(hash.as_str().into())]).await?.text(0)?;
        Ok(Frozen { hash: hash.clone(), text, definition })
    }

    /// Keeps a definition in memory; answers the copy that is kept already, where there is one.
    pub fn keep(&self, hash: &DefinitionHash, definition: Arc<Definition>) -> Arc<Definition> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX {
            kept.retain(|_, definition| Arc::strong_count(definition) > 1);
        }
        Arc::clone(kept.entry(hash.clone()).or_insert(definition))
    }
}

/// The text of a definition, as it is stored and hashed.
pub(crate) async fn text(db: &Db, hash: &DefinitionHash) -> Result<Arc<str>, Error> {
    let find = "SELECT body FROM definition WHERE hash = $1";
    db.query_one(find, [Value::Text(hash.as_str().into())]).await?.text(0)
}
