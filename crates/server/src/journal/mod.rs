//! Streams of numbered entries, many of them in one commit. An entry is what one append wrote: the
//! number of its first event, how many there are, and the events as the JSON text that is served.
//!
//! A stream has one owner at a time, known by its epoch. An append names the last number and the
//! epoch that it was decided under; if either has moved on, it is refused and its owner reads what
//! came between. So two owners can never both write.
//!
//! Absent on purpose: any knowledge of what a stream is a history of or what an event says, and any
//! answer before the commit is on disk. What nouns want to be true together with their events they
//! hand over as prepared writes.

mod read;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::db::{self, Db, Done, Row, Statement, Unit, Value, Write, WriteError};

pub use read::{Entry, Pages};

/// A stream's number, chosen by the database and never given out twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub i64);

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<StreamId> for Value {
    fn from(id: StreamId) -> Self {
        Self::Int(id.0)
    }
}

/// Events to be written in one piece.
#[derive(Clone, Debug)]
pub struct Events {
    /// How many there are; at least one.
    pub count: u64,
    /// The JSON array that holds them, as it is served.
    pub json: Arc<str>,
}

/// A stream to be made, with its first events.
#[derive(Clone, Debug)]
pub struct NewStream {
    /// Its first owner.
    pub epoch: u64,
    /// Its first events, from number 1.
    pub events: Events,
    /// What must be true together with them. [`Value::NewId`] stands for the stream's number.
    pub writes: Vec<Write>,
}

/// Events to be added to a stream.
#[derive(Clone, Debug)]
pub struct Append {
    /// The stream.
    pub stream: StreamId,
    /// The number of the last event that its owner knows.
    pub expected: u64,
    /// The owner.
    pub epoch: u64,
    /// The events, from the number after `expected`.
    pub events: Events,
    /// What must be true together with them.
    pub writes: Vec<Write>,
}

/// Where a stream stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The number of its last event.
    pub seq: u64,
    /// Its owner.
    pub epoch: u64,
}

/// Why events were not written.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AppendError {
    /// The stream has moved on: other events came first, or it has another owner.
    #[error("the stream is at event {} and epoch {}", .0.seq, .0.epoch)]
    Conflict(Position),
    /// There is no such stream.
    #[error("the stream is gone")]
    Gone,
    /// A claim among the writes did not affect exactly one row.
    #[error("claim {index} was not met")]
    ClaimTaken {
        /// Which of the writes, from 0.
        index: usize,
    },
    /// The database failed. If the connection was lost during the commit, it is not known whether
    /// the events were written: read the stream's position before deciding anything.
    #[error(transparent)]
    Failed(#[from] db::Error),
}

/// What a journal has written since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Appends that are on disk, first ones of new streams included.
    pub appends: u64,
    /// Bytes of events in them.
    pub bytes: u64,
    /// What the whole database has committed, with or without events.
    pub db: db::Stats,
}

/// The streams of a database. Clones are the same journal.
#[derive(Clone)]
pub struct Journal {
    db: Db,
    written: Arc<Written>,
}

#[derive(Default)]
struct Written {
    appends: AtomicU64,
    bytes: AtomicU64,
}

const CREATE: &str = "INSERT INTO journal_stream (id, seq, epoch) VALUES ($1, $2, $3) RETURNING id";
const ADVANCE: &str = "UPDATE journal_stream SET seq = $1 WHERE id = $2 AND seq = $3 AND epoch = $4";
const INSERT: &str = "INSERT INTO journal_entry (stream_id, first, count, events) VALUES ($1, $2, $3, $4)";
const POSITION: &str = "SELECT seq, epoch FROM journal_stream WHERE id = $1";

/// Writes of the journal's own before those of its caller.
const OWN_WRITES: usize = 2;

impl Journal {
    /// The journal of that database.
    pub fn open(db: Db) -> Self {
        Self { db, written: Arc::default() }
    }

    /// Makes a stream and writes its first events.
    pub async fn create(&self, new: NewStream) -> Result<StreamId, AppendError> {
        let NewStream { epoch, events, writes } = new;
        assert!(events.count > 0, "an entry holds at least one event");
        // SQLite keeps the highest number that it ever gave out beside the table and takes it along
        // when a row is inserted; PostgreSQL counts when it is asked.
        let next = self.db.dialect().pick(
            "SELECT COALESCE(MAX(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'journal_stream'",
            "SELECT nextval(pg_get_serial_sequence('journal_stream', 'id'))",
        );
        let own = [
            Write::new(CREATE, [Value::NewId, events.count.into(), epoch.into()]),
            Write::new(INSERT, [Value::NewId, 1.into(), events.count.into(), events.json.clone().into()]),
        ];
        let unit = Unit {
            order: None,
            new_id: Some(Statement::new(next, [])),
            writes: own.into_iter().chain(writes).collect(),
            explain: None,
        };
        let done = self.db.write(unit).await.map_err(|error| refusal(error, OWN_WRITES))?;
        self.count(&events);
        Ok(StreamId(returned(&done)?.int(0)?))
    }

    /// Adds events to a stream. A caller that stops waiting does not undo it.
    pub async fn append(&self, append: Append) -> Result<(), AppendError> {
        let Append { stream, expected, epoch, events, writes } = append;
        assert!(events.count > 0, "an entry holds at least one event");
        let last = expected + events.count;
        let own = [
            Write::claim(ADVANCE, [last.into(), stream.into(), expected.into(), epoch.into()]),
            Write::new(
                INSERT,
                [stream.into(), (expected + 1).into(), events.count.into(), events.json.clone().into()],
            ),
        ];
        let unit = Unit {
            order: Some(stream.0),
            new_id: None,
            writes: own.into_iter().chain(writes).collect(),
            explain: Some(Statement::new(POSITION, [stream.into()])),
        };
        self.db.write(unit).await.map_err(|error| refusal(error, OWN_WRITES))?;
        self.count(&events);
        Ok(())
    }

    /// Makes the caller the owner of a stream: from here on appends under the epoch before are
    /// refused. Says where the stream stands, or nothing if there is none.
    pub async fn take_over(&self, stream: StreamId) -> Result<Option<Position>, db::Error> {
        Ok(self.take_over_all(&[stream]).await?.remove(&stream))
    }

    /// Takes over many streams at once, in one statement. Streams that are gone are left out.
    pub async fn take_over_all(
        &self,
        streams: &[StreamId],
    ) -> Result<HashMap<StreamId, Position>, db::Error> {
        if streams.is_empty() {
            return Ok(HashMap::new());
        }
        // PostgreSQL locks rows as it meets them, and another process may meet them otherwise, so
        // there the order is said.
        let text = self.db.dialect().pick(
            "UPDATE journal_stream SET epoch = epoch + 1 \
             WHERE id IN (SELECT value FROM json_each($1)) RETURNING id, seq, epoch",
            "WITH locked AS (SELECT id FROM journal_stream WHERE id IN \
                 (SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST(CAST($1 AS TEXT) AS JSON))) \
                 ORDER BY id FOR UPDATE) \
             UPDATE journal_stream SET epoch = epoch + 1 \
             WHERE id IN (SELECT id FROM locked) RETURNING id, seq, epoch",
        );
        let ids: Vec<String> = streams.iter().map(StreamId::to_string).collect();
        let list = format!("[{}]", ids.join(","));
        let unit = Unit {
            order: streams.iter().min().map(|stream| stream.0),
            ..Unit::new([Write::new(text, [list.into()])])
        };
        let done = self.db.write(unit).await.map_err(never_refused)?;
        let rows = done.into_iter().flat_map(|done| done.rows);
        rows.map(|row| Ok((StreamId(row.int(0)?), Position { seq: row.uint(1)?, epoch: row.uint(2)? })))
            .collect()
    }

    /// Deletes a stream with all its entries, and carries out those writes with it.
    pub async fn delete(&self, stream: StreamId, writes: Vec<Write>) -> Result<(), AppendError> {
        let own = [
            Write::claim("DELETE FROM journal_stream WHERE id = $1", [stream.into()]),
            Write::new("DELETE FROM journal_entry WHERE stream_id = $1", [stream.into()]),
        ];
        let unit = Unit {
            order: Some(stream.0),
            explain: Some(Statement::new(POSITION, [stream.into()])),
            ..Unit::new(own.into_iter().chain(writes).collect::<Vec<_>>())
        };
        self.db.write(unit).await.map_err(|error| refusal(error, OWN_WRITES))?;
        Ok(())
    }

    /// Where a stream stands, or nothing if there is none.
    pub async fn position(&self, stream: StreamId) -> Result<Option<Position>, db::Error> {
        self.db.query_optional(POSITION, [stream.into()]).await?.as_ref().map(position).transpose()
    }

    /// What was written so far.
    pub fn stats(&self) -> Stats {
        Stats {
            appends: self.written.appends.load(Ordering::Relaxed),
            bytes: self.written.bytes.load(Ordering::Relaxed),
            db: self.db.stats(),
        }
    }

    fn count(&self, events: &Events) {
        self.written.appends.fetch_add(1, Ordering::Relaxed);
        self.written.bytes.fetch_add(events.json.len() as u64, Ordering::Relaxed);
    }
}

fn returned(done: &[Done]) -> Result<&Row, db::Error> {
    let row = done.first().and_then(|done| done.rows.first());
    row.ok_or_else(|| db::Error::Failed("a new stream came without its number".into()))
}

fn position(row: &Row) -> Result<Position, db::Error> {
    Ok(Position { seq: row.uint(0)?, epoch: row.uint(1)? })
}

/// What a refused unit means: its first write is the check of the stream, the rest are claims.
fn refusal(error: WriteError, own: usize) -> AppendError {
    match error {
        WriteError::NotTaken { index, .. } if index >= own => AppendError::ClaimTaken { index: index - own },
        WriteError::NotTaken { explained, .. } => match explained.first().map(position) {
            Some(Ok(position)) => AppendError::Conflict(position),
            Some(Err(error)) => AppendError::Failed(error),
            None => AppendError::Gone,
        },
        WriteError::Failed(error) => AppendError::Failed(error),
    }
}

fn never_refused(error: WriteError) -> db::Error {
    match error {
        WriteError::Failed(error) => error,
        WriteError::NotTaken { .. } => unreachable!("a write without a claim cannot be refused"),
    }
}
