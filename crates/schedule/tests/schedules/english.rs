//! English, as people write it, with the moments that were worked out by hand on a calendar.
//!
//! Every row is asked from Wednesday 4 March 2026 at 12:00 in UTC, and shown by its own clock. March
//! 2026 begins on a Sunday, April on a Wednesday, May on a Friday, June on a Monday.

use callboard_schedule::{Rules, read};
use jiff::tz::TimeZone;

use crate::moments::moment;

const ASKED: &str = "2026-03-04T12:00:00Z";

fn check(table: &[(&str, &str)]) {
    for (phrase, expected) in table {
        let schedule = read(phrase, None).unwrap_or_else(|refused| panic!("{phrase}: {refused}"));
        let zone = TimeZone::get(schedule.timezone()).unwrap_or_else(|error| panic!("{error}"));
        let fires = schedule.fires_after(&Rules::default(), moment(ASKED)).take(expected.split(", ").count());
        let shown = fires.map(|fire| fire.at.to_zoned(zone.clone()).strftime("%a %m-%d %H:%M").to_string());
        assert_eq!(shown.collect::<Vec<_>>().join(", "), *expected, "{phrase}");
    }
}

#[test]
fn days_of_the_week() {
    check(&[
        ("every Monday at 9am EST", "Mon 03-09 09:00, Mon 03-16 09:00"),
        (
            "every weekday at 9:00 AM America/New_York",
            "Wed 03-04 09:00, Thu 03-05 09:00, Fri 03-06 09:00, Mon 03-09 09:00",
        ),
        (
            "at 9 and 17:30 on Mon, Wed & Fri",
            "Wed 03-04 17:30, Fri 03-06 09:00, Fri 03-06 17:30, Mon 03-09 09:00",
        ),
        ("Mondays at noon", "Mon 03-09 12:00, Mon 03-16 12:00"),
        ("every tues and thurs at 2 p.m.", "Thu 03-05 14:00, Tue 03-10 14:00"),
        ("every Sat. & Sun. at 10 a.m.", "Sat 03-07 10:00, Sun 03-08 10:00, Sat 03-14 10:00"),
        ("Mon/Wed/Fri 9am", "Fri 03-06 09:00, Mon 03-09 09:00, Wed 03-11 09:00"),
        ("mon,tue,wed 9am", "Mon 03-09 09:00, Tue 03-10 09:00, Wed 03-11 09:00, Mon 03-16 09:00"),
        ("from Monday to Friday at 9am", "Thu 03-05 09:00, Fri 03-06 09:00, Mon 03-09 09:00"),
        ("Mon–Thu at 9:00", "Thu 03-05 09:00, Mon 03-09 09:00"),
        (
            "Fri-Mon at 9",
            "Fri 03-06 09:00, Sat 03-07 09:00, Sun 03-08 09:00, Mon 03-09 09:00, Fri 03-13 09:00",
        ),
        ("business days at 9:30", "Thu 03-05 09:30, Fri 03-06 09:30, Mon 03-09 09:30"),
        ("at weekends at 10am", "Sat 03-07 10:00, Sun 03-08 10:00, Sat 03-14 10:00"),
        ("weekdays except Friday at 10:00", "Thu 03-05 10:00, Mon 03-09 10:00"),
        ("every day but Sunday at 9am", "Thu 03-05 09:00, Fri 03-06 09:00, Sat 03-07 09:00, Mon 03-09 09:00"),
        ("midnight on Sunday", "Sun 03-08 00:00, Sun 03-15 00:00"),
        ("Monday mornings at 8", "Mon 03-09 08:00"),
        ("every Sunday night at 10", "Sun 03-08 22:00"),
        ("every other Friday at 10am", "Fri 03-06 10:00, Fri 03-20 10:00, Fri 04-03 10:00"),
        ("every 2 weeks on Monday at 9am", "Mon 03-16 09:00, Mon 03-30 09:00"),
        (
            "every other week on Monday and Thursday at 9",
            "Thu 03-05 09:00, Mon 03-16 09:00, Thu 03-19 09:00, Mon 03-30 09:00",
        ),
        (
            "every Monday at 9am and every Thursday at 5pm",
            "Thu 03-05 17:00, Mon 03-09 09:00, Thu 03-12 17:00",
        ),
        (
            "weekdays at 9am and weekends at 11am",
            "Thu 03-05 09:00, Fri 03-06 09:00, Sat 03-07 11:00, Sun 03-08 11:00",
        ),
        ("every Monday in June, July and August at 9", "Mon 06-01 09:00, Mon 06-08 09:00"),
        ("EVERY   monday   AT 9 AM .", "Mon 03-09 09:00"),
        ("Mo-Fr 9:00", "Thu 03-05 09:00, Fri 03-06 09:00, Mon 03-09 09:00"),
        ("TTh at 10am", "Thu 03-05 10:00, Tue 03-10 10:00"),
        ("Mon + Wed at 9am", "Mon 03-09 09:00, Wed 03-11 09:00"),
        ("Mondays: 9am, Fridays: 4pm", "Fri 03-06 16:00, Mon 03-09 09:00"),
        ("weekdays without Friday at 9am", "Thu 03-05 09:00, Mon 03-09 09:00"),
        ("each and every day at 9am except the 5th", "Fri 03-06 09:00, Sat 03-07 09:00"),
        ("7 days a week at 6am", "Thu 03-05 06:00, Fri 03-06 06:00, Sat 03-07 06:00, Sun 03-08 06:00"),
        ("exactly at 9am on Mondays", "Mon 03-09 09:00"),
        (
            "daily, not on Sunday, at 9am",
            "Thu 03-05 09:00, Fri 03-06 09:00, Sat 03-07 09:00, Mon 03-09 09:00",
        ),
    ]);
}

#[test]
fn weekdays_by_their_letters() {
    check(&[
        ("m/w/f at 9am", "Fri 03-06 09:00, Mon 03-09 09:00, Wed 03-11 09:00"),
        ("every M, W and F at noon", "Fri 03-06 12:00, Mon 03-09 12:00, Wed 03-11 12:00"),
        ("M W F 9am", "Fri 03-06 09:00, Mon 03-09 09:00, Wed 03-11 09:00"),
        ("T/Th at 10am", "Thu 03-05 10:00, Tue 03-10 10:00, Thu 03-12 10:00"),
        ("M/T/W at 9am", "Mon 03-09 09:00, Tue 03-10 09:00, Wed 03-11 09:00, Mon 03-16 09:00"),
        ("every w/f at 9am", "Fri 03-06 09:00, Wed 03-11 09:00"),
        ("M-Th 9am", "Thu 03-05 09:00, Mon 03-09 09:00"),
        ("every Mon-Wed-Fri at 8am", "Fri 03-06 08:00, Mon 03-09 08:00, Wed 03-11 08:00"),
        // Alone, a letter is a unit.
        ("every m", "Wed 03-04 12:01, Wed 03-04 12:02"),
    ]);
}

#[test]
fn times_of_day() {
    check(&[
        ("daily", "Thu 03-05 00:00, Fri 03-06 00:00"),
        ("nightly at 2:30am", "Thu 03-05 02:30"),
        ("every night at 11", "Wed 03-04 23:00"),
        ("every day at 9.30", "Thu 03-05 09:30"),
        ("17:45 every day", "Wed 03-04 17:45"),
        ("every day at 14h30", "Wed 03-04 14:30"),
        ("at 1730 daily", "Wed 03-04 17:30"),
        ("@ 9am every day", "Thu 03-05 09:00"),
        ("every day at half past six in the evening", "Wed 03-04 18:30"),
        ("every day at quarter to nine", "Thu 03-05 08:45"),
        ("every day at twenty past four in the afternoon", "Wed 03-04 16:20"),
        ("every weekday at nine thirty am", "Thu 03-05 09:30"),
        ("in the evening at 8", "Wed 03-04 20:00"),
        ("every day at 8 in the evening", "Wed 03-04 20:00"),
        ("every morning at 7", "Thu 03-05 07:00"),
        ("every Monday at nine-thirty", "Mon 03-09 09:30"),
        ("at 12:00 noon on Mondays", "Mon 03-09 12:00"),
        ("every Monday at 1900 hours", "Mon 03-09 19:00"),
        ("every day at 12am", "Thu 03-05 00:00"),
        ("every day at 12:30am and 12:30pm", "Wed 03-04 12:30, Thu 03-05 00:30"),
        ("at noon and midnight every day", "Thu 03-05 00:00, Thu 03-05 12:00"),
        ("every day at 24:00", "Thu 03-05 00:00"),
        ("every day at 3 AM, 11 AM, and 7 PM", "Wed 03-04 19:00, Thu 03-05 03:00, Thu 03-05 11:00"),
        ("daily at 9, 12 and 3pm", "Wed 03-04 15:00, Thu 03-05 09:00, Thu 03-05 12:00"),
        ("twice a day at 9am and 5pm", "Wed 03-04 17:00, Thu 03-05 09:00"),
        ("thrice daily at 8, 13 and 18", "Wed 03-04 13:00, Wed 03-04 18:00, Thu 03-05 08:00"),
        ("8, 12 and 16 o'clock on weekdays", "Wed 03-04 16:00, Thu 03-05 08:00, Thu 03-05 12:00"),
        ("8am/8pm daily", "Wed 03-04 20:00, Thu 03-05 08:00"),
        ("Mon,Wed,Fri @ 6:15a", "Fri 03-06 06:15, Mon 03-09 06:15"),
        ("18h every Friday", "Fri 03-06 18:00"),
        ("every day at nine oh five", "Thu 03-05 09:05"),
    ]);
}

#[test]
fn what_is_said_of_the_last_time_is_carried_to_those_before() {
    check(&[
        ("at 3 and 5pm", "Wed 03-04 15:00, Wed 03-04 17:00, Thu 03-05 15:00"),
        ("1, 2 and 3:30pm on weekdays", "Wed 03-04 13:00, Wed 03-04 14:00, Wed 03-04 15:30, Thu 03-05 13:00"),
        ("at six and nine in the evening", "Wed 03-04 18:00, Wed 03-04 21:00, Thu 03-05 18:00"),
        ("at 8 and 10am", "Thu 03-05 08:00, Thu 03-05 10:00"),
        ("at 10:30 and 11:30pm", "Wed 03-04 22:30, Wed 03-04 23:30, Thu 03-05 22:30"),
        // Only with nine in the morning do these run upwards, and only with both in the morning those.
        ("9 and 5pm every day", "Wed 03-04 17:00, Thu 03-05 09:00"),
        ("at 8, 10 and 9pm", "Wed 03-04 21:00, Thu 03-05 08:00, Thu 03-05 10:00"),
        ("at 9am, 1 and 5pm", "Wed 03-04 13:00, Wed 03-04 17:00, Thu 03-05 09:00"),
        ("every hour from 8 to 10pm", "Wed 03-04 20:00, Wed 03-04 21:00, Wed 03-04 22:00, Thu 03-05 20:00"),
        ("every 30 min 8-9:30pm", "Wed 03-04 20:00, Wed 03-04 20:30, Wed 03-04 21:00, Wed 03-04 21:30"),
        ("hourly from 9 to 5pm on Fridays", "Fri 03-06 09:00, Fri 03-06 10:00"),
    ]);
}

#[test]
fn intervals_and_windows() {
    check(&[
        ("hourly", "Wed 03-04 13:00, Wed 03-04 14:00"),
        ("once an hour", "Wed 03-04 13:00"),
        ("every 15 minutes between 9am and 5pm on weekdays", "Wed 03-04 12:15, Wed 03-04 12:30"),
        (
            "every 15 minutes between 11:30 and 12:15",
            "Thu 03-05 11:30, Thu 03-05 11:45, Thu 03-05 12:00, Fri 03-06 11:30",
        ),
        ("every hour between 4pm and 6pm", "Wed 03-04 16:00, Wed 03-04 17:00, Thu 03-05 16:00"),
        (
            "every hour between 4pm and 6pm inclusive",
            "Wed 03-04 16:00, Wed 03-04 17:00, Wed 03-04 18:00, Thu 03-05 16:00",
        ),
        ("hourly from 4pm to 6pm", "Wed 03-04 16:00, Wed 03-04 17:00, Wed 03-04 18:00, Thu 03-05 16:00"),
        (
            "every 2 hours from 8am to 6pm on weekdays",
            "Wed 03-04 14:00, Wed 03-04 16:00, Wed 03-04 18:00, Thu 03-05 08:00",
        ),
        (
            "every 20 minutes from 23:00 to 00:30",
            "Wed 03-04 23:00, Wed 03-04 23:20, Wed 03-04 23:40, Thu 03-05 00:00, Thu 03-05 00:20, Thu 03-05 23:00",
        ),
        (
            "every 15 min 12:30-13:00 and 15:00-15:15 mon-fri",
            "Wed 03-04 12:30, Wed 03-04 12:45, Wed 03-04 13:00, Wed 03-04 15:00, Wed 03-04 15:15, Thu 03-05 12:30",
        ),
        ("every 8 hours starting at 6am", "Wed 03-04 14:00, Wed 03-04 22:00, Thu 03-05 06:00"),
        ("hourly on the half-hour", "Wed 03-04 12:30, Wed 03-04 13:30"),
        ("quarter past every hour", "Wed 03-04 12:15, Wed 03-04 13:15"),
        ("every hour at :05 and :35", "Wed 03-04 12:05, Wed 03-04 12:35"),
        ("ten to every hour", "Wed 03-04 12:50, Wed 03-04 13:50"),
        ("every 6 hours at :30", "Wed 03-04 12:30, Wed 03-04 18:30, Thu 03-05 00:30"),
        ("every half hour", "Wed 03-04 12:30, Wed 03-04 13:00"),
        ("every hour and a half", "Wed 03-04 13:30, Wed 03-04 15:00"),
        ("every 90 minutes", "Wed 03-04 13:30, Wed 03-04 15:00, Wed 03-04 16:30"),
        (
            "every 90 minutes between 9am and 5pm",
            "Wed 03-04 13:30, Wed 03-04 15:00, Wed 03-04 16:30, Thu 03-05 09:00",
        ),
        ("every 2h on weekends", "Sat 03-07 00:00, Sat 03-07 02:00"),
        ("every 3 days", "Fri 03-06 00:00, Mon 03-09 00:00"),
        ("every hour from nine to five", "Wed 03-04 13:00, Wed 03-04 14:00"),
        (
            "every 20 minutes during 12:00-13:00",
            "Wed 03-04 12:20, Wed 03-04 12:40, Wed 03-04 13:00, Thu 03-05 12:00",
        ),
        ("every 12 hours starting 6am", "Wed 03-04 18:00, Thu 03-05 06:00"),
        ("every hour at 15", "Wed 03-04 12:15, Wed 03-04 13:15"),
        ("hourly at 5 and 35", "Wed 03-04 12:05, Wed 03-04 12:35, Wed 03-04 13:05"),
        ("top of the hour", "Wed 03-04 13:00"),
        ("every hour at the bottom of the hour", "Wed 03-04 12:30, Wed 03-04 13:30"),
        ("every 6 hours 24/7", "Wed 03-04 18:00, Thu 03-05 00:00"),
        ("every 20 minutes around the clock", "Wed 03-04 12:20, Wed 03-04 12:40"),
    ]);
}

#[test]
fn days_of_months_quarters_and_years() {
    check(&[
        ("the 1st and 15th of every month at noon", "Sun 03-15 12:00, Wed 04-01 12:00, Wed 04-15 12:00"),
        ("first and fifteenth of the month at 9am", "Sun 03-15 09:00, Wed 04-01 09:00"),
        ("on days 1 and 15 of the month at 9am", "Sun 03-15 09:00, Wed 04-01 09:00"),
        ("on the 31st", "Tue 03-31 00:00, Sun 05-31 00:00"),
        ("last Friday of the month at 4pm", "Fri 03-27 16:00, Fri 04-24 16:00"),
        ("the first and third Monday of each month at 9am", "Mon 03-16 09:00, Mon 04-06 09:00"),
        ("penultimate Friday of the month at noon", "Fri 03-20 12:00, Fri 04-17 12:00"),
        (
            "first working day of the month at 9am Tokyo time",
            "Wed 04-01 09:00, Fri 05-01 09:00, Mon 06-01 09:00",
        ),
        ("the fifth business day of each month at 9am", "Fri 03-06 09:00, Tue 04-07 09:00"),
        ("last weekday of the month at 17.45", "Tue 03-31 17:45, Thu 04-30 17:45, Fri 05-29 17:45"),
        (
            "the last 3 days of the month at 9am",
            "Sun 03-29 09:00, Mon 03-30 09:00, Tue 03-31 09:00, Tue 04-28 09:00",
        ),
        ("3 days before the last day of the month at noon", "Sat 03-28 12:00, Mon 04-27 12:00"),
        ("at the end of every month at 11pm", "Tue 03-31 23:00, Thu 04-30 23:00"),
        ("each quarter end at 5pm", "Tue 03-31 17:00, Tue 06-30 17:00"),
        ("every Friday the 13th at noon", "Fri 03-13 12:00, Fri 11-13 12:00, Fri 08-13 12:00"),
        ("the second Tuesday of January", "Tue 01-12 00:00, Tue 01-11 00:00"),
        (
            "every quarter on the first day at 8am",
            "Wed 04-01 08:00, Wed 07-01 08:00, Thu 10-01 08:00, Fri 01-01 08:00",
        ),
        ("last business day of the quarter at 17:00", "Tue 03-31 17:00, Tue 06-30 17:00, Wed 09-30 17:00"),
        ("every 2 months on the 1st at 9am", "Fri 05-01 09:00, Wed 07-01 09:00"),
        ("every year on 24 December at 18:00", "Thu 12-24 18:00, Fri 12-24 18:00"),
        ("on January 1st at midnight", "Fri 01-01 00:00, Sat 01-01 00:00"),
        ("January 15, April 15 and June 15 at 9am", "Wed 04-15 09:00, Mon 06-15 09:00, Fri 01-15 09:00"),
        ("every February 29 at noon", "Tue 02-29 12:00, Sun 02-29 12:00"),
        ("Jan 1 at 9, Feb 1 at 10", "Fri 01-01 09:00, Mon 02-01 10:00"),
        ("1 and 15 of every month at noon", "Sun 03-15 12:00, Wed 04-01 12:00"),
        ("January and July 1st at 9am", "Wed 07-01 09:00, Fri 01-01 09:00"),
        ("twice a year on 1 January and 1 July at 9am", "Wed 07-01 09:00, Fri 01-01 09:00"),
        ("twice a month on the 1st and 3rd Monday at 10am", "Mon 03-16 10:00, Mon 04-06 10:00"),
        ("the day before the last day of the month at 9am", "Mon 03-30 09:00, Wed 04-29 09:00"),
        ("last but one day of the month at 9am", "Mon 03-30 09:00, Wed 04-29 09:00"),
        ("monthly on the last working day at 9am", "Tue 03-31 09:00, Thu 04-30 09:00, Fri 05-29 09:00"),
    ]);
}

#[test]
fn zones_as_they_are_named() {
    let table = [
        ("every Monday at 9am EST", "America/New_York"),
        ("every Monday at 9am ET", "America/New_York"),
        ("every Monday at 9am Pacific time", "America/Los_Angeles"),
        ("every Monday at 9am CET", "Europe/Berlin"),
        ("every Monday at 9am in Berlin", "Europe/Berlin"),
        ("every Monday at 9am (Europe/Paris)", "Europe/Paris"),
        ("every Monday at 9am in the Asia/Kathmandu timezone", "Asia/Kathmandu"),
        ("in Tokyo, every Monday at 9am", "Asia/Tokyo"),
        ("every Monday at 9am New York time", "America/New_York"),
        ("every Monday at 9am UTC+2", "Etc/GMT-2"),
        ("every Monday at 09:00Z", "UTC"),
        ("every Monday at 9am UTC+5:30", "Asia/Kolkata"),
        ("every Monday at 9am +05:45", "Asia/Kathmandu"),
        ("every Monday at 9am GMT-9:30", "Pacific/Marquesas"),
        ("every Monday at 9am in Spain", "Europe/Madrid"),
        ("every Monday at 9am", "Australia/Lord_Howe"),
    ];
    for (phrase, zone) in table {
        assert_eq!(read(phrase, Some("Australia/Lord_Howe")).unwrap().timezone(), zone, "{phrase}");
    }
}

#[test]
fn what_is_not_plain_is_said() {
    let table = [
        ("every Monday at 9am EST", "EST is read as New York time (America/New_York)."),
        ("every Monday at 5", "5 is read as 05:00."),
        ("every Monday", "No time of day is named, so it fires at 00:00."),
        ("at 9am", "No day is named, so it fires every day."),
        ("weekly at 9am", "No day of the week is named, so it fires on Mondays."),
        ("on the 30th at 9am", "Months without a day 30 are left out."),
        ("midnight on Sunday", "Midnight is the one with which the day begins (00:00)."),
        ("every hour between 9am and 5pm", "The window includes 09:00 and leaves out 17:00."),
        ("every hour from 9am to 5pm", "The window includes 09:00 and 17:00."),
        (
            "every 2 days at 9am",
            "It is counted from the start of the trigger, or else from Monday 5 January 1970 at 00:00.",
        ),
        ("biweekly on Friday at 9am", "Biweekly is read as every other week."),
        ("at 3 and 5pm", "3 is read as 15:00: what is said of 17:00 is carried over to it."),
        ("hourly from 8 to 10pm", "8 is read as 20:00: what is said of 22:00 is carried over to it."),
        ("every hour at 15", "15 is read as minutes of every hour."),
        ("every day at 9am UTC+5:30", "UTC+5:30 is read as Asia/Kolkata, which keeps it all year."),
    ];
    for (phrase, note) in table {
        let notes = read(phrase, None).unwrap().notes();
        assert!(notes.iter().any(|said| said == note), "{phrase}: {notes:?}");
    }
    let notes = read("every Monday at 9am EST", Some("Europe/Berlin")).unwrap().notes();
    assert_eq!(notes[0], "The zone in the text is used, and not Europe/Berlin.");
}

#[test]
fn offsets_with_minutes_fire_at_their_moments() {
    let first = |phrase: &str| {
        let schedule = read(phrase, None).unwrap_or_else(|refused| panic!("{phrase}: {refused}"));
        schedule.fires_after(&Rules::default(), moment(ASKED)).next().unwrap().at.to_string()
    };
    assert_eq!(first("every day at 9am UTC+5:30"), "2026-03-05T03:30:00Z");
    assert_eq!(first("every day at 9am GMT+0545"), "2026-03-05T03:15:00Z");
    assert_eq!(first("every day at 9am UTC-9:30"), "2026-03-04T18:30:00Z");
}

#[test]
fn intervals_count_from_the_start_of_the_trigger() {
    let from = |phrase: &str, anchor: &str| {
        let schedule = read(phrase, Some("America/New_York")).unwrap();
        let rules = Rules { anchor: Some(moment(anchor)), ..Rules::default() };
        let fires = schedule.fires_after(&rules, moment("2026-03-06T20:00:00Z")).take(3);
        fires.map(|fire| fire.at.to_string()).collect::<Vec<_>>().join(", ")
    };
    // The clocks go forward on 8 March: the time that passes is counted, and so are days.
    assert_eq!(
        from("every 36 hours", "2026-03-06T15:00:00Z"),
        "2026-03-08T03:00:00Z, 2026-03-09T15:00:00Z, 2026-03-11T03:00:00Z"
    );
    assert_eq!(
        from("every 2 days at 9am", "2026-03-06T15:00:00Z"),
        "2026-03-08T13:00:00Z, 2026-03-10T13:00:00Z, 2026-03-12T13:00:00Z"
    );
    // Weeks begin on the weekday of the start, a Wednesday: its first week has Friday 6 March.
    assert_eq!(
        from("every other week on Monday and Friday at 9am", "2026-03-04T15:00:00Z"),
        "2026-03-09T13:00:00Z, 2026-03-20T13:00:00Z, 2026-03-23T13:00:00Z"
    );
}
