//! The client against servers that do what no server should: break off, repeat, leave out, say
//! nothing of what was asked.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::*;
use crate::rerun::Rerun;

/// A server that gives these answers, one to each connection, and then closes it.
struct Scripted {
    client: Client,
    /// The heads of the requests that came.
    heads: Arc<Mutex<Vec<String>>>,
    answering: JoinHandle<()>,
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.answering.abort();
    }
}

impl Scripted {
    async fn new(answers: Vec<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = Client::new(&format!("http://{}", listener.local_addr().unwrap()), None).unwrap();
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let seen = Arc::clone(&heads);
        let answering = tokio::spawn(async move {
            for answer in answers {
                let (mut connection, _) = listener.accept().await.unwrap();
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(connection.read_u8().await.unwrap());
                }
                seen.lock().unwrap().push(String::from_utf8(head).unwrap());
                connection.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { client, heads, answering }
    }

    fn resumed_after(&self) -> Vec<Option<u64>> {
        let heads = self.heads.lock().unwrap();
        let last = |head: &String| {
            let line = head.lines().find_map(|line| line.strip_prefix("last-event-id: "))?;
            line.parse().ok()
        };
        heads.iter().map(last).collect()
    }

    /// What a viewer sees to the end, an entry each.
    async fn follow(&self) -> Vec<String> {
        let mut follow = self.client.follow(1, 0);
        let mut seen = Vec::new();
        loop {
            seen.push(match follow.next().await {
                Ok(Some(Live::Event(told))) => told.seq.to_string(),
                Ok(Some(Live::Delta(delta))) => delta.text,
                Ok(Some(Live::Lost { .. })) => "lost".to_owned(),
                Ok(Some(Live::End(end))) => end.status.name().to_owned(),
                Ok(None) => return seen,
                Err(error) => {
                    seen.push(error.to_string());
                    return seen;
                }
            });
        }
    }
}

fn answer(status: &str, kind: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

/// A stream, which breaks off where its text does.
fn stream(text: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\nretry: 1\n\n{text}")
}

fn event(seq: u64) -> String {
    format!(
        "id: {seq}\nevent: run_started\ndata: {{\"seq\":{seq},\"at\":\"2026-01-01T00:00:00Z\",\"kind\":\"run_started\"}}\n\n"
    )
}

const END: &str = "event: end\ndata: {\"status\":\"completed\"}\n\n";
const DELTA: &str = "event: delta\ndata: {\"call\":1,\"attempt\":1,\"agent\":\"a\",\"text\":\"Owls\"}\n\n";

#[tokio::test]
async fn a_stream_is_read_to_its_end() {
    let server = Scripted::new(vec![stream(&[&event(1), DELTA, &event(2), END].concat())]).await;
    assert_eq!(server.follow().await, ["1", "Owls", "2", "completed"]);
}

#[tokio::test]
async fn a_stream_that_breaks_off_anywhere_is_taken_up_again_and_gives_each_event_once() {
    let whole = [event(1), event(2), event(3), END.to_owned()].concat();
    for cut in [0, 10, event(1).len(), event(1).len() + 30, whole.len() - 1] {
        let first = stream(&whole[..cut]);
        let begun = cut / event(1).len();
        let rest: String = (begun as u64 + 1..=3).map(event).chain([END.to_owned()]).collect();
        let server = Scripted::new(vec![first, stream(&rest)]).await;
        let mut seen = server.follow().await;
        seen.retain(|seen| seen != "lost");
        assert_eq!(seen, ["1", "2", "3", "completed"], "cut at {cut}");
        let resumed = (begun > 0).then_some(begun as u64);
        assert_eq!(server.resumed_after(), [None, resumed], "cut at {cut}");
    }
}

#[tokio::test]
async fn what_is_repeated_is_told_once_and_what_is_left_out_is_asked_for() {
    let repeating = stream(&[event(1), event(1), event(3)].concat());
    let rest = stream(&[&event(1), &event(2), &event(3), END].concat());
    let server = Scripted::new(vec![repeating, rest]).await;
    assert_eq!(server.follow().await, ["1", "lost", "2", "3", "completed"]);
    assert_eq!(server.resumed_after(), [None, Some(1)]);
}

#[tokio::test]
async fn a_server_that_is_being_restarted_is_waited_for_and_a_refusal_is_not() {
    let gateway = answer("502 Bad Gateway", "text/html", "<h1>Bad Gateway</h1>");
    let gone = r#"{"type":"about:blank","title":"Not Found","status":404,"code":"run_not_found","detail":"There is no run 1."}"#;
    let gone = answer("404 Not Found", "application/problem+json", gone);
    let server = Scripted::new(vec![stream(&event(1)), gateway, gone]).await;
    assert_eq!(server.follow().await, ["1", "lost", "There is no run 1."]);
}

#[tokio::test]
async fn a_stream_that_says_why_it_breaks_off_is_believed() {
    let problem = |status, code| {
        format!(
            "event: problem\ndata: {{\"type\":\"about:blank\",\"title\":\"T\",\"status\":{status},\"code\":\"{code}\",\"detail\":\"D.\"}}\n\n"
        )
    };
    let busy = stream(&(event(1) + &problem(503, "database_unreachable")));
    let damaged = stream(&problem(500, "history_damaged"));
    let server = Scripted::new(vec![busy, damaged]).await;
    assert_eq!(server.follow().await, ["1", "lost", "D."]);
}

#[tokio::test]
async fn what_is_no_callboard_server_is_told_by_what_it_gave() {
    for (came, told) in [
        (answer("200 OK", "text/html", "<p>Welcome"), "an answer that cannot be read"),
        (answer("404 Not Found", "text/plain", "404"), "404 Not Found with text/plain"),
        (answer("301 Moved Permanently", "text/html", ""), "301 Moved Permanently"),
        (answer("400 Bad Request", "application/problem+json", "{}"), "400 Bad Request"),
        (answer("200 OK", "application/json", r#"{"items":[]"#), "an answer that cannot be read"),
    ] {
        let server = Scripted::new(vec![came]).await;
        let error = server.client.projects().await.unwrap_err();
        assert!(matches!(error, Error::NotCallboard { .. }), "{error:?}");
        assert!(error.to_string().contains(told), "{error}");
    }
    let server = Scripted::new(vec![answer("200 OK", "text/html", "<p>Welcome")]).await;
    let seen = server.follow().await;
    assert!(seen[0].contains("text/html in place of a stream"), "{seen:?}");
}

#[tokio::test]
async fn a_server_that_is_not_there_or_speaks_no_http_is_unreachable() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let client = Client::new(&format!("http://{closed}"), None).unwrap();
    let error = client.run(1).await.unwrap_err();
    assert!(error.to_string().contains("refused"), "{error}");
    for came in ["", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"] {
        let server = Scripted::new(vec![came.to_owned()]).await;
        let error = server.client.run(1).await.unwrap_err();
        assert!(matches!(error, Error::Unreachable { .. }), "{came:?}: {error:?}");
    }
}

#[test]
fn what_is_asked_for_is_written_into_the_address() {
    let query =
        Query::default().and("status", Some("error")).and("after", None::<&str>).and("q", Some("a b&c"));
    assert_eq!(query.behind("/runs"), "/runs?status=error&q=a%20b%26c");
    assert_eq!(escaped("../x"), "%2E%2E%2Fx");
}

#[tokio::test]
async fn a_file_that_breaks_off_is_an_error_and_not_the_end() {
    let answer =
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{\"format\":";
    let scripted = Scripted::new(vec![answer.to_owned()]).await;
    let mut export = scripted.client.export_run(1).await.unwrap();
    assert_eq!(export.next().await.unwrap().unwrap(), "{\"format\":");
    let error = export.next().await.unwrap_err();
    assert!(error.to_string().contains("its answer broke off"), "{error}");
}

#[tokio::test]
async fn a_rerun_is_answered_with_one_run_and_one_with_samples_with_several() {
    let run = r#"{"id":7,"project_id":1,"workflow_id":1,"workflow":"w","status":"pending","waiting":null,
        "stop_requested":false,"source":{"kind":"rerun","run_id":1,"from_visit":2},"input":null,"metadata":null,
        "definition":"sha256:0","created_at":"2026-11-26T09:19:23.199Z","started_at":null,"ended_at":null,
        "duration_ms":0,"usage":{"model_calls":0,"input_tokens":0,"output_tokens":0,"cost_usd":0.0},
        "result":null,"error":null}"#;
    let several = format!(r#"{{"items":[{run},{run}]}}"#);
    let answers = [run, several.as_str(), run].map(|body| answer("201 Created", "application/json", body));
    let server = Scripted::new(answers.to_vec()).await;
    let mut asked = Rerun { from_visit: Some(2), ..Rerun::default() };
    let started = server.client.rerun(1, &asked, Some("same")).await.unwrap();
    assert_eq!(started.iter().map(|run| run.id).collect::<Vec<_>>(), [7]);
    asked.samples = Some(2);
    assert_eq!(server.client.rerun(1, &asked, None).await.unwrap().len(), 2);
    // One run is no list of runs: a server that says otherwise is not taken at its word.
    assert!(matches!(server.client.rerun(1, &asked, None).await, Err(Error::NotCallboard { .. })));
    let heads = server.heads.lock().unwrap();
    assert!(heads[0].starts_with("POST /api/v1/runs/1/rerun "), "{heads:?}");
    assert!(
        heads[0].contains("idempotency-key: same\r\n") && !heads[1].contains("idempotency-key"),
        "{heads:?}"
    );
}
