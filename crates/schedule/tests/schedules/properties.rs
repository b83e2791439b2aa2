//! What holds for every schedule, whatever it is.

use callboard_schedule::{Gap, Repeat, Rules, Schedule, read};
use jiff::Timestamp;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::refusals::suggests_what_is_understood;

const ZONES: [&str; 6] =
    ["UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu"];

fn moments(schedule: &Schedule, rules: &Rules, after: Timestamp, count: usize) -> Vec<Timestamp> {
    schedule.fires_after(rules, after).moments().take(count).collect()
}

/// A field of a cron expression over some numbers.
pub(crate) fn field(first: u32, last: u32) -> impl Strategy<Value = String> {
    let number = first..=last;
    let range = (number.clone(), number.clone()).prop_map(|(from, to)| format!("{from}-{to}"));
    let step = (number.clone(), number.clone(), 1..=last.min(12))
        .prop_map(|(from, to, step)| format!("{from}-{to}/{step}"));
    let part = prop_oneof![number.prop_map(|number| number.to_string()), range, step];
    prop_oneof![
        3 => Just("*".to_owned()),
        1 => (1..=last.min(20)).prop_map(|step| format!("*/{step}")),
        3 => prop::collection::vec(part, 1..4).prop_map(|parts| parts.join(",")),
    ]
}

fn dates() -> impl Strategy<Value = String> {
    let special = select(vec!["L", "LW", "1W", "15W", "31W", "L-3", "L,15", "1,LW"]).prop_map(str::to_owned);
    prop_oneof![4 => field(1, 31), 1 => special]
}

fn weekdays() -> impl Strategy<Value = String> {
    let special = select(vec!["MON#1", "5L", "FRI#5", "1-5", "SUN", "TUE,THU#2", "0L,3#1", "FRI-MON"])
        .prop_map(str::to_owned);
    prop_oneof![4 => field(0, 7), 2 => special]
}

fn cron() -> impl Strategy<Value = String> {
    (field(0, 59), field(0, 23), dates(), field(1, 12), weekdays())
        .prop_map(|(minute, hour, date, month, weekday)| format!("{minute} {hour} {date} {month} {weekday}"))
}

fn rules() -> impl Strategy<Value = Rules> {
    let gap = select(vec![Gap::Shift, Gap::Skip]);
    let repeat = select(vec![Repeat::First, Repeat::Second, Repeat::Both]);
    let anchor = prop::option::of(1_600_000_000_i64..1_900_000_000);
    (gap, repeat, anchor).prop_map(|(gap, repeat, anchor)| Rules { gap, repeat, anchor: anchor.map(second) })
}

fn moment() -> impl Strategy<Value = Timestamp> {
    (1_700_000_000_i64..1_900_000_000).prop_map(second)
}

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or_else(|error| panic!("{error}"))
}

/// English, put together from parts that can stand together.
fn english() -> impl Strategy<Value = String> {
    let time = (0_u32..24, 0_u32..60).prop_map(|(hour, minute)| format!("{hour:02}:{minute:02}"));
    let times =
        prop::collection::vec(time.clone(), 1..5).prop_map(|times| format!("at {}", times.join(", ")));
    let beat = prop_oneof![
        (1_u32..200).prop_map(|minutes| format!("every {minutes} minutes")),
        (1_u32..50).prop_map(|hours| format!("every {hours} hours")),
        (0_u32..60).prop_map(|minute| format!("every 2 hours at :{minute:02}")),
        (1_u32..60, 0_u32..12, 13_u32..24)
            .prop_map(|(minutes, from, to)| format!("every {minutes} minutes from {from}:00 to {to}:00")),
        (1_u32..5, 0_u32..8, 13_u32..24)
            .prop_map(|(hours, from, to)| format!("every {hours} hours between {from:02}:30 and {to}:00")),
    ];
    let names =
        subsequence(vec!["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"], 1..5);
    let months =
        subsequence(vec!["January", "February", "April", "June", "July", "September", "December"], 1..4)
            .prop_map(|months| months.join(" and "));
    let nth = select(vec![
        "first",
        "second",
        "third",
        "fourth",
        "fifth",
        "last",
        "second to last",
        "third to last",
    ]);
    let counted = select(vec!["Monday", "Friday", "Sunday", "working day", "day"]);
    let days = prop_oneof![
        names.clone().prop_map(|names| format!("on {}", names.join(", "))),
        names.prop_map(|names| format!("on {}", names.join(" and "))),
        (1_u32..=31).prop_map(|day| format!("on the {day}th of the month")),
        (1_u32..=28, months.clone()).prop_map(|(day, months)| format!("on the {day}th of {months}")),
        (nth.clone(), counted.clone()).prop_map(|(nth, day)| format!("on the {nth} {day} of the month")),
        (nth.clone(), select(vec!["quarter", "year"]))
            .prop_filter("fifths of a quarter are refused", |(nth, _)| *nth != "fifth")
            .prop_map(|(nth, scope)| format!("on the {nth} Friday of the {scope}")),
        (nth, counted, months.clone())
            .prop_map(|(nth, day, months)| format!("on the {nth} {day} of {months}")),
        (2_u32..5).prop_map(|weeks| format!("every {weeks} weeks on Tuesday and Saturday")),
        (2_u32..40).prop_map(|days| format!("every {days} days")),
        months.prop_map(|months| format!("on weekdays in {months}")),
        Just("every day except the 1st".to_owned()),
        Just("on weekdays except the 1st and 15th".to_owned()),
        Just("every Friday the 13th".to_owned()),
        Just("every day".to_owned()),
    ];
    let whole = (prop_oneof![times, beat.clone()], days).prop_map(|(times, days)| format!("{times} {days}"));
    prop_oneof![4 => whole.clone(), 1 => beat, 1 => (whole.clone(), whole).prop_map(|(first, second)| format!("{first}; {second}"))]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn an_explanation_reads_back_to_the_same_moments(
        text in prop_oneof![cron(), english()],
        zone in select(ZONES.to_vec()),
        rules in rules(),
        after in moment(),
    ) {
        // Days that never come are refused, and so are two windows that do not fit one another.
        let Ok(schedule) = read(&text, Some(zone)) else { return Ok(()); };
        let description = schedule.description();
        let again = read(&description, None).map_err(|refused| TestCaseError::fail(format!("{text}: {description}: {refused}")))?;
        prop_assert_eq!(again.timezone(), zone);
        prop_assert_eq!(again.description(), description.clone());
        prop_assert_eq!(
            moments(&schedule, &rules, after, 60),
            moments(&again, &rules, after, 60),
            "{}: {}", text, description
        );
    }

    #[test]
    fn cron_that_is_written_fires_at_the_same_moments(
        text in prop_oneof![cron(), english()],
        zone in select(ZONES.to_vec()),
        rules in rules(),
        after in moment(),
    ) {
        let Ok(schedule) = read(&text, Some(zone)) else { return Ok(()); };
        let Some(lines) = schedule.cron() else { return Ok(()); };
        let mut all = Vec::new();
        for line in &lines {
            let line = read(line, Some(zone)).map_err(|refused| TestCaseError::fail(format!("{text}: {line}: {refused}")))?;
            all.extend(moments(&line, &rules, after, 60));
        }
        all.sort();
        all.dedup();
        all.truncate(60);
        prop_assert_eq!(moments(&schedule, &rules, after, 60), all, "{}: {:?}", text, lines);
    }

    #[test]
    fn no_word_is_skipped(text in english(), word in "[b-df-hj-np-tv-z]{5,9}", at in any::<prop::sample::Index>()) {
        if read(&text, None).is_err() { return Ok(()); }
        let mut words: Vec<&str> = text.split(' ').collect();
        words.insert(at.index(words.len() + 1), &word);
        let text = words.join(" ");
        prop_assert!(read(&text, None).is_err(), "{}", text);
    }

    #[test]
    fn what_is_suggested_is_understood(
        words in prop::collection::vec(select(WORDS.to_vec()), 1..9),
        wrong in "[a-z]{2,9}",
        at in any::<prop::sample::Index>(),
    ) {
        let mut text = words.join(" ");
        if let Err(refused) = read(&text, None) {
            suggests_what_is_understood(&text, &refused);
        }
        text.insert_str(text.char_indices().map(|(at, _)| at).nth(at.index(text.len())).unwrap_or(0), &wrong);
        if let Err(refused) = read(&text, None) {
            suggests_what_is_understood(&text, &refused);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        let _read = read(&text, Some(&text));
    }

    #[test]
    fn any_words_are_read_or_refused(words in prop::collection::vec(select(WORDS.to_vec()), 1..14)) {
        let text = words.join(" ");
        if let Ok(schedule) = read(&text, None) {
            let description = schedule.description();
            let again = read(&description, None).map_err(|refused| TestCaseError::fail(format!("{text}: {description}: {refused}")))?;
            let after = second(1_780_000_000);
            prop_assert_eq!(moments(&schedule, &Rules::default(), after, 30), moments(&again, &Rules::default(), after, 30), "{}: {}", text, description);
        }
    }
}

proptest! {
    // Each case asks the calendar many times.
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn moments_come_in_order_and_can_be_asked_for_from_anywhere(
        text in prop_oneof![cron(), english()],
        zone in select(ZONES.to_vec()),
        rules in rules(),
        after in moment(),
    ) {
        let Ok(schedule) = read(&text, Some(zone)) else { return Ok(()); };
        let mut previous = after;
        for fire in schedule.fires_after(&rules, after).take(30) {
            prop_assert!(fire.at > previous);
            // Asked anew from just before it, the same moment is the next.
            let before = fire.at - jiff::SignedDuration::from_secs(1);
            prop_assert_eq!(moments(&schedule, &rules, before.max(previous), 1), vec![fire.at]);
            prop_assert_eq!(schedule.latest_before(&rules, fire.at + jiff::SignedDuration::from_nanos(1)).map(|fire| fire.at), Some(fire.at));
            previous = fire.at;
        }
    }
}

/// Words that mean something, to be put together at random.
const WORDS: [&str; 74] = [
    "every", "each", "day", "daily", "weekly", "monthly", "hourly", "nightly", "at", "on", "in", "the", "of",
    "and", ",", ";", "to", "-", "from", "between", "through", "except", "other", "Monday", "Tue", "fridays",
    "weekday", "weekends", "first", "second", "last", "1st", "15th", "31st", "13th", "January", "feb", "may",
    "month", "quarter", "year", "week", "weeks", "days", "hours", "minutes", "hour", "minute", "half",
    "past", "9", "5", "12", "2", "30", "9am", "5pm", "17:30", "noon", "midnight", ":15", "morning",
    "evening", "night", "EST", "UTC", "Berlin", "time", "working", "twice", "once", "a", "am", "o'clock",
];
