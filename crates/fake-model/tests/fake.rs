//! The fake as a bench or an outside test sees it: by its script, its log and its plain answers.
//!
//! What it does on the wire of each format is tested by the providers' own suite.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use callboard_fake_model::{Behaviour, FakeModel, Settings};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Posts a body and gives the whole answer, head included.
async fn post(fake: &FakeModel, path: &str, body: &Value) -> String {
    let body = body.to_string();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: fake\r\nauthorization: Bearer k\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut connection = TcpStream::connect(fake.address()).await.unwrap();
    connection.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn without_a_stream_openai_s_answer_comes_in_one_piece() {
    let fake = FakeModel::start().await.unwrap();
    let tools = json!([{ "type": "function", "function": { "name": "complete", "parameters": {} } }]);
    let answer = post(&fake, "/v1/chat/completions", &json!({ "tools": tools })).await;
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["choices"][0]["message"]["tool_calls"][0]["function"]["name"], "complete");
    assert_eq!(body["usage"]["total_tokens"], 150);
}

#[tokio::test]
async fn a_script_is_followed_in_its_order_and_by_its_matchers() {
    let script: Vec<Behaviour> = serde_json::from_value(json!([
        { "agent": "editor", "text": "for the editor" },
        { "when": "Paris", "times": 1, "text": "about Paris" },
        { "text": "first" },
        { "status": { "code": 429, "headers": { "retry-after": "2" }, "body": "{}" } },
    ]))
    .unwrap();
    let fake = FakeModel::start_with(Settings { script, ..Settings::default() }).await.unwrap();
    let ask = async |system: &str, text: &str| {
        let messages = json!([{ "role": "system", "content": system }, { "role": "user", "content": text }]);
        post(&fake, "/api/chat", &json!({ "messages": messages })).await
    };
    assert!(ask("You are the editor.", "Paris?").await.contains("for the editor"));
    assert!(ask("You are a writer.", "Paris?").await.contains("about Paris"));
    assert!(ask("You are a writer.", "Paris?").await.contains("first"));
    let limited = ask("You are a writer.", "Paris?").await;
    assert!(limited.starts_with("HTTP/1.1 429") && limited.contains("retry-after: 2"), "{limited}");
    assert!(ask("You are the editor.", "").await.contains("for the editor"));
    assert_eq!(fake.count(), 5);
}

#[tokio::test]
async fn the_log_has_a_line_for_every_request() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("requests.jsonl");
    let settings = Settings { log: Some(log.clone()), keep: 0, ..Settings::default() };
    let fake = FakeModel::start_with(settings).await.unwrap();
    post(&fake, "/v1/messages", &json!({ "n": 1 })).await;
    post(&fake, "/v1/messages?x=1", &json!({ "n": 2 })).await;
    let text = std::fs::read_to_string(log).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [first, second] = lines.as_slice() else { panic!("two lines, not {text}") };
    assert_eq!((&first["number"], &first["body"]["n"]), (&json!(1), &json!(1)));
    assert_eq!(
        (&second["path"], &second["headers"]["authorization"]),
        (&json!("/v1/messages?x=1"), &json!("Bearer k"))
    );
    assert!(fake.requests().is_empty());
}
