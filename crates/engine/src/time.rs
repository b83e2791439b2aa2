//! Moments, as the record writes them.
//!
//! A moment is a count of milliseconds; on every surface it is RFC 3339 in UTC. Nothing here can
//! ask what time it is: moments come in as arguments.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
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

/// How the record writes a moment: zeros stand for digits.
const FORM: &[u8; 24] = b"0000-00-00T00:00:00.000Z";

/// Every event says when it was, and histories are written and read as a whole: digits that always stand
/// in the same places are put there and taken from there. Any other form is for the calendar's own reader.
impl Time {
    /// The moment in the form of the record; none for one in a year that has not four digits.
    fn in_form(self) -> Option<[u8; 24]> {
        let at = Offset::UTC.to_datetime(Timestamp::from_millisecond(self.0).ok()?);
        let year = at.year().try_into().ok().filter(|year: &u16| *year <= 9_999)?;
        let mut text = *FORM;
        let mut put = |digits: std::ops::Range<usize>, mut number: u16| {
            for digit in text[digits].iter_mut().rev() {
                *digit = b'0' + (number % 10) as u8;
                number /= 10;
            }
        };
        put(0..4, year);
        put(5..7, at.month().unsigned_abs().into());
        put(8..10, at.day().unsigned_abs().into());
        put(11..13, at.hour().unsigned_abs().into());
        put(14..16, at.minute().unsigned_abs().into());
        put(17..19, at.second().unsigned_abs().into());
        put(20..23, at.millisecond().unsigned_abs());
        Some(text)
    }

    /// The moment that is written in the form of the record.
    fn of_form(text: &str) -> Option<Self> {
        let text: &[u8; 24] = text.as_bytes().try_into().ok()?;
        let fits =
            |(byte, form): (&u8, &u8)| if *form == b'0' { byte.is_ascii_digit() } else { byte == form };
        if !text.iter().zip(FORM).all(fits) {
            return None;
        }
        let number = |digits: std::ops::Range<usize>| {
            text[digits].iter().fold(0_i16, |number, digit| number * 10 + i16::from(digit - b'0'))
        };
        let small = |digits| i8::try_from(number(digits)).ok();
        let (month, day) = (small(5..7)?, small(8..10)?);
        let (hour, minute, second) = (small(11..13)?, small(14..16)?, small(17..19)?);
        let nanos = i32::from(number(20..23)) * 1_000_000;
        let at = DateTime::new(number(0..4), month, day, hour, minute, second, nanos).ok()?;
        Some(Self(Offset::UTC.to_timestamp(at).ok()?.as_millisecond()))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let in_form = self.in_form();
        match in_form.as_ref().and_then(|text| std::str::from_utf8(text).ok()) {
            Some(text) => f.write_str(text),
            None => match Timestamp::from_millisecond(self.0) {
                Ok(timestamp) => write!(f, "{timestamp:.3}"),
                // A moment outside of the calendar comes from a broken clock; it still has to be shown.
                Err(_) => write!(f, "{}ms", self.0),
            },
        }
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let in_form = self.in_form();
        match in_form.as_ref().and_then(|text| std::str::from_utf8(text).ok()) {
            Some(text) => serializer.serialize_str(text),
            None => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Moment;

        impl de::Visitor<'_> for Moment {
            type Value = Time;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a moment as RFC 3339 writes it")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Time, E> {
                if let Some(time) = Time::of_form(text) {
                    return Ok(time);
                }
                let timestamp: Timestamp = text.parse().map_err(E::custom)?;
                Ok(Time(timestamp.as_millisecond()))
            }
        }

        deserializer.deserialize_str(Moment)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::Time;

    proptest! {
        #[test]
        fn every_moment_is_written_and_read_as_the_calendar_does(
            millis in Timestamp::MIN.as_millisecond()..=Timestamp::MAX.as_millisecond(),
        ) {
            let time = Time::from_millis(millis);
            let timestamp = Timestamp::from_millisecond(millis).unwrap();
            prop_assert_eq!(time.to_string(), format!("{timestamp:.3}"));
            prop_assert_eq!(serde_json::to_value(time).unwrap(), format!("{timestamp:.3}"));
            let read: Time = serde_json::from_value(timestamp.to_string().into()).unwrap();
            prop_assert_eq!(read, time);
            let read: Time = serde_json::from_value(time.to_string().into()).unwrap();
            prop_assert_eq!(read, time);
        }

        #[test]
        fn what_is_no_moment_is_refused(text in "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z") {
            let calendar: Option<Timestamp> = text.parse().ok();
            let read = serde_json::from_value::<Time>(text.into()).ok();
            prop_assert_eq!(read.map(Time::as_millis), calendar.map(Timestamp::as_millisecond));
        }
    }

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
