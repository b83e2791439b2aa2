//! The client of MCP servers: against the official server that shows all of the protocol, by both
//! ways to it, and against servers that do what none should.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod everything;
mod fake;
mod odd;
mod remote;
mod sessions;

use std::time::Duration;

use callboard_server::mcp::{Mcp, Place, Session};
use callboard_server::net::Net;
use callboard_server::process::Program;
use serde_json::{Map, Value};

/// Longer than any call here takes that is to be answered.
const LONG: Duration = Duration::from_secs(60);

/// A client that may ask nobody but those who are named to it.
fn mcp() -> Mcp {
    Mcp::new(Net::new("".parse().unwrap()).unwrap())
}

/// A program without anything in its environment.
fn program(command: &[&str]) -> Place {
    Place::Command(Program {
        command: command.iter().map(|&word| word.to_owned()).collect(),
        env: Vec::new(),
        mark: format!("mcp-test/{}", std::process::id()),
        dir: None,
    })
}

fn arguments(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

/// What a tool that does not fail answers.
async fn told(session: &Session, tool: &str, with: Value) -> String {
    let said = session.call(tool, &arguments(with), LONG).await.unwrap();
    assert!(!said.is_error, "{}", said.text);
    said.text
}
