//! A definition with other words, models or tools, checked by the rules of a project file.

use indexmap::IndexMap;

use crate::definition::{Definition, Overrides, Stage, StageOverride, replace};
use crate::nearest::nearest;
use crate::project::{self, Mistake, Project, Severity};

/// The definition of a project's workflow with those overrides, or everything that is wrong with them.
pub fn overridden(
    mut project: Project,
    workflow: &str,
    overrides: &Overrides,
) -> Result<Definition, Vec<Mistake>> {
    let mistakes = set(&mut project, workflow, overrides);
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    // The project was right before, so that whatever is wrong with it now is so by the overrides.
    let reading = project::read(&project::document(&project).to_string());
    let errors: Vec<Mistake> =
        reading.mistakes.into_iter().filter(|mistake| mistake.severity == Severity::Error).collect();
    let compiled = reading.project.and_then(|project| project::compile(&project, workflow).ok());
    compiled.filter(|_| errors.is_empty()).ok_or(errors)
}

/// Writes the overrides into the project, and says which names it does not know.
fn set(project: &mut Project, workflow: &str, overrides: &Overrides) -> Vec<Mistake> {
    let Some(workflow) = project.workflows.get_mut(workflow) else { return Vec::new() };
    let mut mistakes = Vec::new();
    for (id, change) in &overrides.stages {
        let known: Vec<String> = workflow.stages.iter().map(|stage| stage.id.clone()).collect();
        match workflow.stages.iter_mut().find(|stage| stage.id == *id) {
            Some(stage) => mistakes.extend(set_stage(stage, change)),
            None => mistakes.push(unknown("stage", "overrides.stages", id, &known)),
        }
    }
    let Some(team) = project.teams.get_mut(&workflow.team) else { return mistakes };
    let known: Vec<String> = team.agents.keys().cloned().collect();
    for (name, change) in &overrides.agents {
        let Some(agent) = team.agents.get_mut(name) else {
            mistakes.push(unknown("agent", "overrides.agents", name, &known));
            continue;
        };
        replace(&mut agent.model, &change.model);
        set_to(&mut agent.role, &change.role);
        set_to(&mut agent.instructions, &change.instructions);
        set_to(&mut agent.tools, &change.tools);
    }
    mistakes
}

fn set_stage(stage: &mut Stage, change: &StageOverride) -> Vec<Mistake> {
    let known: Vec<String> = stage.agents.iter().map(|place| place.agent.clone()).collect();
    let path = format!("overrides.stages.{}.directives", stage.id);
    set_to(&mut stage.task, &change.task);
    for place in &mut stage.agents {
        replace(&mut place.model, &change.model);
        replace(&mut place.directive, &change.directives.get(&place.agent).cloned());
        set_to(&mut place.tools, &change.tools);
    }
    let strangers = change.directives.keys().filter(|agent| !known.contains(agent));
    strangers.map(|agent| unknown("agent", &path, agent, &known)).collect()
}

/// Sets a value where another is given.
fn set_to<T: Clone>(value: &mut T, other: &Option<T>) {
    if let Some(other) = other {
        value.clone_from(other);
    }
}

/// A name that is not among the known ones.
fn unknown(what: &str, path: &str, name: &str, known: &[String]) -> Mistake {
    let hint = match nearest(name, known.iter().map(String::as_str)) {
        Some(nearest) => format!("Did you mean \"{nearest}\"?"),
        None => format!("Known: {}.", known.join(", ")),
    };
    let code = if what == "stage" { "unknown_stage" } else { "unknown_agent" };
    Mistake::outside_of_files(code, format!("There is no {what} \"{name}\"."))
        .path(format!("{path}.{name}"))
        .hint(hint)
}

impl Project {
    /// A project in which the definition's workflow is what it was when it was frozen.
    pub fn of(definition: &Definition) -> Self {
        let Definition { project, name, workflow, team, models, tools, callable } = definition.clone();
        let mut all = Self {
            name: project,
            timezone: "UTC".to_owned(),
            max_running: None,
            limits: Default::default(),
            models,
            tools,
            teams: IndexMap::from([(team.name.clone(), team)]),
            workflows: IndexMap::from([(name, workflow)]),
            triggers: IndexMap::new(),
        };
        for (name, other) in callable {
            all.workflows.entry(name).or_insert(other.workflow);
            add(&mut all.models, other.models);
            add(&mut all.tools, other.tools);
            let agents = other.team.agents.clone();
            let team = all.teams.entry(other.team.name.clone()).or_insert(other.team);
            add(&mut team.agents, agents);
        }
        all
    }

    /// Adds models and tools of another project that this one does not have, so that they can be named,
    /// and takes over its limits.
    pub fn lend(&mut self, other: &Self) {
        add(&mut self.models, other.models.clone());
        add(&mut self.tools, other.tools.clone());
        self.limits = other.limits;
    }
}

/// Adds what is not there yet.
fn add<T>(all: &mut IndexMap<String, T>, more: IndexMap<String, T>) {
    for (name, one) in more {
        all.entry(name).or_insert(one);
    }
}
