//! A client of MCP servers, which offer tools: child processes, or servers that are reached by HTTP.
//!
//! The protocol itself is rmcp's. What is here is what it leaves open: how a process is started and
//! ended, by which client a request is made, how much of an answer is taken, what is told of a
//! failure, and that no session outlives who asked for it.
//!
//! Absent on purpose: resources, prompts and everything else of MCP that is no tool; who may use which
//! server; whether a call that failed is made again.

mod client;
mod error;
mod http;
mod said;
mod session;
mod sessions;
mod stdio;

use std::time::Duration;

use hyper::header::HeaderMap;
use rmcp::model::ProtocolVersion;
use rmcp::service::ClientLifecycleMode;
use tokio::time::Instant;

use self::session::{Behind, NotBegun};

pub use error::McpError;
pub use said::{SAID_BYTES_MAX, Said};
pub use session::{ListedTool, Session, TOOLS_BYTES_MAX, TOOLS_MAX};
pub use sessions::Sessions;

use crate::net::Net;
use crate::process::Program;

/// How long a session may take to begin. A server that a package manager has to fetch first takes its
/// time; one that needs longer than this should be installed before it is used.
pub const CONNECT_MAX: Duration = Duration::from_secs(30);

/// The longest message that is taken from a server: a text as long as a call may answer with, and a
/// picture beside it that is not handed on.
const MESSAGE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Where a server is.
#[derive(Clone, Debug)]
pub enum Place {
    /// It is a process that is started for the session.
    Command(Program),
    /// It is reached by HTTP.
    Url {
        /// Its address.
        url: String,
        /// What is sent with every request. A value that is marked as sensitive is never shown.
        headers: HeaderMap,
    },
}

/// The client.
#[derive(Clone, Debug)]
pub struct Mcp {
    net: Net,
}

impl Mcp {
    /// A client that makes its requests this way.
    pub fn new(net: Net) -> Self {
        Self { net }
    }

    /// Begins a session.
    ///
    /// Servers that know only the old way to begin may fall silent at the new one, while those that
    /// know only the new one say no to the old: so the old one is tried first.
    pub async fn connect(&self, place: &Place) -> Result<Session, McpError> {
        let deadline = Instant::now() + CONNECT_MAX;
        let refused = match self.begin(place, ClientLifecycleMode::Initialize, deadline).await {
            Ok(session) => return Ok(session),
            Err(NotBegun::Failed(error)) => return Err(error),
            Err(NotBegun::Refused(error)) => error,
        };
        let preferred_versions = vec![ProtocolVersion::NO_INITIALIZE];
        let discover = ClientLifecycleMode::Discover { preferred_versions };
        // If it wants neither, then what it said first is what it says to everybody.
        self.begin(place, discover, deadline).await.map_err(|_| refused)
    }

    async fn begin(
        &self,
        place: &Place,
        how: ClientLifecycleMode,
        deadline: Instant,
    ) -> Result<Session, NotBegun> {
        match place {
            Place::Command(program) => {
                let (child, transport) = stdio::open(program).map_err(NotBegun::Failed)?;
                Session::begin(transport, Behind::child(child), how, deadline).await
            }
            Place::Url { url, headers } => {
                let transport = http::transport(&self.net, url, headers).map_err(NotBegun::Failed)?;
                Session::begin(transport, Behind::headers(headers), how, deadline).await
            }
        }
    }
}
