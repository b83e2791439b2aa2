//! The models of a project.

use callboard_engine::call::Finish;
use callboard_engine::event::CallUsage;
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

/// What a model is asked to see whether it answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TryModel {
    /// The question; a greeting where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// What a model that was tried answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ModelTried {
    /// Its words.
    pub text: String,
    /// Why they ended.
    pub finish: Finish,
    /// What this used, as the provider counted it; absent where it did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub usage: Option<CallUsage>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}
