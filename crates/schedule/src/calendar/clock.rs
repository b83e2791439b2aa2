//! A local clock: which moments it shows a reading at, and what its changes do to that.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

/// The longest that a clock was ever changed by at once is a day (Samoa left out the whole of
/// 30 December 2011); an hour more keeps the bound clear of the change itself.
const CHANGE_HOURS_MAX: i64 = 25;
/// Where intervals are counted from if nothing else is said: the first Monday after the epoch.
const ANCHOR_DAY: Date = Date::constant(1970, 1, 5);

/// What becomes of a fixed time that a clock change leaves out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gap {
    /// It is due at the first moment after the gap.
    #[default]
    Shift,
    /// It is not due on that day.
    Skip,
}

/// What becomes of a fixed time that a clock change brings twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Repeat {
    /// It is due the first time.
    #[default]
    First,
    /// It is due the second time.
    Second,
    /// It is due both times.
    Both,
}

/// What a schedule's text does not say: how clock changes are met, and where intervals begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// For fixed times that do not exist on a day.
    pub gap: Gap,
    /// For fixed times that exist twice on a day.
    pub repeat: Repeat,
    /// Where intervals are counted from; without it from 1970-01-05 00:00 in the schedule's zone.
    pub anchor: Option<Timestamp>,
}

/// What a clock change did to a time that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing.
    Kept,
    /// This reading does not exist, and the moment is the first after the gap.
    Shifted(DateTime),
    /// This reading exists twice, and the moment is the first of them.
    First(DateTime),
    /// This reading exists twice, and the moment is the second of them.
    Second(DateTime),
}

/// A moment at which something is due, with what a clock change did to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) at: Timestamp,
    pub(crate) effect: Effect,
}

/// A stretch of time without a clock change.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    from: Timestamp,
    until: Timestamp,
    offset: Offset,
}

/// The clock of a zone, under the rules of a schedule.
#[derive(Debug)]
pub(crate) struct Clock<'z> {
    zone: &'z TimeZone,
    rules: Rules,
    /// Where intervals of days are counted from.
    first_day: Date,
    /// The stretch that was looked at last: most questions are about the same one.
    stretch: Stretch,
}

impl<'z> Clock<'z> {
    pub(crate) fn new(zone: &'z TimeZone, rules: Rules, near: Timestamp) -> Self {
        let first_day = rules.anchor.map_or(ANCHOR_DAY, |anchor| zone.to_datetime(anchor).date());
        Self { zone, rules, first_day, stretch: Stretch::around(zone, near) }
    }

    pub(crate) const fn first_day(&self) -> Date {
        self.first_day
    }

    /// The moment from which elapsed time is counted.
    pub(crate) fn anchor(&self) -> Timestamp {
        self.rules.anchor.or_else(|| self.start_of(ANCHOR_DAY)).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// What the clock shows at a moment.
    pub(crate) fn shows(&self, at: Timestamp) -> DateTime {
        self.zone.to_datetime(at)
    }

    /// The first moment of a day.
    pub(crate) fn start_of(&self, day: Date) -> Option<Timestamp> {
        match self.zone.to_ambiguous_timestamp(day.at(0, 0, 0, 0)).offset() {
            AmbiguousOffset::Gap { before, .. } => self.end_of_gap(day.at(0, 0, 0, 0), before),
            AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { before: offset, .. } => {
                offset.to_timestamp(day.at(0, 0, 0, 0)).ok()
            }
        }
    }

    /// The one offset of a day on which no clock change has any effect, and none on the days beside
    /// it reaches over into it.
    pub(crate) fn quiet(&mut self, day: Date) -> Option<Offset> {
        let midnight = self.stretch.offset.to_timestamp(day.at(0, 0, 0, 0)).ok()?;
        if midnight < self.stretch.from || midnight >= self.stretch.until {
            self.stretch = Stretch::around(self.zone, midnight);
        }
        let midnight = self.stretch.offset.to_timestamp(day.at(0, 0, 0, 0)).ok()?;
        let margin = jiff::SignedDuration::from_hours(CHANGE_HOURS_MAX);
        let before = midnight.checked_sub(margin).ok()?;
        let after = midnight.checked_add(margin + jiff::SignedDuration::from_hours(24)).ok()?;
        (self.stretch.from <= before && after <= self.stretch.until).then_some(self.stretch.offset)
    }

    /// The moments at which a fixed time is due: mostly one, none where it is skipped.
    pub(crate) fn fixed(&self, reading: DateTime) -> [Option<Due>; 2] {
        let due = |offset: Offset, effect| offset.to_timestamp(reading).ok().map(|at| Due { at, effect });
        match self.zone.to_ambiguous_timestamp(reading).offset() {
            AmbiguousOffset::Unambiguous { offset } => [due(offset, Effect::Kept), None],
            AmbiguousOffset::Gap { before, .. } => match self.rules.gap {
                Gap::Skip => [None, None],
                Gap::Shift => {
                    let at = self.end_of_gap(reading, before);
                    [at.map(|at| Due { at, effect: Effect::Shifted(reading) }), None]
                }
            },
            AmbiguousOffset::Fold { before, after } => {
                let first = due(before, Effect::First(reading));
                let second = due(after, Effect::Second(reading));
                match self.rules.repeat {
                    Repeat::First => [first, None],
                    Repeat::Second => [None, second],
                    Repeat::Both => [first, second],
                }
            }
        }
    }

    /// The moments at which the clock really shows a reading: none, one or two.
    pub(crate) fn moving(&self, reading: DateTime) -> [Option<Due>; 2] {
        let due = |offset: Offset, effect| offset.to_timestamp(reading).ok().map(|at| Due { at, effect });
        match self.zone.to_ambiguous_timestamp(reading).offset() {
            AmbiguousOffset::Unambiguous { offset } => [due(offset, Effect::Kept), None],
            AmbiguousOffset::Gap { .. } => [None, None],
            AmbiguousOffset::Fold { before, after } => {
                [due(before, Effect::First(reading)), due(after, Effect::Second(reading))]
            }
        }
    }

    /// The clock change within a day, as the moment and the seconds by which the clock goes forward.
    pub(crate) fn change_on(&self, day: Date) -> Option<(Timestamp, i32)> {
        let start = self.start_of(day)?;
        let end = self.start_of(day.tomorrow().ok()?)?;
        // A change at midnight belongs to the day that begins with it.
        let before = start.checked_sub(jiff::SignedDuration::from_secs(1)).ok()?;
        let mut offset = self.zone.to_offset(before);
        for change in self.zone.following(before).take_while(|change| change.timestamp() < end) {
            let seconds = change.offset().seconds() - offset.seconds();
            if seconds != 0 {
                return Some((change.timestamp(), seconds));
            }
            offset = change.offset();
        }
        None
    }

    /// The first moment after the gap that a reading falls into.
    fn end_of_gap(&self, reading: DateTime, before: Offset) -> Option<Timestamp> {
        // By the offset of before, the reading lies behind the change; the change is the last one there.
        let behind = before.to_timestamp(reading).ok()?;
        let next = behind.checked_add(jiff::SignedDuration::from_secs(1)).ok()?;
        self.zone.preceding(next).next().map(|change| change.timestamp())
    }
}

impl Stretch {
    fn around(zone: &TimeZone, at: Timestamp) -> Self {
        let offset = zone.to_offset(at);
        let next = at.checked_add(jiff::SignedDuration::from_secs(1)).unwrap_or(Timestamp::MAX);
        Self {
            from: zone.preceding(next).next().map_or(Timestamp::MIN, |change| change.timestamp()),
            until: zone.following(at).next().map_or(Timestamp::MAX, |change| change.timestamp()),
            offset,
        }
    }
}
