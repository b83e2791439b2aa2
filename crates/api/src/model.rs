//! The models of a project.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A model of a project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Model {
    /// Its number.
    pub id: i64,
    /// Its project.
    pub project_id: i64,
    /// Its name.
    pub name: String,
    /// What the project file says of it.
    #[serde(flatten)]
    pub model: callboard_engine::definition::Model,
}

/// What a model is made with: the fields of the project file, with its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NewModel {
    /// Its name.
    pub name: String,
    /// The fields of the project file.
    #[serde(flatten)]
    pub fields: serde_json::Map<String, serde_json::Value>,
}

/// What is to change of a model: the fields of the project file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ModelChange(pub serde_json::Map<String, serde_json::Value>);
