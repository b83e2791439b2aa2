//! The ways through a workflow: each stage should be reached, and the end too.

use std::collections::BTreeMap;

use super::Checker;
use crate::definition::{OnMaxVisits, Rejection, Stage, Target, Workflow};
use crate::project::mistake::Mistake;

/// Warns of stages that no way leads to, and of a workflow that no way leads out of.
pub(super) fn check(checker: &mut Checker<'_>, workflow: &Workflow) {
    let stages = &workflow.stages;
    if stages.is_empty() {
        return;
    }
    let places: BTreeMap<&str, usize> =
        stages.iter().enumerate().rev().map(|(index, stage)| (stage.id.as_str(), index)).collect();
    let mut reached = vec![false; stages.len()];
    let mut ends = false;
    let mut open = vec![0];
    while let Some(index) = open.pop() {
        if std::mem::replace(&mut reached[index], true) {
            continue;
        }
        for next in ways_from(workflow, index, &places) {
            match next {
                Some(next) => open.push(next),
                None => ends = true,
            }
        }
    }
    checker.within("stages", |checker| {
        for (index, stage) in stages.iter().enumerate().filter(|(index, _)| !reached[*index]) {
            checker.within(index, |checker| warn_unreachable(checker, stage));
        }
        if !ends {
            checker.add(|at| {
                Mistake::warning(at, "no_way_to_the_end", "No way leads out of these stages.")
                    .hint("Let an outcome lead to \"end\", or to \"next\" from the last stage.")
            });
        }
    });
}

fn warn_unreachable(checker: &mut Checker<'_>, stage: &Stage) {
    let message = format!("No way leads to the stage \"{}\".", stage.name);
    checker.add(|at| {
        Mistake::warning(at, "unreachable_stage", message).hint("Let an outcome lead to it, or remove it.")
    });
}

/// Where a run can go from a stage; `None` is the end. A target that does not exist leads nowhere.
fn ways_from(workflow: &Workflow, index: usize, places: &BTreeMap<&str, usize>) -> Vec<Option<usize>> {
    let stage = &workflow.stages[index];
    let next = Some(index + 1).filter(|next| *next < workflow.stages.len());
    let mut ways = Vec::new();
    if stage.outcomes.is_empty() {
        ways.push(next);
    }
    for target in stage.outcomes.values() {
        match target {
            Target::Next | Target::Workflow(_) => ways.push(next),
            Target::End => ways.push(None),
            Target::Stage(id) => ways.extend(places.get(id.as_str()).copied().map(Some)),
        }
    }
    for approval in &stage.approval {
        match &approval.on_reject {
            Rejection::Error => {}
            Rejection::Next => ways.push(next),
            Rejection::End => ways.push(None),
            Rejection::Stage(id) => ways.extend(places.get(id.as_str()).copied().map(Some)),
        }
    }
    // A full stage that forces runs on sends them to the stage after the one that they leave, or after
    // itself where that is the same.
    let forces_on = |way: usize| workflow.stages[way].on_max_visits == OnMaxVisits::Continue;
    let full: Vec<usize> = ways.iter().copied().flatten().filter(|way| forces_on(*way)).collect();
    for way in full {
        let on = if way == index + 1 { way + 1 } else { index + 1 };
        ways.push(Some(on).filter(|on| *on < workflow.stages.len()));
    }
    ways
}
