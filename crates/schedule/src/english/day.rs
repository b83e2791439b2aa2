//! Days: weekdays, dates, and lists of them.
//!
//! Their places in a month are read in `place`, and the months themselves in `scope`.

use super::cursor::{Cursor, Maybe, Stuck, refused};
use super::group::{Atom, Counted, Group, NOT_A_DAY, Place, grouped};
use super::lexicon;
use super::place::date_checked;
use super::token::Kind;
use crate::calendar::{Dates, WEEKEND, WORKDAYS};

impl Cursor<'_> {
    /// A list of days, with the months that they are named in.
    pub(super) fn groups(&mut self) -> Maybe<Vec<Group>> {
        let Some(mut atoms) = self.atoms()? else {
            return Ok(None);
        };
        let mut groups = Vec::new();
        loop {
            let scope = self.scope()?;
            groups.extend(grouped(&atoms, scope)?);
            let place = self.place();
            if !self.take_separator() {
                break;
            }
            self.take(&["on"]);
            match self.atoms()? {
                Some(more) => atoms = more,
                None => {
                    self.back_to(place);
                    break;
                }
            }
        }
        Ok(Some(groups))
    }

    /// A list of days up to the months that they belong to.
    fn atoms(&mut self) -> Maybe<Vec<Atom>> {
        let Some(first) = self.atom()? else {
            return Ok(None);
        };
        let mut atoms = vec![first];
        loop {
            let place = self.place();
            let comma = matches!(self.peek(), Some(Kind::Comma)) && self.word_at(1) != Some("and");
            let weekday = matches!(atoms.last(), Some(Atom::Weekdays(_)));
            // "Mon Wed Fri" is a list as well.
            let listed = weekday && self.word().is_some_and(|word| lexicon::weekday(word).is_some());
            let separated =
                listed || self.take_separator() || self.take_kind(|kind| matches!(kind, Kind::Slash));
            if !separated || matches!(atoms.last(), Some(Atom::Date(_))) {
                self.back_to(place);
                return Ok(Some(atoms));
            }
            self.take(&["on"]);
            self.take(&["every", "each"]);
            match self.atom()? {
                Some(Atom::Places(days, Counted::Day)) if comma && weekday && days.len() == 1 => {
                    return refused(
                        "It is not clear whether both the weekday and the day of the month have to match.",
                        "Write `every Friday the 13th`, or `on Fridays and on the 13th of the month`.",
                    );
                }
                Some(atom) => atoms.push(atom),
                None => {
                    self.back_to(place);
                    return Ok(Some(atoms));
                }
            }
        }
    }

    pub(super) fn atom(&mut self) -> Maybe<Atom> {
        let place = self.place();
        if let Some(date) = self.date()? {
            return Ok(Some(Atom::Date(date)));
        }
        self.take(&["the"]);
        if self.take_phrase(&[
            "working day nearest to the",
            "working day nearest the",
            "weekday nearest to the",
            "weekday nearest the",
        ]) {
            return match self.ordinal() {
                Some((day, _)) => Ok(Some(Atom::Nearest(date_checked(day)?))),
                None => Err(self.refuse_here()),
            };
        }
        if let Some(weekdays) = self.weekdays() {
            return self.falling(weekdays).map(Some);
        }
        if let Some(edge) = self.edge()? {
            return Ok(Some(edge));
        }
        if let Some(places) = self.days_before_last()?.or(self.numbered_days()?).or(self.bare_days()?) {
            return Ok(Some(Atom::Places(places, Counted::Day)));
        }
        if let Some(found) = self.places()? {
            return Ok(Some(found));
        }
        self.back_to(place);
        Ok(None)
    }

    /// A weekday, a range of them, or a word for several.
    pub(super) fn weekdays(&mut self) -> Option<u8> {
        if self.take_phrase(&[
            "working days",
            "working day",
            "business days",
            "business day",
            "work days",
            "work day",
            "week days",
            "week day",
        ]) || self.take(&["weekday", "weekdays", "workday", "workdays"]).is_some()
        {
            return Some(WORKDAYS);
        }
        if self.take_phrase(&["weekend days", "weekend day"]) || self.take(&["weekend", "weekends"]).is_some()
        {
            return Some(WEEKEND);
        }
        if let Some(lettered) = self.lettered_days() {
            return Some(lettered);
        }
        if self.take(&["mw"]).is_some() {
            return Some(0b000_0101);
        }
        if self.take(&["mwf"]).is_some() {
            return Some(0b001_0101);
        }
        if self.take(&["tth", "tuth"]).is_some() {
            return Some(0b000_1010);
        }
        let first = self.take_meaning(lexicon::weekday)?;
        let place = self.place();
        if self.take_range_word().is_some()
            && let Some(last) = self.take_meaning(lexicon::weekday)
        {
            return Some(from_to(first, last));
        }
        self.back_to(place);
        Some(1 << first)
    }

    /// "M/W/F", "T, Th", "M-F": weekdays of which one at least is a letter, and which only together are plain.
    /// Three or more that dashes part are a list as well, as in "Mon-Wed-Fri".
    pub(super) fn lettered_days(&mut self) -> Option<u8> {
        let place = self.place();
        let (mut days, mut letters, mut dashes) = (Vec::new(), 0, 0);
        while let Some((day, is_letter)) = self.letter_or_weekday() {
            days.push((day, self.place()));
            letters += usize::from(is_letter);
            let dash = self.take_dash();
            if dash {
                dashes += 1;
            } else if !self.take_kind(|kind| matches!(kind, Kind::Slash)) && !self.take_separator() {
                let follows = self.word().is_some_and(|word| lexicon::letter(word).is_some());
                if !(is_letter && follows) {
                    break;
                }
            }
        }
        let several = days.len() >= 2 && (letters > 0 || dashes >= 2 && days.len() >= 3);
        let Some((_, end)) = days.last().copied().filter(|_| several) else {
            self.back_to(place);
            return None;
        };
        self.back_to(end);
        match days[..] {
            [(first, _), (last, _)] if dashes > 0 => Some(from_to(first, last)),
            _ => Some(days.iter().fold(0, |set, (day, _)| set | 1 << day)),
        }
    }

    /// A weekday as a word, or as the letter that it alone begins with. A "T" is Tuesday's where Thursday is
    /// written otherwise, or it stands between Monday and Wednesday.
    fn letter_or_weekday(&mut self) -> Option<(u8, bool)> {
        let word = self.word()?;
        if let Some(day) = lexicon::weekday(word) {
            self.step();
            return Some((day, false));
        }
        let day = lexicon::letter(word)?;
        if word == "t" {
            let at = self.place();
            let near =
                |ahead: usize, words: &[&str]| self.word_at(ahead).is_some_and(|word| words.contains(&word));
            let before = at.checked_sub(2).and_then(|before| self.word_before(before + 1));
            let thursday = (1..=8).any(|ahead| near(ahead, &["th", "thu", "thur", "thurs", "r"]));
            let is_plain = thursday || before == Some("m") || near(2, &["w", "wed"]) || near(1, &["w"]);
            if !is_plain {
                return None;
            }
        }
        self.step();
        Some((day, true))
    }

    /// "Friday the 13th", "Fridays that fall on the 13th and 20th".
    fn falling(&mut self, weekdays: u8) -> Result<Atom, Stuck> {
        let place = self.place();
        let said = self.take_phrase(&["that fall on", "that falls on", "falling on"]);
        let the = self.take(&["the"]).is_some() || matches!(self.peek(), Some(Kind::Ordinal(_)));
        if !said && !the {
            return Ok(Atom::Weekdays(weekdays));
        }
        let mut days = 0;
        while let Some((day, _)) = self.ordinal() {
            days |= 1 << date_checked(day)?;
            let before = self.place();
            if !said || !self.take_separator() {
                break;
            }
            self.take(&["the"]);
            if !matches!(self.peek(), Some(Kind::Ordinal(_))) {
                self.back_to(before);
                break;
            }
        }
        if days == 0 {
            if said {
                return Err(self.refuse_here());
            }
            self.back_to(place);
            return Ok(Atom::Weekdays(weekdays));
        }
        Ok(Atom::Falling(weekdays, days))
    }

    /// "end of the month", "beginning of each quarter", "month end".
    fn edge(&mut self) -> Maybe<Atom> {
        let place = self.place();
        if self.scope_before_end().is_some() {
            // What it is the end of is read once more, as the scope.
            self.back_to(place);
            return Ok(Some(Atom::Edge(Place::Last(1))));
        }
        let edge = match self.take(&["end", "start", "beginning"]) {
            Some("end") => Place::Last(1),
            Some(_) => Place::Nth(1),
            None => return Ok(None),
        };
        self.refuse_end_of_day()?;
        if self.word() == Some("of") {
            let of = self.place();
            let scope = self.scope()?;
            self.back_to(of);
            if scope.is_some() {
                return Ok(Some(Atom::Edge(edge)));
            }
        }
        self.back_to(place);
        Ok(None)
    }

    /// "end of day" is said of many hours.
    fn refuse_end_of_day(&mut self) -> Result<(), Stuck> {
        let place = self.place();
        self.take(&["of"]);
        self.take(&["the", "each", "every", "a"]);
        self.refuse_week()?;
        self.take(&["business", "working", "work"]);
        let day = self.take(&["day", "business"]).is_some();
        self.back_to(place);
        if day {
            return refused(
                "The beginning and the end of a day are no exact times.",
                "Write the time, such as `every day at 17:30`, or `every day at midnight`.",
            );
        }
        Ok(())
    }

    /// "the first day of the week", "end of week".
    pub(super) fn refuse_week(&self) -> Result<(), Stuck> {
        if matches!(self.word(), Some("week" | "workweek")) {
            return refused(
                "Weeks do not begin and end on the same days everywhere.",
                "Write the day, such as `every Monday at 9am` or `every Friday at 17:00`.",
            );
        }
        Ok(())
    }

    /// A date with its month: "January 1st", "24 December", "1 and 15 May".
    pub(super) fn date(&mut self) -> Maybe<Group> {
        let place = self.place();
        if let Some(month) = self.take_meaning(lexicon::month) {
            let mut months = 1 << month;
            loop {
                if let Some(days) = self.days_of_date()? {
                    return self.dated(months, days).map(Some);
                }
                // "January and July 1st" are two dates.
                let more = if self.take_separator() { self.take_meaning(lexicon::month) } else { None };
                let Some(month) = more else { break };
                months |= 1 << month;
            }
            self.back_to(place);
            return Ok(None);
        }
        let mut days = 0;
        while let Some(Kind::Number(day, 1..=2)) = self.peek() {
            self.step();
            days |= if (1..=31).contains(day) { 1 << day } else { 1 };
            self.take_separator();
        }
        self.take(&["of"]);
        if days != 0
            && let Some(month) = self.take_meaning(lexicon::month)
        {
            if days & 1 != 0 {
                return refused("A month has no such day.", NOT_A_DAY);
            }
            return self.dated(1 << month, days).map(Some);
        }
        self.back_to(place);
        Ok(None)
    }

    /// The days behind the name of a month.
    fn days_of_date(&mut self) -> Maybe<u32> {
        let mut days = 0;
        loop {
            let place = self.place();
            let separated = days == 0 || self.take_separator();
            self.take(&["the"]);
            let day = match self.peek() {
                Some(Kind::Ordinal(day)) => Some(*day),
                Some(Kind::Number(day, 1..=2)) if self.is_no_time() => Some(*day),
                _ => None,
            };
            let Some(day) = day.filter(|_| separated) else {
                self.back_to(place);
                return Ok((days != 0).then_some(days));
            };
            self.step();
            days |= 1 << date_checked(day)?;
        }
    }

    /// Whether the number that stands here does not begin a time or a date of another month.
    fn is_no_time(&self) -> bool {
        let ends = |word: &str| {
            !matches!(word, "am" | "pm" | "o'clock" | "h")
                && lexicon::month(word).is_none()
                && lexicon::unit(word).is_none()
        };
        self.word_at(1).is_none_or(ends)
    }

    fn dated(&mut self, months: u16, days: u32) -> Result<Group, Stuck> {
        let place = self.place();
        self.take_separator();
        if let Some(Kind::Number(1000.., 4)) = self.peek() {
            return refused(
                format!(
                    "A date with the year {} comes only once, and a schedule is for what comes again.",
                    self.written()
                ),
                "Leave the year out, as in `every year on 24 December at 18:00`.",
            );
        }
        self.back_to(place);
        Ok(Group { months: Some(months), dates: Dates { days, ..Dates::default() }, ..Group::EMPTY })
    }
}

/// The weekdays from one to another, over the end of the week where need be.
fn from_to(first: u8, last: u8) -> u8 {
    let days = (0..7).map(|day| (first + day) % 7);
    let end = days.clone().position(|day| day == last).unwrap_or(0);
    days.take(end + 1).fold(0, |set, day| set | 1 << day)
}
