//! Tools called: programs, MCP servers, and what comes with the program and needs the network.
//!
//! Absent on purpose: whether a call may be made, whether its arguments fit, and whether it is made again.
//! Those are rules of a run.

use std::time::Duration;

use callboard_engine::definition::{EnvValue, Tool, ToolKind};
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value};

use super::command::{CommandCall, command};
use super::failure::ToolFailure;
use super::http_request::http_request;
use crate::mcp::{ListedTool, Mcp, McpError, Place, Sessions};
use crate::net::Net;
use crate::process::Program;
use crate::secret::Secrets;

/// The tools of a server.
pub(crate) struct Tools {
    net: Net,
    sessions: Sessions,
    secrets: Secrets,
}

/// Who calls a tool.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// Whose secrets may be used.
    pub(crate) project_id: i64,
    /// Whose sessions with MCP servers are used: they are never shared with another run.
    pub(crate) run: i64,
    /// What processes are marked with.
    pub(crate) mark: String,
}

/// What is called.
#[derive(Clone, Debug)]
pub(crate) enum Called {
    /// A tool that comes with the program.
    BuiltIn(String),
    /// A program, with its name in the project.
    Command(String, Tool),
    /// A tool of an MCP server.
    Mcp {
        /// The server's name in the project.
        server: String,
        /// What it is.
        tool: Tool,
        /// The tool's name at the server.
        name: String,
    },
}

impl Called {
    /// Its name, as histories have it.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::BuiltIn(name) | Self::Command(name, _) => name.clone(),
            Self::Mcp { server, name, .. } => format!("{server}.{name}"),
        }
    }
}

impl Tools {
    pub(crate) fn new(net: Net, secrets: Secrets) -> Self {
        Self { sessions: Sessions::new(Mcp::new(net.clone())), net, secrets }
    }

    /// Calls a tool. Dropping the future cuts the call off.
    pub(crate) async fn call(
        &self,
        caller: &Caller,
        called: &Called,
        arguments: &Value,
    ) -> Result<String, ToolFailure> {
        let fields = arguments.as_object().cloned().unwrap_or_default();
        let said = match called {
            Called::BuiltIn(name) if name == "http_request" => http_request(&self.net, arguments).await,
            Called::BuiltIn(name) => {
                Err(ToolFailure::new("unknown_tool", format!("This version has no tool called {name}.")))
            }
            Called::Command(_, tool) => self.command(caller, tool, &fields).await,
            Called::Mcp { server, tool, name } => self.ask(caller, (server, tool), name, &fields).await,
        };
        let of_project = match called {
            Called::BuiltIn(_) => None,
            Called::Command(_, tool) | Called::Mcp { tool, .. } => Some(tool),
        };
        let told = |text: String| match of_project {
            Some(tool) => self.redacted(caller, tool, text),
            None => text,
        };
        let text = said
            .map(told)
            .map_err(|failure| ToolFailure { message: told(failure.message), code: failure.code })?;
        // PostgreSQL keeps the character U+0000 in no text.
        Ok(if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text })
    }

    /// A text of a program without the secrets that it was given.
    fn redacted(&self, caller: &Caller, tool: &Tool, text: String) -> String {
        tool.env.values().fold(text, |text, value| match value {
            EnvValue::Secret(name) => match self.secrets.get(caller.project_id, name) {
                Some(secret) => secret.redact(text),
                None => text,
            },
            EnvValue::Text(_) | EnvValue::Env(_) => text,
        })
    }

    async fn command(
        &self,
        caller: &Caller,
        tool: &Tool,
        arguments: &Map<String, Value>,
    ) -> Result<String, ToolFailure> {
        let ToolKind::Command(line) = &tool.kind else {
            return Err(ToolFailure::new("unknown_tool", "It is no program."));
        };
        let program = self.program(caller, tool, line)?;
        let limit = Duration::from_secs(tool.timeout_s);
        command(CommandCall { program: &program, arguments, limit }).await
    }

    fn program(&self, caller: &Caller, tool: &Tool, line: &[String]) -> Result<Program, ToolFailure> {
        let env = tool.env.iter().map(|(name, value)| Ok((name.clone(), self.value(caller, value)?)));
        Ok(Program {
            command: line.to_vec(),
            env: env.collect::<Result<_, ToolFailure>>()?,
            mark: caller.mark.clone(),
            dir: None,
        })
    }

    /// A value that a project names, looked up at each call so that one that was put right helps the next.
    fn value(&self, caller: &Caller, value: &EnvValue) -> Result<String, ToolFailure> {
        match value {
            EnvValue::Text(text) => Ok(text.clone()),
            EnvValue::Env(name) => std::env::var(name).map_err(|_| {
                ToolFailure::new("value_missing", format!("The environment variable {name} is not set."))
            }),
            EnvValue::Secret(name) => match self.secrets.get(caller.project_id, name) {
                Some(secret) => Ok(secret.expose().to_owned()),
                None => Err(ToolFailure::new(
                    "value_missing",
                    format!("The secret {name} is not set; set it with `callboard secret set {name}`."),
                )),
            },
        }
    }

    async fn ask(
        &self,
        caller: &Caller,
        (server, tool): (&str, &Tool),
        name: &str,
        arguments: &Map<String, Value>,
    ) -> Result<String, ToolFailure> {
        let place = self.place(caller, tool)?;
        let session = self.sessions.get_or_connect(&key(caller.run, server), &place).await;
        let session = session.map_err(|error| failed(&error))?;
        let said = session.call(name, arguments, Duration::from_secs(tool.timeout_s)).await;
        let said = said.map_err(|error| failed(&error))?;
        if said.is_error { Err(ToolFailure::new("tool_failed", said.text)) } else { Ok(said.text) }
    }

    /// The tools that an MCP server has.
    pub(crate) async fn list(
        &self,
        caller: &Caller,
        server: &str,
        tool: &Tool,
    ) -> Result<Vec<ListedTool>, ToolFailure> {
        let place = self.place(caller, tool)?;
        let session = self.sessions.get_or_connect(&key(caller.run, server), &place).await;
        let session = session.map_err(|error| failed(&error))?;
        session.tools().await.map_err(|error| failed(&error))
    }

    fn place(&self, caller: &Caller, tool: &Tool) -> Result<Place, ToolFailure> {
        let ToolKind::Mcp { command, url, headers } = &tool.kind else {
            return Err(ToolFailure::new("unknown_tool", "It is no MCP server."));
        };
        let Some(url) = url else { return Ok(Place::Command(self.program(caller, tool, command)?)) };
        let mut sent = HeaderMap::new();
        for (name, value) in headers {
            let is_secret = !matches!(value, EnvValue::Text(_));
            let (name, mut value) = header(name, &self.value(caller, value)?)?;
            value.set_sensitive(is_secret);
            sent.insert(name, value);
        }
        Ok(Place::Url { url: url.clone(), headers: sent })
    }

    /// Ends all sessions.
    pub(crate) fn end_all(&self) {
        self.sessions.end("");
    }

    /// Ends the sessions of a run. Answers whether processes were behind them, which are being ended.
    pub(crate) fn end(&self, run: i64) -> bool {
        self.sessions.end(&key(run, ""))
    }
}

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), ToolFailure> {
    let name: Result<HeaderName, _> = name.parse();
    let value: Result<HeaderValue, _> = value.parse();
    match (name, value) {
        (Ok(name), Ok(value)) => Ok((name, value)),
        (Ok(name), Err(_)) => {
            Err(ToolFailure::new("value_missing", format!("The value of the header {name} cannot be sent.")))
        }
        (Err(_), _) => Err(ToolFailure::new("value_missing", "The name of a header cannot be sent.")),
    }
}

fn key(run: i64, server: &str) -> String {
    format!("{run}/{server}")
}

fn failed(error: &McpError) -> ToolFailure {
    ToolFailure::new(error.code(), error.to_string())
}
