//! What time it is, and chance: the two things that the engine must be told.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use callboard_engine::command::Moment;
use callboard_engine::time::Time;

/// Where time and chance come from.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    /// The machine. Chance is seeded once by the operating system; each moment draws from it by hashing
    /// the time.
    Machine(RandomState),
    Played(Arc<dyn Played>),
}

/// Time and chance as a simulation has them.
#[doc(hidden)]
pub trait Played: Send + Sync {
    /// The time.
    fn now(&self) -> Time;
    /// Chance, another at each call.
    fn luck(&self) -> u64;
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Source::Machine(RandomState::new()))
    }

    /// The clock of a simulation.
    #[doc(hidden)]
    pub fn played(by: Arc<dyn Played>) -> Self {
        Self(Source::Played(by))
    }

    /// The time, to the millisecond.
    pub fn now(&self) -> Time {
        match &self.0 {
            Source::Machine(_) => {
                Time::from_millis(i64::try_from(since_epoch().as_millis()).unwrap_or(i64::MAX))
            }
            Source::Played(by) => by.now(),
        }
    }

    /// The time, and chance. Of money it knows nothing.
    pub fn moment(&self) -> Moment {
        let luck = match &self.0 {
            Source::Machine(luck) => {
                let mut hasher = luck.build_hasher();
                hasher.write_u128(since_epoch().as_nanos());
                hasher.finish()
            }
            Source::Played(by) => by.luck(),
        };
        Moment { now: self.now(), luck, day: None }
    }
}

/// A clock that is set before 1970 reads as 1970.
fn since_epoch() -> std::time::Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
