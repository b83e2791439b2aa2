//! The documents of a run: written and listed here, read from where their texts are kept.

use std::fmt::Write as _;
use std::sync::Arc;

use jiff::Timestamp;

use super::Draft;
use super::answer::Done;
use crate::call::ToolCall;
use crate::command::DocumentText;
use crate::content::ContentHash;
use crate::event::Fact;
use crate::rules::{RefusedCall, codes};
use crate::run::Turn;

/// Documents of one run: enough for a small code base, few enough to be listed.
pub const DOCUMENTS_MAX: usize = 1_000;

impl Draft {
    /// An agent writes a document.
    pub(super) fn write_document(
        &mut self,
        turn: &Turn,
        tool_call: String,
        path: String,
        text: String,
    ) -> Result<Done, RefusedCall> {
        self.has_room_for(&path)?;
        self.write(Some(turn.agent.clone()), Some(tool_call), path, text);
        Ok(Done::Replied)
    }

    pub(super) fn has_room_for(&self, path: &str) -> Result<(), RefusedCall> {
        let documents = &self.run.documents;
        if documents.len() < DOCUMENTS_MAX || documents.contains_key(path) {
            return Ok(());
        }
        let message = format!(
            "The run has {DOCUMENTS_MAX} documents, which is as many as it may. Write one that is there."
        );
        Err(RefusedCall { code: codes::TOO_MANY, message })
    }

    pub(super) fn write(
        &mut self,
        agent: Option<String>,
        tool_call: Option<String>,
        path: String,
        text: String,
    ) {
        let hash = ContentHash::of(&text);
        let bytes = text.len() as u64;
        self.documents.push(DocumentText { hash: hash.clone(), text: text.into() });
        self.emit(Fact::DocumentWritten { agent, path, hash, bytes, tool_call });
    }

    /// An agent reads a document.
    pub(super) fn read_document(
        &mut self,
        turn: &Turn,
        call: &ToolCall,
        path: &str,
    ) -> Result<Done, RefusedCall> {
        if !self.run.documents.contains_key(path) {
            return Err(self.unknown_document());
        }
        self.start_tool(turn, call, &call.tool, Arc::new(serde_json::json!({ "path": path })));
        Ok(Done::Waits)
    }

    pub(super) fn unknown_document(&self) -> RefusedCall {
        let message = format!("The run has no such document. {}", self.documents_listed());
        RefusedCall { code: codes::UNKNOWN_DOCUMENT, message }
    }

    /// The documents, as an agent reads of them.
    pub(super) fn documents_listed(&self) -> String {
        if self.run.documents.is_empty() {
            return "There are no documents yet.".to_owned();
        }
        self.run.documents.iter().fold(String::from("Documents:"), |mut list, (path, document)| {
            // Writing into a String does not fail.
            let _ = write!(list, "\n- {path} ({} bytes)", document.bytes);
            list
        })
    }

    /// The time, as an agent reads it.
    pub(super) fn time_told(&self) -> String {
        let now = self.moment.now;
        let weekday = Timestamp::from_millisecond(now.as_millis())
            .map(|timestamp| format!(" ({:?})", timestamp.to_zoned(jiff::tz::TimeZone::UTC).weekday()));
        format!("{now}{}", weekday.unwrap_or_default())
    }
}
