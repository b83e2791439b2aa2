//! Days: weekdays, dates, and their places in a month, a quarter or a year.

use super::cursor::{Cursor, Maybe, Stuck, refused};
use super::lexicon;
use super::token::Kind;
use crate::calendar::{Both, Dates, EVERY_MONTH, EVERY_WEEKDAY, WEEKEND, WORKDAYS, Weekdays};

/// The months in which quarters begin and end.
pub(super) const QUARTER_STARTS: u16 = 1 << 1 | 1 << 4 | 1 << 7 | 1 << 10;
pub(super) const QUARTER_ENDS: u16 = 1 << 3 | 1 << 6 | 1 << 9 | 1 << 12;

/// What stands between the ends of a range.
const NOT_A_DAY: &str = "Write a day of the month as `on the 15th`, or a date as `on 24 December`.";

/// Days that are named together, and the months that they are named in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Group {
    /// Nothing where it is left open.
    pub(super) months: Option<u16>,
    pub(super) dates: Dates,
    pub(super) weekdays: Weekdays,
    pub(super) both: Both,
    /// Whether it is the beginning or the end of something, so that a time has to be named.
    pub(super) is_edge: bool,
    /// Whether it is said in what the days are counted.
    pub(super) is_scoped: bool,
}

/// A place in a row, counted from its start or from its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Nth(u32),
    Last(u32),
}

/// What places are counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    Month(Option<u16>),
    Quarter,
    Year,
}

/// A part of a list of days, before it is known which months it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Atom {
    Weekdays(u8),
    /// Weekdays that fall on dates.
    Falling(u8, u32),
    Places(Vec<Place>, Counted),
    Nearest(u32),
    Date(Group),
    Edge(Place),
}

/// What is counted by a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counted {
    Day,
    Workday,
    Weekday(u8),
}

impl Group {
    pub(super) const EMPTY: Self = Self {
        months: None,
        dates: Dates { days: 0, before_last: 0, nearest: 0, workdays: 0, last_workdays: 0 },
        weekdays: Weekdays { every: 0, nth: [0; 5], last: [0; 5] },
        both: Both::Either,
        is_edge: false,
        is_scoped: false,
    };

    pub(super) const fn of_weekdays(every: u8) -> Self {
        Self { weekdays: Weekdays { every, nth: [0; 5], last: [0; 5] }, ..Self::EMPTY }
    }

    /// Whether it is some weekdays of all weeks.
    pub(super) fn only_weekdays(&self) -> Option<u8> {
        let plain = Self::of_weekdays(self.weekdays.every);
        (*self == Self { months: self.months, is_scoped: self.is_scoped, ..plain })
            .then_some(self.weekdays.every)
    }
}

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

    fn atom(&mut self) -> Maybe<Atom> {
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
        if let Some(places) = self.days_before_last()?.or(self.numbered_days()?) {
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
        let first = self.take_meaning(lexicon::weekday)?;
        let place = self.place();
        if self.take_range_word().is_some()
            && let Some(last) = self.take_meaning(lexicon::weekday)
        {
            let days = (0..7).map(|day| (first + day) % 7);
            let end = days.clone().position(|day| day == last).unwrap_or(0);
            return Some(days.take(end + 1).fold(0, |set, day| set | 1 << day));
        }
        self.back_to(place);
        Some(1 << first)
    }

    /// "Friday the 13th", "Fridays that fall on the 13th and 20th".
    fn falling(&mut self, weekdays: u8) -> Result<Atom, Stuck> {
        let place = self.place();
        let said = self.take_phrase(&["that fall on", "that falls on", "falling on"]);
        let the = self.take(&["the"]).is_some();
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

    /// "3 days before the last day".
    fn days_before_last(&mut self) -> Maybe<Vec<Place>> {
        let place = self.place();
        let days = self.cardinal();
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
    fn numbered_days(&mut self) -> Maybe<Vec<Place>> {
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

    /// "the 1st and 15th", "first and third Monday", "last working day".
    fn places(&mut self) -> Maybe<Atom> {
        let Some((places, in_digits)) = self.place_list()? else {
            return Ok(None);
        };
        if self.take(&["calendar"]).is_some() && !matches!(self.word(), Some("day" | "days")) {
            return Err(self.refuse_here());
        }
        if self.take(&["day", "days"]).is_some() {
            return Ok(Some(Atom::Places(places, Counted::Day)));
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
            self.take(&["on"]);
            self.take(&["the"]);
            let Some((place, digits)) = separated.then(|| self.place_in_row()).flatten() else {
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
            return Some((Place::Last(1), false));
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

    /// A date with its month: "January 1st", "24 December", "1 and 15 May".
    fn date(&mut self) -> Maybe<Group> {
        let place = self.place();
        if let Some(month) = self.take_meaning(lexicon::month) {
            if let Some(days) = self.days_of_date()? {
                return self.dated(1 << month, days).map(Some);
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

    /// "of the month", "of January and July", "each quarter".
    pub(super) fn scope(&mut self) -> Maybe<Scope> {
        let place = self.place();
        let of = self.take(&["of", "in"]).is_some();
        if let Some(edge) = self.scope_before_end() {
            return Ok(Some(edge));
        }
        let each = self.take(&["each", "every"]).is_some();
        if each && let Some(months) = self.months_apart()? {
            return Ok(Some(Scope::Month(Some(months))));
        }
        let article = !each && self.take(&["the", "a", "any"]).is_some();
        if of || each {
            if let Some(scope) = self.take_meaning(scope_unit) {
                self.take_years();
                return Ok(Some(scope));
            }
        }
        if !each
            && !article
            && let Some(months) = self.months()
        {
            self.take_years();
            return Ok(Some(Scope::Month(Some(months))));
        }
        self.back_to(place);
        Ok(None)
    }

    /// The "month" of "month end", which stands before it.
    fn scope_before_end(&mut self) -> Option<Scope> {
        let place = self.place();
        let unit = self.take_meaning(scope_unit);
        self.take_dash();
        if unit.is_some() && self.take(&["end"]).is_some() {
            return unit;
        }
        self.back_to(place);
        None
    }

    /// "every other month", "every 3 months".
    fn months_apart(&mut self) -> Maybe<u16> {
        let place = self.place();
        let other = self.take(&["other", "alternate"]).is_some();
        let count = if other {
            Some(2)
        } else {
            self.cardinal().or_else(|| self.ordinal().map(|(number, _)| number))
        };
        match count {
            Some(count) if self.take(&["month", "months"]).is_some() => months_every(count).map(Some),
            _ => {
                self.back_to(place);
                Ok(None)
            }
        }
    }

    fn take_years(&mut self) {
        self.take_phrase(&["of each year", "of every year", "of the year", "each year", "every year"]);
    }

    /// Months by their names: a list, with ranges.
    pub(super) fn months(&mut self) -> Option<u16> {
        let mut months = self.month_or_range()?;
        loop {
            let place = self.place();
            let separated = self.take_separator();
            self.take(&["in"]);
            // A day behind the name begins another date.
            let begins_date = matches!(self.peek_at(1), Some(Kind::Ordinal(_) | Kind::Number(_, 1..=2)));
            match separated.then(|| if begins_date { None } else { self.month_or_range() }).flatten() {
                Some(more) => months |= more,
                None => {
                    self.back_to(place);
                    return Some(months);
                }
            }
        }
    }

    fn month_or_range(&mut self) -> Option<u16> {
        let first = self.take_meaning(lexicon::month)?;
        let place = self.place();
        if self.take_range_word().is_some()
            && let Some(last) = self.take_meaning(lexicon::month)
        {
            let months = (0..12).map(|month| (first - 1 + month) % 12 + 1);
            let end = months.clone().position(|month| month == last).unwrap_or(0);
            return Some(months.take(end + 1).fold(0, |set, month| set | 1 << month));
        }
        self.back_to(place);
        Some(1 << first)
    }
}

fn scope_unit(word: &str) -> Option<Scope> {
    match word {
        "month" | "months" => Some(Scope::Month(None)),
        "quarter" | "quarters" => Some(Scope::Quarter),
        "year" => Some(Scope::Year),
        _ => None,
    }
}

/// The months of a year that come every so many, from January on.
pub(super) fn months_every(count: u32) -> Result<u16, Stuck> {
    if count == 0 || count > 12 || 12 % count != 0 {
        return refused(
            format!("{count} months do not divide a year, so the months would be others each year."),
            "Name the months, such as `on the 1st of January, June and November at 9am`.",
        );
    }
    let step = usize::try_from(count).unwrap_or(1);
    Ok((1..=12).step_by(step).fold(0, |set, month: u16| set | 1 << month))
}

fn date_checked(day: u32) -> Result<u32, Stuck> {
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

/// Puts a list of days into the months that it is named in.
fn grouped(atoms: &[Atom], scope: Option<Scope>) -> Result<Vec<Group>, Stuck> {
    let named = matches!(scope, Some(Scope::Month(Some(_)) | Scope::Quarter | Scope::Year));
    let plain = |atom: &Atom| matches!(atom, Atom::Weekdays(_));
    if named && atoms.iter().any(plain) && !atoms.iter().all(plain) {
        return refused(
            "It is not clear which of these days the month belongs to.",
            "Write two schedules, or each with its month, such as `on the 1st of May and on the first Monday of May`.",
        );
    }
    if atoms.iter().all(plain) && matches!(scope, Some(Scope::Quarter | Scope::Year)) {
        return refused(
            "Every week of a quarter or a year has such a day.",
            "Write which one, such as `the first Monday of the quarter`, or leave the quarter out.",
        );
    }
    let mut groups = Vec::new();
    for atom in atoms {
        if let Atom::Date(group) = atom {
            if scope.is_some_and(|scope| scope != Scope::Year) {
                return refused("The month of the date is named twice.", NOT_A_DAY);
            }
            groups.push(*group);
            continue;
        }
        let scoped = in_scope(atom, scope)?;
        groups.extend(scoped.into_iter().map(|group| Group { is_scoped: scope.is_some(), ..group }));
    }
    Ok(groups)
}

/// The groups of one atom: places from the start and from the end can be in different months.
fn in_scope(atom: &Atom, scope: Option<Scope>) -> Result<Vec<Group>, Stuck> {
    let months = |from_end: bool| match scope {
        None | Some(Scope::Month(None)) => None,
        Some(Scope::Month(months)) => months,
        Some(Scope::Quarter) => Some(if from_end { QUARTER_ENDS } else { QUARTER_STARTS }),
        Some(Scope::Year) => Some(if from_end { 1 << 12 } else { 1 << 1 }),
    };
    let mut group = Group::EMPTY;
    match atom {
        Atom::Date(date) => return Ok(vec![*date]),
        Atom::Weekdays(weekdays) => {
            group = Group::of_weekdays(*weekdays);
            group.months = months(false);
        }
        Atom::Falling(weekdays, days) => {
            group = Group::of_weekdays(*weekdays);
            group.dates.days = *days;
            group.both = Both::Needed;
            group.months = months(false);
        }
        Atom::Nearest(day) => {
            group.dates.nearest = 1 << day;
            group.months = months(false);
        }
        Atom::Edge(place) => {
            let groups = [Group { is_edge: true, months: months(matches!(place, Place::Last(_))), ..group }];
            return groups.into_iter().map(|group| placed(group, *place, Counted::Day, scope)).collect();
        }
        Atom::Places(places, counted) => {
            let of = |place: &Place| {
                let group = Group { months: months(matches!(place, Place::Last(_))), ..group };
                placed(group, *place, *counted, scope)
            };
            return places.iter().map(of).collect();
        }
    }
    Ok(vec![group])
}

/// A group with a day at a place.
fn placed(mut group: Group, place: Place, counted: Counted, scope: Option<Scope>) -> Result<Group, Stuck> {
    let (Place::Nth(nth) | Place::Last(nth)) = place;
    let most = match counted {
        Counted::Day => 31,
        Counted::Workday => 23,
        // The fifth of a quarter can be in its second month.
        Counted::Weekday(_) if matches!(scope, Some(Scope::Quarter | Scope::Year)) => 4,
        Counted::Weekday(_) => 5,
    };
    let few = matches!(scope, Some(Scope::Quarter | Scope::Year)) && counted != Counted::Day && nth > 20;
    let early = matches!(scope, Some(Scope::Quarter | Scope::Year)) && counted == Counted::Day && nth > 28;
    if nth == 0 || nth > most || few || early {
        let what = match counted {
            Counted::Day => "day",
            Counted::Workday => "working day",
            Counted::Weekday(_) => "such weekday",
        };
        return refused(format!("There is no {what} {nth} to count on there."), NOT_A_DAY);
    }
    let week = usize::try_from(nth - 1).unwrap_or(0);
    match (place, counted) {
        (Place::Nth(_), Counted::Day) => group.dates.days = 1 << nth,
        (Place::Last(_), Counted::Day) => group.dates.before_last = 1 << (nth - 1),
        (Place::Nth(_), Counted::Workday) => group.dates.workdays = 1 << nth,
        (Place::Last(_), Counted::Workday) => group.dates.last_workdays = 1 << nth,
        (Place::Nth(_), Counted::Weekday(weekdays)) => group.weekdays.nth[week] = weekdays,
        (Place::Last(_), Counted::Weekday(weekdays)) => group.weekdays.last[week] = weekdays,
    }
    Ok(group)
}

/// Joins groups of the same months, where one day or another is enough.
pub(super) fn joined(groups: &[Group]) -> Vec<Group> {
    let mut joined: Vec<Group> = Vec::new();
    for group in groups {
        let same = |other: &&mut Group| {
            other.months.unwrap_or(EVERY_MONTH) == group.months.unwrap_or(EVERY_MONTH)
                && other.both == Both::Either
                && group.both == Both::Either
        };
        let Some(other) = joined.iter_mut().find(same) else {
            joined.push(*group);
            continue;
        };
        other.is_edge |= group.is_edge;
        other.dates.days |= group.dates.days;
        other.dates.before_last |= group.dates.before_last;
        other.dates.nearest |= group.dates.nearest;
        other.dates.workdays |= group.dates.workdays;
        other.dates.last_workdays |= group.dates.last_workdays;
        other.weekdays.every |= group.weekdays.every & EVERY_WEEKDAY;
        for (own, others) in other.weekdays.nth.iter_mut().zip(group.weekdays.nth) {
            *own |= others;
        }
        for (own, others) in other.weekdays.last.iter_mut().zip(group.weekdays.last) {
            *own |= others;
        }
    }
    joined
}
