//! The two day fields of a cron expression, with what only they can say: `L`, `W` and `#`.

use super::field::{self, DATE, WEEKDAY};
use crate::calendar::{Dates, EVERY_DATE, EVERY_WEEKDAY, Weekdays};
use crate::refused::Refused;

/// The days of the month that are named; nothing where all are meant.
pub(super) fn dates(text: &str, notes: &mut Vec<String>) -> Result<Option<Dates>, Refused> {
    let mut dates = Dates::default();
    for item in text.split(',') {
        let upper = item.to_ascii_uppercase();
        if upper == "L" {
            dates.before_last |= 1;
        } else if upper == "LW" || upper == "WL" {
            dates.last_workdays |= 1 << 1;
        } else if let Some(before) = upper.strip_prefix("L-") {
            let before = before.parse::<u32>().ok().filter(|before| *before <= 30);
            dates.before_last |= 1 << before.ok_or_else(|| wrong_last(item))?;
        } else if let Some(day) = upper.strip_suffix('W') {
            dates.nearest |= 1 << field::number(day, &DATE)?;
        } else {
            dates.days |= u32::try_from(field::part(item, &DATE, notes)?.set).unwrap_or(0);
        }
    }
    let all = dates.days == EVERY_DATE && is_all(text);
    let rare = dates.days & !(EVERY_DATE >> 3 & EVERY_DATE) != 0 && dates.days.count_ones() == 1;
    if !all && rare {
        notes.push(format!("Months without a day {} are left out.", dates.days.trailing_zeros()));
    }
    Ok((!all).then_some(dates))
}

fn wrong_last(item: &str) -> Refused {
    Refused::new(
        format!("`{item}` cannot stand in the field day of the month."),
        "Write `L` for the last day, or `L-1` to `L-30` for so many days before it.",
    )
}

/// The days of the week that are named; nothing where all are meant.
pub(super) fn weekdays(text: &str, notes: &mut Vec<String>) -> Result<Option<Weekdays>, Refused> {
    let mut weekdays = Weekdays::default();
    for item in text.split(',') {
        let upper = item.to_ascii_uppercase();
        if let Some((day, nth)) = upper.split_once('#') {
            let day = monday_first(1 << field::number(day, &WEEKDAY)?);
            if nth == "L" {
                weekdays.last[0] |= day;
                continue;
            }
            let week = nth.parse::<usize>().ok().filter(|nth| (1..=5).contains(nth));
            let week = week.ok_or_else(|| {
                Refused::new(
                    format!("`{item}` names no week of a month."),
                    "Write a number from 1 to 5 after `#`, such as `MON#1` for the first Monday.",
                )
            })?;
            weekdays.nth[week - 1] |= day;
        } else if let Some(day) = upper.strip_suffix('L') {
            if day.is_empty() {
                return Err(Refused::new(
                    "`L` alone says nothing in the field day of the week.",
                    "Write `5L` for the last Friday of the month, or `6` for Saturdays.",
                ));
            }
            weekdays.last[0] |= monday_first(1 << field::number(day, &WEEKDAY)?);
        } else {
            weekdays.every |= monday_first(field::part(item, &WEEKDAY, notes)?.set);
        }
    }
    if weekdays.nth[4] != 0 {
        notes.push("Months without a fifth such day are left out.".to_owned());
    }
    Ok((!(weekdays.every == EVERY_WEEKDAY && is_all(text))).then_some(weekdays))
}

/// Whether a field that holds everything does so by saying nothing.
fn is_all(text: &str) -> bool {
    matches!(text, "*" | "?" | "*/1")
}

/// Sets of cron begin with Sunday, and ours with Monday.
fn monday_first(set: u64) -> u8 {
    let sunday = u8::from(set & (1 | 1 << 7) != 0);
    u8::try_from(set >> 1 & 0b11_1111).unwrap_or(0) | sunday << 6
}

/// What is to be said where both fields name days.
pub(super) fn either(date: &str, weekday: &str) -> String {
    let steps: Vec<String> = [date, weekday]
        .iter()
        .filter(|text| text.starts_with("*/"))
        .map(|text| format!("`{text}`"))
        .collect();
    let steps = match &steps[..] {
        [] => String::new(),
        [one] => format!(" (a step such as {one} names days too)"),
        [one, ..] => format!(" (steps such as {one} name days too)"),
    };
    format!("Both day fields are set, so it fires on the days that match either of them{steps}.")
}
