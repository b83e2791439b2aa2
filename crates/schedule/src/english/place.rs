//! Days by their place in a month: "the 1st and 15th", "first and third Monday", "last working day".

use super::cursor::{Cursor, Maybe, Stuck, refused};
use super::group::{Atom, Counted, NOT_A_DAY, Place, Scope};
use super::lexicon;
use super::token::Kind;
use crate::calendar::{WEEKEND, WORKDAYS};

impl Cursor<'_> {
    /// "3 days before the last day".
    pub(super) fn days_before_last(&mut self) -> Maybe<Vec<Place>> {
        let place = self.place();
        let days = self.cardinal().or_else(|| (self.word() == Some("day")).then_some(1));
        let behind = self.take_phrase(&["days before the last day", "day before the last day"]);
        match days.filter(|_| behind) {
            Some(days @ 0..=30) => Ok(Some(vec![Place::Last(days + 1)])),
            Some(_) => refused("No month has so many days before its last.", NOT_A_DAY),
            None => {
                self.back_to(place);
                Ok(None)
            }
        }
    }

    /// "day 15", "days 1-7 and 20".
    pub(super) fn numbered_days(&mut self) -> Maybe<Vec<Place>> {
        let place = self.place();
        if self.take(&["day", "days"]).is_none() || !matches!(self.peek(), Some(Kind::Number(..))) {
            self.back_to(place);
            return Ok(None);
        }
        let mut days = Vec::new();
        while let Some(Kind::Number(first, _)) = self.peek() {
            self.step();
            let range = self.place();
            let last = match self.take_range_word().and_then(|_| self.cardinal()) {
                Some(last) => last,
                None => {
                    self.back_to(range);
                    *first
                }
            };
            push_range(&mut days, *first, last)?;
            let separator = self.place();
            if !self.take_separator() || !matches!(self.peek(), Some(Kind::Number(..))) {
                self.back_to(separator);
                break;
            }
        }
        Ok(Some(days))
    }

    /// "1 and 15 of every month": without the month they could be anything.
    pub(super) fn bare_days(&mut self) -> Maybe<Vec<Place>> {
        let place = self.place();
        let mut days = Vec::new();
        while let Some(Kind::Number(day @ 1..=31, 1..=2)) = self.peek() {
            self.step();
            days.push(Place::Nth(*day));
            let separator = self.place();
            let more = self.take_separator() || self.take_kind(|kind| matches!(kind, Kind::Slash));
            if !more || !matches!(self.peek(), Some(Kind::Number(..))) {
                self.back_to(separator);
                break;
            }
        }
        let end = self.place();
        let of_month = self.word() == Some("of") && self.scope()? == Some(Scope::Month(None));
        if days.is_empty() || !of_month {
            self.back_to(place);
            return Ok(None);
        }
        self.back_to(end);
        Ok(Some(days))
    }

    /// "the 1st and 15th", "first and third Monday", "last working day".
    pub(super) fn places(&mut self) -> Maybe<Atom> {
        if let Some(several) = self.several_places()? {
            return Ok(Some(several));
        }
        let Some((places, in_digits)) = self.place_list()? else {
            return Ok(None);
        };
        if self.take(&["calendar"]).is_some() && !matches!(self.word(), Some("day" | "days")) {
            return Err(self.refuse_here());
        }
        if self.take(&["day", "days"]).is_some() {
            let place = self.place();
            if self.take_phrase(&["of the", "of each", "of every", "of a"]) {
                self.refuse_week()?;
            }
            self.back_to(place);
            return Ok(Some(Atom::Places(places, Counted::Day)));
        }
        if self.take(&["week", "weeks"]).is_some() {
            return refused(
                "Weeks do not begin with the month, so it is not clear which days those are.",
                "Write the days, such as `on the first Monday of the month` or `on the 1st to the 7th of the month`.",
            );
        }
        let named = self.word().is_some_and(|word| lexicon::weekday(word).is_some());
        let kind = match self.weekdays() {
            None => return Ok(Some(Atom::Places(places, Counted::Day))),
            Some(WEEKEND) => {
                return refused(
                    "It is not clear which days the weekend of a month is, where the month begins or ends within it.",
                    "Write the weekday, such as `the first Saturday of the month at 10am`.",
                );
            }
            Some(weekdays) if named => Counted::Weekday(weekdays),
            Some(_) => Counted::Workday,
        };
        if places.len() > 1 && in_digits == Some(false) {
            return refused(
                "It is not clear whether each of these counts the weekday, or some are days of the month.",
                "Write each whole, such as `on the 15th and on the last Friday of the month`.",
            );
        }
        self.refuse_second_weekday()?;
        Ok(Some(Atom::Places(places, kind)))
    }

    /// "the last 3 days", "the first five working days".
    fn several_places(&mut self) -> Maybe<Atom> {
        let place = self.place();
        let end = self.take(&["first", "last"]);
        let count = end.and_then(|_| self.cardinal());
        let (Some(end), Some(count @ 1..=20)) = (end, count) else {
            self.back_to(place);
            return Ok(None);
        };
        let places =
            (1..=count).map(|nth| if end == "first" { Place::Nth(nth) } else { Place::Last(nth) }).collect();
        if self.take(&["days"]).is_some() {
            return Ok(Some(Atom::Places(places, Counted::Day)));
        }
        let named = self.word().is_some_and(|word| lexicon::weekday(word).is_some());
        if !named && self.weekdays() == Some(WORKDAYS) {
            return Ok(Some(Atom::Places(places, Counted::Workday)));
        }
        self.back_to(place);
        Ok(None)
    }

    /// "the first Monday and Friday": whether it is the first Friday or every one is not said.
    fn refuse_second_weekday(&mut self) -> Result<(), Stuck> {
        let place = self.place();
        let more = self.take_separator()
            && self.word().is_some_and(|word| lexicon::weekday(word).is_some() && !word.ends_with('s'));
        self.back_to(place);
        if more {
            return refused(
                "It is not clear whether the second weekday is counted like the first.",
                "Write it whole, such as `the first Monday and the first Friday of the month at 9am`.",
            );
        }
        Ok(())
    }

    /// Places, and whether all of them are in digits or all in words; nothing where they are mixed.
    fn place_list(&mut self) -> Maybe<(Vec<Place>, Option<bool>)> {
        let Some((first, in_digits)) = self.place_in_row() else {
            return Ok(None);
        };
        let mut same = true;
        let mut places = vec![first];
        loop {
            let before = self.place();
            if let (Some(_), Some(Place::Nth(from))) = (self.take_range_word(), places.last().copied()) {
                self.take(&["the"]);
                if let Some((Place::Nth(to), _)) = self.place_in_row() {
                    places.pop();
                    push_range(&mut places, from, to)?;
                    continue;
                }
            }
            self.back_to(before);
            let separated = self.take_separator();
            // "and on the last Friday" and "the last 3 days" are lists of their own.
            let anew = self.take(&["on"]).is_some();
            self.take(&["the"]);
            let several = matches!(self.word(), Some("first" | "last"))
                && (matches!(self.peek_at(1), Some(Kind::Number(..)))
                    || self.word_at(1).is_some_and(|word| lexicon::cardinal(word).is_some()));
            let Some((place, digits)) =
                (separated && !several && !anew).then(|| self.place_in_row()).flatten()
            else {
                self.back_to(before);
                let mixed = if same { Some(true) } else { Some(false) };
                return Ok(Some((places, mixed)));
            };
            same &= digits == in_digits;
            places.push(place);
        }
    }

    fn place_in_row(&mut self) -> Option<(Place, bool)> {
        if self.take(&["last"]).is_some() {
            let before = if self.take_all(&["but", "one"]) { 2 } else { 1 };
            return Some((Place::Last(before), false));
        }
        if self.take(&["penultimate"]).is_some() {
            return Some((Place::Last(2), false));
        }
        let (number, digits) = self.ordinal()?;
        let place = self.place();
        self.take_dash();
        self.take(&["to", "from"]);
        self.take_dash();
        self.take(&["the"]);
        if number > 1 && self.take(&["last"]).is_some() {
            return Some((Place::Last(number), digits));
        }
        self.back_to(place);
        Some((Place::Nth(number), digits))
    }
}

/// A day that some month has.
pub(super) fn date_checked(day: u32) -> Result<u32, Stuck> {
    if (1..=31).contains(&day) {
        return Ok(day);
    }
    refused(format!("A month has no day {day}."), NOT_A_DAY)
}

fn push_range(places: &mut Vec<Place>, from: u32, to: u32) -> Result<(), Stuck> {
    let (from, to) = (date_checked(from)?, date_checked(to)?);
    if from > to {
        return refused(
            format!("The range from {from} to {to} runs backwards."),
            "Write the smaller day first.",
        );
    }
    places.extend((from..=to).map(Place::Nth));
    Ok(())
}
