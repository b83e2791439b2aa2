//! Reading a stream: entry by entry, in pages of bounded length.

use std::sync::Arc;

use super::{Journal, StreamId};
use crate::db;

/// Entries of one page. An entry of a standard run is one to four kilobytes, so a page is a few
/// hundred at most; a stream of ten thousand events is read in a few dozen pages.
const PAGE_ENTRIES: u64 = 128;

/// What one append wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The number of its first event.
    pub first: u64,
    /// How many events it holds.
    pub count: u64,
    /// The JSON array that holds them, as it is served.
    pub events: Arc<str>,
}

impl Entry {
    /// The number of its last event.
    pub const fn last(&self) -> u64 {
        self.first + self.count - 1
    }
}

/// The entry that holds the event after `$2` may begin before it, which is why the search starts
/// at the last entry that begins at or before that event.
const READ: &str = "SELECT first, count, events FROM journal_entry \
     WHERE stream_id = $1 AND first + count > $2 AND first >= COALESCE( \
         (SELECT MAX(first) FROM journal_entry WHERE stream_id = $1 AND first <= $2), 0) \
     ORDER BY first LIMIT $3";

/// Streams that are looked through for one that may just have been made: many times more than are made
/// while a connection is lost and made again.
const BEGINNINGS_MAX: i64 = 4096;

/// The newest streams that begin with an entry.
const BEGINNING: &str = "SELECT stream_id FROM journal_entry \
     WHERE stream_id > (SELECT COALESCE(MAX(id), 0) - $2 FROM journal_stream) AND first = 1 AND events = $1 \
     ORDER BY stream_id";

impl Journal {
    /// The streams among the newest ones that begin with these events. Asked for when it is not known
    /// whether a stream was made.
    pub async fn beginning_with(&self, events: &Arc<str>) -> Result<Vec<StreamId>, db::Error> {
        let rows = self.db.query(BEGINNING, [Arc::clone(events).into(), BEGINNINGS_MAX.into()]).await?;
        rows.iter().map(|row| row.int(0).map(StreamId)).collect()
    }

    /// The entries that hold events with a number above `after`, in order, at most `limit` of them.
    /// The first of them may hold earlier events too.
    pub async fn read(&self, stream: StreamId, after: u64, limit: u64) -> Result<Vec<Entry>, db::Error> {
        let next = after.saturating_add(1);
        let rows = self.db.query(READ, [stream.into(), next.into(), limit.into()]).await?;
        rows.iter()
            .map(|row| Ok(Entry { first: row.uint(0)?, count: row.uint(1)?, events: row.text(2)? }))
            .collect()
    }

    /// All entries after that number, page by page.
    pub const fn pages(&self, stream: StreamId, after: u64) -> Pages<'_> {
        Pages { journal: self, stream, after, ended: false }
    }
}

/// A stream as it is read to its end.
pub struct Pages<'a> {
    journal: &'a Journal,
    stream: StreamId,
    after: u64,
    ended: bool,
}

impl Pages<'_> {
    /// The next page, which is never empty, or nothing at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<Entry>>, db::Error> {
        if self.ended {
            return Ok(None);
        }
        let page = self.journal.read(self.stream, self.after, PAGE_ENTRIES).await?;
        // A short page is the last: the round that would find nothing is saved.
        self.ended = (page.len() as u64) < PAGE_ENTRIES;
        let Some(last) = page.last() else { return Ok(None) };
        self.after = last.last();
        Ok(Some(page))
    }
}
