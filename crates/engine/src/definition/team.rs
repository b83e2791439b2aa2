//! A team and its agents.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Assignment;

/// Agents that work together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = DefinitionTeam)]
pub struct Team {
    /// The team's name.
    pub name: String,
    /// The model of the agents that name none. Absent only where every agent has its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub model: Option<String>,
    /// The agents, by name.
    pub agents: IndexMap<String, Agent>,
}

impl Team {
    /// The name of the model that an agent of the team uses.
    pub fn model_of(&self, agent: &str) -> Option<&str> {
        self.agents.get(agent)?.model.as_deref().or(self.model.as_deref())
    }

    /// The name of the model that an agent of the team uses at a place.
    pub fn model_at<'t>(&'t self, place: &'t Assignment) -> Option<&'t str> {
        place.model.as_deref().or_else(|| self.model_of(&place.agent))
    }
}

/// One worker.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = AgentFields)]
pub struct Agent {
    /// What it is, in a few words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub role: String,
    /// How it works.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub instructions: String,
    /// Its own model, if it differs from the team's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub model: Option<String>,
    /// The tools that it has at every stage: `NAME`, or `SERVER.TOOL` for one tool of an MCP server.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<String>,
}
