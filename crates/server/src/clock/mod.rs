//! What time it is, and chance: the two things that the engine must be told.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{SystemTime, UNIX_EPOCH};

use callboard_engine::command::Moment;
use callboard_engine::time::Time;

/// The machine's clock.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Seeded once by the operating system; each moment draws from it by hashing the time.
    luck: RandomState,
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self::default()
    }

    /// The time, to the millisecond.
    pub fn now(&self) -> Time {
        Time::from_millis(i64::try_from(since_epoch().as_millis()).unwrap_or(i64::MAX))
    }

    /// The time, and chance. Of money it knows nothing.
    pub fn moment(&self) -> Moment {
        let mut hasher = self.luck.build_hasher();
        hasher.write_u128(since_epoch().as_nanos());
        Moment { now: self.now(), luck: hasher.finish(), day: None }
    }
}

/// A clock that is set before 1970 reads as 1970.
fn since_epoch() -> std::time::Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
