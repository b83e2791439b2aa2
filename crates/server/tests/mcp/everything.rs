//! The official server from npm, as a process and over HTTP. `cargo xtask setup` installs it and says
//! where it is.

#![expect(clippy::print_stderr, reason = "a skipped test says why")]

use std::process::Stdio;
use std::time::Duration;

use callboard_server::mcp::{Place, Session};
use hyper::header::HeaderMap;
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::{LONG, arguments, mcp, program, told};

/// Where its first script is.
const SCRIPT: &str = "CALLBOARD_TEST_MCP_EVERYTHING";

fn script() -> Option<String> {
    let script = std::env::var(SCRIPT).ok();
    if script.is_none() {
        eprintln!("skipped: {SCRIPT} does not say where the official MCP server is; see `cargo xtask setup`");
    }
    script
}

/// The server over HTTP. It ends when this is dropped.
async fn listening(script: &str) -> (Child, Place) {
    let preload = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mcp/on_loopback.cjs");
    let mut server = Command::new("node")
        .args(["--require", preload, script, "streamableHttp"])
        .env("PORT", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let port = loop {
        let line = lines.next_line().await.unwrap().expect("the server ended");
        if let Some(port) = line.strip_prefix("PORT ") {
            break port.to_owned();
        }
    };
    // It goes on talking, and waits where nobody hears it.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    (server, Place::Url { url: format!("http://127.0.0.1:{port}/mcp"), headers: HeaderMap::new() })
}

#[tokio::test]
async fn the_official_server_is_understood_as_a_process() {
    let Some(script) = script() else { return };
    let session = mcp().connect(&program(&["node", &script, "stdio"])).await.unwrap();
    understood(&session).await;
}

#[tokio::test]
async fn the_official_server_is_understood_over_http() {
    let Some(script) = script() else { return };
    let (_server, place) = listening(&script).await;
    let session = mcp().connect(&place).await.unwrap();
    understood(&session).await;
}

#[tokio::test]
async fn a_server_that_is_killed_in_the_middle_of_a_call_ends_it() {
    let Some(script) = script() else { return };
    let (mut server, place) = listening(&script).await;
    let session = mcp().connect(&place).await.unwrap();
    let slow = arguments(json!({ "duration": 600, "steps": 600 }));
    let call = session.call("trigger-long-running-operation", &slow, LONG);
    let kill = async {
        told(&session, "echo", json!({ "message": "x" })).await;
        server.kill().await.unwrap();
    };
    let (ended, ()) = tokio::join!(call, kill);
    let error = ended.unwrap_err();
    assert_eq!(error.code(), "mcp_closed", "{error}");
    let error = session.call("echo", &arguments(json!({ "message": "x" })), LONG).await.unwrap_err();
    assert_eq!(error.code(), "mcp_unreachable", "{error}");
}

async fn understood(session: &Session) {
    lists(session).await;
    answers(session).await;
    resources(session).await;
    refuses(session).await;
    at_once(session).await;
    cut_off(session).await;
}

async fn lists(session: &Session) {
    let tools = session.tools().await.unwrap();
    let named = |name: &str| tools.iter().find(|tool| tool.name == name).unwrap();
    let sum = named("get-sum");
    assert_eq!(sum.description.as_deref(), Some("Returns the sum of two numbers"));
    assert_eq!(sum.input_schema["properties"]["a"]["type"], "number");
    assert_eq!(sum.input_schema["required"], json!(["a", "b"]));
    assert_eq!((sum.read_only, sum.idempotent), (Some(true), Some(true)));
    assert_eq!(named("toggle-simulated-logging").read_only, Some(false));
}

async fn answers(session: &Session) {
    assert_eq!(told(session, "echo", json!({ "message": "Grüße 🎭" })).await, "Echo: Grüße 🎭");
    assert_eq!(told(session, "get-sum", json!({ "a": 2, "b": 40 })).await, "The sum of 2 and 40 is 42.");
    let weather = told(session, "get-structured-content", json!({ "location": "Chicago" })).await;
    assert_eq!(weather, r#"{"temperature":36,"conditions":"Light rain / drizzle","humidity":82}"#);
}

async fn resources(session: &Session) {
    let text =
        told(session, "get-resource-reference", json!({ "resourceType": "Text", "resourceId": 3 })).await;
    assert!(text.contains("\nResource 3: This is a plaintext resource"), "{text}");
    let blob =
        told(session, "get-resource-reference", json!({ "resourceType": "Blob", "resourceId": 2 })).await;
    assert!(blob.contains("bytes, not shown]\n"), "{blob}");
    let links = told(session, "get-resource-links", json!({ "count": 2 })).await;
    assert_eq!(links.matches("[link to ").count(), 2, "{links}");
    let image = told(session, "get-tiny-image", json!({})).await;
    assert!(
        image.contains("\n[image: image/png, ") && image.ends_with("The image above is the MCP logo."),
        "{image}"
    );
}

async fn refuses(session: &Session) {
    for (tool, with, reason) in [
        ("get-sum", json!({ "a": "two", "b": 1 }), "Input validation error"),
        ("no-such-tool", json!({}), "no-such-tool not found"),
    ] {
        let said = session.call(tool, &arguments(with), LONG).await.unwrap();
        assert!(said.is_error && said.text.contains(reason), "{}", said.text);
    }
}

/// The slow one is asked first and is still under way when the others are answered.
async fn at_once(session: &Session) {
    let slow = told(session, "trigger-long-running-operation", json!({ "duration": 1, "steps": 2 }));
    let sums = (0..20).map(|a| told(session, "get-sum", json!({ "a": a, "b": 1 })));
    let (slow, sums) = tokio::join!(slow, futures_util::future::join_all(sums));
    assert_eq!(slow, "Long running operation completed. Duration: 1 seconds, Steps: 2.");
    for (a, sum) in sums.iter().enumerate() {
        assert_eq!(*sum, format!("The sum of {a} and 1 is {}.", a + 1));
    }
}

async fn cut_off(session: &Session) {
    let slow = arguments(json!({ "duration": 600, "steps": 600 }));
    let limit = Duration::from_millis(300);
    let error = session.call("trigger-long-running-operation", &slow, limit).await.unwrap_err();
    assert_eq!(error.code(), "mcp_timed_out");
    let begins = "The MCP server did not answer the call of `trigger-long-running-operation` within 0.3 s.";
    assert!(error.to_string().starts_with(begins), "{error}");
    assert_eq!(told(session, "echo", json!({ "message": "still there" })).await, "Echo: still there");
}
