//! A tool that a project brings along: a command, or an MCP server.
//!
//! What a secret or a variable of the server says is absent: only its name is here.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::KeyRef;

/// A tool of the project. The tools that come with Callboard are not listed in a definition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ToolFields)]
pub struct Tool {
    /// What it is.
    #[serde(flatten)]
    pub kind: ToolKind,
    /// What it does, as agents are told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub description: Option<String>,
    /// Its parameters: each name with its JSON Schema.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub parameters: Map<String, Value>,
    /// Whether calling it twice does the same as calling it once.
    #[serde(default)]
    #[schema(required)]
    pub idempotent: bool,
    /// Whether a call of it may act on the world outside.
    #[serde(default = "acts_outside")]
    #[schema(required)]
    pub acts_outside: bool,
    /// How long a call may take, in seconds.
    #[serde(default = "timeout_s")]
    #[schema(required)]
    pub timeout_s: u64,
    /// The environment of the program, which gets no other.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schema(value_type = IndexMap<String, EnvValueOfFile>)]
    pub env: IndexMap<String, EnvValue>,
    /// What happens to a call that a crash cut off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub on_interrupt: Option<OnInterrupt>,
}

impl Tool {
    /// Long enough for a slow program or server, short enough that one that hangs is noticed.
    pub const TIMEOUT_S: u64 = 60;
    /// The longest that a call may take: an hour. What takes longer is work for a queue of its own.
    pub const TIMEOUT_S_MAX: u64 = 3_600;

    /// A tool's name as agents, assignments and hooks write it, in its parts: the tool, and for
    /// `SERVER.TOOL` the one tool of that MCP server. No tool of a project has a dot in its own name.
    pub fn name_parts(name: &str) -> (&str, Option<&str>) {
        match name.split_once('.') {
            Some((server, tool)) => (server, Some(tool)),
            None => (name, None),
        }
    }
}

/// Unless a project says otherwise, a tool is taken for one that acts.
fn acts_outside() -> bool {
    true
}

fn timeout_s() -> u64 {
    Tool::TIMEOUT_S
}

/// A value of a program's environment, or of a header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "EnvValueOfFile", into = "EnvValueOfFile")]
pub enum EnvValue {
    /// The text itself.
    Text(String),
    /// What the server's environment variable of that name says.
    Env(String),
    /// What the project's secret of that name says.
    Secret(String),
}

/// A value of an environment or a header as a project file writes it: a text, `{ env: NAME }` or
/// `{ secret: NAME }`.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(as = EnvValue)]
enum EnvValueOfFile {
    /// The text itself.
    Text(String),
    /// Where the value comes from.
    From(KeyRef),
}

impl From<EnvValue> for EnvValueOfFile {
    fn from(value: EnvValue) -> Self {
        match value {
            EnvValue::Text(text) => Self::Text(text),
            EnvValue::Env(name) => Self::From(KeyRef::Env(name)),
            EnvValue::Secret(name) => Self::From(KeyRef::Secret(name)),
        }
    }
}

impl From<EnvValueOfFile> for EnvValue {
    fn from(value: EnvValueOfFile) -> Self {
        match value {
            EnvValueOfFile::Text(text) => Self::Text(text),
            EnvValueOfFile::From(key) => key.into(),
        }
    }
}

impl From<KeyRef> for EnvValue {
    fn from(key: KeyRef) -> Self {
        match key {
            KeyRef::Env(name) => Self::Env(name),
            KeyRef::Secret(name) => Self::Secret(name),
        }
    }
}

/// How a tool is reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ToolKind {
    /// A program of the server's machine, with its arguments.
    Command(Vec<String>),
    /// An MCP server, started as a process or reached at an address.
    Mcp {
        /// The program to start, with its arguments.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        command: Vec<String>,
        /// The address, where it is not a process.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        url: Option<String>,
        /// The headers of each request to the address.
        #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
        #[schema(value_type = IndexMap<String, EnvValueOfFile>)]
        headers: IndexMap<String, EnvValue>,
    },
}

/// What happens to a tool call that a crash cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnInterrupt {
    /// The agent is told that it is unknown whether the call took effect.
    Report,
    /// It is called again.
    Retry,
    /// A person decides.
    Ask,
}
