//! What a clause comes to: its times on its days, as lines.
//!
//! Here what was left out is filled in, with a note, and what contradicts itself is refused.

use super::beat::{self, Beat};
use super::clause::{Clause, Except};
use super::cursor::{Stuck, refused};
use super::group::{Group, QUARTER_ENDS, QUARTER_STARTS, joined};
use super::half;
use super::lexicon::{Part, Unit};
use super::scope::months_every;
use super::time::{self, DAY, Time, Written, shown};
use crate::calendar::{
    Both, Dates, Days, EVERY_DATE, EVERY_MONTH, EVERY_WEEKDAY, Line, Picked, Readings, Times, Weekdays,
};

/// More weeks or days than this between two times are written as months.
const APART_MAX: u32 = 366;

/// The lines of a clause.
pub(super) fn lines(clause: &Clause, notes: &mut Vec<String>) -> Result<Vec<Line>, Stuck> {
    if clause.count.is_some() && !clause.has_times() && !clause.has_days() {
        counted(clause, &Times::Elapsed(1), &[])?;
    }
    if clause.always {
        all_of_the_time(clause)?;
    }
    let days = days(clause, notes)?;
    let times = times(clause, &days, notes)?;
    counted(clause, &times, &days)?;
    if matches!(times, Times::Elapsed(_)) {
        note(notes, "The time that passes is counted, so the hour of the day moves when the clocks change.");
    }
    if matches!(times, Times::Elapsed(_)) || days.iter().any(|days| !matches!(days, Days::Picked(_))) {
        note(
            notes,
            "It is counted from the start of the trigger, or else from Monday 5 January 1970 at 00:00.",
        );
    }
    Ok(days.into_iter().map(|days| Line { times, days }).collect())
}

/// "24/7" goes with an interval alone, and leaves no day and no hour out.
fn all_of_the_time(clause: &Clause) -> Result<(), Stuck> {
    if clause.beat.is_none() && clause.times.is_empty() && clause.shown.is_none() {
        return refused(
            "It says that it goes on all of the time, and not how often.",
            "Write how often, such as `every 15 minutes` or `every hour`.",
        );
    }
    let is_all = clause.groups.is_empty() && clause.windows.is_empty() && clause.months.is_none();
    if !is_all || clause.except.is_some() || clause.beat.is_none() {
        return refused(
            "It says all of the time, and names days or times as well.",
            "Write one of them, such as `every 15 minutes` or `every 15 minutes on weekdays`.",
        );
    }
    Ok(())
}

fn note(notes: &mut Vec<String>, text: &str) {
    if !notes.iter().any(|note| note == text) {
        notes.push(text.to_owned());
    }
}

fn times(clause: &Clause, days: &[Days], notes: &mut Vec<String>) -> Result<Times, Stuck> {
    let whole = matches!(days, [Days::Picked(picked)] if picked.is_every_day());
    let ways =
        [!clause.times.is_empty(), clause.beat.is_some() || clause.past.is_some(), clause.shown.is_some()];
    if ways.iter().filter(|said| **said).count() > 1 {
        return refused(
            "The text names both an interval and times of day.",
            format!("Write one of them, such as `{}` or `at 9am and 5pm`.", instead(clause)),
        );
    }
    if !clause.windows.is_empty() && clause.beat.is_none() {
        return refused(
            "A window does not say how often within it.",
            "Write how often, such as `every hour from 9am to 5pm`.",
        );
    }
    if let Some(shown) = clause.shown {
        return Ok(shown);
    }
    if clause.beat.is_some() || clause.past.is_some() {
        return beating(clause, whole);
    }
    if clause.times.is_empty() {
        return unnamed(clause, notes);
    }
    let mut named = Vec::with_capacity(clause.times.len());
    for time in &clause.times {
        named.push(match clause.part {
            Some(part) => time::in_part(*time, part, &shown(time.minute))?,
            None => *time,
        });
    }
    let settled = half::settle(&named, notes)?;
    at_ends_of_days(&settled, whole, notes)?;
    Ok(Times::Fixed(Readings::of(settled.iter().map(|time| time.minute % DAY))))
}

/// An interval that begins at the time that was named along with it, where that can be.
fn instead(clause: &Clause) -> String {
    match (clause.beat, &clause.times[..]) {
        (Some(Beat { minutes }), [time])
            if DAY.is_multiple_of(u16::try_from(minutes).unwrap_or(DAY))
                && minutes > 60
                && minutes % 60 == 0
                && u32::from(time.minute) < minutes =>
        {
            format!("every {} hours from {}", minutes / 60, shown(time.minute))
        }
        _ => "every hour from 9am to 5pm".to_owned(),
    }
}

fn beating(clause: &Clause, whole: bool) -> Result<Times, Stuck> {
    if clause.part.is_some() {
        return refused(
            "A part of the day is no exact window.",
            "Write the hours, such as `every hour from 8am to 12pm`.",
        );
    }
    let hourly = clause.count.filter(|(_, unit)| *unit == Unit::Hour).map(|_| Beat { minutes: 60 });
    let Some(beat) = clause.beat.or(hourly) else {
        return refused(
            "It names minutes, and not of which hours.",
            "Write the hours too, such as `every hour at :15` or `at 9:15`.",
        );
    };
    if clause.windows.iter().any(|window| window.runs_over_midnight()) && !whole {
        return refused(
            "The window runs over midnight, so it is not clear which of the two days has to match.",
            "Write two schedules, one up to 23:59 and one from 0:00 of the following day.",
        );
    }
    if clause.windows.is_empty() {
        return beat::times(beat, clause.past, None);
    }
    let mut readings = Readings::NONE;
    for window in &clause.windows {
        if let Times::Fixed(more) = beat::times(beat, clause.past, Some(*window))? {
            readings = readings.union(more);
        }
    }
    Ok(Times::Fixed(readings))
}

/// The time where none is named.
fn unnamed(clause: &Clause, notes: &mut Vec<String>) -> Result<Times, Stuck> {
    if let Some(edge) = clause.groups.iter().find(|group| group.is_edge) {
        let which = if edge.dates.days == 0 {
            "last day of the month at 23:00"
        } else {
            "first day of the month at 6:00"
        };
        return refused(
            "It does not say at what time of the day.",
            format!("Write the time, such as `on the {which}`."),
        );
    }
    match clause.part {
        // "Nightly" is at midnight, but a Sunday's night is not the one that Sunday begins with.
        Some(Part::Night) if !clause.groups.is_empty() => {
            return refused(
                "A part of the day is no exact time.",
                "Write the time, such as `every Sunday at 10pm`, or `every Monday at 0:00` for the end of Sunday.",
            );
        }
        None | Some(Part::Night) => {}
        Some(Part::Morning | Part::Afternoon | Part::Evening) => {
            return refused(
                "A part of the day is no exact time.",
                "Write the time, such as `every morning at 7am` or `every evening at 20:00`.",
            );
        }
    }
    if !clause.has_days() {
        return refused(
            "It does not say on which days.",
            "Write the days and the time, such as `every day at 9am` or `every Monday at 9am EST`.",
        );
    }
    note(notes, "No time of day is named, so it fires at 00:00.");
    Ok(Times::Fixed(Readings::of([0])))
}

/// Says which midnight is meant, where that makes a difference.
fn at_ends_of_days(times: &[Time], whole: bool, notes: &mut Vec<String>) -> Result<(), Stuck> {
    if times.iter().any(|time| time.minute == DAY) && !whole {
        return refused(
            "24:00 is the end of the day, and so 00:00 of the following one.",
            "Write 0:00 with the day that begins then, such as `every Tuesday at 0:00` for the end of Monday.",
        );
    }
    if times.iter().any(|time| time.kind == Written::Midnight) && !whole {
        note(notes, "Midnight is the one with which the day begins (00:00).");
    }
    if times.iter().any(|time| time.minute == DAY) {
        note(notes, "24:00 is read as 00:00.");
    }
    Ok(())
}

fn days(clause: &Clause, notes: &mut Vec<String>) -> Result<Vec<Days>, Stuck> {
    let groups = joined(&clause.groups);
    if clause.alternates {
        return alternating(clause, &groups, 2);
    }
    let picked = match clause.frame {
        None => free(clause, groups, notes)?,
        Some((1, Unit::Day)) => daily(&groups)?,
        Some((count, Unit::Day)) => return apart(clause, count, 1),
        Some((1, Unit::Week)) => weekly(&groups, notes)?,
        Some((count, Unit::Week)) if groups.is_empty() => return apart(clause, count, 7),
        Some((count, Unit::Week)) => return alternating(clause, &groups, count),
        Some((count, Unit::Month)) => monthly(count, groups, notes)?,
        Some((1, Unit::Quarter)) => quarterly(groups, notes)?,
        Some((1, Unit::Year)) => yearly(clause, groups, notes)?,
        Some((_, Unit::Quarter | Unit::Year | Unit::Hour | Unit::Minute | Unit::Second)) => {
            return refused(
                "Intervals of several quarters or years are not held.",
                "Write the months, such as `every 6 months on the 1st at 9am`, or `every year on 24 December at 18:00`.",
            );
        }
    };
    let mut days = Vec::with_capacity(picked.len());
    for group in picked {
        days.push(Days::Picked(finished(group, clause, notes)?));
    }
    Ok(days)
}

/// Days without a frame; none means every day.
fn free(clause: &Clause, groups: Vec<Group>, notes: &mut Vec<String>) -> Result<Vec<Group>, Stuck> {
    if groups.is_empty() {
        let timed = clause.beat.is_some() || clause.past.is_some() || clause.shown.is_some();
        let counted = clause.count.is_some_and(|(_, unit)| unit == Unit::Day);
        if clause.months.is_some() && !timed {
            return refused(
                "It names months, and not on which of their days.",
                "Write the days, such as `every day in January at 9am` or `on the 1st of January at 9am`.",
            );
        }
        if !timed && !counted && clause.part.is_none() && clause.except.is_none() && !clause.times.is_empty()
        {
            note(notes, "No day is named, so it fires every day.");
        }
        return Ok(vec![Group::EMPTY]);
    }
    let counts = |group: &Group| {
        let dates = Dates { days: 0, before_last: 0, nearest: 0, ..group.dates };
        !dates.is_empty() || group.weekdays.nth != [0; 5] || group.weekdays.last != [0; 5]
    };
    if groups.iter().any(|group| !group.is_scoped && group.months.is_none() && counts(group)) {
        note(notes, "The days are counted in each month.");
    }
    Ok(groups)
}

fn daily(groups: &[Group]) -> Result<Vec<Group>, Stuck> {
    match groups {
        [] => Ok(vec![Group::EMPTY]),
        [one] if one.only_weekdays().is_some() => Ok(vec![*one]),
        _ => refused(
            "It says every day and names certain days of the month.",
            "Write one of them, such as `every day at 9am` or `on the 1st of every month at 9am`.",
        ),
    }
}

fn weekly(groups: &[Group], notes: &mut Vec<String>) -> Result<Vec<Group>, Stuck> {
    match groups {
        [] => {
            note(notes, "No day of the week is named, so it fires on Mondays.");
            Ok(vec![Group::of_weekdays(1)])
        }
        [one] if one.only_weekdays().is_some() => Ok(vec![*one]),
        _ => refused(
            "It says every week and names days of the month.",
            "Write one of them, such as `every week on Monday at 9am` or `on the 1st of every month at 9am`.",
        ),
    }
}

fn monthly(count: u32, groups: Vec<Group>, notes: &mut Vec<String>) -> Result<Vec<Group>, Stuck> {
    let months = months_every(count)?;
    if groups.is_empty() {
        note(notes, "No day of the month is named, so it fires on the 1st.");
        let dates = Dates { days: 1 << 1, ..Dates::default() };
        return Ok(vec![Group { months: Some(months), dates, ..Group::EMPTY }]);
    }
    if groups.iter().any(|group| group.only_weekdays().is_some()) {
        return refused(
            "A month has several such weekdays.",
            "Write which one, such as `on the first Monday of every month at 9am`, or `every Monday at 9am`.",
        );
    }
    if groups.iter().any(|group| group.months.is_some()) {
        return refused(
            "It says how many months are apart and names months as well.",
            "Write one of them, such as `on the 1st of January and July at 9am`.",
        );
    }
    Ok(groups
        .into_iter()
        .map(|group| Group { months: (months != EVERY_MONTH).then_some(months), ..group })
        .collect())
}

fn quarterly(groups: Vec<Group>, notes: &mut Vec<String>) -> Result<Vec<Group>, Stuck> {
    if groups.is_empty() {
        note(notes, "No day of the quarter is named, so it fires on its first day.");
        let dates = Dates { days: 1 << 1, ..Dates::default() };
        return Ok(vec![Group { months: Some(QUARTER_STARTS), dates, ..Group::EMPTY }]);
    }
    let from_end = |group: &Group| {
        group.dates.before_last != 0 || group.dates.last_workdays != 0 || group.weekdays.last != [0; 5]
    };
    let from_start = |group: &Group| {
        group.dates.days != 0
            || group.dates.workdays != 0
            || group.dates.nearest != 0
            || group.weekdays.nth != [0; 5]
            || group.weekdays.every != 0
    };
    let unclear = |group: &Group| {
        from_end(group) && from_start(group)
            || group.months.is_some()
            || group.is_scoped
            || group.weekdays.every != 0
            || group.weekdays.nth[4] != 0
            || group.weekdays.last[4] != 0
            || group.dates.days > 1 << 29
    };
    if groups.iter().any(unclear) {
        return refused(
            "It is not clear which day of the quarter is meant.",
            "Write it whole, such as `on the first day of every quarter at 8am` or `on the 15th of January, April, July and October at 8am`.",
        );
    }
    let months = |group: &Group| Some(if from_end(group) { QUARTER_ENDS } else { QUARTER_STARTS });
    Ok(groups.into_iter().map(|group| Group { months: months(&group), ..group }).collect())
}

fn yearly(clause: &Clause, groups: Vec<Group>, notes: &mut Vec<String>) -> Result<Vec<Group>, Stuck> {
    if groups.is_empty() && clause.months.is_none() {
        note(notes, "No day of the year is named, so it fires on 1 January.");
        let dates = Dates { days: 1 << 1, ..Dates::default() };
        return Ok(vec![Group { months: Some(1 << 1), dates, ..Group::EMPTY }]);
    }
    let unmonthed = |group: &Group| group.months.is_none() && clause.months.is_none();
    if groups.is_empty() {
        return refused(
            "It names months, and not on which of their days.",
            "Write the date, such as `every year on 24 December at 18:00`.",
        );
    }
    if groups.iter().any(|group| unmonthed(group) || group.only_weekdays().is_some()) {
        return refused(
            "It does not say in which month of the year.",
            "Write the date, such as `every year on 24 December at 18:00`.",
        );
    }
    Ok(groups)
}

/// Every so many days or weeks.
fn apart(clause: &Clause, count: u32, days: u32) -> Result<Vec<Days>, Stuck> {
    if !clause.groups.is_empty() || clause.months.is_some() || clause.except.is_some() {
        return refused(
            "Days that are counted cannot be kept to weekdays or months as well.",
            "Write one of them, such as `every 3 days at 9am` or `every Monday and Thursday at 9am`.",
        );
    }
    match count.checked_mul(days) {
        Some(1) => Ok(vec![Days::Picked(Picked::ALL)]),
        Some(days @ 1..=APART_MAX) => Ok(vec![Days::Counted(days)]),
        _ => refused(
            "The interval is longer than a year.",
            "Write the date, such as `every year on 24 December at 18:00`.",
        ),
    }
}

/// Some weekdays of every so many weeks.
fn alternating(clause: &Clause, groups: &[Group], weeks: u32) -> Result<Vec<Days>, Stuck> {
    let weekdays = match groups {
        [one] => one.only_weekdays().filter(|_| one.months.is_none()),
        _ => None,
    };
    let framed = clause.alternates && clause.frame.is_some_and(|frame| frame != (1, Unit::Week));
    let Some(weekdays) = weekdays.filter(|_| clause.months.is_none() && clause.except.is_none() && !framed)
    else {
        return refused(
            "Weeks that are counted can only be kept to weekdays.",
            "Write them alone, such as `every other Friday at 9am` or `every 2 weeks on Monday at 9am`.",
        );
    };
    if weeks > APART_MAX / 7 {
        return refused(
            "The interval is longer than a year.",
            "Write the date, such as `every year on 24 December at 18:00`.",
        );
    }
    Ok(vec![Days::Alternating { weeks, weekdays }])
}

/// The days of a group, with the months and the exceptions of its clause.
fn finished(group: Group, clause: &Clause, notes: &mut Vec<String>) -> Result<Picked, Stuck> {
    let months = match (group.months, clause.months) {
        (Some(_), Some(_)) => {
            return refused(
                "Months are named twice, and not how they belong together.",
                "Write them once, such as `on the 1st of January and July at 9am`.",
            );
        }
        (Some(months), None) | (None, Some(months)) => months,
        (None, None) => EVERY_MONTH,
    };
    let mut picked = Picked { months, dates: group.dates, weekdays: group.weekdays, both: group.both };
    if let Some(except) = clause.except {
        picked = without(picked, except)?;
    }
    if group.dates.days.count_ones() == 1 && group.dates.days > 1 << 28 && group.both == Both::Either {
        let day = group.dates.days.trailing_zeros();
        let short = (1..=12).any(|month| {
            months & (1 << month) != 0 && day > [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month]
        });
        if short && picked.ever_comes() {
            note(
                notes,
                &if months == 1 << 2 {
                    "Years without 29 February are left out.".to_owned()
                } else {
                    format!("Months without a day {day} are left out.")
                },
            );
        }
    }
    if group.weekdays.nth[4] != 0 || group.weekdays.last[4] != 0 {
        note(notes, "Months without a fifth such day are left out.");
    }
    Ok(picked.normal())
}

/// Takes exceptions away from days, where what is left can be held.
fn without(mut picked: Picked, except: Except) -> Result<Picked, Stuck> {
    let plain = picked.dates.is_empty()
        && picked.weekdays == Weekdays { every: picked.weekdays.every, ..Weekdays::default() };
    if !plain {
        return refused(
            "An exception can be taken from all days or from weekdays, and not from days of the month.",
            "Write the days that are left, such as `on the 1st and 15th of the month at 9am`.",
        );
    }
    picked.months &= !except.months;
    if except.weekdays != 0 {
        let every = if picked.weekdays.every == 0 { EVERY_WEEKDAY } else { picked.weekdays.every };
        if every & except.weekdays != except.weekdays {
            return refused(
                "The exception names days that are not meant anyway.",
                "Leave the exception out.",
            );
        }
        picked.weekdays.every = every & !except.weekdays;
        if picked.weekdays.every == 0 {
            return refused("The exception takes all of the days away.", "Leave the exception out.");
        }
    }
    if except.days != 0 {
        picked.dates.days = EVERY_DATE & !except.days;
        picked.both = Both::Needed;
    }
    if picked.months == 0 || except.days == EVERY_DATE {
        return refused("The exception takes all of the days away.", "Leave the exception out.");
    }
    Ok(picked)
}

/// Holds "twice a day" against what is named.
fn counted(clause: &Clause, times: &Times, days: &[Days]) -> Result<(), Stuck> {
    let Some((count, unit)) = clause.count else {
        return Ok(());
    };
    let named = match unit {
        Unit::Day => match times {
            Times::Fixed(readings) if !clause.times.is_empty() => readings.iter().count(),
            Times::Fixed(_) | Times::Moving(_) | Times::Elapsed(_) => 0,
        },
        Unit::Hour => clause.past.map_or(0, |past| past.minutes.count_ones() as usize),
        Unit::Week => match days {
            [Days::Picked(picked)] if !clause.groups.is_empty() => {
                picked.weekdays.every.count_ones() as usize
            }
            _ => 0,
        },
        Unit::Month => match days {
            [Days::Picked(picked)] => of_month(picked),
            _ => 0,
        },
        Unit::Year => days.iter().map(of_year).sum(),
        Unit::Second | Unit::Minute | Unit::Quarter => 0,
    };
    if u32::try_from(named) == Ok(count) {
        return Ok(());
    }
    let reason = if named == 0 {
        "It says how many times, and not when."
    } else {
        "It says how many times, and names another number of them."
    };
    let example = match unit {
        Unit::Week => "every Monday and Thursday at 9am".to_owned(),
        Unit::Month => "on the 1st and 15th of every month at 9am".to_owned(),
        Unit::Year => "on the 1st of January and July at 9am".to_owned(),
        Unit::Hour if 60 % count.max(1) == 0 && count < 60 => format!("every {} minutes", 60 / count.max(1)),
        Unit::Hour | Unit::Minute | Unit::Second => "every 30 minutes".to_owned(),
        Unit::Day | Unit::Quarter => "every day at 9am and 5pm".to_owned(),
    };
    refused(reason, format!("Write each time, such as `{example}`."))
}

/// How many days of a month are named; none where some of them are all days of a kind.
fn of_month(picked: &Picked) -> usize {
    let Picked { dates, weekdays, both, .. } = picked;
    if weekdays.every != 0 || *both == Both::Needed {
        return 0;
    }
    let counted = weekdays.nth.iter().chain(&weekdays.last).map(|days| days.count_ones());
    let sets = [dates.days, dates.before_last, dates.nearest, dates.workdays, dates.last_workdays];
    let days: u32 = sets.iter().map(|set| set.count_ones()).chain(counted).sum();
    days as usize
}

fn of_year(days: &Days) -> usize {
    match days {
        Days::Picked(picked) => of_month(picked) * picked.months.count_ones() as usize,
        Days::Counted(_) | Days::Alternating { .. } => 0,
    }
}
