//! What goes on in a run, for those who watch: events that are on disk, and text as it is written.
//!
//! Nothing is kept for a run that nobody watches, and a viewer that does not read never holds the
//! run up: it is told that it fell behind, and reads what it missed from the journal.

use std::sync::{Arc, OnceLock};

use tokio::sync::broadcast;

use super::RunnerError;
use super::told::{Told, Words};

/// How far a viewer may fall behind: some seconds of text from a fast model.
const BEHIND_MAX: usize = 256;

/// Something that goes on in a run.
#[derive(Clone, Debug)]
pub enum Live {
    /// Events that are on disk.
    Events(Told),
    /// Words of an answer that is being written. They are not on disk, and a later
    /// `model_call_failed` takes them back.
    Delta(Arc<Words>),
    /// The database does not take the run's events; what came of its calls waits until it does.
    Waiting {
        /// What the database says.
        why: Arc<str>,
    },
}

/// What goes over a run's channel.
#[derive(Clone)]
enum Said {
    Live(Live),
    GivenUp(RunnerError),
}

/// What a viewer hears next.
pub(super) enum Heard {
    Live(Live),
    /// It fell behind: some of what was said is lost to it.
    Behind,
    /// The run's task gave it up, and why.
    GivenUp(RunnerError),
    /// The run has no task any more.
    Ended,
}

/// Where a run says what goes on.
#[derive(Clone, Default)]
pub(super) struct Feed(Arc<OnceLock<broadcast::Sender<Said>>>);

/// What goes on in a run, from the moment that it was asked for.
pub(super) struct Watch(broadcast::Receiver<Said>);

impl Feed {
    pub(super) fn watch(&self) -> Watch {
        Watch(self.0.get_or_init(|| broadcast::channel(BEHIND_MAX).0).subscribe())
    }

    /// The channel is there from the first viewer on; without one nothing is copied.
    pub(super) fn say(&self, live: impl FnOnce() -> Live) {
        if let Some(channel) = self.0.get().filter(|channel| channel.receiver_count() > 0) {
            // It fails only when the last viewer has just gone.
            let _ = channel.send(Said::Live(live()));
        }
    }

    /// Tells viewers that the run has no task any more although it has not ended.
    pub(super) fn give_up(&self, why: RunnerError) {
        if let Some(channel) = self.0.get() {
            let _ = channel.send(Said::GivenUp(why));
        }
    }
}

impl Watch {
    /// What happened next.
    pub(super) async fn next(&mut self) -> Heard {
        match self.0.recv().await {
            Ok(Said::Live(live)) => Heard::Live(live),
            Ok(Said::GivenUp(why)) => Heard::GivenUp(why),
            Err(broadcast::error::RecvError::Lagged(_)) => Heard::Behind,
            Err(broadcast::error::RecvError::Closed) => Heard::Ended,
        }
    }
}
