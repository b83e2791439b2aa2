//! The moments at which lines are due, in order.
//!
//! Nothing is kept between two questions but where the last answer was, so that any moment can be
//! asked from. Days without a clock change near them are told by arithmetic; the others are looked
//! up reading by reading.

use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::clock::{Clock, Due, Effect, Rules};
use super::{Line, Readings, Times};

/// How many days an interval that is kept to certain days is followed before it is held to be due
/// never again: it is due on every matching day or on a share of them, so this is far too many.
const DAYS_TRIED_MAX: usize = 20_000;
/// The first stretch in which the latest moment is looked for; each following one is so many times
/// as long, which keeps few both the stretches and what is passed over in the last of them.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(1);
const LOOK_BACK_GROWTH: i32 = 4;

/// A moment at which a schedule is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fire {
    /// The moment.
    pub at: Timestamp,
    /// On days of a clock change, what the change is, and what it did to this moment.
    pub note: Option<String>,
}

/// The moments after a given one at which a schedule is due, in order and each once.
#[derive(Debug)]
pub struct Fires<'s> {
    lines: &'s [Line],
    clock: Clock<'s>,
    after: Option<Timestamp>,
}

impl<'s> Fires<'s> {
    pub(crate) fn new(lines: &'s [Line], zone: &'s TimeZone, rules: &Rules, after: Timestamp) -> Self {
        Self { lines, clock: Clock::new(zone, *rules, after), after: Some(after) }
    }

    fn due(&mut self) -> Option<Due> {
        let after = self.after?;
        let clock = &mut self.clock;
        let due = self.lines.iter().filter_map(|line| line.next(clock, after)).min_by_key(|due| due.at);
        self.after = due.map(|due| due.at);
        due
    }

    /// The moments alone, without what clock changes did to them.
    pub fn moments(mut self) -> impl Iterator<Item = Timestamp> + use<'s> {
        std::iter::from_fn(move || self.due().map(|due| due.at))
    }
}

impl Iterator for Fires<'_> {
    type Item = Fire;

    fn next(&mut self) -> Option<Fire> {
        let due = self.due()?;
        Some(Fire { at: due.at, note: note(&mut self.clock, due) })
    }
}

/// The latest moment before a given one at which one of some lines is due.
pub(crate) fn latest_before(
    lines: &[Line],
    zone: &TimeZone,
    rules: &Rules,
    before: Timestamp,
) -> Option<Fire> {
    let mut length = LOOK_BACK;
    loop {
        let from = before.checked_sub(length).unwrap_or(Timestamp::MIN);
        let mut fires = Fires::new(lines, zone, rules, from);
        let mut last = None;
        while let Some(due) = fires.due().filter(|due| due.at < before) {
            last = Some(due);
        }
        if let Some(due) = last {
            return Some(Fire { at: due.at, note: note(&mut fires.clock, due) });
        }
        if from == Timestamp::MIN {
            return None;
        }
        length = length.saturating_mul(LOOK_BACK_GROWTH);
    }
}

impl Line {
    /// The first moment after a given one at which this line is due.
    fn next(&self, clock: &mut Clock<'_>, after: Timestamp) -> Option<Due> {
        match &self.times {
            Times::Fixed(readings) | Times::Moving(readings) => self.next_reading(clock, readings, after),
            Times::Elapsed(minutes) => self.next_elapsed(clock, *minutes, after),
        }
    }

    fn next_reading(&self, clock: &mut Clock<'_>, readings: &Readings, after: Timestamp) -> Option<Due> {
        let today = clock.shows(after).date();
        let quiet = clock.quiet(today).is_some();
        // A reading of yesterday can be due today, where the clocks go forward over midnight.
        let mut day = if quiet { today } else { today.yesterday().unwrap_or(today) };
        let mut best: Option<(Date, Due)> = None;
        loop {
            let next = self.days.on_or_after(day, clock.first_day());
            if let Some((found, due)) = best
                && next.is_none_or(|next| next > found.tomorrow().unwrap_or(found))
            {
                return Some(due);
            }
            day = next?;
            let due = match clock.quiet(day) {
                Some(offset) => first_quiet(readings, day, offset, after),
                None => self.first_changing(clock, readings, day, after),
            };
            if let Some(due) = due.filter(|due| best.is_none_or(|(_, best)| due.at < best.at)) {
                best = Some((best.map_or(day, |(found, _)| found), due));
            }
            match best {
                Some((_, due)) if clock.quiet(day).is_some() => return Some(due),
                Some((found, due)) if found < day => return Some(due),
                Some(_) | None => day = day.tomorrow().ok()?,
            }
        }
    }

    /// The first of a day's readings that is due after a moment, where a clock change is near.
    fn first_changing(
        &self,
        clock: &Clock<'_>,
        readings: &Readings,
        day: Date,
        after: Timestamp,
    ) -> Option<Due> {
        let moments =
            readings.iter().filter_map(|minute| at(day, minute)).flat_map(|reading| match self.times {
                Times::Moving(_) => clock.moving(reading),
                Times::Fixed(_) | Times::Elapsed(_) => clock.fixed(reading),
            });
        // Of two readings that fall on one moment the one that was not shifted is told.
        let order = |due: &Due| (due.at, matches!(due.effect, Effect::Shifted(_)));
        moments.flatten().filter(|due| due.at > after).min_by_key(order)
    }

    fn next_elapsed(&self, clock: &Clock<'_>, minutes: u32, after: Timestamp) -> Option<Due> {
        let anchor = clock.anchor();
        let step = i64::from(minutes) * 60;
        // Moments before this one are passed over; the first beat may be this one itself.
        let mut from = after.as_second().checked_add(1)?;
        for _ in 0..DAYS_TRIED_MAX {
            let since = from.checked_sub(anchor.as_second())?;
            let beats = since.div_euclid(step) + i64::from(since.rem_euclid(step) > 0);
            let seconds = SignedDuration::from_secs(beats.checked_mul(step)?);
            let at = anchor.checked_add(seconds).ok()?;
            let day = clock.shows(at).date();
            let wanted = self.days.on_or_after(day, clock.first_day())?;
            if wanted == day && at > after {
                return Some(Due { at, effect: Effect::Kept });
            }
            from = if wanted == day { from + step } else { clock.start_of(wanted)?.as_second() };
        }
        None
    }
}

/// The first of a day's readings after a moment, where the day has one offset.
fn first_quiet(readings: &Readings, day: Date, offset: Offset, after: Timestamp) -> Option<Due> {
    let midnight = offset.to_timestamp(day.at(0, 0, 0, 0)).ok()?;
    let passed = after.duration_since(midnight);
    let from = if passed.is_negative() { 0 } else { u16::try_from(passed.as_mins() + 1).ok()? };
    let minute = readings.on_or_after(from)?;
    let at = midnight.checked_add(SignedDuration::from_mins(i64::from(minute))).ok()?;
    Some(Due { at, effect: Effect::Kept })
}

fn at(day: Date, minute: u16) -> Option<DateTime> {
    Some(day.at(i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?, 0, 0))
}

/// What is to be said of a moment, because of a clock change on its day.
fn note(clock: &mut Clock<'_>, due: Due) -> Option<String> {
    let day = clock.shows(due.at).date();
    if clock.quiet(day).is_some() {
        return None;
    }
    let shifted = match due.effect {
        Effect::Kept => None,
        Effect::Shifted(reading) => Some(format!("{} does not exist", hour(reading))),
        Effect::First(reading) => Some(format!("{} comes twice, and this is the first", hour(reading))),
        Effect::Second(reading) => Some(format!("{} comes twice, and this is the second", hour(reading))),
    };
    let change = clock.change_on(day).map(|(_, seconds)| {
        let way = if seconds > 0 { "forward" } else { "back" };
        format!("The clocks go {way} by {} on this day", length(seconds.abs()))
    });
    match (change, shifted) {
        (Some(change), Some(shifted)) => Some(format!("{change}: {shifted}.")),
        (Some(change), None) => Some(format!("{change}.")),
        (None, shifted) => shifted.map(|shifted| format!("Because of a clock change {shifted}.")),
    }
}

fn hour(reading: DateTime) -> String {
    format!("{:02}:{:02}", reading.hour(), reading.minute())
}

fn length(seconds: i32) -> String {
    match (seconds / 3600, seconds % 3600 / 60) {
        (1, 0) => "1 hour".to_owned(),
        (hours, 0) => format!("{hours} hours"),
        (0, minutes) => format!("{minutes} minutes"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}
