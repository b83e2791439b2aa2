//! The days of a line, in words.

use super::{list, numbers, ranges};
use crate::calendar::{
    Both, Dates, Days, EVERY_DATE, EVERY_MONTH, Picked, Times, WEEKEND, WORKDAYS, Weekdays,
};

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const NTH: [&str; 5] = ["first", "second", "third", "fourth", "fifth"];
/// So few exceptions are named rather than the dates that are left.
const EXCEPTIONS_MAX: u32 = 3;

/// Whether days stand by themselves, so that others can follow them in one list.
pub(super) fn is_whole(days: &Days) -> bool {
    match days {
        Days::Picked(picked) => !picked.dates.is_empty() && picked.weekdays.every == 0,
        Days::Counted(_) | Days::Alternating { .. } => false,
    }
}

/// On which days, behind the times.
pub(super) fn written(all: &[&Days], times: &Times) -> String {
    let steady = matches!(times, Times::Moving(_) | Times::Elapsed(_));
    match all {
        [Days::Picked(picked)] if picked.is_every_day() && steady => String::new(),
        [Days::Picked(picked)] => format!(" {}", picked_written(picked)),
        [Days::Counted(days)] => format!(" every {days} days"),
        [Days::Alternating { weeks, weekdays }] => format!(" every {weeks} weeks on {}", plural(*weekdays)),
        many => {
            let parts: Vec<String> = many
                .iter()
                .filter_map(|days| match days {
                    Days::Picked(picked) => Some(picked_written(picked)),
                    Days::Counted(_) | Days::Alternating { .. } => None,
                })
                .collect();
            format!(" {}", parts.join(" and "))
        }
    }
}

fn picked_written(picked: &Picked) -> String {
    let Picked { months, dates, weekdays, both } = picked;
    let in_months = if *months == EVERY_MONTH { String::new() } else { list(&months_written(*months)) };
    let behind = |days: String| if in_months.is_empty() { days } else { format!("{days} in {in_months}") };
    if dates.is_empty() && weekdays.is_empty() {
        return behind("every day".to_owned());
    }
    if *both == Both::Needed {
        return behind(format!("on {}", needed(dates.days, weekdays.every)));
    }
    if dates.is_empty() && *weekdays == (Weekdays { every: weekdays.every, ..Weekdays::default() }) {
        return behind(format!("on {}", plural(weekdays.every)));
    }
    let mut parts = counted(weekdays);
    parts.extend(dates_written(dates));
    if weekdays.every != 0 {
        parts.insert(0, plural(weekdays.every));
        return behind(format!("on {} of the month", parts.join(" and ")));
    }
    let of = if in_months.is_empty() { "every month" } else { &in_months };
    format!("on {} of {of}", parts.join(" and "))
}

/// Weekdays that have to fall on dates.
fn needed(days: u32, weekdays: u8) -> String {
    let left_out = EVERY_DATE & !days;
    if left_out.count_ones() <= EXCEPTIONS_MAX {
        let left_out: Vec<String> =
            numbers(u64::from(left_out)).into_iter().map(|day| format!("the {}", ordinal(day))).collect();
        return format!("{} except {} of the month", plural(weekdays), list(&left_out));
    }
    let days: Vec<String> = numbers(u64::from(days)).into_iter().map(ordinal).collect();
    format!("{} that fall on the {} of the month", plural(weekdays), list(&days))
}

fn months_written(months: u16) -> Vec<String> {
    let named = |month: u32| MONTHS[usize::try_from(month).unwrap_or(1).saturating_sub(1) % 12].to_owned();
    ranges(&numbers(u64::from(months)), named)
}

fn plural(weekdays: u8) -> String {
    match weekdays {
        WORKDAYS => "weekdays".to_owned(),
        WEEKEND => "weekends".to_owned(),
        weekdays => {
            let named = |day: u32| format!("{}s", WEEKDAYS[usize::try_from(day).unwrap_or(0) % 7]);
            list(&ranges(&numbers(u64::from(weekdays)), named))
        }
    }
}

/// Weekdays by their place in the month; each says its own, so that none is taken for another's.
fn counted(weekdays: &Weekdays) -> Vec<String> {
    let mut parts = Vec::new();
    let of =
        |set: u8| (0..).zip(WEEKDAYS).filter(move |(day, _)| set & (1 << day) != 0).map(|(_, name)| name);
    for (place, set) in NTH.iter().zip(weekdays.nth) {
        parts.extend(of(set).map(|name| format!("the {place} {name}")));
    }
    for (place, set) in NTH.iter().zip(weekdays.last) {
        let place = if *place == "first" { "last".to_owned() } else { format!("{place} to last") };
        parts.extend(of(set).map(|name| format!("the {place} {name}")));
    }
    parts
}

/// Dates; plain days come last, since what counts working days names itself behind its place.
fn dates_written(dates: &Dates) -> Vec<String> {
    let mut parts = Vec::new();
    let (workdays, last_workdays) = (u64::from(dates.workdays), u64::from(dates.last_workdays));
    parts.extend(in_row(workdays >> 1).map(|count| format!("the first {count} working days")));
    parts.extend(in_row(last_workdays >> 1).map(|count| format!("the last {count} working days")));
    for nth in numbers(if in_row(workdays >> 1).is_some() { 0 } else { workdays }) {
        let place = if nth == 1 { "first".to_owned() } else { ordinal(nth) };
        parts.push(format!("the {place} working day"));
    }
    for nth in numbers(if in_row(last_workdays >> 1).is_some() { 0 } else { last_workdays }) {
        let place = if nth == 1 { "last".to_owned() } else { format!("{} to last", ordinal(nth)) };
        parts.push(format!("the {place} working day"));
    }
    for day in numbers(u64::from(dates.nearest)) {
        parts.push(format!("the working day nearest to the {}", ordinal(day)));
    }
    let days = ranges(&numbers(u64::from(dates.days)), ordinal);
    if !days.is_empty() {
        parts.push(format!("the {}", list(&days)));
    }
    let before_last = u64::from(dates.before_last);
    parts.extend(in_row(before_last).map(|count| format!("the last {count} days")));
    for before in numbers(if in_row(before_last).is_some() { 0 } else { before_last }) {
        let place = if before == 0 { "last".to_owned() } else { format!("{} to last", ordinal(before + 1)) };
        parts.push(format!("the {place} day"));
    }
    parts
}

/// How many there are, where a set has the first numbers of all and three of them at least.
fn in_row(set: u64) -> Option<u32> {
    let count = set.trailing_ones();
    (set >> count == 0 && (3..=20).contains(&count)).then_some(count)
}

fn ordinal(number: u32) -> String {
    let end = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{end}")
}
