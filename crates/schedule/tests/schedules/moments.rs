//! Moments, as the tables of these tests write them.

use callboard_schedule::{Rules, Schedule};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A moment, from its text in RFC 3339.
pub(crate) fn moment(text: &str) -> Timestamp {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The next moments at which a schedule is due, as its own clock shows them with their offsets.
pub(crate) fn shown(schedule: &Schedule, rules: &Rules, after: &str, count: usize) -> String {
    let zone = TimeZone::get(schedule.timezone()).unwrap_or_else(|error| panic!("{error}"));
    let fires = schedule.fires_after(rules, moment(after)).take(count);
    let shown = fires.map(|fire| fire.at.to_zoned(zone.clone()).strftime("%m-%d %H:%M%:z").to_string());
    shown.collect::<Vec<_>>().join(", ")
}
