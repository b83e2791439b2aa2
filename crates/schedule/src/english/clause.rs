//! Clauses: what a sentence says about times and about days, put together.
//!
//! A sentence can hold several, as "every Monday at 9am and every Thursday at 5pm". Where times or
//! days are named twice it has to be plain which belong together; else the sentence is refused.

use super::beat::{Beat, Past, Window};
use super::cursor::{Cursor, Stuck, refused};
use super::group::Group;
use super::lexicon::{Part, Unit};
use super::time::Time;
use crate::calendar::Times;

/// What is known of one clause.
#[derive(Clone, Debug, Default)]
pub(super) struct Clause {
    pub(super) times: Vec<Time>,
    pub(super) beat: Option<Beat>,
    pub(super) past: Option<Past>,
    pub(super) windows: Vec<Window>,
    /// Minutes of some hours, as the explanation of a cron expression names them.
    pub(super) shown: Option<Times>,
    pub(super) part: Option<Part>,
    /// "every day", "every 2 weeks".
    pub(super) frame: Option<(u32, Unit)>,
    pub(super) groups: Vec<Group>,
    /// Whether the groups are those of every other week.
    pub(super) alternates: bool,
    pub(super) months: Option<u16>,
    pub(super) except: Option<Except>,
    /// "twice a day".
    pub(super) count: Option<(u32, Unit)>,
    /// "24/7".
    pub(super) always: bool,
    begun_with: Option<Side>,
    last: Option<Side>,
}

/// What is taken away from the days of a clause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Except {
    pub(super) weekdays: u8,
    pub(super) days: u32,
    pub(super) months: u16,
}

/// What an item is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Times,
    Days,
}

/// Something that a sentence says.
#[derive(Clone, Debug)]
pub(super) enum Item {
    Times(Vec<Time>),
    Beat(Beat),
    Past(Past, Option<Beat>),
    Window(Window),
    Shown(Times),
    Part(Part),
    Frame(u32, Unit),
    Groups(Vec<Group>),
    /// Groups behind a comma.
    Narrowing(Vec<Group>),
    /// Groups of every other week.
    Alternating(Vec<Group>),
    Months(u16),
    Except(Except),
    Count(u32, Unit),
    /// All of the time.
    Always,
    /// A zone, which the cursor has taken down.
    Zone,
}

impl Item {
    /// Behind a comma alone, days can say which of "every day" are meant.
    fn behind_comma(self) -> Self {
        match self {
            Self::Groups(groups) => Self::Narrowing(groups),
            Self::Times(_)
            | Self::Beat(_)
            | Self::Past(..)
            | Self::Window(_)
            | Self::Shown(_)
            | Self::Part(_)
            | Self::Frame(..)
            | Self::Narrowing(_)
            | Self::Alternating(_)
            | Self::Months(_)
            | Self::Except(_)
            | Self::Count(..)
            | Self::Always
            | Self::Zone => self,
        }
    }

    /// Whether it is about days and there are only times before it, or the other way round: "and"
    /// does not stand between those.
    fn needs_the_other_side_of(&self, clause: Option<&Clause>) -> bool {
        let Some(clause) = clause else {
            return false;
        };
        match self {
            Self::Frame(..) | Self::Groups(_) | Self::Alternating(_) => {
                clause.has_times() && !clause.has_days()
            }
            Self::Times(_) | Self::Beat(_) | Self::Shown(_) => clause.has_days() && !clause.has_times(),
            Self::Past(..)
            | Self::Window(_)
            | Self::Part(_)
            | Self::Narrowing(_)
            | Self::Months(_)
            | Self::Except(_)
            | Self::Count(..)
            | Self::Always
            | Self::Zone => false,
        }
    }
}

impl Clause {
    pub(super) const fn has_days(&self) -> bool {
        self.frame.is_some() || !self.groups.is_empty()
    }

    pub(super) const fn has_times(&self) -> bool {
        !self.times.is_empty() || self.beat.is_some() || self.past.is_some() || self.shown.is_some()
    }

    fn mark(&mut self, side: Side) {
        self.begun_with.get_or_insert(side);
        self.last = Some(side);
    }
}

/// Reads the clauses of one sentence.
pub(super) fn sentence(cursor: &mut Cursor<'_>) -> Result<Vec<Clause>, Stuck> {
    let mut clauses = vec![Clause::default()];
    let mut any = false;
    while !cursor.is_at_end() && !cursor.is_at_semicolon() {
        let place = cursor.place();
        let joined = cursor.take_separator();
        let and = joined && cursor.said_and;
        if joined && (!any || cursor.is_at_end()) {
            cursor.back_to(place);
            return Err(cursor.refuse_here());
        }
        let Some(item) = cursor.item()? else {
            return Err(cursor.refuse_here());
        };
        any = true;
        let item = if joined && !and { item.behind_comma() } else { item };
        if and && item.needs_the_other_side_of(clauses.last()) {
            return twice("times and days", "`every Monday at 9am and every Thursday at 5pm`");
        }
        add(&mut clauses, item, joined)?;
        for part in std::mem::take(&mut cursor.parts) {
            add(&mut clauses, Item::Part(part), false)?;
        }
    }
    if !any {
        return Err(cursor.refuse_here());
    }
    plain(&clauses)?;
    Ok(clauses)
}

/// Adds an item to the last clause, or begins another with it.
fn add(clauses: &mut Vec<Clause>, item: Item, joined: bool) -> Result<(), Stuck> {
    let Some(clause) = clauses.last_mut() else {
        return Ok(());
    };
    match item {
        Item::Zone => {}
        Item::Always => clause.always = true,
        Item::Times(times) => {
            let clause = on_side(clauses, Side::Times);
            if !clause.times.is_empty() && !joined {
                return twice("times of day", "`at 9:00 and 17:30`");
            }
            clause.times.extend(times);
        }
        Item::Beat(beat) => {
            let clause = if clause.beat.is_some() { on_side(clauses, Side::Times) } else { clause };
            if clause.beat.is_some_and(|other| other != beat) {
                return twice("intervals", "`every 15 minutes`");
            }
            clause.mark(Side::Times);
            clause.beat = Some(beat);
        }
        Item::Past(past, beat) => return add_past(clause, past, beat),
        Item::Window(window) => {
            clause.begun_with.get_or_insert(Side::Times);
            clause.last.get_or_insert(Side::Times);
            clause.windows.push(window);
        }
        Item::Shown(times) => {
            let clause = on_side(clauses, Side::Times);
            if clause.shown.replace(times).is_some() {
                return twice("times of day", "`at 9:00 and 17:30`");
            }
        }
        Item::Part(part) => {
            if clause.part.is_some_and(|other| other != part) {
                return twice("parts of the day", "`at 7am and 7pm`");
            }
            clause.part = Some(part);
        }
        Item::Frame(count, unit) => {
            let merges = clause.frame.is_none() && !joined;
            let clause = if merges { clause } else { on_side(clauses, Side::Days) };
            if clause.frame.is_some_and(|other| other != (count, unit)) || joined && clause.has_days() {
                return twice("days", "`every Monday and Thursday at 9am`");
            }
            clause.mark(Side::Days);
            clause.frame = Some((count, unit));
        }
        Item::Narrowing(groups) => {
            let framed = clause.frame.is_some() && clause.groups.is_empty();
            return add_groups(clauses, Days { groups, joined: !framed, alternates: false });
        }
        Item::Groups(groups) => return add_groups(clauses, Days { groups, joined, alternates: false }),
        Item::Alternating(groups) => return add_groups(clauses, Days { groups, joined, alternates: true }),
        Item::Months(months) => match clause.months {
            None => clause.months = Some(months),
            Some(_) => return twice("months", "`every Monday in January and July at 9am`"),
        },
        Item::Except(except) => match clause.except {
            None => clause.except = Some(except),
            Some(_) => return twice("exceptions", "`every day except Saturday and Sunday at 9am`"),
        },
        Item::Count(count, unit) => match clause.count {
            None => clause.count = Some((count, unit)),
            Some(_) => return twice("counts", "`every day at 9am and 5pm`"),
        },
    }
    Ok(())
}

fn add_past(clause: &mut Clause, past: Past, beat: Option<Beat>) -> Result<(), Stuck> {
    if clause.past.is_some() {
        return twice("minutes of the hour", "`every hour at :15 and :45`");
    }
    if let (Some(own), Some(other)) = (clause.beat, beat)
        && own != other
        && other.minutes != 60
    {
        return twice("intervals", "`every hour at :15`");
    }
    clause.begun_with.get_or_insert(Side::Times);
    if clause.beat.is_none() {
        clause.last = Some(Side::Times);
    }
    clause.past = Some(past);
    clause.beat = clause.beat.or(beat);
    Ok(())
}

/// Groups, with how they stand to what is before them.
struct Days {
    groups: Vec<Group>,
    /// Whether they add to it, and do not narrow it down.
    joined: bool,
    /// Whether they are those of every other week.
    alternates: bool,
}

fn add_groups(clauses: &mut Vec<Clause>, days: Days) -> Result<(), Stuck> {
    let Days { groups, joined, alternates } = days;
    let narrows =
        clauses.last().is_some_and(|clause| !joined && clause.frame.is_some() && clause.groups.is_empty());
    if narrows {
        let Some(clause) = clauses.last_mut() else {
            return Ok(());
        };
        clause.mark(Side::Days);
        clause.groups = groups;
        clause.alternates = alternates;
        return Ok(());
    }
    let clause = on_side(clauses, Side::Days);
    let merges = joined && clause.alternates == alternates && clause.frame.is_none();
    if clause.has_days() && !merges {
        return twice("days", "`every Monday and Thursday at 9am`");
    }
    clause.alternates = alternates;
    clause.groups.extend(groups);
    Ok(())
}

/// The clause that an item about times or days belongs to: the last one, unless that has said it.
fn on_side(clauses: &mut Vec<Clause>, side: Side) -> &mut Clause {
    let begins = clauses.last().is_none_or(|clause| {
        let said = match side {
            Side::Times => clause.has_times(),
            Side::Days => clause.has_days(),
        };
        said && clause.last != Some(side)
    });
    if begins {
        clauses.push(Clause::default());
    }
    let last = clauses.len() - 1;
    let clause = &mut clauses[last];
    clause.mark(side);
    clause
}

fn twice<T>(what: &str, example: &str) -> Result<T, Stuck> {
    refused(
        format!("The text names {what} twice, and not how they belong together."),
        format!("Join them with \"and\", as in {example}, or write two schedules."),
    )
}

/// Refuses clauses of which it is not plain what belongs to which.
fn plain(clauses: &[Clause]) -> Result<(), Stuck> {
    if clauses.len() < 2 {
        return Ok(());
    }
    let begun = clauses[0].begun_with;
    let whole = |clause: &Clause| clause.has_days() && clause.has_times() && clause.begun_with == begun;
    if !clauses.iter().all(whole) {
        return refused(
            "It is not clear which of the times belong to which of the days.",
            "Write each day with its time, such as `every Monday at 9am and every Thursday at 5pm`.",
        );
    }
    let of_all = |clause: &Clause| {
        clause.months.is_some() || clause.except.is_some() || clause.count.is_some() || clause.always
    };
    if clauses.iter().any(of_all) {
        return refused(
            "It is not clear whether the months or exceptions belong to all of the days.",
            "Write two schedules, or part them with a semicolon.",
        );
    }
    Ok(())
}
