//! Which days of the calendar a schedule means.
//!
//! Nothing here knows a zone: a day is a date.

use jiff::civil::Date;

/// All seven days, Monday first.
pub(crate) const EVERY_WEEKDAY: u8 = 0b111_1111;
/// Monday to Friday.
pub(crate) const WORKDAYS: u8 = 0b001_1111;
/// Saturday and Sunday.
pub(crate) const WEEKEND: u8 = 0b110_0000;
/// All twelve months; January is bit 1.
pub(crate) const EVERY_MONTH: u16 = 0b1_1111_1111_1110;
/// All days that a month can have; the 1st is bit 1.
pub(crate) const EVERY_DATE: u32 = 0xFFFF_FFFE;
/// After so many years the calendar repeats itself to the weekday.
const CALENDAR_YEARS: i16 = 400;

/// The days of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Days {
    /// Those that the calendar picks.
    Picked(Picked),
    /// Every so many days, counted from a first one.
    Counted(u32),
    /// Some weekdays of every so many weeks; a week begins on the weekday of the day that is counted from.
    Alternating {
        /// How many weeks.
        weeks: u32,
        /// Which weekdays, Monday first.
        weekdays: u8,
    },
}

/// Days that can be told from a calendar sheet alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Picked {
    /// The months, as bits from 1 to 12.
    pub(crate) months: u16,
    /// Days by their place in the month.
    pub(crate) dates: Dates,
    /// Days by their weekday.
    pub(crate) weekdays: Weekdays,
    /// What it takes where both of them name days.
    pub(crate) both: Both,
}

/// What it takes for a day where dates and weekdays are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Both {
    /// One of them is enough, as in cron.
    Either,
    /// It has to be both, as in "Friday the 13th".
    Needed,
}

/// Days by their place in the month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dates {
    /// The 1st is bit 1.
    pub(crate) days: u32,
    /// So many days before the last; bit 0 is the last day.
    pub(crate) before_last: u32,
    /// The working day that is nearest to that date within the month; the 1st is bit 1.
    pub(crate) nearest: u32,
    /// The working days of the month, the first is bit 1.
    pub(crate) workdays: u32,
    /// The working days counted from the end, the last is bit 1.
    pub(crate) last_workdays: u32,
}

/// Days by their weekday; in each set Monday is bit 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Weekdays {
    /// Every one in the month.
    pub(crate) every: u8,
    /// The first to the fifth of the month.
    pub(crate) nth: [u8; 5],
    /// The last to the fifth from the end.
    pub(crate) last: [u8; 5],
}

impl Dates {
    /// Whether no date is named.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Weekdays {
    /// Whether no weekday is named.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Picked {
    /// Every day.
    pub(crate) const ALL: Self = Self {
        months: EVERY_MONTH,
        dates: Dates { days: 0, before_last: 0, nearest: 0, workdays: 0, last_workdays: 0 },
        weekdays: Weekdays { every: 0, nth: [0; 5], last: [0; 5] },
        both: Both::Either,
    };

    /// The same days, said in one way: sets that name every day name none.
    pub(crate) fn normal(mut self) -> Self {
        let all_dates = self.dates.days == EVERY_DATE;
        let all_weekdays = self.weekdays.every == EVERY_WEEKDAY;
        match self.both {
            Both::Either if all_dates || all_weekdays => {
                (self.dates, self.weekdays) = (Dates::default(), Weekdays::default());
            }
            Both::Either => {}
            Both::Needed => {
                if all_dates {
                    self.dates = Dates::default();
                }
                if all_weekdays {
                    self.weekdays = Weekdays::default();
                }
            }
        }
        if self.dates.is_empty() || self.weekdays.is_empty() {
            self.both = Both::Either;
        }
        for weekdays in self.weekdays.nth.iter_mut().chain(&mut self.weekdays.last) {
            *weekdays &= !self.weekdays.every;
        }
        self
    }

    /// Whether every day is one of them.
    pub(crate) fn is_every_day(&self) -> bool {
        *self == Self::ALL
    }

    /// Whether any day in the whole of the calendar is one of them.
    pub(crate) fn ever_comes(&self) -> bool {
        (2000..2000 + CALENDAR_YEARS).any(|year| (1..=12).any(|month| self.of_month(year, month) != 0))
    }

    /// The days of a month, the 1st as bit 1.
    pub(crate) fn of_month(&self, year: i16, month: i8) -> u32 {
        let Ok(first) = Date::new(year, month, 1) else {
            return 0;
        };
        if self.months & (1 << month) == 0 {
            return 0;
        }
        let sheet = Sheet::of(first);
        if self.dates.is_empty() && self.weekdays.is_empty() {
            return sheet.all();
        }
        let (dates, weekdays) = (sheet.dates(&self.dates), sheet.weekdays(&self.weekdays));
        match self.both {
            Both::Either => dates | weekdays,
            Both::Needed => dates & weekdays,
        }
    }

    /// The first of them on or after a date; none after the end of the calendar.
    pub(crate) fn on_or_after(&self, from: Date) -> Option<Date> {
        let (mut year, mut month) = (from.year(), from.month());
        let mut kept = u32::MAX << from.day();
        for _ in 0..12 * i32::from(CALENDAR_YEARS) + 1 {
            let days = self.of_month(year, month) & kept;
            if days != 0 {
                return Date::new(year, month, i8::try_from(days.trailing_zeros()).ok()?).ok();
            }
            kept = u32::MAX;
            (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        }
        None
    }
}

impl Days {
    /// The first of them on or after a date, where intervals count from `first`.
    pub(crate) fn on_or_after(&self, from: Date, first: Date) -> Option<Date> {
        match self {
            Self::Picked(picked) => picked.on_or_after(from),
            Self::Counted(days) => {
                let since = i64::from(number(from)) - i64::from(number(first));
                let late = since.rem_euclid(i64::from(*days));
                later(from, if late == 0 { 0 } else { i64::from(*days) - late })
            }
            Self::Alternating { weeks, weekdays } => {
                let since = i64::from(number(from)) - i64::from(number(first));
                let round = 7 * i64::from(*weeks);
                let at = since.rem_euclid(round);
                // Within one week at the start of each round stand all the days that can be meant.
                let places = (0..7).map(|place| if place < at { place + round } else { place });
                let wanted = |place: &i64| later(from, place - at).is_some_and(|day| on(day, *weekdays));
                let mut places: Vec<i64> = places.collect();
                places.sort_unstable();
                places.into_iter().find(wanted).and_then(|place| later(from, place - at))
            }
        }
    }
}

fn on(day: Date, weekdays: u8) -> bool {
    weekdays & (1 << day.weekday().to_monday_zero_offset()) != 0
}

fn later(day: Date, days: i64) -> Option<Date> {
    day.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

/// The days since the start of 1970.
fn number(day: Date) -> i32 {
    let midnight = jiff::tz::Offset::UTC.to_timestamp(day.at(0, 0, 0, 0));
    let seconds = midnight.map_or(0, jiff::Timestamp::as_second);
    i32::try_from(seconds.div_euclid(86_400)).unwrap_or(0)
}

/// A month, as it hangs on a wall.
struct Sheet {
    /// How many days it has.
    len: u8,
    /// The weekday of the 1st, Monday as 0.
    first: u8,
}

impl Sheet {
    fn of(first: Date) -> Self {
        Self {
            len: first.days_in_month().unsigned_abs(),
            first: first.weekday().to_monday_zero_offset().unsigned_abs(),
        }
    }

    const fn all(&self) -> u32 {
        ((1_u32 << self.len) - 1) << 1
    }

    const fn weekday(&self, day: u8) -> u8 {
        (self.first + day - 1) % 7
    }

    /// The days of a month that fall on one of some weekdays.
    fn on(&self, weekdays: u8) -> u32 {
        (1..=self.len)
            .filter(|day| weekdays & (1 << self.weekday(*day)) != 0)
            .fold(0, |days, day| days | 1 << day)
    }

    fn weekdays(&self, wanted: &Weekdays) -> u32 {
        let mut days = if wanted.every == 0 { 0 } else { self.on(wanted.every) };
        for (week, weekdays) in (0_u8..).zip(wanted.nth).filter(|(_, weekdays)| *weekdays != 0) {
            days |= self.on(weekdays) & (0b1111_1110 << (7 * week)) & self.all();
        }
        for (week, weekdays) in (0_u8..).zip(wanted.last).filter(|(_, weekdays)| *weekdays != 0) {
            // A week of days that ends so many weeks before the end of the month.
            let from = i16::from(self.len) - 7 * (i16::from(week) + 1);
            let within = (1..=i16::from(self.len)).filter(|day| *day > from && *day <= from + 7);
            days |= self.on(weekdays) & within.fold(0, |days, day| days | 1 << day);
        }
        days
    }

    fn dates(&self, wanted: &Dates) -> u32 {
        let mut days = wanted.days & self.all();
        for before in (0..self.len).filter(|before| wanted.before_last & (1 << before) != 0) {
            days |= 1 << (self.len - before);
        }
        for day in (1..=self.len).filter(|day| wanted.nearest & (1 << day) != 0) {
            days |= 1 << self.nearest_workday(day);
        }
        if wanted.workdays != 0 || wanted.last_workdays != 0 {
            days |= self.counted(wanted);
        }
        days
    }

    fn nearest_workday(&self, day: u8) -> u8 {
        match self.weekday(day) {
            5 if day == 1 => 3,
            5 => day - 1,
            6 if day == self.len => day - 2,
            6 => day + 1,
            _ => day,
        }
    }

    /// The working days that are named by their count.
    fn counted(&self, wanted: &Dates) -> u32 {
        let workdays: Vec<u8> =
            (1..=self.len).filter(|day| WORKDAYS & (1 << self.weekday(*day)) != 0).collect();
        let numbered = (1_u8..).zip(&workdays).filter(|(nth, _)| wanted.workdays & (1 << nth) != 0);
        let from_last =
            (1_u8..).zip(workdays.iter().rev()).filter(|(nth, _)| wanted.last_workdays & (1 << nth) != 0);
        numbered.chain(from_last).fold(0, |days, (_, day)| days | 1 << day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(picked: Picked, year: i16, month: i8) -> Vec<u32> {
        let days = picked.of_month(year, month);
        (1..=31).filter(|day| days & (1 << day) != 0).collect()
    }

    #[test]
    fn the_nearest_working_day_stays_within_the_month() {
        let nearest =
            |day: u32| Picked { dates: Dates { nearest: 1 << day, ..Dates::default() }, ..Picked::ALL };
        // 1 August 2026 is a Saturday, 31 May 2026 a Sunday, 15 November 2026 a Sunday.
        assert_eq!(days(nearest(1), 2026, 8), [3]);
        assert_eq!(days(nearest(31), 2026, 5), [29]);
        assert_eq!(days(nearest(15), 2026, 11), [16]);
        assert_eq!(days(nearest(31), 2026, 6), [0; 0]);
    }

    #[test]
    fn weekdays_are_counted_from_both_ends_of_the_month() {
        let nth = |week: usize| {
            let mut weekdays = Weekdays::default();
            weekdays.nth[week] = 1 << 4;
            Picked { weekdays, ..Picked::ALL }
        };
        let last = |week: usize| {
            let mut weekdays = Weekdays::default();
            weekdays.last[week] = 1 << 4;
            Picked { weekdays, ..Picked::ALL }
        };
        // The Fridays of May 2026 are 1, 8, 15, 22 and 29; February 2026 has four.
        assert_eq!(days(nth(0), 2026, 5), [1]);
        assert_eq!(days(nth(4), 2026, 5), [29]);
        assert_eq!(days(nth(4), 2026, 2), [0; 0]);
        assert_eq!(days(last(0), 2026, 5), [29]);
        assert_eq!(days(last(4), 2026, 5), [1]);
        assert_eq!(days(last(3), 2026, 2), [6]);
        assert_eq!(days(last(4), 2026, 2), [0; 0]);
    }

    #[test]
    fn working_days_are_counted_from_both_ends_of_the_month() {
        let dates = Dates { workdays: 1 << 1 | 1 << 3, last_workdays: 1 << 1, ..Dates::default() };
        assert_eq!(days(Picked { dates, ..Picked::ALL }, 2026, 8), [3, 5, 31]);
    }

    #[test]
    fn every_other_week_begins_on_the_weekday_that_is_counted_from() {
        let fortnight = Days::Alternating { weeks: 2, weekdays: 0b001_0001 };
        let first = Date::constant(2026, 3, 4);
        let mut from = first;
        let mut found = Vec::new();
        for _ in 0..4 {
            let day = fortnight.on_or_after(from, first).unwrap();
            found.push(day.to_string());
            from = day.tomorrow().unwrap();
        }
        // From Wednesday 4 March: its week has Friday the 6th and Monday the 9th.
        assert_eq!(found, ["2026-03-06", "2026-03-09", "2026-03-20", "2026-03-23"]);
    }

    #[test]
    fn days_that_never_come_are_known() {
        let date = |month: u16, day: u32| Picked {
            months: 1 << month,
            dates: Dates { days: 1 << day, ..Dates::default() },
            ..Picked::ALL
        };
        assert!(!date(2, 30).ever_comes());
        assert!(date(2, 29).ever_comes());
    }
}
