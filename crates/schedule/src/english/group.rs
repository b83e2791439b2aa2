//! Days that are named together, and the months that they come to.
//!
//! Nothing here reads text: what was read is put into months, and joined where it can be.

use super::cursor::{Stuck, refused};
use crate::calendar::{Both, Dates, EVERY_MONTH, EVERY_WEEKDAY, Weekdays};

/// The months in which quarters begin and end.
pub(super) const QUARTER_STARTS: u16 = 1 << 1 | 1 << 4 | 1 << 7 | 1 << 10;
pub(super) const QUARTER_ENDS: u16 = 1 << 3 | 1 << 6 | 1 << 9 | 1 << 12;

pub(super) const NOT_A_DAY: &str =
    "Write a day of the month as `on the 15th`, or a date as `on 24 December`.";

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
pub(super) enum Place {
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
pub(super) enum Atom {
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
pub(super) enum Counted {
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

/// Puts a list of days into the months that it is named in.
pub(super) fn grouped(atoms: &[Atom], scope: Option<Scope>) -> Result<Vec<Group>, Stuck> {
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
    same_days(joined)
}

/// Joins groups of the same days in several months.
fn same_days(groups: Vec<Group>) -> Vec<Group> {
    let mut joined: Vec<Group> = Vec::new();
    for group in groups {
        let same = |other: &&mut Group| Group { months: group.months, ..**other } == group;
        match (group.months, joined.iter_mut().find(same)) {
            (Some(months), Some(Group { months: Some(others), .. })) => *others |= months,
            _ => joined.push(group),
        }
    }
    joined
}
