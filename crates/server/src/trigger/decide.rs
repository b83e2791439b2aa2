//! What becomes of the slots of a schedule: pure. It is told what is known of an era, the time and what is
//! going on, and says the next thing to write down; whoever writes it asks again, until nothing is due.
//!
//! Every answer moves the era's `reached` past the slots that it is about, and is written only over the
//! `reached` that it was made from. So each slot is seen to once, wherever the power goes.

use callboard_api::trigger::SlotStatus;
use callboard_engine::project::{Missed, Overlap};
use callboard_engine::time::Time;

use super::rules::{Rules, Slot, Slots};

/// How late a slot may be and still count as on time: the clock was set forward a little, or the database
/// was away. What is later was missed.
pub const LATE_MS_MAX: u64 = 5 * 60 * 1000;

/// How long before a scheduler began to look a slot may have been due and still count as on time: another
/// process may have been about to fire it, or this one was just starting.
const START_MS: u64 = 1_000;

/// The age from which the newest missed slot is not made up for.
const LATEST_MS_MAX: u64 = 24 * 60 * 60 * 1000;

/// Missed slots that are made up for under `all`.
const ALL_MAX: usize = 100;

/// Slots that one answer looks at. A schedule of every minute has as many in a week, and the rest is left
/// to the next answer.
const SLOTS_MAX: usize = 10_000;

/// How often the slots of a pause are counted. They are one row, which is read together with those that
/// were not counted yet, so nobody sees the difference.
const COUNT_PAUSED_MS: u64 = 24 * 60 * 60 * 1000;

/// A time in which the rules of a schedule stay the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Era {
    /// The trigger.
    pub trigger_id: i64,
    /// The revision of the project that it began with.
    pub number: i64,
    /// The rules.
    pub rules: Rules,
    /// Whether the trigger is paused in it.
    pub pause: Option<Pause>,
    /// The last moment that belongs to it; none while it lasts.
    pub until: Option<Time>,
    /// Slots up to this moment have been seen to.
    pub reached: Time,
}

/// A pause of a trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// Since when.
    pub since: Time,
    /// Why.
    pub reason: Option<String>,
}

/// What is going on when a decision is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The time.
    pub now: Time,
    /// Since when this scheduler has been looking.
    pub looking_since: Time,
    /// A run of the trigger that has not ended.
    pub going: Option<i64>,
    /// The slot of it that waits already.
    pub waiting: Option<Time>,
}

/// The next thing to do for an era.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing is due; look again then, if ever.
    Rest(Option<Time>),
    /// The era has ended and all its slots have been seen to.
    End,
    /// The slot starts a run.
    Fire(Slot),
    /// The slot waits for the run that is going.
    Wait(Slot),
    /// Slots do not fire.
    Pass(Stretch),
}

/// Slots that do not fire, one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// What became of them.
    pub status: SlotStatus,
    /// The first.
    pub first: Time,
    /// The last.
    pub last: Time,
    /// How many they are.
    pub count: u64,
    /// Why.
    pub reason: String,
}

/// What is next for an era.
pub fn step(era: &Era, slots: &Slots, seen: &Seen) -> Step {
    if let Some(pause) = &era.pause {
        return paused(era, pause, slots, seen.now);
    }
    let due = due(era, slots, seen.now);
    let Some(first) = due.first() else { return rest(era, slots, seen.now) };
    let missed = due.iter().take_while(|slot| is_missed(era, slot, seen)).count();
    match missed {
        0 => fire(era, first.clone(), seen),
        missed => made_up_for(era, &due[..missed], due.len() > missed, seen),
    }
}

/// When to look again after an era's slots up to `reached` have been seen to: at the next one, which is said
/// as well.
pub fn next(era: &Era, slots: &Slots, reached: Time) -> (Option<Time>, Option<Time>) {
    let next = slots.after(reached).next().map(|slot| slot.at);
    let next = next.filter(|next| era.until.is_none_or(|until| *next <= until));
    let look = match (next, &era.pause, era.until) {
        (Some(next), Some(_), None) => Some(next.max(reached.plus_millis(COUNT_PAUSED_MS))),
        (Some(next), None, _) => Some(due_at(era, next)),
        (Some(_), Some(_), Some(until)) | (None, _, Some(until)) => Some(until),
        (None, _, None) => None,
    };
    (next, look)
}

/// The slots of a pause that were not counted yet, where there are any.
pub fn uncounted(era: &Era, slots: &Slots, now: Time) -> Option<Stretch> {
    let pause = era.pause.as_ref()?;
    let passed = passed(era, slots, now);
    let (first, last) = (passed.first()?.at, passed.last()?.at);
    let since = format!("The trigger was paused at {}", pause.since);
    let reason = match &pause.reason {
        Some(reason) => format!("{since}: {reason}"),
        None => format!("{since}."),
    };
    Some(Stretch { status: SlotStatus::Paused, first, last, count: passed.len() as u64, reason })
}

fn paused(era: &Era, pause: &Pause, slots: &Slots, now: Time) -> Step {
    debug_assert!(era.pause.as_ref() == Some(pause), "the pause is the era's");
    match uncounted(era, slots, now) {
        Some(stretch) => Step::Pass(stretch),
        None => rest(era, slots, now),
    }
}

fn rest(era: &Era, slots: &Slots, now: Time) -> Step {
    match (next(era, slots, era.reached), era.until) {
        ((None, _), Some(until)) if until <= now => Step::End,
        ((Some(next), _), Some(_)) => Step::Rest(Some(due_at(era, next))),
        ((_, look), _) => Step::Rest(look),
    }
}

/// The slots of an era up to a moment.
fn passed(era: &Era, slots: &Slots, now: Time) -> Vec<Slot> {
    let last = era.until.map_or(now, |until| until.min(now));
    slots.after(era.reached).take_while(|slot| slot.at <= last).take(SLOTS_MAX).collect()
}

/// When the run of a slot is due: its moment, and the delay by which the trigger's runs are spread. What is
/// left of an era is due when the era ends: it comes before whatever the next one has, which may be spread
/// less.
fn due_at(era: &Era, slot: Time) -> Time {
    let due = slot.plus_millis(era.rules.delay(era.trigger_id));
    era.until.map_or(due, |until| due.min(until))
}

/// The slots that are due: their moments have come, and the time over which the trigger's runs are spread
/// has gone by as well.
fn due(era: &Era, slots: &Slots, now: Time) -> Vec<Slot> {
    let mut due = passed(era, slots, now);
    due.truncate(due.partition_point(|slot| due_at(era, slot.at) <= now));
    due
}

/// Whether a slot that is due passed while nobody was there to fire it.
fn is_missed(era: &Era, slot: &Slot, seen: &Seen) -> bool {
    let due = due_at(era, slot.at);
    was_down(due, seen) || seen.now.millis_since(due) > LATE_MS_MAX
}

fn was_down(due: Time, seen: &Seen) -> bool {
    seen.looking_since.millis_since(due) > START_MS
}

/// What becomes of the oldest of the slots that were missed; `more` says that others, which were not, are
/// due as well.
fn made_up_for(era: &Era, missed: &[Slot], more: bool, seen: &Seen) -> Step {
    let Some(newest) = missed.last() else { return Step::Rest(None) };
    let is_all_of_them = more || missed.len() < SLOTS_MAX;
    let made_up_for = match era.rules.missed {
        Missed::Skip => 0,
        Missed::Latest if is_all_of_them && seen.now.millis_since(newest.at) >= LATEST_MS_MAX => 0,
        Missed::Latest => 1,
        Missed::All => ALL_MAX,
    };
    let left = missed.len().saturating_sub(made_up_for);
    let why = |slot: &Slot| match was_down(due_at(era, slot.at), seen) {
        true => "The server was not running",
        false => {
            "The server could not work: its clock was set forward, the machine slept or the database was away"
        }
    };
    match (missed.first(), missed.get(..left).and_then(<[Slot]>::last)) {
        (Some(first), Some(last)) => {
            let then = match (era.rules.missed, made_up_for) {
                (Missed::Skip, _) => "",
                (Missed::Latest, 0) => ", and the newest slot was more than a day old",
                (Missed::Latest, _) => "; only the newest slot is made up for",
                (Missed::All, _) => "; only the 100 newest slots are made up for",
            };
            Step::Pass(Stretch {
                status: SlotStatus::Missed,
                first: first.at,
                last: last.at,
                count: left as u64,
                reason: format!("{}{then}.", why(last)),
            })
        }
        (Some(first), None) => {
            let note = format!("{}; the slot is made up for.", why(first));
            let note = first.note.as_ref().map_or_else(|| note.clone(), |own| format!("{own} {note}"));
            fire(era, Slot { at: first.at, note: Some(note) }, seen)
        }
        (None, _) => Step::Rest(None),
    }
}

/// A slot that is to fire, past the runs that are still going.
fn fire(era: &Era, slot: Slot, seen: &Seen) -> Step {
    match (era.rules.overlap, seen.going) {
        (Overlap::Skip, Some(run)) => Step::Pass(Stretch {
            status: SlotStatus::Skipped,
            first: slot.at,
            last: slot.at,
            count: 1,
            reason: format!("Run {run} was still going."),
        }),
        (Overlap::Queue | Overlap::StopPrevious, Some(_)) => Step::Wait(slot),
        // The one that waits is about to start, and the newest is the one that waits.
        (Overlap::Queue | Overlap::StopPrevious, None) if seen.waiting.is_some() => Step::Wait(slot),
        (Overlap::Allow, _) | (_, None) => Step::Fire(slot),
    }
}
