//! Which half of the day an hour is in that does not say so itself.
//!
//! What is said of one time is carried over to those before it, as in "at 3 and 5pm", where they then
//! come one after another. What could be in either half all the same is refused.

use super::cursor::Stuck;
use super::time::{DAY, HALF_DAY, Time, Written, shown};
use crate::refused::Refused;

/// Decides for each time of a list, in its order, which half of the day it is in.
pub(super) fn settle(times: &[Time], notes: &mut Vec<String>) -> Result<Vec<Time>, Stuck> {
    let mut settled = times.to_vec();
    let mut said = Vec::new();
    // From the last one on: what is carried over comes from behind.
    for (at, time) in times.iter().enumerate().rev() {
        let before = times[..at].iter().rfind(|before| before.kind == Written::WithHalf);
        let behind = times[at + 1..].iter().find(|behind| behind.kind == Written::WithHalf);
        let next = settled.get(at + 1).map(|next| next.minute);
        let minute = match (behind, before) {
            _ if !time.is_open() && time.kind != Written::TwoDigits => continue,
            (Some(behind), before) => carried(*time, *behind, next.unwrap_or(DAY))
                .filter(|minute| before.is_none_or(|before| before.minute < *minute)),
            // "9pm and 10:30" need not go back to the morning.
            (None, Some(before)) => {
                Some(time.minute).filter(|minute| !time.is_open() && before.minute < *minute)
            }
            (None, None) => Some(time.minute),
        };
        let Some(minute) = minute else {
            return Err(not_clear(*time));
        };
        said.extend(note(*time, minute, behind));
        settled[at] = Time { minute, kind: Written::Plainly };
    }
    for note in said.into_iter().rev() {
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    Ok(settled)
}

/// The minute of a time that comes before the next one, in the half of the day that a time behind it
/// names, or in the one before.
fn carried(time: Time, behind: Time, next: u16) -> Option<u16> {
    let early = time.minute % HALF_DAY;
    // Twelve begins the half of the day that it is said of, and so is noon or midnight.
    let twelve = early < 60;
    let minutes = if behind.minute < HALF_DAY {
        [(!twelve).then_some(early), None]
    } else {
        // "9 and 5pm" can only run upwards with 9 in the morning.
        [Some(early + HALF_DAY), (!twelve).then_some(early)]
    };
    minutes.into_iter().flatten().find(|minute| *minute < next)
}

/// Which halves of the day the ends of a window are in.
pub(super) fn of_window(start: Time, end: Time, notes: &mut Vec<String>) -> Result<(u16, u16), Stuck> {
    if start.is_open() && end.is_open() && end.minute <= start.minute && end.minute < HALF_DAY {
        // "9 to 5" runs upwards only if five is in the afternoon.
        let start = settle(&[start], notes)?[0].minute;
        let later = end.minute + HALF_DAY;
        notes.push(format!("The end of the window is read as {}.", shown(later)));
        return Ok((start, later));
    }
    if end.is_open() && start.kind == Written::WithHalf {
        // "9am to 5": the first five after it, if it does not come twice before the day ends.
        let later = end.minute % HALF_DAY + HALF_DAY;
        if start.minute >= end.minute % HALF_DAY && later > start.minute {
            notes.push(format!("The end of the window is read as {}.", shown(later)));
            return Ok((start.minute, later));
        }
        return Err(not_clear(end));
    }
    if end.is_open() && end.minute <= start.minute && start.minute < HALF_DAY + 60 {
        return Err(not_clear(end));
    }
    let settled = settle(&[start, end], notes)?;
    Ok((settled[0].minute, settled[1].minute % DAY))
}

/// Refuses a time that could be in either half of the day.
fn not_clear(time: Time) -> Stuck {
    let written = as_written(time);
    Stuck::Refused(Refused::new(
        format!("It is not clear whether {written} is in the morning or in the afternoon."),
        format!("Write `{written}am` or `{written}pm`."),
    ))
}

fn as_written(time: Time) -> String {
    let (hour, minutes) = (time.minute / 60, time.minute % 60);
    if minutes == 0 { hour.to_string() } else { format!("{hour}:{minutes:02}") }
}

/// Says which half of the day a time was taken to be in, where that is not plain.
fn note(time: Time, minute: u16, behind: Option<&Time>) -> Option<String> {
    let (written, read) = (as_written(time), shown(minute));
    match behind {
        Some(behind) if minute != time.minute => Some(format!(
            "{written} is read as {read}: what is said of {} is carried over to it.",
            shown(behind.minute)
        )),
        // "9:30" is how clocks of 24 hours show it.
        _ if time.kind != Written::Barely => None,
        _ => Some(format!("{written} is read as {read}.")),
    }
}
