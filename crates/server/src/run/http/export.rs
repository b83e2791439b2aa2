//! A run as one file: its definition, its history, what its models were sent and its documents.
//!
//! The file is made page by page as it is read, and is never whole in memory. What is in it is the
//! stored text itself.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use callboard_engine::replay::{FORMAT, RunFile, RunHead, VERSION};
use futures_util::stream::{self, Stream};
use serde_json::value::RawValue;

use super::Starter;
use crate::db::Error;
use crate::http::{Id, Result};
use crate::journal::StreamId;
use crate::run::store::{self, KeptText};
use crate::run::{RunnerError, find};
use crate::workflow;

/// Entries of the journal that are read at a time: an entry of long answers has some megabytes.
const ENTRIES_AT_ONCE: u64 = 16;

/// Messages and documents that are read at a time, which have up to a megabyte each.
const TEXTS_AT_ONCE: u64 = 8;

/// A run as one file, which `callboard runs replay` plays again where there is no server. Of a run that
/// goes on it has the history so far.
#[utoipa::path(
    get,
    path = "/runs/{id}/export",
    tag = "runs",
    operation_id = "exportRun",
    params(("id" = i64, Path, description = "The run's number")),
    responses((status = 200, description = "The file", body = RunFile)),
)]
pub(crate) async fn export_run(State(starter): State<Starter>, Id(id): Id) -> Result<Response> {
    let row = find(&starter.db, id).await?.ok_or(RunnerError::NotFound(id))?;
    let definition = workflow::definition_text(&starter.db, &row.definition).await?;
    let head = head(&starter, id).await?;
    let name = format!("attachment; filename=\"run-{id}.json\"");
    let export = Export { starter, head, definition, part: Part::Head, begun: false };
    let headers = [(CONTENT_TYPE, "application/json".to_owned()), (CONTENT_DISPOSITION, name)];
    Ok((headers, Body::from_stream(export.chunks())).into_response())
}

/// Where a run stands. Its row and its history are read one after the other, and once more where the run
/// went on between the two.
async fn head(starter: &Starter, id: i64) -> Result<RunHead> {
    let gone = || RunnerError::NotFound(id);
    let mut status = store::status(&starter.db, id).await?.ok_or_else(gone)?;
    loop {
        let journal = starter.runner.journal();
        let position = journal.position(StreamId(id)).await?.ok_or_else(gone)?;
        let after = store::status(&starter.db, id).await?.ok_or_else(gone)?;
        if after == status {
            return Ok(RunHead { id, status, seq: position.seq });
        }
        // A run goes through no more than three of them.
        status = after;
    }
}

/// A file in the making.
struct Export {
    starter: Starter,
    head: RunHead,
    definition: Arc<str>,
    part: Part,
    /// Whether the current list has an item already.
    begun: bool,
}

/// What comes next in the file.
enum Part {
    Head,
    /// Events after that number.
    Events(u64),
    /// What conversations begin with, after that hash.
    Prompts(Arc<str>),
    /// The messages after them.
    Messages(Arc<str>),
    Documents(Arc<str>),
    End,
    Over,
}

impl Export {
    /// The file, in chunks. Where one cannot be read the body breaks off, so that half a file is never
    /// taken for a whole one.
    fn chunks(self) -> impl Stream<Item = std::result::Result<Bytes, Error>> {
        stream::try_unfold(self, |mut export| async move {
            let chunk = export.next().await.inspect_err(|error| {
                let id = export.head.id;
                tracing::warn!(run = id, %error, "the export of run {id} broke off: {error}");
            });
            Ok(chunk?.map(|chunk| (Bytes::from(chunk), export)))
        })
    }

    async fn next(&mut self) -> std::result::Result<Option<String>, Error> {
        let (id, db) = (self.head.id, self.starter.db.clone());
        let part = std::mem::replace(&mut self.part, Part::Over);
        let (chunk, next) = match part {
            Part::Head => (self.opening()?, Part::Events(0)),
            Part::Events(after) if after >= self.head.seq => {
                (self.list("],\"messages\":{"), Part::Prompts("".into()))
            }
            Part::Events(after) => self.events(after).await?,
            Part::Prompts(after) => {
                let texts = store::prompts_after(&db, id, &after, TEXTS_AT_ONCE).await?;
                match texts.last().map(|last| Arc::clone(&last.hash)) {
                    Some(last) => (self.items(&texts, message)?, Part::Prompts(last)),
                    None => (String::new(), Part::Messages("".into())),
                }
            }
            Part::Messages(after) => {
                let texts = store::messages_after(&db, id, &after, TEXTS_AT_ONCE).await?;
                match texts.last().map(|last| Arc::clone(&last.hash)) {
                    Some(last) => (self.items(&texts, message)?, Part::Messages(last)),
                    None => (self.list("},\"documents\":{"), Part::Documents("".into())),
                }
            }
            Part::Documents(after) => {
                let texts = store::documents_after(&db, id, &after, TEXTS_AT_ONCE).await?;
                match texts.last().map(|last| Arc::clone(&last.hash)) {
                    Some(last) => (self.items(&texts, document)?, Part::Documents(last)),
                    None => (String::new(), Part::End),
                }
            }
            Part::End => {
                // What was deleted meanwhile may be missing above.
                find(&db, id).await?.ok_or_else(|| gone(id))?;
                ("}}\n".to_owned(), Part::Over)
            }
            Part::Over => return Ok(None),
        };
        self.part = next;
        Ok(Some(chunk))
    }

    fn opening(&mut self) -> std::result::Result<String, Error> {
        let run = serde_json::to_string(&self.head).map_err(|error| unwritten(&error))?;
        let (callboard, definition) = (env!("CARGO_PKG_VERSION"), &self.definition);
        let marks = format!("\"format\":\"{FORMAT}\",\"version\":{VERSION},\"callboard\":\"{callboard}\"");
        Ok(self.list(&format!("{{{marks},\"run\":{run},\"definition\":{definition},\"events\":[")))
    }

    /// What a list begins with.
    fn list(&mut self, opening: &str) -> String {
        self.begun = false;
        opening.to_owned()
    }

    /// A comma before every item but the first.
    fn comma(&mut self) -> &'static str {
        if std::mem::replace(&mut self.begun, true) { "," } else { "" }
    }

    async fn events(&mut self, after: u64) -> std::result::Result<(String, Part), Error> {
        let id = self.head.id;
        let entries = self.starter.runner.journal().read(StreamId(id), after, ENTRIES_AT_ONCE).await?;
        let last = entries.last().map(|entry| entry.last()).ok_or_else(|| gone(id))?;
        let mut chunk = String::new();
        for entry in entries {
            let events: Vec<&RawValue> = serde_json::from_str(&entry.events)
                .map_err(|error| Error::Failed(format!("the history of run {id}: {error}").into()))?;
            for (event, seq) in events.into_iter().zip(entry.first..) {
                // What was written since the export began belongs to the next one.
                if seq > after && seq <= self.head.seq {
                    chunk.push_str(self.comma());
                    chunk.push_str(event.get());
                }
            }
        }
        Ok((chunk, Part::Events(last)))
    }

    fn items(
        &mut self,
        texts: &[KeptText],
        item: impl Fn(&KeptText) -> serde_json::Result<String>,
    ) -> std::result::Result<String, Error> {
        let mut chunk = String::new();
        for text in texts {
            chunk.push_str(self.comma());
            chunk.push_str(&item(text).map_err(|error| unwritten(&error))?);
        }
        Ok(chunk)
    }
}

/// A message under its hash: what is kept of it is JSON already.
fn message(text: &KeptText) -> serde_json::Result<String> {
    let hash = serde_json::to_string(&text.hash)?;
    let before = match &text.before {
        Some(before) => format!("\"before\":{},", serde_json::to_string(before)?),
        None => String::new(),
    };
    Ok(format!("{hash}:{{{before}\"message\":{}}}", text.body))
}

/// A document under its hash.
fn document(text: &KeptText) -> serde_json::Result<String> {
    Ok(format!("{}:{}", serde_json::to_string(&text.hash)?, serde_json::to_string(&text.body)?))
}

fn gone(id: i64) -> Error {
    Error::Failed(format!("run {id} was deleted").into())
}

fn unwritten(error: &serde_json::Error) -> Error {
    Error::Failed(format!("it cannot be written: {error}").into())
}
