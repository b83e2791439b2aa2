//! A clock that is moved by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use callboard_engine::time::Time;
use callboard_server::clock::Played;

/// A clock that is moved by hand. Clones are the same.
#[derive(Clone)]
pub(crate) struct Hand(Arc<Hands>);

struct Hands {
    now: AtomicI64,
    luck: AtomicU64,
}

impl Hand {
    pub(crate) fn at(time: &str) -> Self {
        Self(Arc::new(Hands { now: AtomicI64::new(moment(time)), luck: AtomicU64::new(0) }))
    }

    /// Moves it to a moment; a time of the day is one of the first day.
    pub(crate) fn to(&self, time: &str) {
        let time = if time.contains('T') { time.to_owned() } else { format!("2026-06-01T{time}:00Z") };
        self.0.now.store(moment(&time), Ordering::SeqCst);
    }
}

fn moment(time: &str) -> i64 {
    serde_json::from_str::<Time>(&format!("\"{time}\"")).unwrap().as_millis()
}

impl Played for Hand {
    fn now(&self) -> Time {
        Time::from_millis(self.0.now.load(Ordering::SeqCst))
    }

    fn luck(&self) -> u64 {
        self.0.luck.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::SeqCst)
    }
}

impl From<Hand> for Arc<dyn Played> {
    fn from(hand: Hand) -> Self {
        Arc::new(hand)
    }
}
