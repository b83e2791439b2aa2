//! The words of schedules, as far as a project file has to do with them: where they stand, and in which
//! zone they are read. What they mean is known to whoever is asked.

use super::Checker;
use crate::project::mistake::{Mistake, Mistakes};
use crate::project::yaml::Node;
use crate::project::{Project, TriggerKind, Understand};

/// Asks about every schedule of a project.
pub(in crate::project) fn check(
    project: &Project,
    root: &Node,
    understand: &Understand<'_>,
    mistakes: &mut Mistakes,
) {
    let mut checker = Checker { source: "", project, root, mistakes, path: Vec::new() };
    checker.within("triggers", |checker| {
        for (name, trigger) in &project.triggers {
            let TriggerKind::Schedule(schedule) = &trigger.kind else { continue };
            // One that was broken reads as empty: its mistake has been made.
            if schedule.schedule.is_empty() {
                continue;
            }
            let zone = schedule.timezone.as_deref().unwrap_or(&project.timezone);
            let Err(why) = understand(&schedule.schedule, zone) else { continue };
            checker.within(name.as_str(), |checker| {
                checker.within("schedule", |checker| {
                    checker
                        .add(|at| Mistake::error(at, "schedule_not_understood", why.reason).hint(why.hint));
                });
            });
        }
    });
}
