//! The teams of a project, and their agents.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use callboard_engine::definition;

/// A team of a project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Team {
    /// Its number.
    pub id: i64,
    /// Its project.
    pub project_id: i64,
    /// Its name.
    pub name: String,
    /// The model of the agents that name none.
    pub model: Option<String>,
    /// The agents, by name.
    pub agents: IndexMap<String, definition::Agent>,
}

/// An agent of a team.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Agent {
    /// Its number.
    pub id: i64,
    /// Its project.
    pub project_id: i64,
    /// Its team.
    pub team_id: i64,
    /// Its name.
    pub name: String,
    /// What the project file says of it.
    #[serde(flatten)]
    pub agent: definition::Agent,
}

/// What a team is made with: the fields of the project file, with its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NewTeam {
    /// Its name.
    pub name: String,
    /// The fields of the project file.
    #[serde(flatten)]
    pub fields: serde_json::Map<String, serde_json::Value>,
}

/// What is to change of a team: the fields of the project file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TeamChange(pub serde_json::Map<String, serde_json::Value>);

/// What an agent is made with: the fields of the project file, with its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NewAgent {
    /// Its name.
    pub name: String,
    /// The fields of the project file.
    #[serde(flatten)]
    pub fields: serde_json::Map<String, serde_json::Value>,
}

/// What is to change of an agent: the fields of the project file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AgentChange(pub serde_json::Map<String, serde_json::Value>);
