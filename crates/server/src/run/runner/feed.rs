//! What goes on in a run, for those who watch: events that are on disk, and text as it is written.
//!
//! Nothing is kept for a run that nobody watches, and a viewer that does not read never holds the
//! run up: it is told that it fell behind, and reads what it missed from the journal.

use std::sync::{Arc, OnceLock};

use callboard_engine::event::Event;
use tokio::sync::broadcast;

/// How far a viewer may fall behind: some seconds of text from a fast model.
const BEHIND_MAX: usize = 256;

/// Something that goes on in a run.
#[derive(Clone, Debug)]
pub enum Live {
    /// Events that are on disk.
    Events(Arc<Vec<Event>>),
    /// Words of an answer that is being written. They are not on disk, and a later
    /// `model_call_failed` takes them back.
    Delta {
        /// The call.
        call: u64,
        /// The attempt.
        attempt: u32,
        /// The agent.
        agent: Arc<str>,
        /// The words.
        text: Arc<str>,
    },
}

/// Where a run says what goes on.
#[derive(Clone, Default)]
pub(super) struct Feed(Arc<OnceLock<broadcast::Sender<Live>>>);

/// What goes on in a run, from the moment that it was asked for.
pub(super) struct Watch(broadcast::Receiver<Live>);

impl Feed {
    pub(super) fn watch(&self) -> Watch {
        Watch(self.0.get_or_init(|| broadcast::channel(BEHIND_MAX).0).subscribe())
    }

    /// The channel is there from the first viewer on; without one nothing is copied.
    pub(super) fn say(&self, live: impl FnOnce() -> Live) {
        if let Some(channel) = self.0.get().filter(|channel| channel.receiver_count() > 0) {
            // It fails only when the last viewer has just gone.
            let _ = channel.send(live());
        }
    }
}

impl Watch {
    /// What happened next; `Err` with how much was missed where the viewer fell behind, and nothing
    /// once the run has no task any more.
    pub(super) async fn next(&mut self) -> Option<Result<Live, u64>> {
        match self.0.recv().await {
            Ok(live) => Some(Ok(live)),
            Err(broadcast::error::RecvError::Lagged(missed)) => Some(Err(missed)),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}
