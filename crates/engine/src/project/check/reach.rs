//! What a run may lead to: the workflows that it may carry out are frozen with it, and a definition must
//! stay small enough to be kept with every run.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde::Serialize;

use super::{Checker, money};
use crate::definition::{CALLABLE_MAX, Tool, Workflow, reached};
use crate::project::Project;
use crate::project::mistake::Mistake;

/// Bytes of a definition. A large one has some hundred kilobytes; it is kept in memory while it runs, and
/// workflows that share long instructions hold a copy each.
const DEFINITION_BYTES_MAX: usize = 8 << 20;

/// Checks that the definition of each workflow is of a size that can be kept.
pub(super) fn check(checker: &mut Checker<'_>) {
    let project = checker.project;
    let sizes = Sizes::of(project);
    let by_workflow: BTreeMap<&str, usize> = project
        .workflows
        .iter()
        .map(|(name, workflow)| (name.as_str(), sizes.of_workflow(workflow)))
        .collect();
    checker.within("workflows", |checker| {
        for (name, workflow) in &project.workflows {
            let reached = reached(workflow, |name| project.workflows.get(name));
            let others = || by_workflow.iter().filter(|(name, _)| reached.contains(name)).map(|(_, size)| size);
            let own = by_workflow.get(name.as_str()).copied().unwrap_or(0);
            if others().count() <= CALLABLE_MAX && own + others().sum::<usize>() <= DEFINITION_BYTES_MAX {
                continue;
            }
            let message = format!(
                "A run of this workflow may lead to more than {CALLABLE_MAX} workflows, or to more than {} MiB of \
                 them with their teams, models and tools.",
                DEFINITION_BYTES_MAX >> 20
            );
            checker.within(name.as_str(), |checker| {
                checker.add(|at| {
                    Mistake::error(at, "definition_too_large", message)
                        .hint("Let it lead to fewer, or put them into another project.")
                });
            });
        }
    });
}

/// How much the parts of a project take in a definition. Each is measured once: many workflows may share
/// a long one.
struct Sizes<'p> {
    project: &'p Project,
    agents: BTreeMap<(&'p str, &'p str), usize>,
    models: BTreeMap<&'p str, usize>,
    tools: BTreeMap<&'p str, usize>,
}

impl<'p> Sizes<'p> {
    fn of(project: &'p Project) -> Self {
        let agents = project.teams.iter().flat_map(|(team, fields)| {
            let agents = fields.agents.iter();
            agents.map(move |(name, agent)| ((team.as_str(), name.as_str()), bytes(agent)))
        });
        Self { project, agents: agents.collect(), models: each(&project.models), tools: each(&project.tools) }
    }

    /// What a workflow takes with its team, models and tools.
    fn of_workflow(&self, workflow: &Workflow) -> usize {
        let assigned: BTreeSet<&str> = workflow
            .stages
            .iter()
            .flat_map(|stage| &stage.agents)
            .map(|assignment| assignment.agent.as_str())
            .collect();
        let hooks = workflow.stages.iter().flat_map(|stage| stage.entry.iter().chain(&stage.exit));
        let mut tools: BTreeSet<&str> = hooks.map(|hook| hook.tool.as_str()).collect();
        let assignments = workflow.stages.iter().flat_map(|stage| &stage.agents);
        tools.extend(assignments.flat_map(|assignment| &assignment.tools).map(String::as_str));
        let mut models = BTreeSet::new();
        money::add_models_used(self.project, workflow, &mut models);
        let mut size = bytes(workflow);
        for name in assigned {
            size += self.agents.get(&(workflow.team.as_str(), name)).copied().unwrap_or(0);
            let agent = self.project.teams.get(&workflow.team).and_then(|team| team.agents.get(name));
            tools.extend(agent.into_iter().flat_map(|agent| &agent.tools).map(String::as_str));
        }
        let tools: BTreeSet<&str> = tools.into_iter().map(|tool| Tool::name_parts(tool).0).collect();
        size += tools.iter().filter_map(|name| self.tools.get(name)).sum::<usize>();
        size + models.iter().filter_map(|name| self.models.get(name)).sum::<usize>()
    }
}

fn each<T: Serialize>(things: &IndexMap<String, T>) -> BTreeMap<&str, usize> {
    things.iter().map(|(name, thing)| (name.as_str(), bytes(thing))).collect()
}

/// Bytes of a thing as it is stored; what cannot be stored is refused where it is.
fn bytes(thing: &impl Serialize) -> usize {
    serde_json::to_string(thing).map_or(0, |text| text.len())
}
