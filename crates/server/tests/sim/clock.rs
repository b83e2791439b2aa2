//! The clock of a simulated machine. It follows the paused time of the runtime, which goes on only when
//! nothing else is to be done, and is set forth and back while no process lives.

use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use callboard_engine::time::Time;
use callboard_server::clock::Played;
use tokio::time::Instant;

use crate::chance::Chance;

/// When every simulation begins: some day in 2026, in the afternoon.
const BEGINNING_MS: i64 = 1_795_000_000_000;

pub(crate) struct FakeClock(Mutex<Hands>);

struct Hands {
    stands_at_ms: i64,
    /// When the process began to live, in the time of its runtime.
    since: Option<Instant>,
    luck: Chance,
}

impl FakeClock {
    pub(crate) fn new(luck: Chance) -> Self {
        Self(Mutex::new(Hands { stands_at_ms: BEGINNING_MS, since: None, luck }))
    }

    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.0.lock().unwrap()
    }

    /// A process begins to live. Called inside its runtime.
    pub(crate) fn begin(&self) {
        self.hands().since = Some(Instant::now());
    }

    /// Its runtime is about to end. Called inside it.
    pub(crate) fn end(&self) {
        let mut hands = self.hands();
        hands.stands_at_ms = hands.now_ms();
        hands.since = None;
    }

    /// The clock is set while no process lives.
    pub(crate) fn set_by(&self, step_ms: i64) {
        self.hands().stands_at_ms += step_ms;
    }

    /// Milliseconds since the simulation began.
    pub(crate) fn since_beginning_ms(&self) -> i64 {
        self.hands().now_ms() - BEGINNING_MS
    }
}

impl Hands {
    fn now_ms(&self) -> i64 {
        let lived = self.since.map_or(Duration::ZERO, |since| since.elapsed());
        self.stands_at_ms + i64::try_from(lived.as_millis()).unwrap()
    }
}

impl Played for FakeClock {
    fn now(&self) -> Time {
        Time::from_millis(self.hands().now_ms())
    }

    fn luck(&self) -> u64 {
        self.hands().luck.next()
    }
}

/// Lets simulated time pass. Nothing is waited for: the runtime's clock goes on when nothing else can.
pub(crate) async fn pass(time: Duration) {
    if !time.is_zero() {
        let _elapsed = tokio::time::timeout(time, std::future::pending::<()>()).await;
    }
}

pub(crate) async fn pass_ms(ms: u64) {
    pass(Duration::from_millis(ms)).await;
}
