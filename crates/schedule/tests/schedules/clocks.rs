//! Clock changes, against tables that were written by hand from the rules of each zone.
//!
//! In 2026 New York goes forward on 8 March at 02:00 and back on 1 November at 02:00; Berlin on 29
//! March at 02:00 and 25 October at 03:00; Lord Howe by half an hour, back on 5 April at 02:00 and
//! forward on 4 October at 02:00; Santiago back on 5 April at 00:00, which makes it Saturday 23:00
//! again, and forward on 6 September at 00:00. Kathmandu stays at +05:45.

use callboard_schedule::{Gap, Repeat, Rules, read};

use crate::moments::{moment, shown};

const NEW_YORK: &str = "America/New_York";
const BERLIN: &str = "Europe/Berlin";
const LORD_HOWE: &str = "Australia/Lord_Howe";
const SANTIAGO: &str = "America/Santiago";
const KATHMANDU: &str = "Asia/Kathmandu";

/// Zone, schedule, the moment after which is asked, and what its clock then shows.
type Row = (&'static str, &'static str, &'static str, &'static str);

fn check(rules: &Rules, table: &[Row]) {
    for (zone, schedule, after, expected) in table {
        let read = read(schedule, Some(zone)).unwrap_or_else(|refused| panic!("{schedule}: {refused}"));
        let count = expected.split(", ").count();
        assert_eq!(shown(&read, rules, after, count), *expected, "{schedule} in {zone}");
    }
}

#[test]
fn a_fixed_time_that_does_not_exist_fires_once_after_the_gap() {
    check(
        &Rules::default(),
        &[
            (
                NEW_YORK,
                "30 2 * * *",
                "2026-03-07T00:00:00Z",
                "03-07 02:30-05:00, 03-08 03:00-04:00, 03-09 02:30-04:00",
            ),
            (
                NEW_YORK,
                "30 2,14 * * *",
                "2026-03-08T05:00:00Z",
                "03-08 03:00-04:00, 03-08 14:30-04:00, 03-09 02:30-04:00",
            ),
            (
                NEW_YORK,
                "0,30 2-3 * * *",
                "2026-03-08T05:00:00Z",
                "03-08 03:00-04:00, 03-08 03:30-04:00, 03-09 02:00-04:00",
            ),
            (
                NEW_YORK,
                "15 1-3 * * *",
                "2026-03-08T05:00:00Z",
                "03-08 01:15-05:00, 03-08 03:00-04:00, 03-08 03:15-04:00, 03-09 01:15-04:00",
            ),
            (BERLIN, "30 2 * * *", "2026-03-28T12:00:00Z", "03-29 03:00+02:00, 03-30 02:30+02:00"),
            (
                BERLIN,
                "0 2,3 * * *",
                "2026-03-28T12:00:00Z",
                "03-29 03:00+02:00, 03-30 02:00+02:00, 03-30 03:00+02:00",
            ),
            (LORD_HOWE, "15 2 * * *", "2026-10-03T00:00:00Z", "10-04 02:30+11:00, 10-05 02:15+11:00"),
            (
                LORD_HOWE,
                "0,15,30,45 2 * * *",
                "2026-10-03T00:00:00Z",
                "10-04 02:30+11:00, 10-04 02:45+11:00, 10-05 02:00+11:00",
            ),
            (SANTIAGO, "0 0 * * *", "2026-09-05T12:00:00Z", "09-06 01:00-03:00, 09-07 00:00-03:00"),
            (
                SANTIAGO,
                "30 23,0 * * *",
                "2026-09-05T12:00:00Z",
                "09-05 23:30-04:00, 09-06 01:00-03:00, 09-06 23:30-03:00",
            ),
            (SANTIAGO, "0 0-1 * * *", "2026-09-05T12:00:00Z", "09-06 01:00-03:00, 09-07 00:00-03:00"),
        ],
    );
}

#[test]
fn a_fixed_time_that_exists_twice_fires_once_at_the_first() {
    check(
        &Rules::default(),
        &[
            (NEW_YORK, "30 1 * * *", "2026-10-31T12:00:00Z", "11-01 01:30-04:00, 11-02 01:30-05:00"),
            (
                NEW_YORK,
                "30 1,13 * * *",
                "2026-10-31T18:00:00Z",
                "11-01 01:30-04:00, 11-01 13:30-05:00, 11-02 01:30-05:00",
            ),
            (
                NEW_YORK,
                "15 0-2 * * *",
                "2026-11-01T04:00:00Z",
                "11-01 00:15-04:00, 11-01 01:15-04:00, 11-01 02:15-05:00",
            ),
            (
                BERLIN,
                "0,30 2 * * *",
                "2026-10-24T12:00:00Z",
                "10-25 02:00+02:00, 10-25 02:30+02:00, 10-26 02:00+01:00",
            ),
            (BERLIN, "0 3 * * *", "2026-10-24T12:00:00Z", "10-25 03:00+01:00"),
            (
                LORD_HOWE,
                "45 1 * * *",
                "2026-04-03T00:00:00Z",
                "04-04 01:45+11:00, 04-05 01:45+11:00, 04-06 01:45+10:30",
            ),
            (
                LORD_HOWE,
                "0,30 1-2 * * *",
                "2026-04-04T12:00:00Z",
                "04-05 01:00+11:00, 04-05 01:30+11:00, 04-05 02:00+10:30, 04-05 02:30+10:30",
            ),
            (SANTIAGO, "30 23 * * *", "2026-04-04T12:00:00Z", "04-04 23:30-03:00, 04-05 23:30-04:00"),
            (SANTIAGO, "0 0 * * *", "2026-04-04T12:00:00Z", "04-05 00:00-04:00, 04-06 00:00-04:00"),
            (
                SANTIAGO,
                "0,30 22-23 * * SAT",
                "2026-04-04T12:00:00Z",
                "04-04 22:00-03:00, 04-04 22:30-03:00, 04-04 23:00-03:00, 04-04 23:30-03:00, 04-11 22:00-04:00",
            ),
        ],
    );
}

#[test]
fn moving_times_fire_at_every_real_moment_that_reads_so() {
    check(
        &Rules::default(),
        &[
            (
                NEW_YORK,
                "*/30 * * * *",
                "2026-03-08T06:00:00Z",
                "03-08 01:30-05:00, 03-08 03:00-04:00, 03-08 03:30-04:00",
            ),
            (NEW_YORK, "30 */2 * * *", "2026-03-08T05:00:00Z", "03-08 00:30-05:00, 03-08 04:30-04:00"),
            (
                NEW_YORK,
                "0 */1 * * *",
                "2026-11-01T04:30:00Z",
                "11-01 01:00-04:00, 11-01 01:00-05:00, 11-01 02:00-05:00",
            ),
            (
                NEW_YORK,
                "45 1-3/2 * * *",
                "2026-11-01T04:00:00Z",
                "11-01 01:45-04:00, 11-01 01:45-05:00, 11-01 03:45-05:00",
            ),
            (
                BERLIN,
                "15 2-8/3 * * *",
                "2026-03-28T23:00:00Z",
                "03-29 05:15+02:00, 03-29 08:15+02:00, 03-30 02:15+02:00",
            ),
            (
                BERLIN,
                "0 * * * *",
                "2026-10-24T23:30:00Z",
                "10-25 02:00+02:00, 10-25 02:00+01:00, 10-25 03:00+01:00",
            ),
            (
                LORD_HOWE,
                "*/15 * * * *",
                "2026-04-04T14:30:00Z",
                "04-05 01:45+11:00, 04-05 01:30+10:30, 04-05 01:45+10:30, 04-05 02:00+10:30",
            ),
            (
                LORD_HOWE,
                "*/15 */2 * * *",
                "2026-10-03T15:00:00Z",
                "10-04 02:30+11:00, 10-04 02:45+11:00, 10-04 04:00+11:00",
            ),
            (SANTIAGO, "0 * * * *", "2026-09-06T02:30:00Z", "09-05 23:00-04:00, 09-06 01:00-03:00"),
            (
                SANTIAGO,
                "0 * * * *",
                "2026-04-05T01:30:00Z",
                "04-04 23:00-03:00, 04-04 23:00-04:00, 04-05 00:00-04:00",
            ),
            (
                SANTIAGO,
                "30 */23 * * 6",
                "2026-04-05T01:30:00Z",
                "04-04 23:30-03:00, 04-04 23:30-04:00, 04-11 00:30-04:00",
            ),
        ],
    );
}

#[test]
fn a_zone_without_changes_is_only_further_along() {
    check(
        &Rules::default(),
        &[
            (KATHMANDU, "0 9 * * *", "2026-03-28T12:00:00Z", "03-29 09:00+05:45, 03-30 09:00+05:45"),
            (KATHMANDU, "0 9,17 * * *", "2026-03-29T03:15:00Z", "03-29 17:00+05:45, 03-30 09:00+05:45"),
            (KATHMANDU, "30 9-10 * * *", "2026-03-28T20:00:00Z", "03-29 09:30+05:45, 03-29 10:30+05:45"),
            (
                KATHMANDU,
                "*/30 */12 * * *",
                "2026-03-28T18:15:00Z",
                "03-29 00:30+05:45, 03-29 12:00+05:45, 03-29 12:30+05:45",
            ),
        ],
    );
}

#[test]
fn the_rules_of_a_trigger_change_what_becomes_of_fixed_times_alone() {
    let skip = Rules { gap: Gap::Skip, ..Rules::default() };
    check(
        &skip,
        &[
            (NEW_YORK, "30 2,14 * * *", "2026-03-08T05:00:00Z", "03-08 14:30-04:00, 03-09 02:30-04:00"),
            (SANTIAGO, "0 0 * * *", "2026-09-05T12:00:00Z", "09-07 00:00-03:00"),
        ],
    );
    let second = Rules { repeat: Repeat::Second, ..Rules::default() };
    check(
        &second,
        &[
            (NEW_YORK, "30 1 * * *", "2026-10-31T12:00:00Z", "11-01 01:30-05:00, 11-02 01:30-05:00"),
            (
                NEW_YORK,
                "0 * * * *",
                "2026-11-01T04:30:00Z",
                "11-01 01:00-04:00, 11-01 01:00-05:00, 11-01 02:00-05:00",
            ),
        ],
    );
    let both = Rules { repeat: Repeat::Both, ..Rules::default() };
    check(
        &both,
        &[
            (
                NEW_YORK,
                "30 1 * * *",
                "2026-10-31T12:00:00Z",
                "11-01 01:30-04:00, 11-01 01:30-05:00, 11-02 01:30-05:00",
            ),
            (
                LORD_HOWE,
                "45 1 * * *",
                "2026-04-04T00:00:00Z",
                "04-05 01:45+11:00, 04-05 01:45+10:30, 04-06 01:45+10:30",
            ),
        ],
    );
}

#[test]
fn half_hourly_on_the_long_day_fires_fifty_times() {
    let counted = |schedule: &str, from: &str, until: &str| {
        let schedule = read(schedule, Some(NEW_YORK)).unwrap();
        let until = moment(until);
        schedule.fires_after(&Rules::default(), moment(from)).take_while(|fire| fire.at < until).count()
    };
    assert_eq!(counted("*/30 * * * *", "2026-11-01T03:59:59Z", "2026-11-02T05:00:00Z"), 50);
    assert_eq!(counted("*/30 * * * *", "2026-03-08T04:59:59Z", "2026-03-09T04:00:00Z"), 46);
    assert_eq!(counted("*/30 0-23 * * *", "2026-11-01T03:59:59Z", "2026-11-02T05:00:00Z"), 48);
    assert_eq!(counted("*/30 0-23 * * *", "2026-03-08T04:59:59Z", "2026-03-09T04:00:00Z"), 46);
}

#[test]
fn a_day_that_a_zone_leaves_out_fires_at_the_start_of_the_next() {
    // Samoa went over the date line and had no 30 December 2011.
    check(
        &Rules::default(),
        &[("Pacific/Apia", "0 9 30,31 * *", "2011-12-29T00:00:00Z", "12-31 00:00+14:00, 12-31 09:00+14:00")],
    );
}

#[test]
fn a_moment_says_what_a_clock_change_did_to_it() {
    let note = |schedule: &str, after: &str| {
        let schedule = read(schedule, Some(NEW_YORK)).unwrap();
        let fire = schedule.fires_after(&Rules::default(), moment(after)).next().unwrap();
        fire.note.unwrap_or_default()
    };
    assert_eq!(
        note("30 2 * * *", "2026-03-08T05:00:00Z"),
        "The clocks go forward by 1 hour on this day: 02:30 does not exist."
    );
    assert_eq!(
        note("30 1 * * *", "2026-11-01T04:00:00Z"),
        "The clocks go back by 1 hour on this day: 01:30 comes twice, and this is the first."
    );
    assert_eq!(note("0 9 * * *", "2026-11-01T06:00:00Z"), "The clocks go back by 1 hour on this day.");
    assert_eq!(note("0 9 * * *", "2026-11-02T06:00:00Z"), "");
}

#[test]
fn the_latest_moment_before_another_is_found() {
    let latest = |schedule: &str, before: &str| {
        let schedule = read(schedule, Some(NEW_YORK)).unwrap();
        schedule.latest_before(&Rules::default(), moment(before)).map(|fire| fire.at.to_string())
    };
    assert_eq!(latest("30 2 * * *", "2026-03-08T07:00:01Z").as_deref(), Some("2026-03-08T07:00:00Z"));
    assert_eq!(latest("30 2 * * *", "2026-03-08T07:00:00Z").as_deref(), Some("2026-03-07T07:30:00Z"));
    assert_eq!(latest("0 0 29 2 *", "2026-03-08T07:00:00Z").as_deref(), Some("2024-02-29T05:00:00Z"));
    assert_eq!(latest("* * * * *", "2026-03-08T07:00:00Z").as_deref(), Some("2026-03-08T06:59:00Z"));
}
