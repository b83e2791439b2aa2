//! The words of schedules, for whoever reads a project file.

use callboard_engine::project::NotUnderstood;

/// Whether a schedule is understood in that zone.
pub fn understand(schedule: &str, timezone: &str) -> Result<(), NotUnderstood> {
    match callboard_schedule::read(schedule, Some(timezone)) {
        Ok(_) => Ok(()),
        Err(refused) => Err(NotUnderstood { reason: refused.reason, hint: refused.hint }),
    }
}
