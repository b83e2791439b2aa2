//! Money: a limit can only be kept where every model has a price.

use std::collections::BTreeSet;

use super::Checker;
use crate::definition::{Workflow, reached};
use crate::project::Project;
use crate::project::mistake::Mistake;

/// Checks that every limit of money can be kept.
pub(super) fn check(checker: &mut Checker<'_>) {
    let project = checker.project;
    if project.limits.cost_usd_per_day.is_some() {
        let mut used = BTreeSet::new();
        for workflow in project.workflows.values() {
            add_models_used(project, workflow, &mut used);
        }
        checker.within("limits", |checker| {
            checker.within("cost_usd_per_day", |checker| check_priced(checker, &used));
        });
    }
    checker.within("workflows", |checker| {
        for (name, workflow) in &project.workflows {
            if workflow.limits.cost_usd.is_none() {
                continue;
            }
            checker.within(name.as_str(), |checker| {
                checker.within("limits", |checker| {
                    checker.within("cost_usd", |checker| {
                        check_priced(checker, &models_reached(project, workflow));
                    });
                });
            });
        }
    });
}

/// The models that a run of the workflow may call, fallbacks and the workflows that it may carry out
/// included.
fn models_reached<'a>(project: &'a Project, workflow: &Workflow) -> BTreeSet<&'a str> {
    let reached = reached(workflow, |name| project.workflows.get(name));
    let others = project.workflows.iter().filter(|(name, _)| reached.contains(name));
    let mut used = BTreeSet::new();
    for workflow in others.map(|(_, workflow)| workflow).chain([workflow]) {
        add_models_used(project, workflow, &mut used);
    }
    used
}

/// Adds the models that the agents of the workflow may call.
pub(super) fn add_models_used<'a>(project: &'a Project, workflow: &Workflow, used: &mut BTreeSet<&'a str>) {
    let Some(team) = project.teams.get(&workflow.team) else { return };
    let assigned = workflow.stages.iter().flat_map(|stage| &stage.agents);
    for first in assigned.filter_map(|assignment| team.model_at(assignment)) {
        let mut next = Some(first);
        while let Some((name, model)) = next.and_then(|name| project.models.get_key_value(name)) {
            if !used.insert(name.as_str()) {
                break;
            }
            next = model.fallback.as_deref();
        }
    }
}

fn check_priced(checker: &mut Checker<'_>, used: &BTreeSet<&str>) {
    let project = checker.project;
    for name in used {
        if project.models.get(*name).is_none_or(|model| model.price.is_some()) {
            continue;
        }
        checker.add(|at| {
            Mistake::error(
                at,
                "model_without_price",
                format!("The model \"{name}\" has no price, so this limit of money cannot be kept."),
            )
            .hint(format!("Add \"price: {{ input: …, output: … }}\" to models.{name}, or remove the limit."))
        });
    }
}
