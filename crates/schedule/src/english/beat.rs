//! What comes again within a day: every so many minutes or hours, at some minutes of the hour, and
//! the window that it is kept to.

use super::cursor::{Cursor, Maybe, Stuck, refused};
use super::half;
use super::lexicon::{self, Unit};
use super::time::{self, shown};
use super::token::{Kind, Reading};
use crate::calendar::{Readings, Times};
use crate::refused::Refused;

/// The longest interval: a year. What comes less often is written as days and months.
const INTERVAL_MINUTES_MAX: u32 = 366 * 24 * 60;
const HOUR: u32 = 60;
const DAY: u32 = 24 * 60;

/// Every so many minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Beat {
    pub(super) minutes: u32,
}

/// Some minutes of each hour, one bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Past {
    pub(super) minutes: u64,
}

/// A part of the day, in minutes since midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) from: u16,
    pub(super) to: u16,
    /// Whether the end is part of it.
    pub(super) with_end: bool,
    /// Whether only its beginning was named, as in "every 8 hours starting at 6am".
    pub(super) is_open: bool,
}

impl Window {
    /// Whether it goes on into the next day.
    pub(super) const fn runs_over_midnight(self) -> bool {
        self.to <= self.from || self.to == time::DAY && self.with_end
    }

    /// How many minutes after its beginning it ends.
    fn length(self) -> u32 {
        let to = u32::from(self.to) + if self.to <= self.from { DAY } else { 0 };
        to - u32::from(self.from)
    }

    fn has(self, after: u32) -> bool {
        if self.with_end { after <= self.length() } else { after < self.length() }
    }
}

impl Cursor<'_> {
    /// The length of an interval in minutes, behind "every": "15 minutes", "hour and a half", "2h".
    pub(super) fn beat(&mut self) -> Maybe<Beat> {
        let place = self.place();
        if self.take_phrase(&["half minute", "half a minute", "quarter minute", "quarter of a minute"]) {
            return Err(Stuck::Refused(super::token::no_seconds()));
        }
        if let Some(minutes) = self.named_length() {
            return Ok(Some(Beat { minutes }));
        }
        if let Some(Kind::Clock(Reading { hour, minute, with_h: true, .. })) = self.peek() {
            self.step();
            self.take(&["m", "min", "mins", "minutes"]);
            return interval(hour * HOUR + minute).map(Some);
        }
        if let Some(Kind::Tenths(tenths)) = self.peek() {
            self.step();
            return match self.take_meaning(lexicon::unit) {
                Some(Unit::Hour) => interval(tenths * 6).map(Some),
                Some(Unit::Minute | Unit::Second) => Err(Stuck::Refused(super::token::no_seconds())),
                Some(Unit::Day | Unit::Week | Unit::Month | Unit::Quarter | Unit::Year) => refused(
                    "Days, weeks and months are counted whole.",
                    "Write hours, such as `every 36 hours`, or whole days, such as `every 2 days at 9am`.",
                ),
                None => self.nothing(place),
            };
        }
        let count = self.cardinal().or_else(|| self.ordinal().map(|(number, _)| number));
        let other = count.is_none() && self.take(&["other", "alternate", "alternating"]).is_some();
        let halves = self.take_all(&["and", "a", "half"]);
        let several = self.word().is_some_and(|word| word.ends_with('s') && word.len() > 1);
        let Some(unit) = self.take_meaning(|word| lexicon::unit(word).filter(|unit| is_short(*unit))) else {
            return self.nothing(place);
        };
        if unit == Unit::Second || unit == Unit::Minute && halves {
            return Err(Stuck::Refused(super::token::no_seconds()));
        }
        if count.is_none() && several {
            return Err(not_counted());
        }
        let per = if unit == Unit::Hour { HOUR } else { 1 };
        let count = count.unwrap_or(if other { 2 } else { 1 });
        let minutes = count * per + if halves { per / 2 } else { 0 } + self.and_more(unit);
        interval(minutes).map(Some)
    }

    fn nothing<T>(&mut self, place: usize) -> Maybe<T> {
        self.back_to(place);
        Ok(None)
    }

    /// "half hour", "quarter of an hour", "half an hour".
    fn named_length(&mut self) -> Option<u32> {
        let place = self.place();
        let minutes = match self.take(&["half", "quarter"])? {
            "half" => 30,
            _ => 15,
        };
        self.take(&["of"]);
        self.take(&["a", "an"]);
        self.take_dash();
        if self.take(&["hour", "hours", "hourly"]).is_some() {
            return Some(minutes);
        }
        self.back_to(place);
        None
    }

    /// "and a half", "and 30 minutes" behind a number of hours.
    fn and_more(&mut self, unit: Unit) -> u32 {
        if unit != Unit::Hour {
            return 0;
        }
        if self.take_all(&["and", "a", "half"]) {
            return HOUR / 2;
        }
        let place = self.place();
        self.take(&["and"]);
        if let Some(minutes) = self.cardinal()
            && self.take_meaning(|word| lexicon::unit(word).filter(|unit| *unit == Unit::Minute)).is_some()
            && !matches!(self.word(), Some("past" | "after" | "before"))
        {
            return minutes;
        }
        self.back_to(place);
        0
    }

    /// Minutes of an hour that is not named: "quarter past every hour", ":15 and :45", "minute 15",
    /// "on the half hour"; whether the hour itself stands there as well is the second part.
    pub(super) fn past(&mut self) -> Maybe<(Past, Option<Beat>)> {
        let place = self.place();
        if self.on_half_hour() {
            return Ok(Some((Past { minutes: 1 << 30 }, Some(Beat { minutes: HOUR }))));
        }
        if self.take_phrase(&[
            "on the hour",
            "the top of the hour",
            "the top of every hour",
            "the top of each hour",
            "top of the hour",
            "top of every hour",
        ]) {
            return Ok(Some((Past { minutes: 1 }, Some(Beat { minutes: HOUR }))));
        }
        self.take(&["the"]);
        let (minutes, to) = match self.minutes_of_hour()? {
            Some(minutes) => (minutes, false),
            None => match self.minutes_past()? {
                Some(found) => found,
                None => return self.nothing(place),
            },
        };
        let minutes = if to { mirrored(minutes) } else { minutes };
        let hours = self.hours_behind()?;
        Ok(Some((Past { minutes }, hours)))
    }

    fn on_half_hour(&mut self) -> bool {
        let place = self.place();
        if self.take_phrase(&[
            "the bottom of the hour",
            "the bottom of every hour",
            "the bottom of each hour",
            "bottom of the hour",
            "bottom of every hour",
        ]) {
            return true;
        }
        if self.take_phrase(&["on the half", "the half"]) {
            self.take_dash();
            if self.take(&["hour"]).is_some() {
                return true;
            }
        }
        self.back_to(place);
        false
    }

    /// ":15 and :45", "minutes 15 and 45".
    fn minutes_of_hour(&mut self) -> Maybe<u64> {
        let place = self.place();
        let named = self.take(&["minute", "minutes", "min"]).is_some();
        let mut minutes = 0;
        loop {
            let minute = match self.peek() {
                Some(Kind::Minute(minute)) => {
                    self.step();
                    Some(*minute)
                }
                Some(_) if named => self.cardinal(),
                _ => None,
            };
            let Some(minute) = minute else {
                return self.nothing(place);
            };
            minutes |= 1 << minute_checked(minute)?;
            let separator = self.place();
            let more = self.take_separator();
            self.take(&["at"]);
            let number =
                matches!(self.peek(), Some(Kind::Number(..))) && named && self.is_last_number_of_list();
            if !more || !(matches!(self.peek(), Some(Kind::Minute(_))) || number) {
                self.back_to(separator);
                return Ok(Some(minutes));
            }
        }
    }

    /// "15 and 45", which behind "every hour at" can only be minutes.
    pub(super) fn bare_minutes(&mut self) -> Option<u64> {
        let place = self.place();
        let mut minutes = 0;
        loop {
            let ends = self.is_last_number_of_list()
                && !matches!(self.word_at(1), Some("past" | "after" | "to" | "before" | "in" | "oclock"))
                && !matches!(self.peek_at(1), Some(Kind::Dash));
            match self.peek() {
                Some(Kind::Number(minute @ 0..60, 1..=2)) if ends => minutes |= 1 << minute,
                _ => {
                    self.back_to(place);
                    return None;
                }
            }
            self.step();
            let separator = self.place();
            if !self.take_separator() || !matches!(self.peek(), Some(Kind::Number(..))) {
                self.back_to(separator);
                return Some(minutes);
            }
        }
    }

    /// "minutes 0 and 30 of the hours 9, 12 and 14 to 17".
    pub(super) fn product(&mut self) -> Maybe<Readings> {
        let place = self.place();
        if self.take(&["minute", "minutes"]).is_none() {
            return Ok(None);
        }
        let minutes = self.numbers(59);
        let hours = self.take_phrase(&["of the hours", "of the hour"]).then(|| self.numbers(23)).flatten();
        match (minutes, hours) {
            (Some(minutes), Some(hours)) => {
                Ok(Some(Readings::product(minutes, u32::try_from(hours).unwrap_or(0))))
            }
            _ => self.nothing(place),
        }
    }

    /// A list of numbers and ranges up to a largest one, one bit each.
    fn numbers(&mut self, largest: u32) -> Option<u64> {
        let mut set = 0;
        loop {
            let first = self.cardinal().filter(|number| *number <= largest)?;
            let range = self.place();
            let last = self.take(&["to"]).and_then(|_| self.cardinal());
            if last.is_none() {
                self.back_to(range);
            }
            let last = last.unwrap_or(first);
            if last > largest || last < first {
                return None;
            }
            set |= (first..=last).fold(0, |set, number| set | 1 << number);
            let separator = self.place();
            let more = self.take_separator();
            if !more || !matches!(self.peek(), Some(Kind::Number(..))) || !self.is_last_number_of_list() {
                self.back_to(separator);
                return Some(set);
            }
        }
    }

    /// Whether the number that stands here is one of a list, and not the beginning of something else.
    fn is_last_number_of_list(&self) -> bool {
        let ends = |word: &str| {
            !matches!(word, "am" | "pm" | "o'clock")
                && lexicon::month(word).is_none()
                && lexicon::unit(word).is_none()
        };
        self.word_at(1).is_none_or(ends)
    }

    /// "5 and 35 minutes past", "quarter to".
    fn minutes_past(&mut self) -> Maybe<(u64, bool)> {
        let place = self.place();
        let mut minutes = 0;
        loop {
            self.take(&["a"]);
            let minute = match self.take(&["quarter", "half"]) {
                Some("quarter") => Some(15),
                Some(_) => Some(30),
                None => self.cardinal(),
            };
            let Some(minute) = minute.filter(|minute| *minute < 60) else {
                return self.nothing(place);
            };
            minutes |= 1 << minute;
            if !self.take_separator() {
                break;
            }
        }
        self.take(&["minutes", "minute", "mins", "min"]);
        let way = self.take(&["past", "after", "to", "before"]);
        // "half past six" is a time.
        let hour = matches!(self.peek(), Some(Kind::Number(..)))
            || self.word().is_some_and(|word| {
                lexicon::cardinal(word).is_some() || matches!(word, "noon" | "midday" | "midnight")
            });
        match way.filter(|_| !hour) {
            Some(way) => Ok(Some((minutes, matches!(way, "to" | "before")))),
            None => self.nothing(place),
        }
    }

    /// "every hour", "the hour", "past every 2 hours", behind minutes.
    fn hours_behind(&mut self) -> Maybe<Beat> {
        let place = self.place();
        self.take(&["past", "of"]);
        if self.take_phrase(&["the hour", "hour", "an hour"]) {
            return Ok(Some(Beat { minutes: HOUR }));
        }
        if self.take(&["every", "each"]).is_some()
            && let Some(beat) = self.beat()?
            && beat.minutes % HOUR == 0
        {
            return Ok(Some(beat));
        }
        self.nothing(place)
    }

    /// A window of the day: "between 9am and 5pm", "from 8 to 18", "9am-5pm".
    pub(super) fn window(&mut self) -> Maybe<Window> {
        let place = self.place();
        let between = self.take(&["between"]).is_some();
        if !between && self.take_phrase(&["starting at", "starting from", "beginning at"]) {
            return self.open_window(place);
        }
        if self.begins_at_time()? {
            return self.open_window(place);
        }
        let from = !between && self.take(&["from", "during", "within"]).is_some();
        if from && self.is_date()? {
            return self.nothing(place);
        }
        let loose = between || from || self.is_range_of_numbers();
        let hour = if from { self.hour_of_range()? } else { None };
        let Some(start) = (if hour.is_some() { hour } else { self.time(loose)? }) else {
            if between {
                return refused(
                    "It is not clear whether what it is between is part of it.",
                    "Write `from Monday to Friday`, or hours as in `every hour between 9am and 5pm`.",
                );
            }
            return self.nothing(place);
        };
        let and = between && self.take(&["and"]).is_some();
        let Some(mut with_end) = (if and { Some(false) } else { self.take_range_word() }) else {
            if between {
                return refused(
                    "The window has a beginning and no end.",
                    "Write both, such as `every hour from 9am to 5pm`.",
                );
            }
            self.back_to(place);
            return if self.take(&["from"]).is_some() {
                self.open_window(place)
            } else {
                self.nothing(place)
            };
        };
        with_end |= self.take(&["including"]).is_some();
        let Some(end) = self.time(true)? else {
            return if between || from { Err(self.refuse_here()) } else { self.nothing(place) };
        };
        let dash = !between;
        with_end |= self.take_inclusive() || dash;
        let (start, end) = half::of_window(start, end, &mut self.notes)?;
        let to = if end == 0 { time::DAY } else { end };
        if start == to || start == time::DAY {
            return refused(
                "The window begins where it ends.",
                "Write a window such as `between 9am and 5pm`, or none for the whole day.",
            );
        }
        let window = Window { from: start, to, with_end, is_open: false };
        self.note(if with_end {
            format!("The window includes {} and {}.", shown(start), shown(to))
        } else {
            format!("The window includes {} and leaves out {}.", shown(start), shown(to))
        });
        Ok(Some(window))
    }

    /// "starting 6am"; a day behind it would say from when on.
    fn begins_at_time(&mut self) -> Result<bool, Stuck> {
        let place = self.place();
        if self.take(&["starting", "beginning"]).is_some() {
            let start = self.place();
            if self.time(false)?.is_some() {
                self.back_to(start);
                return Ok(true);
            }
        }
        self.back_to(place);
        Ok(false)
    }

    fn is_date(&mut self) -> Result<bool, Stuck> {
        let place = self.place();
        let date = self.date()?.is_some();
        self.back_to(place);
        Ok(date)
    }

    /// A window of which only the beginning is named; it ends with the day.
    fn open_window(&mut self, place: usize) -> Maybe<Window> {
        let Some(start) = self.time(true)? else {
            return self.nothing(place);
        };
        let from = half::settle(&[start], &mut self.notes)?[0].minute % time::DAY;
        Ok(Some(Window { from, to: time::DAY, with_end: false, is_open: true }))
    }

    fn take_inclusive(&mut self) -> bool {
        let open = self.take_kind(|kind| matches!(kind, Kind::Open));
        let inclusive = self.take(&["inclusive", "inclusively"]).is_some();
        let _closed = open && self.take_kind(|kind| matches!(kind, Kind::Close));
        if open && !inclusive {
            let before = self.place() - 1;
            self.back_to(before);
        }
        inclusive
    }

    /// "9-17", "9 to 5".
    fn is_range_of_numbers(&self) -> bool {
        let number = |ahead| matches!(self.peek_at(ahead), Some(Kind::Number(..) | Kind::Clock(_)));
        let range = matches!(self.peek_at(1), Some(Kind::Dash))
            || matches!(self.word_at(1), Some("to" | "till" | "until" | "through" | "thru"));
        number(0) && range && number(2)
    }
}

/// "every minutes" lacks the number that it was to have.
pub(super) fn not_counted() -> Stuck {
    Stuck::Refused(Refused::new(
        "It does not say how many there are between one time and the next.",
        "Write the number, such as `every 15 minutes`, or one of them, such as `every hour`.",
    ))
}

const fn is_short(unit: Unit) -> bool {
    match unit {
        Unit::Second | Unit::Minute | Unit::Hour => true,
        Unit::Day | Unit::Week | Unit::Month | Unit::Quarter | Unit::Year => false,
    }
}

fn minute_checked(minute: u32) -> Result<u32, Stuck> {
    if minute < 60 {
        return Ok(minute);
    }
    refused(
        format!("An hour has no minute {minute}."),
        "Write minutes from 0 to 59, such as `every hour at :15`.",
    )
}

/// Minutes that are counted back from the next hour.
fn mirrored(minutes: u64) -> u64 {
    (1..60)
        .filter(|minute| minutes & (1 << minute) != 0)
        .fold(0, |mirrored, minute| mirrored | 1 << (60 - minute))
}

fn interval(minutes: u32) -> Result<Beat, Stuck> {
    match minutes {
        0 => refused(
            "An interval of nothing never ends.",
            "Write one minute at least, such as `every minute`.",
        ),
        INTERVAL_MINUTES_MAX.. => refused(
            "The interval is longer than a year.",
            "Write the days, such as `every year on 24 December at 18:00`.",
        ),
        minutes => Ok(Beat { minutes }),
    }
}

/// What a beat, the minutes that it names and a window mean together.
pub(super) fn times(beat: Beat, past: Option<Past>, window: Option<Window>) -> Result<Times, Stuck> {
    match (past, window) {
        (None, None) => Ok(steady(beat)),
        (Some(past), None) => match hours(beat) {
            Some(hours) => Ok(Times::Moving(Readings::product(past.minutes, hours))),
            None => refused(
                "Minutes of the hour can be named only where the interval is a number of hours that divides a day.",
                "Write `every 2 hours at :15`, or the times themselves, such as `at 9:15 and 14:15`.",
            ),
        },
        (past, Some(window)) => within(beat, past, window),
    }
}

/// An interval without a window: where it divides the hour or the day the clock is followed, else
/// the time that has passed is counted.
fn steady(beat: Beat) -> Times {
    let minutes = beat.minutes;
    if let Some(hours) = hours(beat) {
        return Times::Moving(Readings::product(1, hours));
    }
    if HOUR.is_multiple_of(minutes) {
        let every = (0..60).filter(|minute: &u32| minute.is_multiple_of(minutes));
        let set = every.fold(0, |set, minute| set | 1 << minute);
        return Times::Moving(Readings::product(set, ALL_HOURS));
    }
    Times::Elapsed(minutes)
}

const ALL_HOURS: u32 = (1 << 24) - 1;

/// The hours of a beat that divides the day into more than one part.
fn hours(beat: Beat) -> Option<u32> {
    let hours = beat.minutes / HOUR;
    let divides = beat.minutes.is_multiple_of(HOUR) && hours < 24 && 24_u32.is_multiple_of(hours.max(1));
    divides.then(|| {
        (0..24).filter(|hour: &u32| hour.is_multiple_of(hours.max(1))).fold(0, |set, hour| set | 1 << hour)
    })
}

fn within(beat: Beat, past: Option<Past>, window: Window) -> Result<Times, Stuck> {
    if !window.has(beat.minutes) {
        return refused(
            "The window ends before the interval has passed once.",
            format!("Write the time itself, such as `at {}`.", shown(window.from)),
        );
    }
    let from = u32::from(window.from);
    // Only then is it the same whether it begins anew each day or goes on through the night.
    if window.is_open && (from >= beat.minutes || !DAY.is_multiple_of(beat.minutes)) {
        return refused(
            "It says from when on each day, and not until when.",
            "Write both, such as `every 2 hours from 9am to 11pm`.",
        );
    }
    let beats: Vec<u32> = match past {
        None => (0..).map(|nth| nth * beat.minutes).take_while(|after| window.has(*after)).collect(),
        Some(past) => {
            if !beat.minutes.is_multiple_of(HOUR) || beat.minutes > HOUR && !from.is_multiple_of(HOUR) {
                return refused(
                    "Minutes of the hour can be named only for an interval in hours that begins at a full hour.",
                    "Write the times themselves, such as `at 9:15 and 14:15`.",
                );
            }
            let first = from - from % HOUR;
            let hours = (0..).map(|nth| first + nth * beat.minutes).take_while(|hour| *hour <= from + DAY);
            let minutes = |hour: u32| {
                (0..60)
                    .filter(move |minute| past.minutes & (1 << minute) != 0)
                    .map(move |minute| hour + minute)
            };
            let after = hours.flat_map(minutes).filter_map(|at| at.checked_sub(from));
            after.filter(|after| window.has(*after)).collect()
        }
    };
    let minutes = beats.into_iter().map(|after| (from + after) % DAY);
    Ok(Times::Fixed(Readings::of(minutes.filter_map(|minute| u16::try_from(minute).ok()))))
}
