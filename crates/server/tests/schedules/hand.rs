//! A clock that is moved by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use callboard_engine::time::Time;
use callboard_server::clock::{Clock, Played};

/// A clock that is moved by hand. Clones are the same.
#[derive(Clone)]
pub(crate) struct Hand(Arc<Hands>);

struct Hands {
    now: AtomicI64,
    /// The latest time that it ever showed.
    latest: AtomicI64,
}

impl Hand {
    pub(crate) fn at(time: &str) -> Self {
        let now = moment(time).as_millis();
        Self(Arc::new(Hands { now: AtomicI64::new(now), latest: AtomicI64::new(now) }))
    }

    pub(crate) fn to(&self, millis: i64) {
        self.0.now.store(millis, Ordering::SeqCst);
        self.0.latest.fetch_max(millis, Ordering::SeqCst);
    }

    pub(crate) fn now(&self) -> i64 {
        self.0.now.load(Ordering::SeqCst)
    }

    /// The latest time that it ever showed.
    pub(crate) fn latest(&self) -> i64 {
        self.0.latest.load(Ordering::SeqCst)
    }

    pub(crate) fn clock(&self) -> Clock {
        Clock::played(Arc::new(self.clone()))
    }
}

impl Played for Hand {
    fn now(&self) -> Time {
        Time::from_millis(self.now())
    }

    fn luck(&self) -> u64 {
        0
    }
}

/// The moment that is written so.
pub(crate) fn moment(time: &str) -> Time {
    serde_json::from_str(&format!("\"{time}\"")).unwrap()
}
