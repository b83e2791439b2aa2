//! Times of day, and the hours that are written without saying which half of the day they are in.

use super::cursor::{Cursor, Maybe, Stuck, refused};
use super::lexicon::{self, Part};
use super::token::{Kind, Reading};
use crate::refused::Refused;

/// Minutes in half a day.
pub(super) const HALF_DAY: u16 = 12 * 60;
/// Minutes in a day.
pub(super) const DAY: u16 = 24 * 60;

/// A time of day, as far as it is known while the text is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Time {
    /// Minutes since midnight; as much as a whole day for the midnight that ends it.
    pub(super) minute: u16,
    pub(super) kind: Written,
}

/// How a time was written, which decides what else it could have meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// It can only mean this.
    Plainly,
    /// With "am" or "pm", or a part of the day, which may be meant for a time before it too.
    WithHalf,
    /// An hour up to twelve alone, which could be in either half of the day.
    Barely,
    /// The same with minutes, as "9:30".
    WithMinutes,
    /// "10:30": as 24 hours are counted, unless "am", "pm" or a part of the day follows.
    TwoDigits,
    /// "midnight", which could be at either end of a day.
    Midnight,
}

impl Time {
    /// Whether it could be in either half of the day.
    pub(super) const fn is_open(self) -> bool {
        matches!(self.kind, Written::Barely | Written::WithMinutes)
    }
}

impl Cursor<'_> {
    /// A time of day. A plain number is one only where `loose`, since it could be anything else.
    pub(super) fn time(&mut self, loose: bool) -> Maybe<Time> {
        let place = self.place();
        if let Some(named) = self.named_time() {
            return Ok(Some(named));
        }
        if let Some(time) = self.spoken_time()? {
            return Ok(Some(time));
        }
        let time = match self.peek() {
            Some(Kind::Clock(reading)) => {
                self.step();
                let time = checked(*reading, self.written_between(place, place + 1))?;
                self.take(&["h", "hrs", "hours", "hr"]);
                Some(self.named_as_well(time, place)?)
            }
            Some(Kind::Number(number, digits)) => self.hour(*number, *digits, loose)?,
            _ => self.hour_in_words(loose)?,
        };
        if time.is_none() {
            self.back_to(place);
        }
        Ok(time)
    }

    fn named_time(&mut self) -> Option<Time> {
        let place = self.place();
        if matches!(self.peek(), Some(Kind::Number(12, _))) || self.word() == Some("twelve") {
            self.step();
        }
        let minute = match self.take(&["noon", "midday", "midnight"]) {
            Some("midnight") => 0,
            Some(_) => HALF_DAY,
            None => {
                self.back_to(place);
                return None;
            }
        };
        let kind = if minute == 0 { Written::Midnight } else { Written::Plainly };
        Some(Time { minute, kind })
    }

    /// "half past six", "ten to nine".
    fn spoken_time(&mut self) -> Maybe<Time> {
        let place = self.place();
        let in_digits = matches!(self.peek(), Some(Kind::Number(..)));
        let Some(minutes) = self.minutes_beside() else {
            return Ok(None);
        };
        let Some(way) = self.take(&["past", "after", "to", "before", "till"]) else {
            self.back_to(place);
            return Ok(None);
        };
        let before = matches!(way, "to" | "before" | "till");
        if in_digits && before {
            // "9 to 5" is a range of hours.
            self.back_to(place);
            return Ok(None);
        }
        let start = self.place();
        let hour = match self.named_time() {
            Some(named) => named,
            None => match self.whole_hour()? {
                Some(hour) => hour,
                None => {
                    self.back_to(place);
                    return Ok(None);
                }
            },
        };
        let minute = if before { hour.minute + DAY - minutes } else { hour.minute + minutes };
        let kind = if hour.kind == Written::Midnight { Written::Plainly } else { hour.kind };
        // Twenty to one is in the half of the day before that of one.
        let open = hour.is_open();
        let minute = minute % if open { HALF_DAY } else { DAY };
        let minute = if open && minute < 60 { minute + HALF_DAY } else { minute };
        self.with_half(Time { minute, kind }, start).map(Some)
    }

    /// "quarter", "half", "five", "10 minutes", before "past" or "to".
    fn minutes_beside(&mut self) -> Option<u16> {
        let place = self.place();
        self.take(&["a"]);
        let minutes = match self.take(&["quarter", "half"]) {
            Some("quarter") => Some(15),
            Some(_) => Some(30),
            None => self.cardinal().filter(|minutes| (1..60).contains(minutes)),
        };
        self.take(&["minutes", "minute", "mins", "min"]);
        let minutes = minutes.and_then(|minutes| u16::try_from(minutes).ok());
        if minutes.is_none() || !matches!(self.word(), Some("past" | "after" | "to" | "before" | "till")) {
            self.back_to(place);
            return None;
        }
        minutes
    }

    /// An hour without minutes, after "half past".
    fn whole_hour(&mut self) -> Maybe<Time> {
        let place = self.place();
        let Some(hour) = self.cardinal() else {
            return Ok(None);
        };
        let written = self.written_between(place, self.place());
        let two_digits = matches!(self.tokens_at(place), Some(Kind::Number(_, 2..)));
        checked(Reading { hour, minute: 0, two_digits, with_h: false, alone: true }, written).map(Some)
    }

    /// A number that is an hour, or hours and minutes in four digits.
    fn hour(&mut self, number: u32, digits: usize, loose: bool) -> Maybe<Time> {
        let place = self.place();
        self.step();
        let marked =
            self.word().is_some_and(|word| matches!(word, "am" | "pm" | "o'clock" | "oclock" | "uhr" | "h"));
        let as_clock =
            self.take(&["h", "hrs", "hr"]).is_some() || digits == 4 && self.take(&["hours"]).is_some();
        let plainly = digits == 4 && (as_clock || self.written_between(place, place + 1).starts_with('0'));
        if !loose && !marked && !plainly && self.peek_part().is_none() {
            self.back_to(place);
            return Ok(None);
        }
        let written = self.written_between(place, self.place());
        let (hour, minute) = if digits == 4 { (number / 100, number % 100) } else { (number, 0) };
        let reading =
            Reading { hour, minute, two_digits: digits > 1, with_h: as_clock || digits == 4, alone: true };
        if digits == 3 || digits > 4 {
            return Err(no_time(written));
        }
        let time = checked(reading, written)?;
        self.with_half(time, place).map(Some)
    }

    /// "nine", "nine thirty".
    fn hour_in_words(&mut self, loose: bool) -> Maybe<Time> {
        let place = self.place();
        let Some(hour) = self.cardinal_word() else {
            return Ok(None);
        };
        let after_hour = self.place();
        self.take_dash();
        // "nine oh five" is said as well.
        let least = if self.take(&["oh"]).is_some() { 1 } else { 10 };
        let minute = self.cardinal_word().filter(|minute| (least..60).contains(minute));
        if minute.is_none() {
            self.back_to(after_hour);
        }
        let marked = matches!(self.word(), Some("am" | "pm" | "o'clock" | "oclock"));
        if !loose && !marked && self.peek_part().is_none() {
            return Ok(None);
        }
        let written = self.written_between(place, self.place());
        let reading =
            Reading { hour, minute: minute.unwrap_or(0), two_digits: false, with_h: false, alone: true };
        let time = checked(reading, written)?;
        self.with_half(time, place).map(Some)
    }

    /// "12:00 noon", "12:00 midnight".
    fn named_as_well(&mut self, time: Time, from: usize) -> Result<Time, Stuck> {
        let named = match self.word() {
            _ if time.minute != HALF_DAY => None,
            Some("noon" | "midday") => Some(Time { minute: HALF_DAY, kind: Written::Plainly }),
            Some("midnight") => Some(Time { minute: 0, kind: Written::Midnight }),
            Some(_) | None => None,
        };
        match named {
            None => self.with_half(time, from),
            Some(named) => {
                self.step();
                Ok(named)
            }
        }
    }

    /// The hour of "from nine to five", which without "from" is nine minutes to five.
    pub(super) fn hour_of_range(&mut self) -> Maybe<Time> {
        let hour = self.word().and_then(lexicon::cardinal).is_some_and(|hour| (1..=12).contains(&hour));
        let to = matches!(self.word_at(1), Some("to" | "till"));
        if hour && to { self.hour_in_words(true) } else { Ok(None) }
    }

    /// Takes "am", "pm", "o'clock" and a part of the day behind a time.
    fn with_half(&mut self, time: Time, from: usize) -> Result<Time, Stuck> {
        self.take(&["o'clock", "oclock", "uhr"]);
        let half = self.take(&["am", "pm"]);
        self.take(&["sharp"]);
        let written = self.written_between(from, self.place());
        let mut time = match half {
            None => time,
            Some(half) => {
                if time.minute < 60 && !time.is_open() || time.minute >= HALF_DAY + 60 {
                    return Err(no_time(written));
                }
                let minute = time.minute % HALF_DAY + if half == "pm" { HALF_DAY } else { 0 };
                Time { minute, kind: Written::WithHalf }
            }
        };
        if let Some(part) = self.take_part() {
            time = in_part(time, part, self.written_between(from, self.place()))?;
        }
        Ok(time)
    }

    /// "in the evening", "at night", if it stands here.
    fn peek_part(&mut self) -> Option<Part> {
        let place = self.place();
        let part = self.take_part();
        self.back_to(place);
        part
    }

    pub(super) fn take_part(&mut self) -> Option<Part> {
        let place = self.place();
        if self.take_phrase(&["at night"]) {
            return Some(Part::Night);
        }
        if self.take_phrase(&["in the", "during the"]) {
            let singular = self.word().filter(|word| !word.ends_with('s')).and_then(lexicon::part);
            if let Some(part) = singular {
                self.step();
                return Some(part);
            }
        }
        self.back_to(place);
        None
    }

    fn tokens_at(&mut self, place: usize) -> Option<&Kind> {
        let here = self.place();
        self.back_to(place);
        let kind = self.peek();
        self.back_to(here);
        kind
    }
}

fn no_time(written: &str) -> Stuck {
    Stuck::Refused(Refused::new(
        format!("`{written}` is no time of day."),
        "Write a time from 0:00 to 23:59, such as `17:45`, or from 1am to 12pm, such as `5:45pm`.",
    ))
}

/// A time that a clock can show.
fn checked(reading: Reading, written: &str) -> Result<Time, Stuck> {
    let Reading { hour, minute, two_digits, with_h, .. } = reading;
    let (Ok(hour), Ok(minute)) = (u16::try_from(hour), u16::try_from(minute)) else {
        return Err(no_time(written));
    };
    if hour == 24 && minute == 0 {
        return Ok(Time { minute: DAY, kind: Written::Plainly });
    }
    if hour > 23 || minute > 59 {
        return Err(no_time(written));
    }
    let bare = (1..=12).contains(&hour) && !with_h && !(two_digits && hour < 10);
    let kind = match (bare, reading.alone) {
        (false, _) => Written::Plainly,
        (true, true) => Written::Barely,
        (true, false) if two_digits => Written::TwoDigits,
        (true, false) => Written::WithMinutes,
    };
    Ok(Time { minute: hour * 60 + minute, kind })
}

/// The time in a part of the day that is meant by an hour.
pub(super) fn in_part(time: Time, part: Part, written: &str) -> Result<Time, Stuck> {
    let hour = time.minute / 60;
    let fits = |hour: u16| match part {
        Part::Morning => hour < 12,
        Part::Afternoon => (12..18).contains(&hour),
        Part::Evening => (16..24).contains(&hour),
        Part::Night => !(6..18).contains(&hour),
    };
    let other = (time.minute + HALF_DAY) % DAY;
    let found = match time.kind {
        Written::Barely | Written::WithMinutes | Written::TwoDigits if hour == 12 => match part {
            // Twelve at night is midnight.
            Part::Night => Some(other),
            Part::Morning | Part::Afternoon | Part::Evening => fits(12).then_some(time.minute),
        },
        Written::Barely | Written::WithMinutes | Written::TwoDigits => {
            [time.minute, other].into_iter().find(|minute| fits(minute / 60))
        }
        Written::Plainly | Written::WithHalf | Written::Midnight => fits(hour % 24).then_some(time.minute),
    };
    match found {
        Some(minute) => Ok(Time {
            minute,
            kind: if time.kind == Written::Midnight { time.kind } else { Written::WithHalf },
        }),
        None => refused(
            format!("`{written}` contradicts itself: that time is not in the {}.", name(part)),
            "Write the time alone, such as `7am` or `19:00`.",
        ),
    }
}

const fn name(part: Part) -> &'static str {
    match part {
        Part::Morning => "morning",
        Part::Afternoon => "afternoon",
        Part::Evening => "evening",
        Part::Night => "night",
    }
}

/// A time as it is shown everywhere.
pub(super) fn shown(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60 % 24, minute % 60)
}
