//! The workflows of a project.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A workflow of a project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Workflow {
    /// Its number.
    pub id: i64,
    /// Its project.
    pub project_id: i64,
    /// Its name.
    pub name: String,
    /// What the project file says of it.
    #[serde(flatten)]
    pub workflow: callboard_engine::definition::Workflow,
}

/// What a workflow is made with: the fields of the project file, with its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NewWorkflow {
    /// Its name.
    pub name: String,
    /// The fields of the project file.
    #[serde(flatten)]
    pub fields: serde_json::Map<String, serde_json::Value>,
}

/// What is to change of a workflow: the fields of the project file, and its `name`, which all that refers to it
/// then has too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WorkflowChange(pub serde_json::Map<String, serde_json::Value>);
