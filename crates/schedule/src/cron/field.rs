//! The fields of a cron expression that name numbers: lists, ranges, steps and names.

use crate::refused::Refused;

/// A field: what it is called, and what it can hold.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) first: u32,
    pub(super) last: u32,
    /// Names of its numbers, from the first on.
    pub(super) names: &'static [&'static str],
    /// What would be written instead of a step that is too long.
    pub(super) unit: &'static str,
}

pub(super) const MINUTE: Field = Field { name: "minute", first: 0, last: 59, names: &[], unit: "minutes" };
pub(super) const HOUR: Field = Field { name: "hour", first: 0, last: 23, names: &[], unit: "hours" };
pub(super) const DATE: Field =
    Field { name: "day of the month", first: 1, last: 31, names: &[], unit: "days" };
pub(super) const MONTH: Field = Field {
    name: "month",
    first: 1,
    last: 12,
    names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    unit: "months",
};
/// Sunday is 0, and 7 as well.
pub(super) const WEEKDAY: Field = Field {
    name: "day of the week",
    first: 0,
    last: 7,
    names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
    unit: "days",
};

/// What a field holds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Values {
    /// The numbers, one bit each.
    pub(super) set: u64,
    /// Whether it is `*` or has a step, so that it names no fixed numbers.
    pub(super) moves: bool,
}

/// Reads a field that holds numbers only.
pub(super) fn read(text: &str, field: &Field, notes: &mut Vec<String>) -> Result<Values, Refused> {
    let mut values = Values::default();
    for item in text.split(',') {
        let item = part(item, field, notes)?;
        values.set |= item.set;
        values.moves |= item.moves;
    }
    Ok(values)
}

/// One part of a list: a number, a range or `*`, with a step or without.
pub(super) fn part(text: &str, field: &Field, notes: &mut Vec<String>) -> Result<Values, Refused> {
    let (range, step) = match text.split_once('/') {
        Some((range, step)) => (range, Some(self::step(step, text, field)?)),
        None => (text, None),
    };
    let numbers = range_of(range, step.is_some(), field, notes)?;
    if let (Some(step), Some(start)) = (step, range.parse::<u32>().ok()) {
        let last = field.last.min(if field.last == 7 { 6 } else { field.last });
        notes.push(format!("`{text}` is read as `{start}-{last}/{step}`."));
    }
    let taken = numbers.iter().step_by(step.map_or(1, |step| step as usize));
    let set = taken.fold(0, |set, number| set | 1 << number);
    Ok(Values { set, moves: range == "*" || range == "?" || step.is_some() })
}

fn step(step: &str, text: &str, field: &Field) -> Result<u32, Refused> {
    let wrong =
        |hint: String| Refused::new(format!("`{text}` is no step in the field {}.", field.name), hint);
    let number: u32 =
        step.parse().map_err(|_| wrong("Write a whole number after `/`, such as `*/15`.".to_owned()))?;
    if number == 0 {
        return Err(wrong("A step is 1 at least; write `*` for all of them.".to_owned()));
    }
    if number > field.last {
        let reason = format!("The step of `{text}` is longer than the field {} is.", field.name);
        let hint = format!(
            "An interval that cron cannot hold is written in words: `every {number} {}`.",
            field.unit
        );
        return Err(Refused::new(reason, hint));
    }
    Ok(number)
}

/// The numbers of a range, in order.
fn range_of(text: &str, stepped: bool, field: &Field, notes: &mut Vec<String>) -> Result<Vec<u32>, Refused> {
    // Sunday is counted once.
    let last = if field.last == 7 { 6 } else { field.last };
    if text == "*" || text == "?" && field.names.len() != 12 && (field.last == 31 || field.last == 7) {
        return Ok((field.first..=last).collect());
    }
    let Some((from, to)) = text.split_once('-') else {
        let number = number(text, field)?;
        return Ok(if stepped {
            (number..=last.max(number)).collect()
        } else {
            vec![wrapped(number, field)]
        });
    };
    let (from, to) = (number(from, field)?, number(to, field)?);
    if from <= to {
        return Ok((from..=to).map(|number| wrapped(number, field)).collect());
    }
    let (from, to) = (wrapped(from, field), wrapped(to, field));
    if field.last != 7 || from != 0 {
        notes.push(format!(
            "`{text}` runs over the end of the field {} and goes on at its start.",
            field.name
        ));
    }
    let round =
        if from <= to { (from..=to).collect() } else { (from..=last).chain(field.first..=to).collect() };
    Ok(round)
}

/// The 7 of Sunday is its 0.
const fn wrapped(number: u32, field: &Field) -> u32 {
    if field.last == 7 { number % 7 } else { number }
}

/// A number, or the name of one.
pub(super) fn number(text: &str, field: &Field) -> Result<u32, Refused> {
    let lower = text.to_ascii_lowercase();
    let named = field.names.iter().position(|name| *name == lower).and_then(|at| u32::try_from(at).ok());
    if let Some(at) = named {
        return Ok(field.first + at);
    }
    let digits = !text.is_empty() && text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse::<u32>().ok().filter(|_| digits);
    number.filter(|number| (field.first..=field.last).contains(number)).ok_or_else(|| {
        let named = match field.names {
            [] => String::new(),
            [first, .., last] => {
                format!(", or a name from {} to {}", first.to_uppercase(), last.to_uppercase())
            }
            [only] => format!(", or {only}"),
        };
        Refused::new(
            format!("`{text}` cannot stand in the field {}.", field.name),
            format!("It holds numbers from {} to {}{named}.", field.first, field.last),
        )
    })
}
