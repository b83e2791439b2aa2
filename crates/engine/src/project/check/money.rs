//! Money: a limit can only be kept where every model has a price.

use std::collections::BTreeSet;

use super::Checker;
use crate::definition::Workflow;
use crate::project::Project;
use crate::project::mistake::Mistake;

/// Checks that every limit of money can be kept.
pub(super) fn check(checker: &mut Checker<'_>) {
    let project = checker.project;
    if project.limits.cost_usd_per_day.is_some() {
        let used: BTreeSet<&str> =
            project.workflows.values().flat_map(|workflow| models_used(project, workflow)).collect();
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
                        check_priced(checker, &models_used(project, workflow));
                    });
                });
            });
        }
    });
}

/// The models that a run of the workflow may call, fallbacks included.
fn models_used<'a>(project: &'a Project, workflow: &Workflow) -> BTreeSet<&'a str> {
    let mut used = BTreeSet::new();
    let Some(team) = project.teams.get(&workflow.team) else {
        return used;
    };
    let assigned = workflow.stages.iter().flat_map(|stage| &stage.agents);
    for first in assigned.filter_map(|assignment| team.model_of(&assignment.agent)) {
        let mut next = Some(first);
        while let Some((name, model)) = next.and_then(|name| project.models.get_key_value(name)) {
            if !used.insert(name.as_str()) {
                break;
            }
            next = model.fallback.as_deref();
        }
    }
    used
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
