//! A tool that a project brings along: a command, or an MCP server.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

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
    /// What happens to a call that a crash cut off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub on_interrupt: Option<OnInterrupt>,
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
