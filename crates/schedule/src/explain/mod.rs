//! Explains lines as a sentence.
//!
//! What it writes is read back to the very same lines, so that what a person is shown before they
//! save a schedule is all that the schedule says.

mod days;
mod times;

use crate::calendar::{Days, Line};

/// A sentence of all lines, with the zone that they are in.
pub(crate) fn sentence(lines: &[Line], zone: &str) -> String {
    let mut clauses: Vec<String> = Vec::new();
    let mut rest = lines;
    while let Some(first) = rest.first() {
        // Dates of several months that share their times are one list.
        let listed =
            rest.iter().take_while(|line| line.times == first.times && days::is_whole(&line.days)).count();
        let (these, others) = rest.split_at(listed.max(1));
        let all: Vec<&Days> = these.iter().map(|line| &line.days).collect();
        let on_every_day = matches!(all[..], [Days::Picked(picked)] if picked.is_every_day());
        let times = times::written(&first.times, on_every_day);
        clauses.push(format!("{times}{}", days::written(&all, &first.times)));
        rest = others;
    }
    let text = format!("{}, in {}.", clauses.join("; "), zone_written(zone));
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A fixed offset is written as people write it; the database counts it the other way round.
fn zone_written(zone: &str) -> String {
    match zone.strip_prefix("Etc/GMT").map(|offset| offset.split_at(offset.len().min(1))) {
        Some(("-", hours)) => format!("UTC+{hours}"),
        Some(("+", hours)) => format!("UTC-{hours}"),
        Some(_) | None => zone.to_owned(),
    }
}

/// A list, with "and" before its last part.
fn list(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Numbers in order, in which three or more in a row are a range.
fn ranges(numbers: &[u32], written: impl Fn(u32) -> String) -> Vec<String> {
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(first) = numbers.get(at) {
        let run = (*first..).zip(&numbers[at..]).take_while(|(expected, number)| expected == *number).count();
        if run > 2 {
            parts.push(format!("{} to {}", written(*first), written(numbers[at + run - 1])));
            at += run;
        } else {
            parts.push(written(*first));
            at += 1;
        }
    }
    parts
}

/// The numbers of a set.
fn numbers(set: u64) -> Vec<u32> {
    (0..64).filter(|number| set & (1 << number) != 0).collect()
}
