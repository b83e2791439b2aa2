//! A definition with other words, models or tools, checked by the rules of a project file.

use indexmap::IndexMap;

use crate::definition::{Definition, Overrides, Stage, StageOverride, Workflow, replace};
use crate::nearest::nearest;
use crate::project::{self, Mistake, Project, Severity};

/// The definition of a project's workflow with those overrides, or everything that is wrong with them.
pub fn overridden(
    mut project: Project,
    workflow: &str,
    overrides: &Overrides,
) -> Result<Definition, Vec<Mistake>> {
    let mut mistakes = set(&mut project, workflow, overrides);
    // The project was right before, so that whatever is wrong with it now is so by the overrides.
    let reading = project::read(&project::document(&project).to_string());
    let errors = reading.mistakes.into_iter().filter(|mistake| mistake.severity == Severity::Error);
    for error in errors.map(|error| placed(error, &project, (workflow, overrides))) {
        // What is set for a stage is set for everyone at it, and wrong once.
        if !mistakes.contains(&error) {
            mistakes.push(error);
        }
    }
    let compiled = reading.project.and_then(|project| project::compile(&project, workflow).ok());
    compiled.filter(|_| mistakes.is_empty()).ok_or(mistakes)
}

/// A mistake of the project, said of the override that makes it.
fn placed(mistake: Mistake, project: &Project, (name, overrides): (&str, &Overrides)) -> Mistake {
    let path = project.workflows.get(name).and_then(|workflow| {
        of_stage(&mistake.path, (name, workflow), overrides)
            .or_else(|| of_agent(&mistake.path, &workflow.team, overrides))
    });
    // What is checked is a text of our own, in which no place tells anything.
    Mistake { line: 0, column: 0, path: path.unwrap_or_else(|| mistake.path.clone()), ..mistake }
}

/// `workflows.NAME.stages[0].agents[1].directive` as `overrides.stages.ID.directives.AGENT`.
fn of_stage(path: &str, (name, workflow): (&str, &Workflow), overrides: &Overrides) -> Option<String> {
    let (index, field) = path.strip_prefix(&format!("workflows.{name}.stages["))?.split_once(']')?;
    let stage = workflow.stages.get(index.parse::<usize>().ok()?)?;
    overrides.stages.get(&stage.id)?;
    let of_place = field.strip_prefix(".agents[").and_then(|rest| rest.split_once("]."));
    let field = match of_place {
        None => field.to_owned(),
        Some((place, "directive")) => {
            format!(".directives.{}", stage.agents.get(place.parse::<usize>().ok()?)?.agent)
        }
        Some((_, field)) => format!(".{field}"),
    };
    Some(format!("overrides.stages.{}{field}", stage.id))
}

/// `teams.TEAM.agents.NAME.model` as `overrides.agents.NAME.model`.
fn of_agent(path: &str, team: &str, overrides: &Overrides) -> Option<String> {
    let field = path.strip_prefix(&format!("teams.{team}.agents."))?;
    let agent = field.split('.').next()?;
    overrides.agents.get(agent)?;
    Some(format!("overrides.agents.{field}"))
}

/// Writes the overrides into the project, and says which names it does not know.
fn set(project: &mut Project, name: &str, overrides: &Overrides) -> Vec<Mistake> {
    let names: Vec<String> = project.workflows.keys().cloned().collect();
    let Some(workflow) = project.workflows.get_mut(name) else {
        return vec![unknown(("workflow", "unknown_workflow"), "workflows", name, &names)];
    };
    let mut mistakes = Vec::new();
    for (id, change) in &overrides.stages {
        let known: Vec<String> = workflow.stages.iter().map(|stage| stage.id.clone()).collect();
        match workflow.stages.iter_mut().find(|stage| stage.id == *id) {
            Some(stage) => mistakes.extend(set_stage(stage, change)),
            None => mistakes.push(unknown(("stage", "unknown_stage"), "overrides.stages", id, &known)),
        }
    }
    let Some(team) = project.teams.get_mut(&workflow.team) else { return mistakes };
    let known: Vec<String> = team.agents.keys().cloned().collect();
    for (name, change) in &overrides.agents {
        let Some(agent) = team.agents.get_mut(name) else {
            mistakes.push(unknown(("agent", "unknown_agent"), "overrides.agents", name, &known));
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
    strangers.map(|agent| unknown(("agent", "unknown_agent"), &path, agent, &known)).collect()
}

/// Sets a value where another is given.
fn set_to<T: Clone>(value: &mut T, other: &Option<T>) {
    if let Some(other) = other {
        value.clone_from(other);
    }
}

/// A name that is not among the known ones.
fn unknown((what, code): (&str, &'static str), path: &str, name: &str, known: &[String]) -> Mistake {
    let hint = match nearest(name, known.iter().map(String::as_str)) {
        Some(nearest) => format!("Did you mean \"{nearest}\"?"),
        None => format!("Known: {}.", known.join(", ")),
    };
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
            let model = other.team.model.clone();
            let team = all.teams.entry(other.team.name.clone()).or_insert(other.team);
            add(&mut team.agents, agents);
            // A definition leaves the model of a team out where none of its agents there needs it.
            team.model = team.model.take().or(model);
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
