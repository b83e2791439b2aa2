//! What the cases are written in: streams, slots and notes.

use std::sync::Arc;

use crate::support::store::Store;
use callboard_server::db::{Db, Value, Write};
use callboard_server::journal::{Append, AppendError, Events, Journal, NewStream, Position, StreamId};

impl Store {
    pub(crate) async fn journal(&self) -> Journal {
        Journal::open(self.db().await)
    }

    /// With a table of slots, of which each can be had once, and of notes.
    pub(crate) async fn with_tables(&self) -> (Db, Journal) {
        let db = self.db().await;
        db.execute("CREATE TABLE slot (name TEXT PRIMARY KEY, stream_id BIGINT)", []).await.unwrap();
        db.execute("CREATE TABLE note (stream_id BIGINT NOT NULL, text TEXT NOT NULL)", []).await.unwrap();
        (db.clone(), Journal::open(db))
    }
}

/// Takes a slot that must be free.
pub(crate) fn slot(name: &str, stream: impl Into<Value>) -> Write {
    let sql = "INSERT INTO slot (name, stream_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    Write::claim(sql, [name.into(), stream.into()])
}

/// Writes a note.
pub(crate) fn note(stream: impl Into<Value>, text: impl Into<Value>) -> Write {
    Write::new("INSERT INTO note (stream_id, text) VALUES ($1, $2)", [stream.into(), text.into()])
}

/// The texts of a stream's notes, in order.
pub(crate) async fn notes(db: &Db, stream: StreamId) -> Vec<Arc<str>> {
    let sql = "SELECT text FROM note WHERE stream_id = $1 ORDER BY text";
    let rows = db.query(sql, [stream.into()]).await.unwrap();
    rows.iter().map(|row| row.text(0).unwrap()).collect()
}

/// The events with the numbers `first` to `last`.
pub(crate) fn events(first: u64, last: u64) -> Events {
    let each: Vec<String> = (first..=last).map(|seq| format!("{{\"seq\":{seq}}}")).collect();
    Events { count: last - first + 1, json: format!("[{}]", each.join(",")).into() }
}

/// A new stream of epoch 1 with that many events.
pub(crate) fn new_stream(count: u64) -> NewStream {
    NewStream { epoch: 1, events: events(1, count), writes: Vec::new() }
}

/// One event after `expected`, in epoch 1.
pub(crate) fn one(stream: StreamId, expected: u64) -> Append {
    let events = events(expected + 1, expected + 1);
    Append { stream, expected, epoch: 1, events, writes: Vec::new() }
}

/// Several new streams of one event each.
pub(crate) async fn streams(journal: &Journal, count: usize) -> Vec<StreamId> {
    let mut streams = Vec::new();
    for _ in 0..count {
        streams.push(journal.create(new_stream(1)).await.unwrap());
    }
    streams
}

/// Checks that a stream has all its events, in order and without holes, and gives the last number.
pub(crate) async fn check_whole(journal: &Journal, stream: StreamId) -> u64 {
    let mut last = 0;
    let mut pages = journal.pages(stream, 0);
    while let Some(page) = pages.next().await.unwrap() {
        for entry in page {
            assert_eq!(entry.first, last + 1, "{stream}");
            assert_eq!(entry.events, events(entry.first, entry.last()).json, "{stream}");
            last = entry.last();
        }
    }
    last
}

pub(crate) async fn position(journal: &Journal, stream: StreamId) -> Position {
    journal.position(stream).await.unwrap().unwrap()
}

/// What an append came to, in a word and its numbers.
pub(crate) fn told(result: &Result<(), AppendError>) -> String {
    match result {
        Ok(()) => "written".to_owned(),
        Err(AppendError::Conflict(Position { seq, epoch })) => format!("conflict at {seq}, epoch {epoch}"),
        Err(AppendError::Gone) => "gone".to_owned(),
        Err(AppendError::ClaimTaken { index }) => format!("claim {index} taken"),
        Err(AppendError::Failed(error)) => error.code().to_owned(),
    }
}
