//! Where a run goes when a stage has ended, and the guards against going in circles.

use super::Draft;
use crate::definition::{NoProgress, OnMaxVisits, Rejection, Target};
use crate::event::{Fact, Guard, RunError};
use crate::rules::NO_PROGRESS_VISITS;
use crate::run::Visit;

/// How a stage is entered.
#[derive(Clone, Copy, PartialEq)]
enum Entry {
    /// By the way that the workflow goes.
    Led,
    /// Because a loop guard would not let the run go there.
    Forced,
}

impl Draft {
    /// Enters the first stage.
    pub(super) fn enter_first(&mut self) {
        self.enter(0, None, Entry::Led);
    }

    /// Enters the stage at which a run goes on from another. It was led or forced there then, so that no
    /// guard stands in the way.
    pub(super) fn enter_again(&mut self, index: usize, forced: bool) {
        self.enter(index, None, if forced { Entry::Forced } else { Entry::Led });
    }

    /// Goes where the visit that just ended leads.
    pub(super) fn route(&mut self, left: usize) {
        let definition = self.run.definition.clone();
        let Some(stage) = definition.workflow.stages.get(left) else { return };
        if stage.no_progress == NoProgress::Error
            && !stage.outcomes.is_empty()
            && self.is_going_in_circles(&stage.id)
        {
            return self.trip(left, left, Guard::NoProgress);
        }
        let outcome = self.run.visits.last().and_then(|visit| visit.outcome.clone());
        match outcome.and_then(|outcome| stage.outcomes.get_key_value(&outcome)) {
            Some((_, Target::End)) => self.complete_run(),
            Some((_, Target::Stage(id))) => self.enter_stage(id, left),
            Some((outcome, Target::Workflow(workflow))) => self.call_workflow(workflow, outcome),
            Some((_, Target::Next)) | None => self.enter_after(left),
        }
    }

    /// Goes where the rejection of the stage that was left leads.
    pub(super) fn route_rejected(&mut self, left: usize, to: &Rejection) {
        match to {
            // The stage ended in error before it was left.
            Rejection::Error => {}
            Rejection::End => self.complete_run(),
            Rejection::Next => self.enter_after(left),
            Rejection::Stage(id) => self.enter_stage(id, left),
        }
    }

    /// Goes on with the stage after the one that was left, or to the end after the last.
    pub(super) fn enter_after(&mut self, left: usize) {
        self.enter(left + 1, Some(left), Entry::Led);
    }

    fn enter_stage(&mut self, id: &str, left: usize) {
        match self.run.definition.stage(id).map(|(index, _)| index) {
            Some(index) => self.enter(index, Some(left), Entry::Led),
            None => self.complete_run(),
        }
    }

    fn enter(&mut self, index: usize, left: Option<usize>, entry: Entry) {
        let definition = self.run.definition.clone();
        let workflow = &definition.workflow;
        let Some(stage) = workflow.stages.get(index) else { return self.complete_run() };
        let visits = u32::try_from(self.run.visits.len()).unwrap_or(u32::MAX);
        if let Some(left) = left {
            if visits >= workflow.max_visits {
                return self.trip(index, left, Guard::MaxVisitsInAll);
            }
            if entry == Entry::Led && self.run.visits_to(&stage.id) >= stage.max_visits {
                return self.trip(index, left, Guard::MaxVisits);
            }
        }
        self.emit_at(
            Some(visits + 1),
            Fact::StageEntered {
                stage: stage.id.clone(),
                name: stage.name.clone(),
                nth: self.run.visits_to(&stage.id) + 1,
                forced: entry == Entry::Forced,
            },
        );
    }

    /// A guard trips: the run ends in error, or is forced on to the stage after the one being left.
    fn trip(&mut self, guarded: usize, left: usize, guard: Guard) {
        let definition = self.run.definition.clone();
        let Some(stage) = definition.workflow.stages.get(guarded) else { return };
        let forced = guard != Guard::MaxVisitsInAll && stage.on_max_visits == OnMaxVisits::Continue;
        let visits = match guard {
            Guard::MaxVisits | Guard::NoProgress => self.run.visits_to(&stage.id),
            Guard::MaxVisitsInAll => u32::try_from(self.run.visits.len()).unwrap_or(u32::MAX),
        };
        let visit = self.run.visits.last().map(|visit| visit.number);
        self.emit_at(visit, Fact::LoopGuardTripped { stage: stage.id.clone(), guard, visits, forced });
        if forced {
            // Where the guarded stage is itself the one after, going there would guard nothing.
            let on = if guarded == left + 1 { guarded + 1 } else { left + 1 };
            return self.enter(on, Some(left), Entry::Forced);
        }
        let error = RunError {
            // The stage being left: its visit is where a person goes on from.
            stage: self.run.visits.last().map(|visit| visit.stage.clone()),
            visit,
            agent: None,
            doing: "going on to the next stage".to_owned(),
            code: "loop_guard".to_owned(),
            message: guard_message(guard, &stage.name, visits),
            provider_message: None,
            hint: Some(guard_hint(guard).to_owned()),
        };
        self.fail_run(Box::new(error));
    }

    fn complete_run(&mut self) {
        let result =
            self.run.visits.last().and_then(|visit| visit.result.clone()).unwrap_or_else(|| "".into());
        let (usage, duration_ms) = (self.run.usage, self.duration_ms());
        self.emit_at(None, Fact::RunCompleted { result, usage, duration_ms });
    }

    /// Whether the last visits to a stage ended with the same outcome, result and shared memory.
    fn is_going_in_circles(&self, stage: &str) -> bool {
        let visits = self.run.visits.iter().rev().filter(|visit| visit.stage == stage);
        let last: Vec<&Visit> = visits.map(AsRef::as_ref).take(NO_PROGRESS_VISITS).collect();
        last.len() == NO_PROGRESS_VISITS && last.windows(2).all(|pair| ended_alike(pair[0], pair[1]))
    }
}

fn ended_alike(one: &Visit, other: &Visit) -> bool {
    let memory_alike = match (&one.memory_at_end, &other.memory_at_end) {
        (Some(one), Some(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(key, shared)| other.get(key).is_some_and(|same| same.value == shared.value))
        }
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    one.outcome == other.outcome && one.result == other.result && memory_alike
}

fn guard_message(guard: Guard, stage: &str, visits: u32) -> String {
    match guard {
        Guard::MaxVisits if visits == 1 => format!("{stage} was visited once, and its max_visits is 1."),
        Guard::MaxVisits => format!("{stage} was visited {visits} times, which is its max_visits."),
        Guard::MaxVisitsInAll if visits == 1 => {
            "The run made one visit, and the workflow's max_visits is 1.".to_owned()
        }
        Guard::MaxVisitsInAll => format!("The run made {visits} visits, which is the workflow's max_visits."),
        Guard::NoProgress => format!(
            "{stage} ended {NO_PROGRESS_VISITS} times running with the same outcome, the same result and an unchanged shared memory."
        ),
    }
}

fn guard_hint(guard: Guard) -> &'static str {
    match guard {
        Guard::MaxVisits => {
            "Say in the tasks when to be content, raise the stage's max_visits, or set on_max_visits: continue."
        }
        Guard::MaxVisitsInAll => "Say in the tasks when to be content, or raise the workflow's max_visits.",
        Guard::NoProgress => "Change what the loop works with, or set no_progress: ignore.",
    }
}
