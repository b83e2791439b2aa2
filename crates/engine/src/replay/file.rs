//! The file that a run is exported as: one JSON document that holds all that replaying it needs, and all
//! that its agents were sent and wrote.
//!
//! Absent on purpose: secrets, which definitions know by their names alone, and whatever else the run's
//! project has.

use std::sync::Arc;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::Messages;
use crate::content::ContentHash;
use crate::definition::{Definition, DefinitionHash};
use crate::event::{Event, Fact};
use crate::prompt::SentMessage;
use crate::status::Status;

/// What the file says that it is.
pub const FORMAT: &str = "callboard-run";

/// The version of the format. Fields are added without a new one; a program reads all versions up to its
/// own.
pub const VERSION: u32 = 1;

/// A run as one file.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RunFile {
    /// `callboard-run`.
    pub format: String,
    /// The version of the format.
    pub version: u32,
    /// The version of the program that wrote the file.
    pub callboard: String,
    /// Which run it is.
    pub run: RunHead,
    /// The definition that it ran with, as it is stored.
    #[schema(value_type = Definition)]
    pub definition: Box<RawValue>,
    /// Its events, as they are stored.
    #[schema(value_type = Vec<Event>)]
    pub events: Vec<Box<RawValue>>,
    /// What models were sent, message by message, under the hash of each and of all before it.
    #[serde(default)]
    pub messages: IndexMap<String, KeptMessage>,
    /// The texts of its documents, under their hashes.
    #[serde(default)]
    pub documents: IndexMap<String, String>,
}

/// Which run a file is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunHead {
    /// Its number.
    pub id: i64,
    /// Where it was in its life.
    pub status: Status,
    /// The number of its last event.
    pub seq: u64,
}

/// A message that a model was sent.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct KeptMessage {
    /// The message before it; absent for the first, which says who the agent is and what it can do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub before: Option<ContentHash>,
    /// The message, as it is stored.
    #[schema(value_type = SentMessage)]
    pub message: Box<RawValue>,
}

/// Why a file cannot be played.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadFile {
    /// It is not JSON.
    #[error("it is not JSON: {0}")]
    NotJson(String),
    /// It is JSON, and no exported run.
    #[error("it is not an exported run: {0}")]
    NotARun(String),
    /// A newer program wrote it.
    #[error("it was written by callboard {callboard}, and {what}, which this version does not know")]
    Newer {
        /// The version of that program.
        callboard: String,
        /// What of it is newer.
        what: String,
    },
    /// Something of it was changed or is missing.
    #[error("it is damaged: {0}")]
    Damaged(String),
}

impl BadFile {
    /// The stable code that programs can rely on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotJson(_) | Self::NotARun(_) => "run_file_invalid",
            Self::Newer { .. } => "run_file_newer",
            Self::Damaged(_) => "run_file_damaged",
        }
    }
}

/// An exported run, ready to be played.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The version of the program that wrote the file.
    pub callboard: String,
    /// Which run it is.
    pub run: RunHead,
    /// The definition that it ran with.
    pub definition: Arc<Definition>,
    /// Its events.
    pub events: Vec<Event>,
    /// What models were sent, under the hashes.
    pub messages: Messages,
}

/// What tells files of this kind from others, read first so that what is wrong is said in its words.
#[derive(Deserialize)]
struct Mark {
    format: Option<Value>,
    version: Option<Value>,
    #[serde(default)]
    callboard: String,
}

impl Recorded {
    /// Reads the text of a file.
    pub fn read(text: &str) -> Result<Self, BadFile> {
        let mark: Mark = serde_json::from_str(text).map_err(|error| match error.classify() {
            serde_json::error::Category::Data => BadFile::NotARun(error.to_string()),
            serde_json::error::Category::Syntax
            | serde_json::error::Category::Eof
            | serde_json::error::Category::Io => BadFile::NotJson(error.to_string()),
        })?;
        if mark.format.as_ref().and_then(Value::as_str) != Some(FORMAT) {
            return Err(BadFile::NotARun(format!("its format is not {FORMAT:?}")));
        }
        match mark.version.as_ref().and_then(Value::as_u64) {
            Some(version) if version <= VERSION.into() => {}
            Some(version) => {
                let what = format!("its format has the version {version}");
                return Err(BadFile::Newer { callboard: mark.callboard, what });
            }
            None => return Err(BadFile::NotARun("its version is not a number".to_owned())),
        }
        let file: RunFile =
            serde_json::from_str(text).map_err(|error| BadFile::Damaged(error.to_string()))?;
        Self::of(file)
    }

    fn of(file: RunFile) -> Result<Self, BadFile> {
        let RunFile { callboard, run, definition, events, messages, .. } = file;
        let mut read = Vec::with_capacity(events.len());
        for (event, seq) in events.iter().zip(1..) {
            read.push(event_of(event, seq, &callboard)?);
        }
        if read.len() as u64 != run.seq {
            let (has, last) = (read.len(), run.seq);
            return Err(BadFile::Damaged(format!("it has {has} events of {last}")));
        }
        let created = match read.first().map(|event| &event.fact) {
            Some(Fact::RunCreated(created)) => created,
            Some(_) | None => return Err(BadFile::Damaged("it does not begin with run_created".to_owned())),
        };
        let definition = definition_of(&definition, &created.definition, &callboard)?;
        Ok(Self { callboard, run, definition, events: read, messages })
    }
}

/// An event, which loses nothing by being read.
fn event_of(text: &RawValue, seq: u64, callboard: &str) -> Result<Event, BadFile> {
    let damaged = |why: &dyn std::fmt::Display| BadFile::Damaged(format!("event {seq}: {why}"));
    let stored: Value = serde_json::from_str(text.get()).map_err(|error| damaged(&error))?;
    let kind = stored.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
    let event: Event = serde_json::from_value(stored.clone()).map_err(|error| {
        // A kind that is not there cannot be told from one that came later.
        if error.to_string().starts_with("unknown variant") {
            let what = format!("its event {seq} has the kind {kind:?}");
            BadFile::Newer { callboard: callboard.to_owned(), what }
        } else {
            damaged(&error)
        }
    })?;
    if event.seq != seq {
        return Err(damaged(&format!("its number is {}", event.seq)));
    }
    let again = serde_json::to_value(&event).map_err(|error| damaged(&error))?;
    if again != stored {
        let what = format!("its event {seq}, {kind}, has fields or values of its own");
        return Err(BadFile::Newer { callboard: callboard.to_owned(), what });
    }
    Ok(event)
}

/// The definition, if it is the one that the run was created with. A file whose JSON was laid out anew
/// still holds the same.
fn definition_of(
    text: &RawValue,
    hash: &DefinitionHash,
    callboard: &str,
) -> Result<Arc<Definition>, BadFile> {
    let damaged = |error: serde_json::Error| BadFile::Damaged(format!("its definition: {error}"));
    if DefinitionHash::of(text.get()) != *hash {
        let value: Value = serde_json::from_str(text.get()).map_err(damaged)?;
        let compact = serde_json::to_string(&value).map_err(damaged)?;
        if DefinitionHash::of(&compact) != *hash {
            let why = "its definition is not the one that run_created names by its hash".to_owned();
            return Err(BadFile::Damaged(why));
        }
    }
    // The hash fits, so what cannot be read is not damaged.
    serde_json::from_str(text.get()).map(Arc::new).map_err(|error| BadFile::Newer {
        callboard: callboard.to_owned(),
        what: format!("its definition has something of its own ({error})"),
    })
}
