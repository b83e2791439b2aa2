//! Cron against the plainest reading of it there is: every minute is looked at by itself.
//!
//! It is slow and knows no clock changes, and shares nothing with how moments are really found.

use callboard_schedule::{Rules, read};
use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::properties::field;

/// How many days are looked at, minute by minute.
const DAYS: i64 = 25;

/// Whether a field holds a number, where it goes from `first` to `last`.
fn holds(field: &str, number: u32, first: u32, last: u32) -> bool {
    field.split(',').any(|part| {
        let (range, step) = part.split_once('/').unwrap_or((part, "1"));
        let step: u32 = step.parse().unwrap_or(1);
        let (from, to) = match range.split_once('-') {
            Some((from, to)) => (from.parse().unwrap_or(0), to.parse().unwrap_or(0)),
            None if range == "*" => (first, last),
            None => (range.parse().unwrap_or(0), range.parse().unwrap_or(0)),
        };
        let round = last - first + 1;
        let len = if from <= to { to - from } else { (to + round - from) % round };
        (0..=len)
            .step_by(usize::try_from(step).unwrap_or(1))
            .any(|at| (from + at - first) % round + first == number)
    })
}

fn due(fields: &[String; 5], at: DateTime) -> bool {
    let [minute, hour, date, month, weekday] = fields;
    let number = |value: i8| u32::from(value.unsigned_abs());
    let on_date = holds(date, number(at.day()), 1, 31);
    let on_weekday = holds(weekday, number(at.weekday().to_sunday_zero_offset()), 0, 6);
    let all = |field: &str| field == "*" || field == "*/1";
    let on_day = if all(date) || all(weekday) { on_date && on_weekday } else { on_date || on_weekday };
    holds(minute, number(at.minute()), 0, 59)
        && holds(hour, number(at.hour()), 0, 23)
        && holds(month, number(at.month()), 1, 12)
        && on_day
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn an_expression_fires_at_the_minutes_that_its_fields_hold(
        fields in (field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 6)),
        days in 0_i64..20_000,
    ) {
        let fields = [fields.0, fields.1, fields.2, fields.3, fields.4];
        let Ok(schedule) = read(&fields.join(" "), None) else { return Ok(()); };
        let first = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * days);
        let minutes = (0..DAYS * 24 * 60).map(|minute| first + SignedDuration::from_mins(minute));
        let expected: Vec<Timestamp> = minutes.filter(|at| due(&fields, Offset::UTC.to_datetime(*at))).collect();
        let end = first + SignedDuration::from_hours(24 * DAYS);
        let before = first - SignedDuration::from_secs(1);
        let found: Vec<Timestamp> =
            schedule.fires_after(&Rules::default(), before).moments().take_while(|at| *at < end).collect();
        prop_assert_eq!(found, expected, "{}", fields.join(" "));
    }
}
