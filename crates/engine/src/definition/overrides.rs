//! What holds for one re-run alone: other words, models and tools, for a stage or for an agent.
//!
//! What is absent stays as it is. Whether the names are known is not decided here: a definition with
//! overrides is checked as a whole, by the rules of a project file.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is different for one run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Overrides {
    /// By the id of the stage.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub stages: IndexMap<String, StageOverride>,
    /// By the name of the agent, at every stage.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub agents: IndexMap<String, AgentOverride>,
}

/// What is different at one stage.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StageOverride {
    /// What is to be done: a template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub task: Option<String>,
    /// What each agent in particular is to do, by its name: templates.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub directives: IndexMap<String, String>,
    /// The model through which everyone at the stage speaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub model: Option<String>,
    /// The tools that the stage gives to everyone at it, besides their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub tools: Option<Vec<String>>,
}

/// What is different for one agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentOverride {
    /// What it is, in a few words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub role: Option<String>,
    /// How it works.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub instructions: Option<String>,
    /// Its model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub model: Option<String>,
    /// The tools that it has at every stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub tools: Option<Vec<String>>,
}

impl Overrides {
    /// Whether nothing is different.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// These, and over them others.
    #[must_use]
    pub fn and(&self, others: &Self) -> Self {
        let mut both = self.clone();
        for (id, stage) in &others.stages {
            both.stages.entry(id.clone()).or_default().set(stage);
        }
        for (name, agent) in &others.agents {
            both.agents.entry(name.clone()).or_default().set(agent);
        }
        both
    }
}

impl StageOverride {
    fn set(&mut self, other: &Self) {
        replace(&mut self.task, &other.task);
        replace(&mut self.model, &other.model);
        replace(&mut self.tools, &other.tools);
        self.directives.extend(other.directives.clone());
    }
}

impl AgentOverride {
    fn set(&mut self, other: &Self) {
        replace(&mut self.role, &other.role);
        replace(&mut self.instructions, &other.instructions);
        replace(&mut self.model, &other.model);
        replace(&mut self.tools, &other.tools);
    }
}

/// Sets what the other says, where it says something.
pub(crate) fn replace<T: Clone>(value: &mut Option<T>, other: &Option<T>) {
    if other.is_some() {
        value.clone_from(other);
    }
}
