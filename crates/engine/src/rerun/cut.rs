//! Where a source is cut: what before it is taken over, and what is made or left again.

use super::{Past, Refused};
use crate::definition::{Definition, Stage};
use crate::event::PastVisit;
use crate::run::VisitStatus;

/// Where a run is to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    /// That visit is made again.
    Visit(u32),
    /// The last visit to that stage is made again.
    Stage(String),
    /// That visit is taken over whole, and left by its outcome.
    After {
        /// The visit.
        visit: u32,
        /// The outcome by which it is left; its own where none is given.
        outcome: Option<String>,
    },
}

/// Where the source is cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// How many of its visits are taken over.
    pub(super) kept: usize,
    /// The place of the visit that is made or left again.
    pub(super) place: usize,
    /// Whether it is left again.
    pub(super) after: bool,
    /// By what; none where its stage has no outcomes.
    pub(super) outcome: Option<String>,
}

/// Cuts the source where it is asked for, or says why it cannot be cut there.
pub(super) fn cut(past: &Past, definition: &Definition, from: &From) -> Result<Cut, Refused> {
    let place_of = |visit: u32| {
        let place = past.visits.iter().position(|past| past.visit == visit);
        place.ok_or(Refused::NoVisit { run_id: past.run_id, visit, visits: past.visits.len() })
    };
    let again = |place: usize| {
        has_stage(definition, &past.visits[place].stage)?;
        Ok(Cut { kept: place, place, after: false, outcome: None })
    };
    match from {
        From::Visit(visit) => again(place_of(*visit)?),
        From::Stage(stage) => {
            let place = past.visits.iter().rposition(|past| past.stage == *stage);
            again(place.ok_or_else(|| never_visited(past, stage))?)
        }
        From::After { visit, outcome } => {
            let place = place_of(*visit)?;
            let at = &past.visits[place];
            if !is_whole(at) || at.result.is_none() {
                return Err(Refused::VisitIncomplete { visit: *visit, stage: at.stage.clone() });
            }
            let stage = has_stage(definition, &at.stage)?;
            let own = at.outcome.as_ref().filter(|_| !stage.outcomes.is_empty());
            let outcome = left_by(stage, outcome.as_ref().or(own))?;
            Ok(Cut { kept: place + 1, place, after: true, outcome })
        }
    }
}

fn has_stage<'d>(definition: &'d Definition, id: &str) -> Result<&'d Stage, Refused> {
    let found = definition.stage(id).map(|(_, stage)| stage);
    found.ok_or_else(|| Refused::StageMissing { stage: id.to_owned() })
}

fn never_visited(past: &Past, stage: &str) -> Refused {
    let mut visited: Vec<String> = Vec::new();
    for visit in &past.visits {
        if !visited.contains(&visit.stage) {
            visited.push(visit.stage.clone());
        }
    }
    Refused::NeverVisited { run_id: past.run_id, stage: stage.to_owned(), visited }
}

/// The outcome by which a stage is left.
fn left_by(stage: &Stage, outcome: Option<&String>) -> Result<Option<String>, Refused> {
    let known = || stage.outcomes.keys().cloned().collect();
    match outcome {
        Some(outcome) if stage.outcomes.contains_key(outcome) => Ok(Some(outcome.clone())),
        Some(outcome) => {
            Err(Refused::UnknownOutcome { stage: stage.id.clone(), outcome: outcome.clone(), known: known() })
        }
        None if stage.outcomes.is_empty() => Ok(None),
        None => Err(Refused::OutcomeMissing { stage: stage.id.clone(), known: known() }),
    }
}

/// Whether a visit came to its end.
pub(super) fn is_whole(visit: &PastVisit) -> bool {
    visit.status() == VisitStatus::Completed
}
