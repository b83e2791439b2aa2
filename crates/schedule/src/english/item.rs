//! The items of a sentence: which of them stands here.

use super::beat::{Beat, Past, not_counted};
use super::clause::Item;
use super::cursor::{Cursor, Maybe, Stuck, refused};
use super::lexicon::{self, Unit};
use super::token::{self, Kind};
use crate::calendar::{Times, WORKDAYS};
use crate::zone::{self, ZONE_WORDS_MAX};

impl Cursor<'_> {
    pub(super) fn is_at_semicolon(&self) -> bool {
        matches!(self.peek(), Some(Kind::Semicolon))
    }

    /// Whatever stands here.
    pub(super) fn item(&mut self) -> Maybe<Item> {
        type Reader<'t> = fn(&mut Cursor<'t>) -> Maybe<Item>;
        let readers: [Reader<'_>; 14] = [
            Self::marked_zone,
            Self::exception,
            Self::always,
            Self::days_of_week,
            Self::every,
            Self::often,
            Self::counted,
            Self::at,
            Self::beside_hours,
            Self::windowed,
            Self::in_months,
            Self::on_days,
            Self::plain_time,
            Self::named_zone,
        ];
        for reader in readers {
            let place = self.place();
            if let Some(item) = reader(self)? {
                return Ok(Some(item));
            }
            self.back_to(place);
        }
        Ok(None)
    }

    /// "every ..." and "each ...".
    fn every(&mut self) -> Maybe<Item> {
        if self.take_phrase(&["each time the clock shows", "every time the clock shows"]) {
            return match self.product()? {
                Some(readings) => Ok(Some(Item::Shown(Times::Moving(readings)))),
                None => Err(self.refuse_here()),
            };
        }
        if !self.take_phrase(&["each and every"]) && self.take(&["every", "each", "all"]).is_none() {
            return Ok(None);
        }
        self.take(&["single"]);
        if self.begins_days()
            && let Some(groups) = self.groups()?
        {
            return Ok(Some(Item::Groups(groups)));
        }
        if matches!(self.word(), Some("noon" | "midday" | "midnight")) {
            return Ok(self.time(false)?.map(|time| Item::Times(vec![time])));
        }
        if let Some(beat) = self.beat()? {
            self.refuse_interval_past_the_hour(beat)?;
            if beat.minutes == 1 {
                self.take_phrase(&["of every hour", "of each hour", "of the hour"]);
            }
            if matches!(beat.minutes, 1 | 60) {
                self.take_phrase(&["of every day", "of each day", "of the day"]);
            }
            return Ok(Some(if beat == HOURLY { self.hourly() } else { Item::Beat(beat) }));
        }
        if let Some(part) = self.take_meaning(lexicon::part) {
            self.parts.push(part);
            return Ok(Some(Item::Frame(1, Unit::Day)));
        }
        if let Some(item) = self.every_other()? {
            return Ok(Some(item));
        }
        if let Some(item) = self.every_unit()? {
            return Ok(Some(item));
        }
        if self.take(&["fortnight"]).is_some() {
            return Ok(Some(Item::Frame(2, Unit::Week)));
        }
        let counts_days = |word: &str| {
            lexicon::weekday(word).is_some()
                || matches!(
                    word,
                    "of" | "last" | "to" | "and" | "weekday" | "workday" | "working" | "business" | "day"
                )
        };
        if matches!(self.word(), Some("second" | "seconds")) && !self.word_at(1).is_some_and(counts_days) {
            return Err(Stuck::Refused(token::no_seconds()));
        }
        self.every_second_weekday()?;
        if let Some(groups) = self.groups()? {
            return Ok(Some(Item::Groups(groups)));
        }
        if let Some(months) = self.months() {
            return Ok(Some(Item::Months(months)));
        }
        if matches!(self.peek(), Some(Kind::Number(..))) {
            self.refuse_range_of_intervals()?;
            let number = self.written();
            return refused(
                format!("It is not said what there are {number} of between one time and the next."),
                format!("Write the unit, such as `every {number} minutes` or `every {number} hours`."),
            );
        }
        Err(self.refuse_here())
    }

    /// Whether what stands here are days that begin as an interval does: "M/W/F", "month end".
    fn begins_days(&mut self) -> bool {
        let place = self.place();
        let begins = self.lettered_days().is_some() || self.scope_before_end().is_some();
        self.back_to(place);
        begins
    }

    /// "every 20 minutes past the hour".
    fn refuse_interval_past_the_hour(&self, beat: Beat) -> Result<(), Stuck> {
        if beat.minutes < 60 && matches!(self.word(), Some("past" | "after")) {
            let minutes = beat.minutes;
            return refused(
                format!("It is not clear whether {minutes} is how often, or the minute of each hour."),
                format!("Write `every {minutes} minutes`, or `{minutes} minutes past every hour`."),
            );
        }
        Ok(())
    }

    /// "every 2-3 hours", "every 2 or 3 days".
    fn refuse_range_of_intervals(&mut self) -> Result<(), Stuck> {
        let place = self.place();
        let first = self.written();
        self.step();
        let range = self.take_range_word().is_some() || self.take(&["or"]).is_some();
        let last = self.cardinal();
        let unit = self.written();
        let is_one = range && last.is_some() && self.word().is_some_and(is_unit);
        self.back_to(place);
        if is_one {
            return refused(
                "It is not clear which of the two intervals it is.",
                format!("Write one of them, such as `every {first} {unit}`."),
            );
        }
        Ok(())
    }

    /// "other Friday", "other day", "alternate week".
    fn every_other(&mut self) -> Maybe<Item> {
        let place = self.place();
        if self.take(&["other", "alternate", "alternating"]).is_none() {
            return Ok(None);
        }
        if let Some(unit) = self.take_meaning(long_unit) {
            return Ok(Some(Item::Frame(2, unit)));
        }
        let name = self.word();
        let Some(mut weekdays) = self.weekdays() else {
            self.back_to(place);
            return Err(self.refuse_here());
        };
        if weekdays == WORKDAYS && name.is_none_or(|name| lexicon::weekday(name).is_none()) {
            return refused(
                "It is not clear whether every second working day is meant, or those of every second week.",
                "Write the days, such as `every Monday, Wednesday and Friday at 9am` or `every 2 weeks on weekdays at 9am`.",
            );
        }
        loop {
            let before = self.place();
            let more = if self.take_separator() { self.weekdays() } else { None };
            match more {
                Some(more) => weekdays |= more,
                None => {
                    self.back_to(before);
                    break;
                }
            }
        }
        Ok(Some(Item::Alternating(vec![super::group::Group::of_weekdays(weekdays)])))
    }

    /// "day", "2 weeks", "third month".
    fn every_unit(&mut self) -> Maybe<Item> {
        let place = self.place();
        let counted = self.cardinal();
        let count = counted.or_else(|| self.ordinal().map(|(number, _)| number));
        let several = self.word().is_some_and(|word| word.ends_with('s') && word.len() > 1);
        let Some(unit) = self.take_meaning(long_unit) else {
            self.back_to(place);
            return Ok(None);
        };
        if count.is_none() && several {
            // "all days" are every day.
            let all = self.word_before(place) == Some("all") && unit == Unit::Day;
            return if all { Ok(Some(Item::Frame(1, Unit::Day))) } else { Err(not_counted()) };
        }
        if counted.is_none()
            && count.is_some()
            && unit == Unit::Day
            && matches!(self.word(), Some("of" | "in"))
        {
            // "every 2nd day of the month" is a date.
            self.back_to(place);
            return Ok(None);
        }
        if count.is_none() && unit == Unit::Day {
            self.take_phrase(&[
                "of the week",
                "of the month",
                "of the year",
                "of every month",
                "of each month",
            ]);
        }
        if count == Some(0) {
            return refused(
                "An interval of nothing never ends.",
                "Write `every day at 9am` or `every minute`.",
            );
        }
        Ok(Some(Item::Frame(count.unwrap_or(1), unit)))
    }

    /// "every second Friday" is said of the second in each month and of one in two.
    fn every_second_weekday(&mut self) -> Result<(), Stuck> {
        let place = self.place();
        let ordinal = self.ordinal();
        let weekday = self.weekdays().is_some();
        let scoped = weekday && self.scope()?.is_some();
        let day = self.written_between(place + 1, place + 2).to_owned();
        let of_month =
            scoped || matches!(self.word(), Some("and")) || matches!(self.peek(), Some(Kind::Comma));
        self.back_to(place);
        match ordinal {
            Some((number, _)) if number > 1 && weekday && !of_month => {
                let written = self.written().to_owned();
                let other = if number == 2 { "other".to_owned() } else { format!("{number} weeks on") };
                refused(
                    format!("`every {written} {day}` can mean one in each month, or one in {number}."),
                    format!("Write `the {written} {day} of every month` or `every {other} {day}`."),
                )
            }
            _ => Ok(()),
        }
    }

    /// "daily", "nightly", "bi-weekly", "once an hour".
    fn often(&mut self) -> Maybe<Item> {
        if self.take(&["once", "1x"]).is_some() {
            if matches!(self.word(), Some("every" | "each")) {
                return self.every();
            }
            self.take(&["a", "an", "per"]);
            return match self.take_meaning(lexicon::unit) {
                Some(Unit::Second) => Err(Stuck::Refused(token::no_seconds())),
                Some(Unit::Minute) => Ok(Some(Item::Beat(Beat { minutes: 1 }))),
                Some(Unit::Hour) => Ok(Some(self.hourly())),
                Some(unit) => Ok(Some(Item::Frame(1, unit))),
                None => self.often(),
            };
        }
        if let Some(part) = self.take(&["half", "quarter"]) {
            self.take_dash();
            return Ok(match self.take(&["hourly", "yearly"]) {
                Some("hourly") => Some(Item::Beat(Beat { minutes: if part == "half" { 30 } else { 15 } })),
                Some(_) if part == "half" => Some(Item::Frame(6, Unit::Month)),
                Some(_) | None => None,
            });
        }
        if matches!(self.word(), Some("alternate" | "alternating")) {
            return self.every_other();
        }
        if self.take(&["nightly"]).is_some() {
            self.parts.push(lexicon::Part::Night);
            return Ok(Some(Item::Frame(1, Unit::Day)));
        }
        if self.take(&["fortnight"]).is_some() {
            return Ok(Some(Item::Frame(2, Unit::Week)));
        }
        if self.word() == Some("bi")
            && matches!(self.peek_at(1), Some(Kind::Dash))
            && self.word_at(2) == Some("weekly")
        {
            self.step();
            self.step();
            self.step();
            self.note_biweekly();
            return Ok(Some(Item::Frame(2, Unit::Week)));
        }
        let word = self.word();
        let Some((count, unit)) = self.take_meaning(lexicon::adverb) else {
            return Ok(None);
        };
        if word == Some("biweekly") {
            self.note_biweekly();
        }
        let hourly = unit == Unit::Hour;
        Ok(Some(if hourly { self.hourly() } else { Item::Frame(count, unit) }))
    }

    /// What comes every hour, with the minutes of "every hour at 15".
    fn hourly(&mut self) -> Item {
        let place = self.place();
        let minutes = if self.take(&["at"]).is_some() { self.bare_minutes() } else { None };
        let Some(minutes) = minutes else {
            self.back_to(place);
            return Item::Beat(HOURLY);
        };
        let written = self.written_between(place + 1, self.place());
        self.note(format!("{written} is read as minutes of every hour."));
        Item::Past(Past { minutes }, Some(HOURLY))
    }

    fn note_biweekly(&mut self) {
        self.note("Biweekly is read as every other week.");
    }

    /// "24/7", "around the clock", "24 hours a day": all of the time, which says nothing of how often.
    fn always(&mut self) -> Maybe<Item> {
        let figures = matches!(self.peek(), Some(Kind::Number(24, _)))
            && matches!(self.peek_at(1), Some(Kind::Slash))
            && matches!(self.peek_at(2), Some(Kind::Number(7, _)));
        if figures {
            self.back_to(self.place() + 3);
            return Ok(Some(Item::Always));
        }
        let place = self.place();
        let hours = matches!(self.cardinal(), Some(24))
            && self.take_phrase(&["hours a day", "hours per day", "hours each day", "hours every day"]);
        if !hours {
            self.back_to(place);
        }
        let said = hours
            || self.take_phrase(&[
                "around the clock",
                "round the clock",
                "day and night",
                "night and day",
                "all day long",
                "all day",
            ]);
        Ok(said.then_some(Item::Always))
    }

    /// "7 days a week"; fewer do not say which.
    fn days_of_week(&mut self) -> Maybe<Item> {
        let place = self.place();
        let Some(count) = self.cardinal() else { return Ok(None) };
        let said = self.take(&["days", "day"]).is_some()
            && self.take(&["a", "per", "each", "every"]).is_some()
            && self.take(&["week"]).is_some();
        match (said, count) {
            (true, 7) => Ok(Some(Item::Frame(1, Unit::Day))),
            (true, _) => refused(
                "It says on how many days of the week, and not on which.",
                "Write the days, such as `Monday to Friday at 9am` or `every Monday and Thursday at 9am`.",
            ),
            (false, _) => {
                self.back_to(place);
                Ok(None)
            }
        }
    }

    /// "twice a day", "three times a week".
    fn counted(&mut self) -> Maybe<Item> {
        let count = match self.take(&["twice", "thrice"]) {
            Some("twice") => 2,
            Some(_) => 3,
            None => match self.cardinal() {
                Some(count) if self.take(&["times", "time", "x"]).is_some() => count,
                _ => return Ok(None),
            },
        };
        let unit = if self.take(&["a", "an", "per", "each", "every"]).is_some() {
            self.take_meaning(lexicon::unit)
        } else {
            self.take_meaning(lexicon::adverb).map(|(_, unit)| unit)
        };
        match unit {
            Some(unit) => Ok(Some(Item::Count(count, unit))),
            None => Err(self.refuse_here()),
        }
    }

    /// "at ...": times, minutes of the hour, or days.
    fn at(&mut self) -> Maybe<Item> {
        let before = self.take(&["exactly", "precisely"]).is_some();
        if self.take(&["at"]).is_none() {
            return Ok(None);
        }
        if !before {
            self.take(&["exactly", "precisely"]);
        }
        if let Some(readings) = self.product()? {
            return Ok(Some(Item::Shown(Times::Fixed(readings))));
        }
        if let Some((past, beat)) = self.past()? {
            return Ok(Some(Item::Past(past, beat)));
        }
        if self.take(&["night"]).is_some() {
            return Ok(Some(Item::Part(lexicon::Part::Night)));
        }
        if let Some(times) = self.time_list(true)? {
            return Ok(Some(Item::Times(times)));
        }
        match self.groups()? {
            Some(groups) => Ok(Some(Item::Groups(groups))),
            None => Err(self.refuse_here()),
        }
    }

    /// "quarter past every hour", ":15", "on the hour".
    fn beside_hours(&mut self) -> Maybe<Item> {
        let place = self.place();
        match self.past()? {
            Some((past, beat)) => Ok(Some(Item::Past(past, beat))),
            None => {
                self.back_to(place);
                Ok(None)
            }
        }
    }

    fn windowed(&mut self) -> Maybe<Item> {
        Ok(self.window()?.map(Item::Window))
    }

    /// "in January", "from June to August", "in the morning".
    fn in_months(&mut self) -> Maybe<Item> {
        if let Some(part) = self.take_part() {
            return Ok(Some(Item::Part(part)));
        }
        self.take(&["only"]);
        let from = self.take(&["in", "during", "from"]) == Some("from");
        if self.take_phrase(&["business hours", "working hours", "office hours", "work hours"]) {
            return refused(
                "Those hours are not the same everywhere.",
                "Write them, such as `every 30 minutes between 9am and 5pm on weekdays`.",
            );
        }
        if let Some(part) = self.take_meaning(lexicon::part) {
            return Ok(Some(Item::Part(part)));
        }
        let place = self.place();
        if self.date()?.is_some() {
            return Ok(None);
        }
        self.back_to(place);
        let months = self.months();
        if from && months.is_some() && !self.is_range_since(place) {
            return limits("from");
        }
        Ok(months.map(Item::Months))
    }

    fn on_days(&mut self) -> Maybe<Item> {
        self.take(&["only"]);
        let from = self.take(&["on", "from"]) == Some("from");
        self.take(&["all"]);
        let place = self.place();
        if let Some(times) = self.groups()? {
            if from && !self.is_range_since(place) {
                return limits("from");
            }
            if let Some(part) = self.take_meaning(lexicon::part) {
                self.parts.push(part);
            }
            self.take(&["only"]);
            return Ok(Some(Item::Groups(times)));
        }
        Ok(None)
    }

    /// Whether what was read since a place is from one day or month to another.
    fn is_range_since(&self, place: usize) -> bool {
        (place..self.place()).any(|at| {
            self.word_before(at + 1)
                .is_some_and(|word| matches!(word, "to" | "through" | "thru" | "until" | "till"))
                || self.written_between(at, at + 1) == "-"
        })
    }

    fn plain_time(&mut self) -> Maybe<Item> {
        let loose = self.is_list_of_hours();
        Ok(self.time_list(loose)?.map(Item::Times))
    }

    /// "9, 12 and 3pm": what stands behind the last of them says that all are times.
    fn is_list_of_hours(&self) -> bool {
        let mut ahead = 0;
        loop {
            if !matches!(self.peek_at(ahead), Some(Kind::Number(_, 1..=2) | Kind::Clock(_))) {
                return false;
            }
            ahead += 1;
            match (self.peek_at(ahead), self.word_at(ahead)) {
                (_, Some("am" | "pm" | "o'clock" | "oclock" | "h")) => return true,
                (Some(Kind::Comma), _) => ahead += 1 + usize::from(self.word_at(ahead + 1) == Some("and")),
                (_, Some("and")) => ahead += 1,
                _ => return false,
            }
        }
    }

    /// Times, as a list.
    fn time_list(&mut self, loose: bool) -> Maybe<Vec<super::time::Time>> {
        let Some(first) = self.time(loose)? else {
            return Ok(None);
        };
        self.refuse_range()?;
        let mut times = vec![first];
        loop {
            let place = self.place();
            let slash = self.take_kind(|kind| matches!(kind, Kind::Slash));
            let separated = slash || self.take_separator();
            let at = separated && self.take(&["at"]).is_some();
            let number = matches!(self.peek(), Some(Kind::Number(..)));
            // A number in a list of times is one, unless it begins a date or an interval.
            let begins_other = number
                && self
                    .word_at(1)
                    .is_some_and(|word| lexicon::month(word).is_some() || is_unit(word) || word == "times");
            let before = self.place();
            let minute = self.past()?.is_some();
            self.back_to(before);
            let loose = (loose || at) && !slash;
            let next = if separated && !begins_other && !minute { self.time(loose)? } else { None };
            match next {
                Some(time) => times.push(time),
                None => {
                    self.back_to(place);
                    return Ok(Some(times));
                }
            }
        }
    }

    /// "at 9am to 5pm" says from when to when, and not how often.
    fn refuse_range(&mut self) -> Result<(), Stuck> {
        let place = self.place();
        let range = self.take_range_word().is_some() && self.time(true)?.is_some();
        self.back_to(place);
        if range {
            return refused(
                "A range of times does not say how often within it.",
                "Write how often, such as `every hour from 9am to 5pm`.",
            );
        }
        Ok(())
    }

    /// A zone that cannot be anything else, in brackets or not.
    fn marked_zone(&mut self) -> Maybe<Item> {
        let open = self.take_kind(|kind| matches!(kind, Kind::Open));
        self.take(&["in"]);
        self.take(&["the"]);
        let marked = self.take(&["timezone", "tz", "zone"]).is_some() || self.take_phrase(&["time zone"]);
        self.take(&["of"]);
        if let Some(Kind::Zone(zone)) = self.peek() {
            self.step();
            let zone = zone.clone();
            self.set_zone(zone)?;
            self.take_phrase(&["time zone"]);
            self.take(&["timezone", "time"]);
        } else if !(open || marked) || self.named_zone()?.is_none() {
            return Ok(None);
        }
        if open && !self.take_kind(|kind| matches!(kind, Kind::Close)) {
            return Err(self.refuse_here());
        }
        Ok(Some(Item::Zone))
    }

    /// "in Berlin", "EST", "Tokyo time".
    fn named_zone(&mut self) -> Maybe<Item> {
        self.take(&["in"]);
        self.take(&["the"]);
        let words: Vec<&str> = (0..ZONE_WORDS_MAX).map_while(|ahead| self.word_at(ahead)).collect();
        let Some((taken, zone)) = zone::of_words(&words) else {
            return Ok(None);
        };
        for _ in 0..taken {
            self.step();
        }
        self.set_zone(zone?)?;
        Ok(Some(Item::Zone))
    }

    fn set_zone(&mut self, zone: zone::Zone) -> Result<(), Stuck> {
        if let Some(other) = &self.zone
            && other.zone != zone.zone
        {
            return refused(
                format!("The text names two zones, {} and {}.", other.name(), zone.name()),
                "Write one of them; times in two zones are two schedules.",
            );
        }
        self.zone = Some(zone);
        Ok(())
    }
}

const HOURLY: Beat = Beat { minutes: 60 };

/// What says since when, which the days of a schedule cannot.
fn limits<T>(word: &str) -> Result<T, Stuck> {
    refused(format!("`{word}` {}", lexicon::LIMITS), lexicon::FIELDS)
}

fn long_unit(word: &str) -> Option<Unit> {
    if matches!(word, "fortnight" | "fortnights") {
        return None;
    }
    lexicon::unit(word).filter(|unit| match unit {
        Unit::Second | Unit::Minute | Unit::Hour => false,
        Unit::Day | Unit::Week | Unit::Month | Unit::Quarter | Unit::Year => true,
    })
}

fn is_unit(word: &str) -> bool {
    lexicon::unit(word).is_some() && word != "h"
}
