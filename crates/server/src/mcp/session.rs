//! A session with one server: its list of tools, and calls of them, several at once.
//!
//! Absent on purpose: which tools an agent may call, and how often a call is tried.

use std::time::Duration;

use hyper::header::HeaderMap;
use rmcp::model::{CallToolRequestParams, CallToolResponse, ErrorCode, PaginatedRequestParams, Tool};
use rmcp::service::{ClientInitializeError, ClientLifecycleMode, ClientServiceExt as _};
use rmcp::service::{RoleClient, RunningService, ServiceError};
use rmcp::transport::{DynamicTransportError, IntoTransport};
use serde_json::{Map, Value};
use tokio::time::{Instant, timeout, timeout_at};

use super::CONNECT_MAX;
use super::client::Client;
use super::error::{McpError, sentence};
use super::http::{self, Wrong};
use super::said::Said;
use super::stdio::Child;

/// How many tools a server may list. Every one is described to the agents that may use it, and with
/// more than some dozens no model chooses well.
pub const TOOLS_MAX: usize = 256;

/// How many bytes the names, descriptions and schemas of a server's tools may have together: more than
/// any model would read.
pub const TOOLS_BYTES_MAX: usize = 1024 * 1024;

/// How long a server may take to list its tools, all pages together. It has begun by then, so a second
/// would do for most; some ask another server first.
const LIST_MAX: Duration = Duration::from_secs(30);

/// What stands where a secret was.
const MARK: &str = "[key]";

/// A tool as its server describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedTool {
    /// Its name, as the server knows it.
    pub name: String,
    /// What it does.
    pub description: Option<String>,
    /// The JSON Schema of its arguments, which is an object.
    pub input_schema: Value,
    /// Whether it changes nothing, where the server says so. It is the server's word and no more.
    pub read_only: Option<bool>,
    /// Whether calling it twice does the same as calling it once, where the server says so.
    pub idempotent: Option<bool>,
}

/// A session. When it is dropped, a process is killed with all that it started, and a server reached
/// by HTTP is told that the session is over.
#[derive(Debug)]
pub struct Session {
    service: RunningService<RoleClient, Client>,
    behind: Behind,
}

/// What is known of the server beside its messages.
#[derive(Debug)]
pub(super) struct Behind {
    /// The process, where it is one.
    child: Option<Child>,
    /// What must not be seen in anything that it says.
    secrets: Vec<String>,
}

impl Behind {
    /// A server that is a process.
    pub(super) fn child(child: Child) -> Self {
        Self { child: Some(child), secrets: Vec::new() }
    }

    /// A server that is reached by HTTP. What the caller marked as sensitive among the headers is
    /// cut out of what the server says, in case that it repeats it.
    pub(super) fn headers(headers: &HeaderMap) -> Self {
        let sensitive = headers.values().filter(|value| value.is_sensitive());
        let texts = sensitive.filter_map(|value| Some(value.to_str().ok()?.trim()));
        // A value such as `Bearer KEY` is found without its first word too.
        let words = texts.flat_map(|text| [Some(text), text.split_once(' ').map(|(_, key)| key)]);
        let secrets = words.flatten().filter(|word| !word.is_empty()).map(str::to_owned).collect();
        Self { child: None, secrets }
    }

    fn redact(&self, text: String) -> String {
        self.secrets.iter().fold(
            text,
            |text, secret| {
                if text.contains(secret) { text.replace(secret, MARK) } else { text }
            },
        )
    }

    /// The failure, with all that helps to understand it.
    async fn explained(&self, error: McpError) -> McpError {
        let mut more = String::new();
        if let Some(child) = &self.child {
            if matches!(error, McpError::Closed(_) | McpError::Unreachable(_)) {
                more = child.how_it_ended().await;
            }
            more.push_str(&child.last_words());
        }
        error.worded(|said| self.redact(said + &more))
    }
}

/// How beginning a session failed.
pub(super) enum NotBegun {
    /// The server answered with an error of MCP: it may not know this way of beginning.
    Refused(McpError),
    /// There is no use in trying another way.
    Failed(McpError),
}

impl Session {
    /// Begins a session, before the deadline.
    pub(super) async fn begin<T, E, A>(
        transport: T,
        behind: Behind,
        how: ClientLifecycleMode,
        deadline: Instant,
    ) -> Result<Self, NotBegun>
    where
        T: IntoTransport<RoleClient, E, A>,
        E: std::error::Error + Send + Sync + 'static,
    {
        let error = match timeout_at(deadline, Client.serve_with_lifecycle(transport, how)).await {
            Ok(Ok(service)) => return Ok(Self { service, behind }),
            Ok(Err(ClientInitializeError::JsonRpcError(error))) => {
                let error = McpError::Protocol(format!(
                    "The MCP server did not begin a session: {}",
                    sentence(&error.message)
                ));
                return Err(NotBegun::Refused(behind.explained(error).await));
            }
            Ok(Err(error)) => not_begun(&error, behind.child.is_some()),
            Err(_) => McpError::TimedOut(format!(
                "The MCP server did not begin a session within {} s.",
                CONNECT_MAX.as_secs()
            )),
        };
        Err(NotBegun::Failed(behind.explained(error).await))
    }

    /// The tools that the server offers, with names and schemas as it gave them.
    pub async fn tools(&self) -> Result<Vec<ListedTool>, McpError> {
        match timeout(LIST_MAX, self.pages()).await {
            Ok(Ok(tools)) => Ok(tools),
            Ok(Err(error)) => Err(self.behind.explained(error).await),
            Err(_) => {
                let said = format!("The MCP server did not list its tools within {} s.", LIST_MAX.as_secs());
                Err(self.behind.explained(McpError::TimedOut(said)).await)
            }
        }
    }

    async fn pages(&self) -> Result<Vec<ListedTool>, McpError> {
        let (mut tools, mut bytes, mut cursor) = (Vec::new(), 0, None);
        // A page without a tool is allowed; a server that gives nothing else would never end.
        for _ in 0..=TOOLS_MAX {
            let asked = PaginatedRequestParams::default().with_cursor(cursor);
            let page = self.service.list_tools(Some(asked)).await.map_err(|error| not_listed(&error))?;
            for tool in page.tools {
                let tool = listed(tool);
                bytes += tool.name.len()
                    + tool.description.as_ref().map_or(0, String::len)
                    + tool.input_schema.to_string().len();
                tools.push(tool);
            }
            if tools.len() > TOOLS_MAX {
                return Err(McpError::Protocol(format!("The MCP server lists more than {TOOLS_MAX} tools.")));
            }
            if bytes > TOOLS_BYTES_MAX {
                let said =
                    format!("The MCP server describes its tools in more than {TOOLS_BYTES_MAX} bytes.");
                return Err(McpError::Protocol(said));
            }
            cursor = page.next_cursor;
            if cursor.is_none() {
                return Ok(tools);
            }
        }
        Err(McpError::Protocol("The MCP server's list of tools does not end.".to_owned()))
    }

    /// Calls a tool. Dropping the future tells the server that nobody waits for the answer any more;
    /// so does its time running out. What the server itself answers to a call, be it that there is no
    /// such tool, is an answer.
    pub async fn call(
        &self,
        name: &str,
        arguments: &Map<String, Value>,
        limit: Duration,
    ) -> Result<Said, McpError> {
        let asked = CallToolRequestParams::new(name.to_owned()).with_arguments(arguments.clone());
        let answered = timeout(limit, self.service.peer().call_tool_once(asked)).await;
        let error = match answered {
            Ok(Ok(CallToolResponse::Complete(result))) => return Ok(self.redacted(Said::of(&result))),
            Ok(Err(ServiceError::McpError(error))) => {
                return Ok(self.redacted(Said::new(&error.message, true)));
            }
            Ok(Ok(_)) => McpError::Protocol(format!(
                "The MCP server wants to ask before `{name}` is done, or to be asked later; neither is possible here."
            )),
            Ok(Err(error)) => not_answered(&error),
            Err(_) => McpError::TimedOut(format!(
                "The MCP server did not answer the call of `{name}` within {} s.",
                limit.as_secs_f64()
            )),
        };
        Err(self.behind.explained(error).await)
    }

    fn redacted(&self, said: Said) -> Said {
        Said { text: self.behind.redact(said.text), is_error: said.is_error }
    }

    /// Whether the server is gone, so that no call can be answered any more.
    pub fn is_closed(&self) -> bool {
        self.service.is_closed() || self.service.peer().is_transport_closed()
    }

    /// Whether the server is a process that was started for the session.
    pub(super) fn is_process(&self) -> bool {
        self.behind.child.is_some()
    }

    /// Ends the session here and now; calls that wait are answered with `mcp_closed`.
    pub fn end(&self) {
        self.service.cancellation_token().cancel();
        if let Some(child) = &self.behind.child {
            child.end();
        }
    }
}

fn listed(tool: Tool) -> ListedTool {
    let hints = tool.annotations.unwrap_or_default();
    ListedTool {
        name: tool.name.into_owned(),
        description: tool.description.map(std::borrow::Cow::into_owned),
        input_schema: Value::Object(tool.input_schema.as_ref().clone()),
        read_only: hints.read_only_hint,
        idempotent: hints.idempotent_hint,
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the enum is rmcp's, and no server is what its other cases come to"
)]
fn not_begun(error: &ClientInitializeError, is_process: bool) -> McpError {
    match error {
        // Whether its end is noticed by writing or by reading is chance.
        ClientInitializeError::TransportError { .. } | ClientInitializeError::ConnectionClosed(_)
            if is_process =>
        {
            McpError::Unreachable("The MCP server ended before it began a session.".to_owned())
        }
        ClientInitializeError::TransportError { error, .. } => not_sent(error),
        ClientInitializeError::NoCompatibleProtocolVersion { .. } => {
            McpError::Protocol("The MCP server speaks no version of MCP that is known here.".to_owned())
        }
        _ => McpError::Protocol("What answers is not an MCP server.".to_owned()),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "what is not about a list is told as for a call")]
fn not_listed(error: &ServiceError) -> McpError {
    match error {
        ServiceError::McpError(said) if said.code == ErrorCode::METHOD_NOT_FOUND => {
            McpError::Protocol("The MCP server offers no tools.".to_owned())
        }
        ServiceError::McpError(said) => {
            McpError::Protocol(format!("The MCP server did not list its tools: {}", sentence(&said.message)))
        }
        ServiceError::UnexpectedResponse => {
            McpError::Protocol("What the MCP server answered is not a list of tools.".to_owned())
        }
        other => not_answered(other),
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the enum is rmcp's, and no answer is what its other cases come to"
)]
fn not_answered(error: &ServiceError) -> McpError {
    match error {
        ServiceError::TransportSend(error) => not_sent(error),
        ServiceError::UnexpectedResponse => {
            McpError::Protocol("What the MCP server answered is not the result of a tool.".to_owned())
        }
        _ => McpError::Closed("The MCP server went away before it answered.".to_owned()),
    }
}

fn not_sent(error: &DynamicTransportError) -> McpError {
    match error.error.downcast_ref::<Wrong>() {
        Some(wrong) => http::told(wrong),
        None => McpError::Closed("The MCP server does not read what it is sent any more.".to_owned()),
    }
}
