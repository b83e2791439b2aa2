//! Servers over HTTP that forget, refuse, break off, or are none.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::Response;
use callboard_server::mcp::{McpError, Place, Session};
use futures_util::{Stream, StreamExt as _};
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{LONG, arguments, mcp, told};

/// How a server over HTTP behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// Answers with JSON.
    Plain,
    /// Answers with events, whose bytes come one by one.
    Streams,
    /// Knows no sessions.
    Stateless,
    /// Forgets its first session after it has begun.
    Forgets,
    /// Forgets every session after it has begun.
    ForgetsAll,
    /// Breaks a stream off instead of answering a call.
    BreaksOff,
    /// Opens a stream for a call, and says nothing.
    Silent,
    /// Wants another key, and repeats the one that it was given.
    Forbids,
    /// Is a page for people.
    Page,
    /// Answers with JSON that means nothing.
    Nonsense,
    /// Sends an event without end.
    Endless,
    /// Knows only the new way to begin, and says so with a status and an id of its own.
    Modern,
}

#[derive(Debug)]
struct Server {
    manner: Manner,
    /// Each request, as `METHOD method session version`.
    heard: Mutex<Vec<String>>,
    sessions: Mutex<usize>,
}

impl Server {
    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    fn answer(&self, method: &Method, headers: &HeaderMap, body: &Value) -> Response {
        let named = |name: &str| headers.get(name).map_or("-", |value| value.to_str().unwrap()).to_owned();
        let asked = body["method"].as_str().unwrap_or("-").to_owned();
        let session = named("mcp-session-id");
        let line = format!("{method} {asked} {session} {}", named("mcp-protocol-version"));
        self.heard.lock().unwrap().push(line);
        assert_eq!(headers.get(AUTHORIZATION).unwrap(), "Bearer sk-1234");
        match *method {
            Method::POST => self.post(&asked, &session, body),
            Method::DELETE => empty(StatusCode::OK),
            _ => empty(StatusCode::METHOD_NOT_ALLOWED),
        }
    }

    fn post(&self, asked: &str, session: &str, body: &Value) -> Response {
        let first = self.manner == Manner::Forgets && session == "1";
        let forgotten = first || self.manner == Manner::ForgetsAll;
        if forgotten && asked == "tools/call" {
            return empty(StatusCode::NOT_FOUND);
        }
        if body.get("id").is_none() {
            return empty(StatusCode::ACCEPTED);
        }
        if let Some(odd) = self.odd(asked) {
            return odd;
        }
        let answer = json!({ "jsonrpc": "2.0", "id": body["id"], "result": result(asked) }).to_string();
        let mut response = if self.manner == Manner::Streams {
            let text = format!(": hello\r\n\r\nevent: message\r\ndata: {answer}\r\n\r\n");
            let bytes = text.into_bytes().into_iter().map(|byte| Bytes::from(vec![byte]));
            events(futures_util::stream::iter(bytes))
        } else {
            body_of(StatusCode::OK, "Application/JSON; charset=utf-8", &answer)
        };
        if asked == "initialize" && self.manner != Manner::Stateless {
            let mut sessions = self.sessions.lock().unwrap();
            *sessions += 1;
            let name = HeaderValue::from_str(&sessions.to_string()).unwrap();
            response.headers_mut().insert("mcp-session-id", name);
        }
        response
    }

    /// What it answers instead of what it should, if it does.
    fn odd(&self, asked: &str) -> Option<Response> {
        let called = asked == "tools/call";
        let begun = asked == "initialize";
        match self.manner {
            Manner::Plain | Manner::Streams | Manner::Stateless | Manner::Forgets | Manner::ForgetsAll => {
                None
            }
            Manner::BreaksOff => {
                called.then(|| events(futures_util::stream::iter([Bytes::from(": and that is all\n\n")])))
            }
            Manner::Silent => called.then(|| events(futures_util::stream::pending())),
            Manner::Endless => called.then(|| {
                let line = format!("data: {}\n", "x".repeat(64 * 1024));
                events(futures_util::stream::repeat(Bytes::from(line)))
            }),
            Manner::Forbids => Some(body_of(StatusCode::UNAUTHORIZED, "text/plain", "no such key: sk-1234")),
            Manner::Page => Some(body_of(StatusCode::OK, "text/html", "<h1>Welcome</h1>")),
            Manner::Nonsense => Some(body_of(StatusCode::OK, "application/json", "{\"hello\": \"world\"}")),
            Manner::Modern => begun.then(|| {
                let error = json!({ "jsonrpc": "2.0", "id": "server-error",
                    "error": { "code": -32601, "message": "not like this" } });
                body_of(StatusCode::BAD_REQUEST, "application/json", &error.to_string())
            }),
        }
    }
}

fn result(asked: &str) -> Value {
    let server = json!({ "name": "fake", "version": "1" });
    match asked {
        "initialize" => {
            json!({ "protocolVersion": "2025-06-18", "capabilities": { "tools": {} }, "serverInfo": server })
        }
        "server/discover" => json!({ "resultType": "complete", "supportedVersions": ["2026-07-28"],
            "capabilities": { "tools": {} }, "serverInfo": server, "ttlMs": 0, "cacheScope": "private" }),
        _ => json!({ "content": [{ "type": "text", "text": "Grüße, sk-1234" }] }),
    }
}

fn empty(status: StatusCode) -> Response {
    Response::builder().status(status).body(Body::empty()).unwrap()
}

fn body_of(status: StatusCode, kind: &str, text: &str) -> Response {
    let response = Response::builder().status(status).header("content-type", kind);
    response.body(Body::from(text.to_owned())).unwrap()
}

fn events(chunks: impl Stream<Item = Bytes> + Send + 'static) -> Response {
    let body = Body::from_stream(chunks.map(Ok::<_, std::io::Error>));
    Response::builder().header("content-type", "text/event-stream").body(body).unwrap()
}

/// A server that listens until its test ends, and a place to find it.
async fn serve(manner: Manner) -> (Arc<Server>, Place) {
    let server = Arc::new(Server { manner, heard: Mutex::default(), sessions: Mutex::default() });
    let routes = Router::new()
        .fallback(
            async |State(server): State<Arc<Server>>, method: Method, headers: HeaderMap, body: Bytes| {
                server.answer(&method, &headers, &serde_json::from_slice(&body).unwrap_or(Value::Null))
            },
        )
        .with_state(Arc::clone(&server));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/mcp", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    let mut key = HeaderValue::from_static("Bearer sk-1234");
    key.set_sensitive(true);
    (server, Place::Url { url, headers: HeaderMap::from_iter([(AUTHORIZATION, key)]) })
}

async fn connected(manner: Manner) -> (Arc<Server>, Result<Session, McpError>) {
    let (server, place) = serve(manner).await;
    let session = mcp().connect(&place).await;
    (server, session)
}

/// A call that fails, and what is said of it.
async fn failed(manner: Manner) -> (&'static str, String) {
    let (_server, session) = connected(manner).await;
    let error = match session {
        Ok(session) => session.call("t", &arguments(json!({})), LONG).await.unwrap_err(),
        Err(error) => error,
    };
    (error.code(), error.to_string())
}

#[tokio::test]
async fn answers_come_as_json_or_as_events_and_hold_no_key() {
    for manner in [Manner::Plain, Manner::Streams, Manner::Stateless] {
        let (_server, session) = connected(manner).await;
        assert_eq!(told(&session.unwrap(), "t", json!({})).await, "Grüße, [key]", "{manner:?}");
    }
}

#[tokio::test]
async fn a_session_is_named_in_each_request_and_ended() {
    let (server, session) = connected(Manner::Plain).await;
    let session = session.unwrap();
    told(&session, "t", json!({})).await;
    drop(session);
    while !server.heard().iter().any(|line| line.starts_with("DELETE")) {
        tokio::task::yield_now().await;
    }
    let mut heard = server.heard();
    // When the stream for what no call asked for is tried is of no importance.
    heard.retain(|line| line != "GET - 1 2025-06-18");
    assert_eq!(
        heard,
        [
            "POST initialize - -",
            "POST notifications/initialized 1 2025-06-18",
            "POST tools/call 1 2025-06-18",
            "DELETE - 1 2025-06-18",
        ]
    );
}

#[tokio::test]
async fn a_session_that_the_server_forgot_is_begun_anew_once() {
    let (server, session) = connected(Manner::Forgets).await;
    let session = session.unwrap();
    assert_eq!(told(&session, "t", json!({})).await, "Grüße, [key]");
    let begun = server.heard().iter().filter(|line| line.starts_with("POST initialize")).count();
    assert_eq!(begun, 2);
    let (code, said) = failed(Manner::ForgetsAll).await;
    assert_eq!(
        (code, said.as_str()),
        ("mcp_closed", "The MCP server has forgotten the session, and the next one too.")
    );
}

#[tokio::test]
async fn what_does_not_answer_as_it_should_is_told_by_what_it_did() {
    for (manner, code, said) in [
        (Manner::BreaksOff, "mcp_closed", "The MCP server went away before it answered."),
        (
            Manner::Forbids,
            "mcp_unreachable",
            "The MCP server answered with HTTP 401 Unauthorized. It said: no such key: [key].",
        ),
        (
            Manner::Page,
            "mcp_protocol",
            "The answer is not MCP: Unexpected content type: Some(\"text/html\").",
        ),
        (Manner::Nonsense, "mcp_protocol", "The answer is not MCP: {\"hello\": \"world\"}."),
        (Manner::Endless, "mcp_closed", "The MCP server went away before it answered."),
    ] {
        assert_eq!(failed(manner).await, (code, said.to_owned()), "{manner:?}");
    }
}

#[tokio::test]
async fn nobody_at_an_address_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/mcp", listener.local_addr().unwrap());
    drop(listener);
    for url in [url.as_str(), "ftp://somewhere", "no address"] {
        let place = Place::Url { url: url.to_owned(), headers: HeaderMap::new() };
        let error = mcp().connect(&place).await.unwrap_err();
        assert_eq!(error.code(), "mcp_unreachable", "{error}");
    }
}

#[tokio::test]
async fn a_server_that_knows_only_the_new_way_to_begin_is_spoken_to_over_http() {
    let (server, session) = connected(Manner::Modern).await;
    assert_eq!(told(&session.unwrap(), "t", json!({})).await, "Grüße, [key]");
    assert_eq!(server.heard()[1..], ["POST server/discover - 2026-07-28", "POST tools/call - 2026-07-28"]);
}

#[tokio::test]
async fn a_server_over_http_hears_that_a_call_is_not_waited_for_any_more() {
    let (server, session) = connected(Manner::Silent).await;
    let session = session.unwrap();
    let nothing = arguments(json!({}));
    let heard = async |what: &str| {
        while !server.heard().iter().any(|line| line.contains(what)) {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        _ = session.call("t", &nothing, LONG) => panic!("it was answered"),
        () = heard("tools/call") => {}
    }
    heard("POST notifications/cancelled 1").await;
}
