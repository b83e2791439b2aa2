//! What other workflows a run may carry out.
//!
//! The workflows lie side by side, however they lead to each other, so that a circle of them has an
//! end. How deep runs may stand in each other is not decided here.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Definition, Model, Target, Team, Tool, Workflow};

/// Workflows that a run may carry out. An agent that chooses among them reads their names, and a project
/// file has room for some thousands, each of which could lead to all the others.
pub(crate) const CALLABLE_MAX: usize = 1_000;

/// A workflow that a run may carry out, with what it needs: what a definition has, without the names
/// that it has already.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Callable {
    /// The workflow.
    pub workflow: Workflow,
    /// The team that carries it out, with the agents that it needs.
    pub team: Team,
    /// The models that its agents use, fallbacks included.
    pub models: IndexMap<String, Model>,
    /// The tools that its agents and hooks use.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub tools: IndexMap<String, Tool>,
}

impl Definition {
    /// The definition of a run of another workflow that this one may carry out: what compiling that
    /// workflow alone would have given, so that its hash is the same.
    pub fn child(&self, workflow: &str) -> Option<Self> {
        let (name, callable) = self.callable.get_key_value(workflow)?;
        let reached = reached(&callable.workflow, |name| Some(&self.callable.get(name)?.workflow));
        let callables = self.callable.iter().filter(|(name, _)| reached.contains(name));
        let Callable { workflow, team, models, tools } = callable.clone();
        Some(Self {
            project: self.project.clone(),
            name: name.clone(),
            workflow,
            team,
            models,
            tools,
            callable: callables.map(|(name, callable)| (name.clone(), callable.clone())).collect(),
        })
    }
}

/// The workflows that a run may carry out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reached<'w> {
    /// All of the project: an agent chooses.
    All,
    /// Those to which outcomes lead.
    These(BTreeSet<&'w str>),
}

impl Reached<'_> {
    /// Whether a workflow of the project is among them.
    pub(crate) fn contains(&self, workflow: &str) -> bool {
        match self {
            Self::All => true,
            Self::These(names) => names.contains(workflow),
        }
    }
}

/// The workflows that a run of one may carry out, itself or by those that it carries out. A workflow
/// that is not found leads nowhere; of more than [`CALLABLE_MAX`], which a project that was read does not
/// have, no more are looked for.
pub(crate) fn reached<'w>(
    workflow: &'w Workflow,
    find: impl Fn(&str) -> Option<&'w Workflow>,
) -> Reached<'w> {
    let mut names = BTreeSet::new();
    let mut open = vec![workflow];
    while let Some(workflow) = open.pop().filter(|_| names.len() <= CALLABLE_MAX) {
        for stage in &workflow.stages {
            if stage.agents.iter().any(|assignment| assignment.runs_workflows) {
                return Reached::All;
            }
            for target in stage.outcomes.values() {
                if let Target::Workflow(name) = target
                    && names.insert(name.as_str())
                {
                    open.extend(find(name));
                }
            }
        }
    }
    Reached::These(names)
}
