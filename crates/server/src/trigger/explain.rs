//! What a schedule was understood as, for those who look before they save.

use callboard_api::trigger::{FireMark, SchedulePreview};
use callboard_engine::time::Time;
use callboard_schedule::Schedule;

use super::rules::timestamp;

/// Fire times where the caller names no number: enough to see the rule in them.
pub const FIRES: u64 = 5;

/// Fire times that are told at once, as many as a list has items.
pub const FIRES_MAX: u64 = 1_000;

/// Explains a schedule: a sentence, cron lines where they hold it, its zone, and its fire times after a
/// moment, with what clock changes do to some of them.
pub fn explain(schedule: &Schedule, after: Time, count: u64) -> SchedulePreview {
    let rules = callboard_schedule::Rules::default();
    let count = usize::try_from(count.min(FIRES_MAX)).unwrap_or(0);
    let (mut fires, mut marks) = (Vec::new(), Vec::new());
    for fire in schedule.fires_after(&rules, timestamp(after)).take(count) {
        let at = Time::from_millis(fire.at.as_millisecond());
        fires.push(at);
        marks.extend(fire.note.map(|note| FireMark { at, note }));
    }
    SchedulePreview {
        description: schedule.description(),
        cron: schedule.cron(),
        timezone: schedule.timezone().to_owned(),
        notes: schedule.notes(),
        fires,
        marks,
    }
}
