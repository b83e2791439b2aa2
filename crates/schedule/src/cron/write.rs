//! Writes lines as cron expressions that hold exactly the same.

use crate::calendar::{Dates, Days, EVERY_MONTH, Line, Picked, Times, Weekdays};

/// The expressions of a line, or nothing where there are none that hold it.
pub(crate) fn write(line: &Line) -> Option<Vec<String>> {
    let (readings, moves) = match &line.times {
        Times::Fixed(readings) => (readings, false),
        Times::Moving(readings) => (readings, true),
        Times::Elapsed(_) => return None,
    };
    let days = days(&line.days)?;
    let mut kinds: Vec<u64> = Vec::new();
    for minutes in readings.hours().iter().filter(|minutes| **minutes != 0) {
        if !kinds.contains(minutes) {
            kinds.push(*minutes);
        }
    }
    let of_kind = |minutes: &u64| {
        let same = readings.hours().iter().enumerate().filter(|(_, of_hour)| *of_hour == minutes);
        let hours: Vec<u32> = same.filter_map(|(hour, _)| u32::try_from(hour).ok()).collect();
        let hours = if moves { moving_hours(&hours) } else { ranges(&hours) };
        format!("{} {hours} {days}", self::minutes(*minutes))
    };
    Some(kinds.iter().map(of_kind).collect())
}

fn minutes(set: u64) -> String {
    let minutes: Vec<u32> = (0..60).filter(|minute| set & (1 << minute) != 0).collect();
    if minutes == [0, 30] {
        return "*/30".to_owned();
    }
    match step(&minutes) {
        Some(1) if minutes.len() == 60 => "*".to_owned(),
        Some(step) if step > 1 && minutes[0] == 0 && minutes[minutes.len() - 1] + step > 59 => {
            format!("*/{step}")
        }
        Some(_) | None => ranges(&minutes),
    }
}

/// Hours that are not fixed: there is a `*` or a step in the field.
fn moving_hours(hours: &[u32]) -> String {
    if hours.len() == 24 {
        return "*".to_owned();
    }
    let step = if let [first, second] = hours { Some(second - first) } else { step(hours) };
    match (step, hours) {
        (Some(step), [0, .., last]) if last + step > 23 => format!("*/{step}"),
        (Some(step), [first, .., last]) => format!("{first}-{last}/{step}"),
        _ => hours.iter().map(|hour| format!("{hour}-{hour}/1")).collect::<Vec<_>>().join(","),
    }
}

/// The distance between numbers that all have the same one; there have to be three of them.
fn step(numbers: &[u32]) -> Option<u32> {
    let step = numbers.get(1)? - numbers[0];
    (numbers.len() > 2 && numbers.windows(2).all(|pair| pair[1] - pair[0] == step)).then_some(step)
}

/// A list, in which three or more numbers in a row are a range.
fn ranges(numbers: &[u32]) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut at = 0;
    while let Some(first) = numbers.get(at) {
        let run = (0_u32..).zip(&numbers[at..]).take_while(|(nth, number)| first + nth == **number).count();
        if run > 2 {
            parts.push(format!("{first}-{}", numbers[at + run - 1]));
            at += run;
        } else {
            parts.push(first.to_string());
            at += 1;
        }
    }
    parts.join(",")
}

fn days(days: &Days) -> Option<String> {
    let Days::Picked(picked) = days else {
        return None;
    };
    let Picked { months, dates, weekdays, both: _ } = picked;
    if picked.both == crate::calendar::Both::Needed {
        return None;
    }
    let months: Vec<u32> = (1..=12).filter(|month| months & (1 << month) != 0).collect();
    let months = if picked.months == EVERY_MONTH { "*".to_owned() } else { ranges(&months) };
    Some(format!("{} {months} {}", self::dates(dates)?, self::weekdays(weekdays)?))
}

fn dates(dates: &Dates) -> Option<String> {
    if dates.is_empty() {
        return Some("*".to_owned());
    }
    let mut parts = Vec::new();
    let days: Vec<u32> = (1..=31).filter(|day| dates.days & (1 << day) != 0).collect();
    if !days.is_empty() {
        parts.push(ranges(&days));
    }
    for before in (0..31).filter(|before| dates.before_last & (1 << before) != 0) {
        parts.push(if before == 0 { "L".to_owned() } else { format!("L-{before}") });
    }
    // The first working day of a month is the one that is nearest to the 1st.
    let nearest = dates.nearest | dates.workdays & 1 << 1;
    parts.extend((1..=31).filter(|day| nearest & (1 << day) != 0).map(|day| format!("{day}W")));
    if dates.last_workdays & 1 << 1 != 0 {
        parts.push("LW".to_owned());
    }
    let others = (dates.workdays | dates.last_workdays) & !(1 << 1);
    (others == 0).then(|| parts.join(","))
}

fn weekdays(weekdays: &Weekdays) -> Option<String> {
    if weekdays.is_empty() {
        return Some("*".to_owned());
    }
    let numbers = |set: u8| -> Vec<u32> {
        // Monday is 1 and Sunday 0; ranges read better where Sunday is the 7 at their end.
        let week = (0..7).filter(|day| set & (1 << day) != 0).map(|day| day + 1);
        let mut week: Vec<u32> = week.collect();
        if week.last() == Some(&7) && !week.ends_with(&[5, 6, 7]) {
            week.pop();
            week.insert(0, 0);
        }
        week
    };
    let mut parts = Vec::new();
    if weekdays.every != 0 {
        parts.push(ranges(&numbers(weekdays.every)));
    }
    for (week, set) in (1..).zip(weekdays.nth) {
        parts.extend(numbers(set).iter().map(|day| format!("{}#{week}", day % 7)));
    }
    parts.extend(numbers(weekdays.last[0]).iter().map(|day| format!("{}L", day % 7)));
    weekdays.last[1..].iter().all(|set| *set == 0).then(|| parts.join(","))
}
