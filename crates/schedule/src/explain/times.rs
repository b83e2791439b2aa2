//! The times of a line, in words.

use super::{list, numbers, ranges};
use crate::calendar::{Readings, Times};

/// So many times are still a list that can be read at a glance.
const LISTED_MAX: usize = 6;
/// So many equal steps are an interval.
const STEPS_MIN: usize = 4;
/// So many windows are still told apart at a glance.
const WINDOWS_MAX: usize = 4;
/// Minutes in a day.
const DAY: u16 = 24 * 60;

/// When within a day.
pub(super) fn written(times: &Times, on_every_day: bool) -> String {
    match times {
        Times::Fixed(readings) => {
            overnight(readings).filter(|_| on_every_day).unwrap_or_else(|| fixed(readings))
        }
        Times::Moving(readings) => moving(readings),
        Times::Elapsed(minutes) => every(*minutes),
    }
}

fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// "every 15 minutes", "every 2 hours".
fn every(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, 1) => "every minute".to_owned(),
        (1, 0) => "every hour".to_owned(),
        (hours, 0) => format!("every {hours} hours"),
        _ => format!("every {minutes} minutes"),
    }
}

fn fixed(readings: &Readings) -> String {
    let times: Vec<u16> = readings.iter().collect();
    if let ([first, second, ..], Some(last)) = (&times[..], times.last()) {
        let step = second - first;
        let even = times.windows(2).all(|pair| pair[1] - pair[0] == step);
        if even && times.len() >= STEPS_MIN {
            return format!("{} from {} through {}", every(u32::from(step)), clock(*first), clock(*last));
        }
    }
    if let Some(runs) = runs(&times).filter(|_| times.len() > LISTED_MAX) {
        return runs;
    }
    match product(readings) {
        Some((minutes, hours)) if times.len() > LISTED_MAX => {
            format!("at {}", in_hours(minutes, &hours))
        }
        Some(_) | None => {
            let times: Vec<String> = times.iter().map(|time| clock(*time)).collect();
            format!("at {}", list(&times))
        }
    }
}

/// Equal steps within a few windows.
fn runs(times: &[u16]) -> Option<String> {
    let step = times.windows(2).map(|pair| pair[1] - pair[0]).min()?;
    let runs: Vec<&[u16]> = times.chunk_by(|before, after| after - before == step).collect();
    let windows =
        runs.iter().map(|run| format!("from {} through {}", clock(run[0]), clock(run[run.len() - 1])));
    let windows: Vec<String> = windows.collect();
    (runs.len() <= WINDOWS_MAX && runs.iter().all(|run| run.len() > 1))
        .then(|| format!("{} {}", every(u32::from(step)), list(&windows)))
}

/// Equal steps that run over midnight, which only where every day is meant are one window.
fn overnight(readings: &Readings) -> Option<String> {
    let times: Vec<u16> = readings.iter().collect();
    let gaps = times.windows(2).map(|pair| pair[1] - pair[0]);
    let (last, _) = gaps.enumerate().max_by_key(|(_, gap)| *gap)?;
    let (evening, morning) = (&times[last + 1..], &times[..=last]);
    let night: Vec<u16> = evening.iter().copied().chain(morning.iter().map(|time| time + DAY)).collect();
    let step = night.get(1)? - night[0];
    let even = night.windows(2).all(|pair| pair[1] - pair[0] == step);
    (even && night.len() >= STEPS_MIN && evening.len() > 1).then(|| {
        format!("{} from {} through {}", every(u32::from(step)), clock(evening[0]), clock(times[last]))
    })
}

fn moving(readings: &Readings) -> String {
    let Some((minutes, hours)) = product(readings) else {
        return fixed(readings);
    };
    // A step that divides the day, from midnight on.
    let step = hours.get(1).copied().unwrap_or(24);
    let regular = 24_u32.is_multiple_of(step)
        && hours.len() > 1
        && hours.iter().copied().eq((0..24).step_by(usize::try_from(step).unwrap_or(1)));
    if !regular {
        return format!("each time the clock shows {}", in_hours(minutes, &hours));
    }
    if minutes == 1 {
        return every(step * 60);
    }
    let of_hour = numbers(minutes);
    let apart = of_hour.get(1).copied().unwrap_or(60);
    let even = 60_u32.is_multiple_of(apart)
        && of_hour.iter().copied().eq((0..60).step_by(usize::try_from(apart).unwrap_or(1)));
    if even && step == 1 {
        return every(apart);
    }
    if of_hour.len() > LISTED_MAX {
        return format!("each time the clock shows {}", in_hours(minutes, &hours));
    }
    let of_hour: Vec<String> = of_hour.iter().map(|minute| format!(":{minute:02}")).collect();
    format!("at {} past {}", list(&of_hour), every(step * 60))
}

/// The minutes and the hours, where all hours have the same minutes.
fn product(readings: &Readings) -> Option<(u64, Vec<u32>)> {
    let mut all = (0_u32..).zip(readings.hours()).filter(|(_, minutes)| **minutes != 0);
    let (first, minutes) = all.next()?;
    let mut hours = vec![first];
    for (hour, other) in all {
        if other != minutes {
            return None;
        }
        hours.push(hour);
    }
    Some((*minutes, hours))
}

/// "minutes 0 and 30 of the hours 9 to 12 and 14".
fn in_hours(minutes: u64, hours: &[u32]) -> String {
    let minutes = numbers(minutes);
    let minute = if minutes.len() == 1 { "minute" } else { "minutes" };
    let hour = if hours.len() == 1 { "hour" } else { "hours" };
    let plain = |number: u32| number.to_string();
    let minutes = list(&ranges(&minutes, plain));
    format!("{minute} {minutes} of the {hour} {}", list(&ranges(hours, plain)))
}
