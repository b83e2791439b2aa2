//! Projects, what applying a project file gives, and secrets.

use callboard_engine::project::ProjectLimits;
use callboard_engine::time::Time;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Project {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The IANA name of the zone in which its day is counted.
    pub timezone: String,
    /// Runs at once; the others are pending.
    pub max_running: Option<u32>,
    /// What all its runs together may use.
    pub limits: ProjectLimits,
    /// When it was made.
    pub created_at: Time,
    /// When it or something in it was last changed.
    pub changed_at: Time,
}

/// What applying a project file did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Applied {
    /// The project; 0 for a dry run of a file whose project is not there yet.
    pub project_id: i64,
    /// What is new, such as `workflows/digest`.
    pub created: Vec<String>,
    /// What is different from before.
    pub changed: Vec<String>,
    /// What was archived.
    pub removed: Vec<String>,
    /// The numbers of the project's workflows, by name. In a dry run those that are new have none yet.
    pub workflows: IndexMap<String, i64>,
    /// The numbers of its triggers, by name, and the addresses of those that are webhooks.
    pub triggers: IndexMap<String, AppliedTrigger>,
    /// What is probably not meant, though it is no mistake.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<super::problem::Wrong>,
    /// The whole project as a file in YAML, where `show` asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub file: Option<String>,
    /// The same as a value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Object)]
    pub document: Option<serde_json::Value>,
}

/// A trigger of an applied file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AppliedTrigger {
    /// Its number.
    pub id: i64,
    /// Where it is called, where it is a webhook.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub webhook_url: Option<String>,
}

/// A secret, without its value, which never leaves the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Secret {
    /// Its name.
    pub name: String,
    /// When it was set.
    pub set_at: Time,
}

/// The value that a secret is to have.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetSecret {
    /// The value.
    #[schema(min_length = 1)]
    pub value: String,
}

/// What a project is to be from now on. What is left out stays as it is, and `null` goes back to the
/// default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectChange {
    /// The IANA name of the zone in which its day is counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// Runs at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_running: Option<u32>,
    /// What all its runs together may use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<ProjectLimits>,
}
