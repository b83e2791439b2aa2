//! Following a run from any event on, without a gap: what is stored is read from the journal, and
//! what happens from there on comes live. A viewer that falls behind reads on from the journal.

use std::sync::Arc;

use callboard_engine::event::Event;

use super::feed::{Heard, Live, Watch};
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
}

impl Runner {
    /// Follows a run from after that event on.
    pub fn follow(&self, id: i64, after: u64) -> Follow {
        Follow { runner: self.clone(), id, seq: after, watch: self.watch(id), behind: true }
    }

    /// The stored events after that number, a page of them. Empty at the end.
    pub async fn history(&self, id: i64, after: u64) -> Result<Vec<Event>, RunnerError> {
        let entries = self.journal().read(StreamId(id), after, ENTRIES_AT_ONCE).await?;
        let mut found = Vec::new();
        for entry in &entries {
            found.extend(events(id, entry)?.into_iter().filter(|event| event.seq > after));
        }
        Ok(found)
    }
}

impl Follow {
    /// What happened next; nothing once the run has no task and all that is stored was given out.
    /// An error of the database can be asked past; any other says why the run has no task although
    /// it has not ended.
    pub async fn next(&mut self) -> Result<Option<Live>, RunnerError> {
        loop {
            if self.behind {
                let missed = self.runner.history(self.id, self.seq).await?;
                match missed.last() {
                    Some(last) => {
                        self.seq = last.seq;
                        return Ok(Some(Live::Events(Arc::new(missed))));
                    }
                    None => self.behind = false,
                }
            }
            let Some(watch) = &mut self.watch else { return Ok(None) };
            match watch.next().await {
                Heard::Live(Live::Events(events)) => {
                    if let Some(events) = self.in_order(events) {
                        return Ok(Some(Live::Events(events)));
                    }
                }
                Heard::Live(passing @ (Live::Delta { .. } | Live::Waiting { .. })) => {
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
    fn in_order(&mut self, events: Arc<Vec<Event>>) -> Option<Arc<Vec<Event>>> {
        let (first, last) = (events.first()?.seq, events.last()?.seq);
        if first > self.seq + 1 {
            self.behind = true;
            return None;
        }
        if last <= self.seq {
            return None;
        }
        let known = std::mem::replace(&mut self.seq, last);
        if first == known + 1 {
            return Some(events);
        }
        Some(Arc::new(events.iter().filter(|event| event.seq > known).cloned().collect()))
    }
}
