//! Cron expressions: five fields, and the names that stand for common ones.
//!
//! There are no seconds and no years. What the fields say becomes one [`Line`].

mod days;
mod field;
mod write;

use crate::calendar::{Both, Days, EVERY_MONTH, Line, Picked, Readings, Times};
use crate::refused::Refused;
use field::{HOUR, MINUTE, MONTH};
pub(crate) use write::write;

/// Names that stand for whole expressions.
const NAMED: [(&str, &str); 8] = [
    ("@hourly", "0 * * * *"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@weekly", "0 0 * * 0"),
    ("@monthly", "0 0 1 * *"),
    ("@quarterly", "0 0 1 */3 *"),
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
];

/// What a cron expression says.
#[derive(Debug)]
pub(crate) struct Cron {
    pub(crate) line: Line,
    pub(crate) notes: Vec<String>,
    /// What stands before or after the five fields, and can only name a zone.
    pub(crate) zone: Option<String>,
}

/// Whether a text is to be read as cron: it begins with fields, or with one of the names.
pub(crate) fn is_meant(text: &str) -> bool {
    let text = text.trim_start();
    if text.starts_with("TZ=") || text.starts_with("CRON_TZ=") || text.contains('*') {
        return true;
    }
    if let Some(name) = text.strip_prefix('@') {
        let is_time = name.starts_with("noon") || name.starts_with("midday");
        return !is_time && name.starts_with(|letter: char| letter.is_ascii_alphabetic());
    }
    let is_field =
        |word: &str| word.chars().all(|letter| letter.is_ascii_digit() || "*/,-?".contains(letter));
    let is_date = |word: &str| is_field(word.trim_matches(['L', 'W', 'l', 'w']));
    let words: Vec<&str> = text.split_whitespace().take(3).collect();
    // "8, 12 and 16 o'clock" begins with numbers as well.
    let is_list = |word: &&str| word.starts_with([',', '-']) || word.ends_with([',', '-']);
    let [minute, hour, date] = words[..] else { return false };
    is_field(minute) && is_field(hour) && is_date(date) && !words.iter().any(is_list)
}

/// Reads a cron expression.
pub(crate) fn read(text: &str) -> Result<Cron, Refused> {
    let mut words: Vec<&str> = text.split_whitespace().collect();
    let mut zone = None;
    if let Some(named) = words.first().and_then(|first| zone_before(first)) {
        zone = Some(named.to_owned());
        words.remove(0);
    }
    if let Some(name) = words.first().filter(|first| first.starts_with('@')) {
        let expression = named(name)?;
        let rest = words.split_off(1);
        words = expression.split_whitespace().chain(rest).collect();
    }
    let after = words.split_off(words.len().min(5));
    if !after.is_empty() {
        if zone.is_some() || !is_zone(&after) {
            return Err(too_many(&words, &after));
        }
        zone = Some(after.join(" "));
    }
    let [minute, hour, date, month, weekday] = words[..] else {
        return Err(Refused::new(
            format!("A cron expression has five fields, and this has {}.", words.len()),
            "Write minute, hour, day of the month, month and day of the week, such as `0 9 * * 1`.",
        ));
    };
    let mut notes = Vec::new();
    let minutes = field::read(minute, &MINUTE, &mut notes)?;
    let hours = field::read(hour, &HOUR, &mut notes)?;
    let months = field::read(month, &MONTH, &mut notes)?;
    let readings = Readings::product(minutes.set, u32::try_from(hours.set).unwrap_or(0));
    let times = if hours.moves { Times::Moving(readings) } else { Times::Fixed(readings) };
    let dates = days::dates(date, &mut notes)?;
    let weekdays = days::weekdays(weekday, &mut notes)?;
    if let (Some(_), Some(_)) = (dates, weekdays) {
        notes.push(days::either(date, weekday));
    }
    let months = u16::try_from(months.set).unwrap_or(EVERY_MONTH);
    let picked = Picked {
        months,
        dates: dates.unwrap_or_default(),
        weekdays: weekdays.unwrap_or_default(),
        both: Both::Either,
    };
    Ok(Cron { line: Line { times, days: Days::Picked(picked.normal()) }, notes, zone })
}

fn zone_before(word: &str) -> Option<&str> {
    word.strip_prefix("CRON_TZ=").or_else(|| word.strip_prefix("TZ="))
}

fn named(name: &str) -> Result<&'static str, Refused> {
    let name = name.to_ascii_lowercase();
    let found = NAMED.iter().find(|(named, _)| *named == name).map(|(_, expression)| *expression);
    found.ok_or_else(|| match name.as_str() {
        "@reboot" => Refused::new(
            "`@reboot` names no time: a schedule does not depend on when the server was started.",
            "Name a time, such as `@daily` or `every day at 9am`.",
        ),
        "@every" => Refused::new(
            "`@every` is not understood.",
            "Write the interval in words, such as `every 90 minutes`.",
        ),
        _ => Refused::new(
            format!("`{name}` stands for no schedule."),
            "Write one of @hourly, @daily, @weekly, @monthly, @quarterly and @yearly.",
        ),
    })
}

/// Whether words after the fields could name a zone; numbers, signs and weekdays are further fields.
fn is_zone(words: &[&str]) -> bool {
    let is_name = |word: &&str| {
        word.len() > 1 && word.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '(')
    };
    words.first().is_some_and(is_name)
        && words.iter().all(|word| days::weekdays(word, &mut Vec::new()).is_err())
}

fn too_many(words: &[&str], after: &[&str]) -> Refused {
    let fields: Vec<&str> = words.iter().chain(after).copied().collect();
    let count = fields.len();
    let reason = format!(
        "A cron expression has five fields, and this has {count}: there are no seconds and no years."
    );
    let hint = match fields[..] {
        ["0", .., _] if count == 6 && read(&fields[1..].join(" ")).is_ok() => {
            format!("Without the seconds it is `{}`.", fields[1..].join(" "))
        }
        _ => {
            "Write minute, hour, day of the month, month and day of the week, such as `0 9 * * 1`.".to_owned()
        }
    };
    Refused::new(reason, hint)
}
