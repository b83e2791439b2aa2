//! From a project to what one of its workflows needs.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use thiserror::Error;

use super::Project;
use crate::definition::{Callable, Definition, Model, Team, Tool, Workflow, reached};
use crate::nearest::nearest;

/// The project has no such workflow.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("there is no workflow \"{name}\"")]
pub struct UnknownWorkflow {
    /// The name that was asked for.
    pub name: String,
    /// The known name that is nearest to it, if one is near.
    pub nearest: Option<String>,
}

/// The definition of one workflow: its team with the agents that its stages assign, the models that
/// these use, fallbacks included, the tools that they and the hooks use, and the workflows that a run of
/// it may carry out with theirs, all in the order of the file. What the workflow does not need is left
/// out, so that changing it changes no definition.
pub fn compile(project: &Project, workflow: &str) -> Result<Definition, UnknownWorkflow> {
    let Some((name, workflow)) = project.workflows.get_key_value(workflow) else {
        let known = project.workflows.keys().map(String::as_str);
        let nearest = nearest(workflow, known).map(str::to_owned);
        return Err(UnknownWorkflow { name: workflow.to_owned(), nearest });
    };
    let reached = reached(workflow, |name| project.workflows.get(name));
    let others = project.workflows.iter().filter(|(name, _)| reached.contains(name));
    let callable = others.map(|(name, workflow)| (name.clone(), callable(project, workflow))).collect();
    let Callable { workflow, team, models, tools } = self::callable(project, workflow);
    Ok(Definition {
        project: project.name.clone(),
        name: name.clone(),
        workflow,
        team,
        models,
        tools,
        callable,
    })
}

/// A workflow with what it needs, its own calls aside.
fn callable(project: &Project, workflow: &Workflow) -> Callable {
    let team = team(project, workflow);
    let models = models(project, workflow, &team);
    let tools = tools(project, workflow, &team);
    Callable { workflow: workflow.clone(), team, models, tools }
}

fn team(project: &Project, workflow: &Workflow) -> Team {
    let assigned: BTreeSet<&str> =
        workflow.stages.iter().flat_map(|stage| &stage.agents).map(|place| place.agent.as_str()).collect();
    let Some(team) = project.teams.get(&workflow.team) else {
        // A project that was read has every team that its workflows name.
        return Team { name: workflow.team.clone(), model: None, agents: IndexMap::new() };
    };
    let agents: IndexMap<_, _> = team
        .agents
        .iter()
        .filter(|(name, _)| assigned.contains(name.as_str()))
        .map(|(name, agent)| (name.clone(), agent.clone()))
        .collect();
    let needs_model = agents.values().any(|agent| agent.model.is_none());
    Team { name: team.name.clone(), model: team.model.clone().filter(|_| needs_model), agents }
}

fn models(project: &Project, workflow: &Workflow, team: &Team) -> IndexMap<String, Model> {
    let mut used: BTreeSet<&str> = BTreeSet::new();
    let places = workflow.stages.iter().flat_map(|stage| &stage.agents);
    // Those that no place leads to are named all the same, and a name leads to something.
    let named = team.agents.values().filter_map(|agent| agent.model.as_deref()).chain(team.model.as_deref());
    for first in places.filter_map(|place| team.model_at(place)).chain(named) {
        let mut next = Some(first);
        while let Some(name) = next.filter(|name| used.insert(name)) {
            next = project.models.get(name).and_then(|model| model.fallback.as_deref());
        }
    }
    chosen(&project.models, &used)
}

fn tools(project: &Project, workflow: &Workflow, team: &Team) -> IndexMap<String, Tool> {
    let of_agents = team.agents.values().flat_map(|agent| &agent.tools);
    let assignments = workflow.stages.iter().flat_map(|stage| &stage.agents);
    let of_assignments = assignments.flat_map(|assignment| &assignment.tools);
    let hooks = workflow.stages.iter().flat_map(|stage| stage.entry.iter().chain(&stage.exit));
    let of_hooks = hooks.map(|hook| &hook.tool);
    let names = of_agents.chain(of_assignments).chain(of_hooks);
    let used = names.map(|name| Tool::name_parts(name).0).collect();
    chosen(&project.tools, &used)
}

/// The things that are used, in the order of the file.
fn chosen<T: Clone>(all: &IndexMap<String, T>, used: &BTreeSet<&str>) -> IndexMap<String, T> {
    all.iter()
        .filter(|(name, _)| used.contains(name.as_str()))
        .map(|(name, thing)| (name.clone(), thing.clone()))
        .collect()
}
