//! Cron expressions: what they mean, and what is refused.

use callboard_schedule::{Rules, read};

use crate::moments::shown;

#[test]
fn expressions_fire_when_their_fields_say() {
    // From Sunday 1 March 2026.
    let table = [
        ("0 9 * * 1", "03-02 09:00, 03-09 09:00"),
        ("0 9 * * MON-FRI", "03-02 09:00, 03-03 09:00, 03-04 09:00, 03-05 09:00, 03-06 09:00, 03-09 09:00"),
        ("0 9 * * 7", "03-01 09:00, 03-08 09:00"),
        ("0 9 * * 5-7", "03-01 09:00, 03-06 09:00, 03-07 09:00, 03-08 09:00"),
        ("0 9 * * fri-mon", "03-01 09:00, 03-02 09:00, 03-06 09:00"),
        ("0 22-2 * * *", "03-01 01:00, 03-01 02:00, 03-01 22:00, 03-01 23:00, 03-02 00:00"),
        ("0 22-4/2 * * *", "03-01 02:00, 03-01 04:00, 03-01 22:00, 03-02 00:00"),
        ("5/20 9 * * *", "03-01 09:05, 03-01 09:25, 03-01 09:45, 03-02 09:05"),
        ("10-40/15 9,17 * * *", "03-01 09:10, 03-01 09:25, 03-01 09:40, 03-01 17:10"),
        ("0 0 L * *", "03-31 00:00, 04-30 00:00"),
        ("0 0 L-3 * *", "03-28 00:00, 04-27 00:00"),
        ("0 0 LW * *", "03-31 00:00, 04-30 00:00, 05-29 00:00"),
        ("0 0 15W * *", "03-16 00:00, 04-15 00:00, 05-15 00:00"),
        ("0 0 1W 8 *", "08-03 00:00"),
        ("0 12 * * FRI#1", "03-06 12:00, 04-03 12:00"),
        ("0 12 * * 5#5", "05-29 12:00, 07-31 12:00"),
        ("0 12 * * 5L", "03-27 12:00, 04-24 12:00"),
        (
            "0 0 13 * FRI",
            "03-06 00:00, 03-13 00:00, 03-20 00:00, 03-27 00:00, 04-03 00:00, 04-10 00:00, 04-13 00:00",
        ),
        ("0 0 */10 * 1", "03-02 00:00, 03-09 00:00, 03-11 00:00, 03-16 00:00, 03-21 00:00"),
        ("0 0 ? 4 2", "04-07 00:00, 04-14 00:00"),
        ("0 0 29 2 *", "02-29 00:00"),
        ("0 0 1 JAN,jul *", "07-01 00:00, 01-01 00:00"),
        ("0 0 1 NOV-FEB *", "11-01 00:00, 12-01 00:00, 01-01 00:00, 02-01 00:00, 11-01 00:00"),
        ("@daily", "03-02 00:00, 03-03 00:00"),
        ("@Weekly", "03-08 00:00"),
        ("@yearly", "01-01 00:00"),
    ];
    for (text, expected) in table {
        let schedule = read(text, None).unwrap_or_else(|refused| panic!("{text}: {refused}"));
        let count = expected.split(", ").count();
        let shown = shown(&schedule, &Rules::default(), "2026-03-01T00:00:00Z", count);
        assert_eq!(shown.replace("+00:00", ""), expected, "{text}");
    }
}

#[test]
fn a_zone_beside_the_fields_is_used() {
    for text in
        ["CRON_TZ=Europe/Berlin 0 9 * * 1", "0 9 * * 1 Europe/Berlin", "TZ=Berlin 0 9 * * 1", "0 9 * * 1 CET"]
    {
        assert_eq!(read(text, Some("UTC")).unwrap().timezone(), "Europe/Berlin", "{text}");
    }
}

#[test]
fn expressions_that_hold_nothing_are_refused() {
    let table = [
        ("30 2 30 2 *", "The days that it names never come."),
        ("0 0 31 4,6,9,11 *", "The days that it names never come."),
        (
            "0 0 9 * * 1",
            "A cron expression has five fields, and this has 6: there are no seconds and no years.",
        ),
        (
            "0 0 12 ? * MON 2026",
            "A cron expression has five fields, and this has 7: there are no seconds and no years.",
        ),
        ("* * * *", "A cron expression has five fields, and this has 4."),
        ("60 * * * *", "`60` cannot stand in the field minute."),
        ("0 24 * * *", "`24` cannot stand in the field hour."),
        ("0 0 0 * *", "`0` cannot stand in the field day of the month."),
        ("0 0 32 * *", "`32` cannot stand in the field day of the month."),
        ("0 0 * 13 *", "`13` cannot stand in the field month."),
        ("0 0 * * 8", "`8` cannot stand in the field day of the week."),
        ("0 0 * * FOO", "`FOO` cannot stand in the field day of the week."),
        ("*/0 * * * *", "`*/0` is no step in the field minute."),
        ("*/90 * * * *", "The step of `*/90` is longer than the field minute is."),
        ("0 0 * * MON#6", "`MON#6` names no week of a month."),
        ("0 0 * * L", "`L` alone says nothing in the field day of the week."),
        ("0 0 L-31 * *", "`L-31` cannot stand in the field day of the month."),
        ("? * * * *", "`?` cannot stand in the field minute."),
        ("0 9 * * 1,", "`` cannot stand in the field day of the week."),
        ("0 +9 * * 1", "`+9` cannot stand in the field hour."),
        ("@reboot", "`@reboot` names no time: a schedule does not depend on when the server was started."),
        ("@nightly", "`@nightly` stands for no schedule."),
        ("@every 5m", "`@every` is not understood."),
        ("0 9 * * 1 Mars", "`Mars` is no time zone."),
    ];
    for (text, expected) in table {
        let reason = read(text, None).map_or_else(|refused| refused.reason, |read| read.description());
        assert_eq!(reason, expected, "{text}");
    }
}

#[test]
fn what_is_not_plain_is_said() {
    let table = [
        ("0 0 13 * FRI", "Both day fields are set, so it fires on the days that match either of them."),
        (
            "0 0 */2 * 1",
            "Both day fields are set, so it fires on the days that match either of them (a step such as `*/2` names days too).",
        ),
        ("0 22-2 * * *", "`22-2` runs over the end of the field hour and goes on at its start."),
        ("5/20 9 * * *", "`5/20` is read as `5-59/20`."),
        ("0 9 * * 1 EST", "EST is read as New York time (America/New_York)."),
        ("0 0 31 * *", "Months without a day 31 are left out."),
    ];
    for (text, note) in table {
        assert_eq!(read(text, None).unwrap().notes(), [note], "{text}");
    }
}
