//! Schedules, as people write them, and the moments at which they are due.
//!
//! [`read`] takes English ("every Monday at 9am EST") or a cron expression. What it understood is a
//! [`Schedule`]: it explains itself as a sentence that reads back to the same, writes itself as cron
//! where cron can hold it, and gives its [`Fires`]. What cannot be held exactly is [`Refused`], with
//! the reason and the nearest thing that would be understood; no word is skipped.
//!
//! There is no clock here, no waiting and no I/O, and nobody else of the project is known: moments
//! come in as arguments. Zones are those of a database that is built in.

#![warn(missing_docs)]

mod refused;

mod zone;

mod calendar;

mod cron;

mod english;

mod explain;

use jiff::Timestamp;
use jiff::tz::TimeZone;

pub use calendar::{Fire, Fires, Gap, Repeat, Rules};
pub use refused::Refused;

use calendar::Line;
use zone::Zone;

/// The longest text that is read, in characters. The longest that a person would write has some
/// three hundred; the rest is room for lists.
pub const TEXT_CHARS_MAX: usize = 2_000;

/// What a text says about when something is due.
#[derive(Clone, Debug)]
pub struct Schedule {
    lines: Vec<Line>,
    zone: TimeZone,
    notes: Vec<String>,
}

/// Reads a schedule, in English or as cron. A zone that the text names wins over `timezone`, which is
/// a field of its own; where neither names one it is UTC.
pub fn read(text: &str, timezone: Option<&str>) -> Result<Schedule, Refused> {
    if text.chars().count() > TEXT_CHARS_MAX {
        return Err(Refused::new(
            format!("The text is longer than {TEXT_CHARS_MAX} characters."),
            "Write it shorter, or as several schedules.",
        ));
    }
    if text.trim().is_empty() {
        return Err(Refused::new(
            "The text is empty.",
            "Write when it is to fire, such as `every Monday at 9am`.",
        ));
    }
    let field = timezone.filter(|zone| !zone.trim().is_empty()).map(zone::of_field).transpose()?;
    let (lines, mut notes, named) = if cron::is_meant(text) {
        let cron = cron::read(text)?;
        let named =
            cron.zone.as_deref().map(|zone| zone::of_field(zone.trim_matches(['(', ')']))).transpose()?;
        (vec![cron.line], cron.notes, named)
    } else {
        let phrase = english::read(text)?;
        (phrase.lines, phrase.notes, phrase.zone)
    };
    if let (Some(named), Some(field)) = (&named, &field)
        && named.zone != field.zone
    {
        notes.push(format!("The zone in the text is used, and not {}.", field.name()));
    }
    let zone = named.or(field).unwrap_or(Zone::UTC);
    notes.extend(zone.note);
    let schedule = Schedule { lines, zone: zone.zone, notes };
    schedule.comes()?;
    if schedule.description().chars().count() > TEXT_CHARS_MAX {
        return Err(Refused::new(
            "The text says too much for one schedule.",
            "Write it as several schedules.",
        ));
    }
    Ok(schedule)
}

impl Schedule {
    /// What it says, as a sentence with its zone, which reads back to the same moments.
    pub fn description(&self) -> String {
        explain::sentence(&self.lines, self.timezone())
    }

    /// The cron expressions that together hold exactly the same, or nothing where there are none.
    pub fn cron(&self) -> Option<Vec<String>> {
        let written: Option<Vec<Vec<String>>> = self.lines.iter().map(cron::write).collect();
        let mut all = Vec::new();
        for expression in written?.into_iter().flatten() {
            if !all.contains(&expression) {
                all.push(expression);
            }
        }
        Some(all)
    }

    /// The zone's name in the IANA database.
    pub fn timezone(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// What is to be said of how it was read.
    pub fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    /// The moments after `after` at which it is due, in order and each once.
    pub fn fires_after(&self, rules: &Rules, after: Timestamp) -> Fires<'_> {
        Fires::new(&self.lines, &self.zone, rules, after)
    }

    /// The latest moment before `before` at which it was due.
    pub fn latest_before(&self, rules: &Rules, before: Timestamp) -> Option<Fire> {
        calendar::latest_before(&self.lines, &self.zone, rules, before)
    }

    /// Refuses days that no calendar has.
    fn comes(&self) -> Result<(), Refused> {
        if self.lines.iter().all(Line::ever_comes) {
            return Ok(());
        }
        Err(Refused::new(
            "The days that it names never come.",
            "February has 29 days at most, and April, June, September and November have 30. \
             Write a day that comes, such as `on the last day of February`.",
        ))
    }
}
