//! Following a run from any event on, without a gap: what is stored is read from the journal, and
//! what happens from there on comes live. A viewer that falls behind reads on from the journal.

use std::collections::VecDeque;
use std::sync::Arc;

use super::feed::{Heard, Live, Watch};
use super::told::Told;
use super::{Runner, RunnerError, events};
use crate::journal::StreamId;

/// Entries that are read at a time: what one page of a viewer shows.
const ENTRIES_AT_ONCE: u64 = 64;

/// A run that is followed.
pub struct Follow {
    runner: Runner,
    id: i64,
    /// The number of the last event that was given out.
    seq: u64,
    watch: Option<Watch>,
    /// Whether there may be events in the journal that were not given out.
    behind: bool,
    /// Events that were read of the journal.
    read: VecDeque<Told>,
}

impl Runner {
    /// Follows a run from after that event on.
    pub fn follow(&self, id: i64, after: u64) -> Follow {
        Follow {
            runner: self.clone(),
            id,
            seq: after,
            watch: self.watch(id),
            behind: true,
            read: VecDeque::new(),
        }
    }

    /// The stored events after that number, append by append. Empty at the end.
    async fn history(&self, id: i64, after: u64) -> Result<VecDeque<Told>, RunnerError> {
        let entries = self.journal().read(StreamId(id), after, ENTRIES_AT_ONCE).await?;
        let told = |entry| {
            let events = events(id, &entry)?;
            Ok(Told::new(events, Arc::clone(&entry.events)).after(after))
        };
        entries.into_iter().map(told).collect()
    }
}

impl Follow {
    /// What happened next; nothing once the run has no task and all that is stored was given out.
    /// An error of the database can be asked past; any other says why the run has no task although
    /// it has not ended.
    pub async fn next(&mut self) -> Result<Option<Live>, RunnerError> {
        loop {
            if let Some(told) = self.read.pop_front() {
                self.seq = told.events().last().map_or(self.seq, |last| last.seq);
                return Ok(Some(Live::Events(told)));
            }
            if self.behind {
                self.read = self.runner.history(self.id, self.seq).await?;
                if !self.read.is_empty() {
                    continue;
                }
                self.behind = false;
            }
            let Some(watch) = &mut self.watch else { return Ok(None) };
            match watch.next().await {
                Heard::Live(Live::Events(told)) => {
                    if let Some(told) = self.in_order(&told) {
                        return Ok(Some(Live::Events(told)));
                    }
                }
                Heard::Live(passing @ (Live::Delta(_) | Live::Waiting { .. })) => {
                    return Ok(Some(passing));
                }
                Heard::Behind => self.behind = true,
                Heard::GivenUp(why) => {
                    self.watch = None;
                    return Err(why);
                }
                Heard::Ended => {
                    self.watch = None;
                    self.behind = true;
                }
            }
        }
    }

    /// The events that come next; nothing where they were given out already, or where some before
    /// them are missing.
    fn in_order(&mut self, told: &Told) -> Option<Told> {
        let (first, last) = (told.events().first()?.seq, told.events().last()?.seq);
        if first > self.seq + 1 {
            self.behind = true;
            return None;
        }
        if last <= self.seq {
            return None;
        }
        let known = std::mem::replace(&mut self.seq, last);
        Some(told.after(known))
    }
}
