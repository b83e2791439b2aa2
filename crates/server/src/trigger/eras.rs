//! How eras begin and end with the revisions of projects: prepared writes, which depend on the documents
//! before and after alone.
//!
//! A change ends the era that lasts at its moment and begins another after it. What was due before and has
//! not fired stays with the old era, and is seen to by its rules; the new one begins after every slot that
//! was ever seen to, so that none fires twice though clocks go back.

use std::sync::Arc;

use callboard_engine::project::{Project, Trigger};
use callboard_engine::time::Time;
use tokio::sync::Notify;

use super::rules::Rules;
use super::store::word;
use crate::db::{Value, Write};
use crate::project::{Change, Follow, PartPath};

/// Where triggers stand in a project.
const SECTION: &str = "triggers";

/// Keeps the eras of schedules in step with projects.
pub struct Eras {
    changed: Arc<Notify>,
}

impl Eras {
    /// Wakes whoever waits there when eras may have changed.
    pub fn new(changed: Arc<Notify>) -> Self {
        Self { changed }
    }
}

impl Follow for Eras {
    fn writes(&self, change: &Change<'_>) -> Vec<Write> {
        let era = |project: Option<&Project>, name: &str| {
            let project = project?;
            project.triggers.get(name).and_then(|trigger| Beginning::of(project, trigger))
        };
        let mut writes = Vec::new();
        let mut known = Vec::new();
        for name in change.after.triggers.keys() {
            // One that is only called otherwise goes on with its era.
            let name_before = change.name_before(SECTION, name);
            let (old, new) = (era(change.before, name_before), era(Some(change.after), name));
            if old != new {
                writes.extend(changed(change, name, new.as_ref()));
            }
            known.push(name_before);
        }
        let before = change.before.into_iter().flat_map(|project| project.triggers.keys());
        for gone in before.filter(|name| !known.contains(&name.as_str())) {
            if era(change.before, gone).is_some() {
                writes.extend(changed(change, gone, None));
            }
        }
        writes
    }

    fn written(&self) {
        self.changed.notify_one();
    }
}

/// What begins the first eras of a project whose triggers were kept by a version that fired none.
pub(super) fn begun(project: &Project, revision: i64, at: Time) -> Vec<Write> {
    let change = Change { revision, before: None, after: project, at, renamed: None };
    let schedules = project.triggers.iter().filter_map(|(name, trigger)| {
        Beginning::of(project, trigger).map(|beginning| changed(&change, name, Some(&beginning)))
    });
    schedules.flatten().collect()
}

/// What makes one era differ from another.
#[derive(PartialEq)]
struct Beginning {
    rules: Rules,
    is_paused: bool,
    reason: Option<String>,
}

impl Beginning {
    fn of(project: &Project, trigger: &Trigger) -> Option<Self> {
        let rules = Rules::of(project, trigger)?;
        Some(Self { rules, is_paused: !trigger.enabled, reason: trigger.pause_reason.clone() })
    }
}

/// What ends the era of a trigger, and begins the next where there is one.
fn changed(change: &Change<'_>, name: &str, new: Option<&Beginning>) -> Vec<Write> {
    let path = PartPath::of(SECTION, name);
    let (project, at): (Value, Value) = (change.after.name.as_str().into(), change.at.as_millis().into());
    let own: [Value; 4] = [project, path.as_str().into(), change.revision.into(), at];
    let begin = new.map(|beginning| {
        let params = own.iter().cloned().chain(beginning.columns(change.at));
        Write::new(BEGIN, params.collect::<Vec<_>>())
    });
    // The new one looks at the old, so it comes first.
    begin.into_iter().chain([Write::new(FORGET, own.clone()), Write::new(END, own)]).collect()
}

impl Beginning {
    /// Its columns, from the fifth parameter on.
    fn columns(&self, at: Time) -> [Value; 13] {
        let rules = &self.rules;
        // Where the words are not understood, nothing is ever due: an earlier version kept them unread.
        let next = rules.slots().ok().and_then(|slots| slots.after(at).next().map(|slot| slot.at));
        let millis = |time: Option<Time>| Value::from(time.map(Time::as_millis));
        [
            rules.schedule.as_str().into(),
            rules.timezone.as_str().into(),
            millis(rules.start_at),
            millis(rules.end_at),
            word(&rules.overlap),
            word(&rules.missed),
            word(&rules.clock_gap),
            word(&rules.clock_repeat),
            rules.spread_s.into(),
            self.is_paused.into(),
            self.reason.clone().into(),
            millis(next),
            millis(next),
        ]
    }
}

/// Begins an era. A pause goes on with its moment from one era to the next.
const BEGIN: &str = "INSERT INTO trigger_era (trigger_id, era, reached, schedule, timezone, start_at, end_at, \
         overlap, missed, clock_gap, clock_repeat, spread_s, paused_at, pause_reason, next_at, look_at) \
     SELECT part.id, CAST($3 AS BIGINT), \
         CASE WHEN (SELECT MAX(slot.until) FROM trigger_slot AS slot WHERE slot.trigger_id = part.id) \
                  > CAST($4 AS BIGINT) \
              THEN (SELECT MAX(slot.until) FROM trigger_slot AS slot WHERE slot.trigger_id = part.id) \
              ELSE CAST($4 AS BIGINT) END, \
         CAST($5 AS TEXT), CAST($6 AS TEXT), CAST($7 AS BIGINT), CAST($8 AS BIGINT), CAST($9 AS TEXT), \
         CAST($10 AS TEXT), CAST($11 AS TEXT), CAST($12 AS TEXT), CAST($13 AS BIGINT), \
         CASE WHEN CAST($14 AS BIGINT) = 1 \
              THEN COALESCE((SELECT MAX(old.paused_at) FROM trigger_era AS old \
                             WHERE old.trigger_id = part.id AND old.until IS NULL), CAST($4 AS BIGINT)) END, \
         CAST($15 AS TEXT), CAST($16 AS BIGINT), CAST($17 AS BIGINT) \
     FROM part JOIN project ON project.id = part.project_id \
     WHERE project.name = CAST($1 AS TEXT) AND part.path = CAST($2 AS TEXT) \
     AND NOT EXISTS (SELECT 1 FROM trigger_era AS later \
                     WHERE later.trigger_id = part.id AND later.era >= CAST($3 AS BIGINT))";

/// Forgets eras of which nothing is left to be seen to at the moment of the change.
const FORGET: &str = "DELETE FROM trigger_era WHERE trigger_id = \
         (SELECT part.id FROM part JOIN project ON project.id = part.project_id \
          WHERE project.name = CAST($1 AS TEXT) AND part.path = CAST($2 AS TEXT)) \
     AND era < CAST($3 AS BIGINT) AND (next_at IS NULL OR next_at > CAST($4 AS BIGINT))";

/// Ends those that are left. One that ended at a later moment did so before the clock went back.
const END: &str = "UPDATE trigger_era SET until = CAST($4 AS BIGINT), look_at = CAST($4 AS BIGINT) \
     WHERE trigger_id = \
         (SELECT part.id FROM part JOIN project ON project.id = part.project_id \
          WHERE project.name = CAST($1 AS TEXT) AND part.path = CAST($2 AS TEXT)) \
     AND era < CAST($3 AS BIGINT) AND (until IS NULL OR until > CAST($4 AS BIGINT))";
