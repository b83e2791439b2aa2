//! What decides how a run behaves, frozen under its content hash.
//!
//! The same types describe a project file (see [`project`](crate::project)) and the frozen
//! definition of a run. Every default is written out here, so that a later version with other
//! defaults does not change a run that has begun. Secrets are absent: only their names are here.

mod callable;
mod limits;
mod model;
mod target;
mod team;
mod tool;
mod workflow;

mod difference;
mod overrides;

pub use callable::Callable;
pub(crate) use callable::{CALLABLE_MAX, reached};
pub use difference::{Change, Difference, FieldChange, PartChange};
pub use limits::{Limits, OnLimit};
pub use model::{
    KeyRef, Model, Price, ProviderKind, Script, ScriptFail, ScriptReply, ScriptToolCall, ScriptWhen,
};
pub(crate) use overrides::replace;
pub use overrides::{AgentOverride, Overrides, StageOverride};
pub use target::{Rejection, Target};
pub use team::{Agent, Team};
pub use tool::{EnvValue, OnInterrupt, Tool, ToolKind};
pub use workflow::{
    Approval, ApprovalWhen, Assignment, Hook, HookFailure, NoProgress, OnMaxCycles, OnMaxVisits, Phase,
    Stage, Summary, TimeoutDoes, Turns, Workflow,
};

use std::fmt;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Everything that decides how a run behaves: one workflow with its team, agents, models and tools, and
/// the workflows that it leads to with theirs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Definition {
    /// The project's name.
    pub project: String,
    /// The workflow's name.
    pub name: String,
    /// The workflow.
    pub workflow: Workflow,
    /// The team that carries it out, with the agents that it needs.
    pub team: Team,
    /// The models that its agents use, fallbacks included.
    pub models: IndexMap<String, Model>,
    /// The tools that its agents and hooks use.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub tools: IndexMap<String, Tool>,
    /// The other workflows that a run of it may carry out, and those that they may in turn; itself too,
    /// where they lead back to it.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub callable: IndexMap<String, Callable>,
}

impl Definition {
    /// The definition as the text that is stored and hashed.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// A model of its own without a price: a limit of money cannot be kept with it.
    pub fn unpriced(&self) -> Option<&str> {
        let mut models = self.models.iter();
        models.find(|(_, model)| model.price.is_none()).map(|(name, _)| name.as_str())
    }

    /// The stage with that id, and its place in the workflow.
    pub fn stage(&self, id: &str) -> Option<(usize, &Stage)> {
        self.workflow.stages.iter().enumerate().find(|(_, stage)| stage.id == id)
    }
}

/// The content hash of a definition's text: `sha256:` and 64 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, pattern = "^sha256:[0-9a-f]{64}$")]
pub struct DefinitionHash(String);

impl DefinitionHash {
    /// The hash of a definition's text.
    pub fn of(text: &str) -> Self {
        Self(crate::content::hash(text))
    }

    /// The hash as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DefinitionHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
