//! The tools that a project brings along.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A tool of a project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Tool {
    /// Its number.
    pub id: i64,
    /// Its project.
    pub project_id: i64,
    /// Its name.
    pub name: String,
    /// What the project file says of it.
    #[serde(flatten)]
    pub tool: callboard_engine::definition::Tool,
}

/// What a tool is made with: the fields of the project file, with its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NewTool {
    /// Its name.
    pub name: String,
    /// The fields of the project file.
    #[serde(flatten)]
    pub fields: serde_json::Map<String, serde_json::Value>,
}

/// What is to change of a tool: the fields of the project file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ToolChange(pub serde_json::Map<String, serde_json::Value>);
