//! Moments, as the record writes them.
//!
//! A moment is a count of milliseconds; on every surface it is RFC 3339 in UTC. Nothing here can
//! ask what time it is: moments come in as arguments.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::ToSchema;

/// A moment, in milliseconds since 1970 in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, ToSchema)]
#[schema(value_type = String, format = DateTime)]
pub struct Time(i64);

impl Time {
    /// The moment that many milliseconds after the start of 1970.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the start of 1970.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// This moment, later by so many milliseconds.
    #[must_use]
    pub const fn plus_millis(self, millis: u64) -> Self {
        Self(self.0.saturating_add_unsigned(millis))
    }

    /// Milliseconds from `earlier` to this moment; none where the clock went back between them.
    pub const fn millis_since(self, earlier: Self) -> u64 {
        if self.0 > earlier.0 { self.0.abs_diff(earlier.0) } else { 0 }
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_millisecond(self.0) {
            Ok(timestamp) => write!(f, "{timestamp:.3}"),
            // A moment outside of the calendar comes from a broken clock; it still has to be shown.
            Err(_) => write!(f, "{}ms", self.0),
        }
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let timestamp: Timestamp = text.parse().map_err(de::Error::custom)?;
        Ok(Self(timestamp.as_millisecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::Time;

    #[test]
    fn a_moment_is_written_as_rfc_3339_in_utc() {
        let time = Time::from_millis(1_795_000_000_123);
        assert_eq!(serde_json::to_string(&time).unwrap(), r#""2026-11-18T11:06:40.123Z""#);
        assert_eq!(serde_json::from_str::<Time>(r#""2026-11-18T12:06:40.123+01:00""#).unwrap(), time);
    }

    #[test]
    fn a_clock_that_went_back_gives_no_duration() {
        assert_eq!(Time::from_millis(5).millis_since(Time::from_millis(9)), 0);
        assert_eq!(Time::from_millis(9).millis_since(Time::from_millis(5)), 4);
    }
}
