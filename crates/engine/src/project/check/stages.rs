//! Stages among each other: their ids, the stages that they name, who works twice.

use std::collections::{BTreeMap, BTreeSet};

use super::{Checker, Unknown};
use crate::definition::{Phase, Rejection, Stage, Target, Workflow};
use crate::project::mistake::{Mistake, Place};

/// Ids that an outcome's target would not mean as a stage.
const RESERVED_IDS: [&str; 2] = ["next", "end"];

/// Checks the stages of a workflow against each other.
pub(super) fn check(checker: &mut Checker<'_>, workflow: &Workflow) {
    check_ids(checker, workflow);
    let ids: BTreeSet<&str> = workflow.stages.iter().map(|stage| stage.id.as_str()).collect();
    checker.each("stages", &workflow.stages, |checker, stage| {
        check_assignments(checker, stage);
        checker.within("outcomes", |checker| {
            for (outcome, target) in &stage.outcomes {
                let Target::Stage(id) = target else { continue };
                checker.within(outcome.as_str(), |checker| check_stage_id(checker, id, &ids));
            }
        });
        checker.within("approval", |checker| check_rejections(checker, stage, &ids));
    });
}

fn check_ids(checker: &mut Checker<'_>, workflow: &Workflow) {
    let mut first_with = BTreeMap::new();
    let stages = workflow.stages.iter().enumerate().filter(|(_, stage)| !stage.id.is_empty());
    for (index, stage) in stages {
        let id = stage.id.as_str();
        let first = *first_with.entry(id).or_insert(index);
        checker.within("stages", |checker| {
            checker.within(index, |checker| {
                checker.within("id", |checker| {
                    if first != index {
                        checker.add(|at| duplicate_id(at, id, first));
                    }
                    if RESERVED_IDS.contains(&id) {
                        checker.add(|at| {
                            Mistake::error(
                                at,
                                "reserved_stage_id",
                                format!("A stage cannot have the id \"{id}\": outcomes lead there."),
                            )
                            .hint("Add another \"id: …\".")
                        });
                    }
                });
            });
        });
    }
}

fn duplicate_id(at: Place, id: &str, first: usize) -> Mistake {
    let message = format!("The id \"{id}\" belongs to stages[{first}] already.");
    Mistake::error(at, "duplicate_stage_id", message).hint("Give this stage another \"id: …\".")
}

/// An agent cannot have two places at one time.
fn check_assignments(checker: &mut Checker<'_>, stage: &Stage) {
    let mut seen: BTreeSet<(Phase, &str)> = BTreeSet::new();
    for (index, assignment) in stage.agents.iter().enumerate() {
        let agent = assignment.agent.as_str();
        if agent.is_empty() || seen.insert((assignment.phase, agent)) {
            continue;
        }
        checker.within("agents", |checker| {
            checker.within(index, |checker| {
                checker.add(|at| {
                    Mistake::error(
                        at,
                        "agent_twice",
                        format!("The agent \"{agent}\" stands twice in one phase of this stage."),
                    )
                    .hint("Remove one, or give it another phase: start, default or completion.")
                });
            });
        });
    }
}

fn check_rejections(checker: &mut Checker<'_>, stage: &Stage, ids: &BTreeSet<&str>) {
    for (index, approval) in stage.approval.iter().enumerate() {
        let Rejection::Stage(id) = &approval.on_reject else { continue };
        // One approval may stand without a list around it.
        let is_list = checker.node().step(&index.into()).is_some();
        if is_list {
            checker.within(index, |checker| {
                checker.within("on_reject", |checker| check_stage_id(checker, id, ids));
            });
        } else {
            checker.within("on_reject", |checker| check_stage_id(checker, id, ids));
        }
    }
}

fn check_stage_id(checker: &mut Checker<'_>, id: &str, ids: &BTreeSet<&str>) {
    if ids.contains(id) {
        return;
    }
    let known = ids.iter().copied().filter(|id| !id.is_empty()).chain(RESERVED_IDS);
    let message = format!("There is no stage with the id \"{id}\" in this workflow.");
    checker.unknown(Unknown { code: "unknown_stage", name: id, message }, known);
}
