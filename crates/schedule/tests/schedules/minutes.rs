//! Cron against the plainest reading of it there is: every minute is looked at by itself.
//!
//! It is slow and knows no clock changes, and shares nothing with how moments are really found.

use std::collections::BTreeSet;

use callboard_schedule::{Rules, read};
use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::properties::field;

/// How many days are looked at, minute by minute.
const DAYS: i64 = 8;

/// The numbers of a field that goes from `first` to `last`.
fn numbers(field: &str, first: u32, last: u32) -> BTreeSet<u32> {
    let round = last - first + 1;
    let part = |part: &str| {
        let (range, step) = part.split_once('/').unwrap_or((part, "1"));
        let (from, to) = match range.split_once('-') {
            Some((from, to)) => (from, to),
            None => (range, range),
        };
        let (from, to) = if range == "*" { (first, last) } else { (number(from), number(to)) };
        let len = if from <= to { to - from } else { to + round - from };
        let steps = (0..=len).step_by(usize::try_from(number(step)).unwrap_or(1));
        steps.map(|at| (from + at - first) % round + first).collect::<Vec<u32>>()
    };
    field.split(',').flat_map(part).collect()
}

fn number(digits: &str) -> u32 {
    digits.parse().unwrap_or_else(|error| panic!("{digits}: {error}"))
}

/// Minutes, hours, dates, months and weekdays, and whether either kind of day is enough.
struct Fields([BTreeSet<u32>; 5], bool);

impl Fields {
    fn of(fields: &[String; 5]) -> Self {
        let ranges = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 6)];
        let named = |field: &String| field != "*" && field != "*/1";
        let mut sets = fields.iter().zip(ranges).map(|(field, (first, last))| numbers(field, first, last));
        let sets = std::array::from_fn(|_| sets.next().unwrap_or_default());
        Self(sets, named(&fields[2]) && named(&fields[4]))
    }

    fn hold(&self, at: DateTime) -> bool {
        let has = |place: usize, value: i8| self.0[place].contains(&u32::from(value.unsigned_abs()));
        let (date, weekday) = (has(2, at.day()), has(4, at.weekday().to_sunday_zero_offset()));
        let on_day = if self.1 { date || weekday } else { date && weekday };
        on_day && has(0, at.minute()) && has(1, at.hour()) && has(3, at.month())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn an_expression_fires_at_the_minutes_that_its_fields_hold(
        fields in (field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 6)),
        days in 0_i64..20_000,
    ) {
        let fields = [fields.0, fields.1, fields.2, fields.3, fields.4];
        let Ok(schedule) = read(&fields.join(" "), None) else { return Ok(()); };
        let first = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * days);
        let minutes = (0..DAYS * 24 * 60).map(|minute| first + SignedDuration::from_mins(minute));
        let plain = Fields::of(&fields);
        let expected: Vec<Timestamp> = minutes.filter(|at| plain.hold(Offset::UTC.to_datetime(*at))).collect();
        let end = first + SignedDuration::from_hours(24 * DAYS);
        let before = first - SignedDuration::from_secs(1);
        let found: Vec<Timestamp> =
            schedule.fires_after(&Rules::default(), before).moments().take_while(|at| *at < end).collect();
        prop_assert_eq!(found, expected, "{}", fields.join(" "));
    }
}
