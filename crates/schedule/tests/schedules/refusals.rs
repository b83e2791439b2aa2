//! What is refused, and why: ambiguous, impossible, vague, or not what a schedule is for.

use callboard_schedule::{Refused, read};

/// Phrase, reason and hint; the hint may be a part of it.
type Row = (&'static str, &'static str, &'static str);

fn check(table: &[Row]) {
    for (phrase, reason, hint) in table {
        match read(phrase, None) {
            Ok(schedule) => panic!("{phrase}: {}", schedule.description()),
            Err(refused) => {
                assert_eq!(refused.reason, *reason, "{phrase}");
                assert!(refused.hint.contains(hint), "{phrase}: {}", refused.hint);
                suggests_what_is_understood(phrase, &refused);
            }
        }
    }
}

/// Whatever a hint shows as something to write would be understood.
pub(crate) fn suggests_what_is_understood(phrase: &str, refused: &Refused) {
    for suggestion in refused.hint.split('`').skip(1).step_by(2) {
        if let Err(again) = read(suggestion, None) {
            panic!("{phrase}: {}: {suggestion}: {again}", refused.hint);
        }
    }
}

#[test]
fn what_no_clock_and_no_calendar_has() {
    check(&[
        ("at 13pm", "`13pm` is no time of day.", "5:45pm"),
        ("every day at 25:00", "`25:00` is no time of day.", "17:45"),
        ("every day at 9:61", "`9:61` is no time of day.", "0:00 to 23:59"),
        ("every day at 0am", "`0am` is no time of day.", "1am"),
        ("every day at 9:5", "`9:5` is no time of day.", "9:05"),
        ("the 32nd", "There is no day 32 to count on there.", "15th"),
        ("on the 0th of the month", "There is no day 0 to count on there.", "15th"),
        ("February 30", "The days that it names never come.", "February has 29 days"),
        ("on the 31st of April at noon", "The days that it names never come.", "April"),
        ("on the sixth Monday of the month", "There is no such weekday 6 to count on there.", ""),
        ("every 0 minutes", "An interval of nothing never ends.", "every minute"),
        ("every hour at :60", "An hour has no minute 60.", "0 to 59"),
        (
            "on Monday at 24:00",
            "24:00 is the end of the day, and so 00:00 of the following one.",
            "every Tuesday at 0:00",
        ),
        ("every morning at 8pm", "`20:00` contradicts itself: that time is not in the morning.", "7am"),
        (
            "every 13 months",
            "13 months do not divide a year, so the months would be others each year.",
            "of January",
        ),
        ("every 10000 hours", "The interval is longer than a year.", ""),
    ]);
}

#[test]
fn hours_that_could_be_in_either_half_of_the_day() {
    check(&[
        ("at 10 and 3am", "It is not clear whether 10 is in the morning or in the afternoon.", "10pm"),
        ("at 12 and 3am", "It is not clear whether 12 is in the morning or in the afternoon.", "12am"),
        (
            "at 9pm and 10:30",
            "It is not clear whether 10:30 is in the morning or in the afternoon.",
            "10:30pm",
        ),
        ("hourly from 8 to 12am", "It is not clear whether 8 is in the morning or in the afternoon.", "8pm"),
        (
            "hourly from 8am to 10",
            "It is not clear whether 10 is in the morning or in the afternoon.",
            "10am",
        ),
    ]);
}

#[test]
fn what_could_mean_two_things() {
    check(&[
        ("every 5", "It is not said what there are 5 of between one time and the next.", "every 5 minutes"),
        ("every day at 9 or 10", "`or` leaves open which of them it is.", "\"and\""),
        (
            "every second Friday",
            "`every second friday` can mean one in each month, or one in 2.",
            "`the second friday of every month` or `every other friday`",
        ),
        ("monday 9", "It is not clear what the number 9 counts or names here.", "9am"),
        ("bimonthly", "`bimonthly` is used for twice in one and for once in two.", "every other month"),
        (
            "every day at 9am IST",
            "IST is used for more than one zone.",
            "India (Asia/Kolkata), Ireland (Europe/Dublin) or Israel (Asia/Jerusalem)",
        ),
        (
            "every Monday at 9am and Thursday",
            "It is not clear which of the times belong to which of the days.",
            "every Thursday at 5pm",
        ),
        (
            "on Friday, the 13th",
            "It is not clear whether both the weekday and the day of the month have to match.",
            "every Friday the 13th",
        ),
        (
            "on the 1st and last Friday of the month",
            "It is not clear whether each of these counts the weekday, or some are days of the month.",
            "each whole",
        ),
        (
            "the first Monday and Friday of the month",
            "It is not clear whether the second weekday is counted like the first.",
            "the first Friday",
        ),
        (
            "every hour from 10pm to 6am on weekdays",
            "The window runs over midnight, so it is not clear which of the two days has to match.",
            "two schedules",
        ),
        (
            "every other weekday at 9am",
            "It is not clear whether every second working day is meant, or those of every second week.",
            "",
        ),
        (
            "first weekend of the month",
            "It is not clear which days the weekend of a month is, where the month begins or ends within it.",
            "first Saturday",
        ),
        (
            "every day at 9am in Tokyo and Berlin",
            "The text names two zones, Asia/Tokyo and Europe/Berlin.",
            "two schedules",
        ),
        ("every year on the 1st", "It does not say in which month of the year.", "24 December"),
        ("monthly on Monday", "A month has several such weekdays.", "first Monday"),
        (
            "between Monday and Friday at 9am",
            "It is not clear whether what it is between is part of it.",
            "from Monday to Friday",
        ),
    ]);
}

#[test]
fn what_leaves_out_when_it_is() {
    check(&[
        ("", "The text is empty.", "every Monday at 9am"),
        ("whenever", "`whenever` leaves open when that is.", "every day at 9am"),
        ("twice a day", "It says how many times, and not when.", "9am and 5pm"),
        (
            "three times a week on Monday",
            "It says how many times, and names another number of them.",
            "Monday and Thursday",
        ),
        ("every evening", "A part of the day is no exact time.", "20:00"),
        (
            "every minutes",
            "It does not say how many there are between one time and the next.",
            "every 15 minutes",
        ),
        (
            "every 2 and a half minutes",
            "A schedule fires at the start of a minute and knows no seconds.",
            "every minute",
        ),
        ("every few hours", "`few` leaves open how many there are.", "every 2 hours"),
        ("around 9am every day", "`around` makes the time inexact, and a schedule is held exactly.", "exact"),
        ("from 9am to 5pm", "A window does not say how often within it.", "every hour from 9am to 5pm"),
        ("every hour from 9am", "It says from when on each day, and not until when.", "to 11pm"),
        ("every January at 9am", "It names months, and not on which of their days.", "every day in January"),
        ("at the end of the month", "It does not say at what time of the day.", "at 23:00"),
        (
            "every 30 minutes during business hours",
            "Those hours are not the same everywhere.",
            "between 9am and 5pm",
        ),
        ("at :15", "It names minutes, and not of which hours.", "every hour at :15"),
        ("every", "The text ends where more has to follow.", "every Monday at 9am"),
        ("every Monday at", "The text ends where more has to follow.", "every Monday at 9am"),
    ]);
}

#[test]
fn what_says_how_long_or_how_many_and_not_when() {
    const ALWAYS: &str = "It says that it goes on all of the time, and not how often.";
    check(&[
        ("24/7", ALWAYS, "every 15 minutes"),
        ("all day every day", ALWAYS, "every hour"),
        ("24 hours a day, 7 days a week", ALWAYS, "every hour"),
        (
            "every hour 24/7 on weekdays",
            "It says all of the time, and names days or times as well.",
            "every 15 minutes on weekdays",
        ),
        (
            "5 days a week at 9am",
            "It says on how many days of the week, and not on which.",
            "Monday to Friday at 9am",
        ),
        (
            "every 2-3 hours",
            "It is not clear which of the two intervals it is.",
            "Write one of them, such as `every 2 hours`.",
        ),
        (
            "every 20 minutes past the hour",
            "It is not clear whether 20 is how often, or the minute of each hour.",
            "`20 minutes past every hour`",
        ),
        (
            "every 2 hours until 8pm",
            "`until` names one end of a window of the day, and not the other.",
            "every hour from 9am to 5pm",
        ),
        ("on Sunday night", "A part of the day is no exact time.", "every Sunday at 10pm"),
        (
            "end of the week at 5pm",
            "Weeks do not begin and end on the same days everywhere.",
            "every Friday at 17:00",
        ),
        ("beginning of each month", "It does not say at what time of the day.", "first day of the month"),
        (
            "every half minute",
            "A schedule fires at the start of a minute and knows no seconds.",
            "every minute",
        ),
        ("T/F at 9am", "`t` could be Tuesday or Thursday.", "Tue and Fri"),
    ]);
}

#[test]
fn what_cannot_be_taken_away() {
    const DATES: &str =
        "An exception can be of days of the week or the month and of whole months, and not of single dates.";
    const COUNTED: &str = "An exception can be of days of the week, such as Mondays, or of the month, such as the 1st, and not of those that are counted.";
    const TIMES: &str = "An exception can be of days and of months, and not of times.";
    check(&[
        ("every Monday except December 25", DATES, "Without it, `every monday` would be understood."),
        ("every day except the 25th of December at 9am", DATES, "`every day at 9am`"),
        ("weekdays at 9am, except 24 and 25 Dec", DATES, "`weekdays at 9am`"),
        ("every day except the first Monday", COUNTED, "the days that are left"),
        ("every day except the last day of the month", COUNTED, "the days that are left"),
        ("every hour except at noon", TIMES, "every hour from 1am to 11pm"),
        ("every 15 minutes except between 12 and 1pm", TIMES, "every hour from 1am to 11pm"),
        // The text without the word would say the opposite.
        ("every day besides Sunday", "`besides` is not understood here.", "every weekday except Friday"),
        ("daily, no weekends", "`no` is not understood here.", "every weekday except Friday"),
        (
            "every day except New Year's Day",
            "`year's` depends on a calendar of holidays, and none is known here.",
            "24 December",
        ),
    ]);
}

#[test]
fn what_a_schedule_is_not_for() {
    check(&[
        (
            "tomorrow at 9am",
            "`tomorrow` names one moment, and a schedule is for what comes again and again.",
            "every Monday",
        ),
        (
            "on 5 May 2026 at 9am",
            "A date with the year 2026 comes only once, and a schedule is for what comes again.",
            "Leave the year out",
        ),
        (
            "every weekday except holidays",
            "`holidays` depends on a calendar of holidays, and none is known here.",
            "weekday",
        ),
        (
            "every Monday until June",
            "`until` says from when or until when, which a schedule does not hold.",
            "end_at",
        ),
        (
            "every 30 seconds",
            "A schedule fires at the start of a minute and knows no seconds.",
            "every minute",
        ),
        ("every day at sunset", "`sunset` is no exact time of day.", "12:30"),
        ("every day at 9am local time", "`local` does not say which time zone that is.", "Europe/Berlin"),
        (
            "every day at 9am UTC-3:30",
            "The offset `UTC-3:30` is not kept all year by any zone of the IANA database.",
            "America/St_Johns",
        ),
    ]);
}

#[test]
fn what_a_number_or_a_word_leaves_open() {
    check(&[
        (
            "every Monday from June at 9am",
            "`from` says from when or until when, which a schedule does not hold.",
            "start_at",
        ),
        (
            "daily from 1 May",
            "`from` says from when or until when, which a schedule does not hold.",
            "start_at",
        ),
        ("from Monday", "`from` says from when or until when, which a schedule does not hold.", "start_at"),
        (
            "in 5 minutes",
            "`in 5 minutes` names one moment, and a schedule is for what comes again and again.",
            "`every 5 minutes`",
        ),
        (
            "3/15 at 9am",
            "`3/15` could be a date, and those are written in more than one order.",
            "on 24 December",
        ),
        (
            "on 15.03. at 9:00",
            "`15.03.` could be a date, and those are written in more than one order.",
            "on 24 December",
        ),
        (
            "2026-03-15 at 9am",
            "`2026-03-15` comes only once, and a schedule is for what comes again.",
            "Leave the year out",
        ),
        (
            "every weekday except US holidays",
            "`holidays` depends on a calendar of holidays, and none is known here.",
            "every weekday",
        ),
        ("end of day", "The beginning and the end of a day are no exact times.", "17:30"),
        (
            "every Monday in summer at 9am",
            "`summer` is not the same months everywhere.",
            "from June to August",
        ),
        ("every 1.5 days", "Days, weeks and months are counted whole.", "every 36 hours"),
        ("4 times an hour", "It says how many times, and not when.", "every 15 minutes"),
        (
            "every hour except midnight",
            "An exception can be of days and of months, and not of times.",
            "every hour from 1am to 11pm",
        ),
        (
            "every 12 hours at 6am",
            "The text names both an interval and times of day.",
            "every 12 hours from 06:00",
        ),
        ("every day at 9am in Australia", "Australia is used for more than one zone.", "Australia/Sydney"),
        ("every day at 9am US time", "US is used for more than one zone.", "America/New_York"),
        ("evry Mondy at 9am", "The word `evry` is not known.", "Did you mean `every monday at 9am`?"),
    ]);
}

#[test]
fn a_word_that_is_not_known_is_never_passed_over() {
    check(&[
        ("every Mnday at 9am", "The word `mnday` is not known.", "Did you mean `every monday at 9am`?"),
        ("evry day at 9am", "The word `evry` is not known.", "Did you mean `every day at 9am`?"),
        (
            "run every Monday at 9am",
            "The word `run` is not known.",
            "Without it, `every monday at 9am` would be understood.",
        ),
        ("every day at 9am please", "The word `please` is not known.", "Without it, `every day at 9am`"),
        ("every day at 9am in New Atlantis", "The word `new` is not known.", ""),
        ("every day at 9am in Atlantis", "The word `atlantis` is not known.", ""),
        ("every day at 9am in Europe/Atlantis", "`europe/atlantis` is no time zone.", "Europe/Berlin"),
        ("every day at 9am pm", "`pm` is not understood where it stands.", "Without it, `every day at 9am`"),
        ("every Monday at 9am %", "The sign `%` means nothing in a schedule.", "every Monday at 9am"),
    ]);
}

#[test]
fn a_text_is_bounded() {
    let long = "every Monday at 9am and ".repeat(100);
    assert_eq!(read(&long, None).unwrap_err().reason, "The text is longer than 2000 characters.");
    let many: String = (1..=12).map(|day| format!("on the {day}th of May at {day}am; on the {day}th of June at {day}am; on the {day}th of July at {day}am; ")).collect();
    let refused = read(&format!("{many}on the 1st at noon"), None).unwrap_err();
    assert_eq!(refused.reason, "The text says too much for one schedule.");
    assert_eq!(
        read("every day", Some("Mars/Olympus")).unwrap_err().reason,
        "`Mars/Olympus` is no time zone."
    );
}
