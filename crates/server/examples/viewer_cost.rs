//! How late viewers are, with many of them and some that do not read.
//!
//! `cargo run --release --example viewer_cost -- [--full]` starts a run of 200 stages that leaves some
//! 150 events a second behind, and lets 200 viewers watch it over HTTP, or 1,000 with `--full`; ten more
//! are connected and never read. It prints how long after an event's own time it arrived, and what the
//! viewers that do not read cost. Server, viewers and a fake model share this process.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use callboard_fake_model::{Behaviour, FakeModel, Format};
use callboard_server::clock::Clock;
use callboard_server::db::Db;
use callboard_server::provider::Providers;
use callboard_server::secret::Secrets;
use callboard_server::serve::{Parts, Server, bind};
use futures_util::future::join_all;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

const STAGES: usize = 200;
const STALLED: usize = 10;

/// What a model takes for an answer, in milliseconds: with about nine events per stage, 150 a second.
const ANSWER_MS: u64 = 60;

#[tokio::main]
async fn main() {
    let viewers = if std::env::args().any(|word| word == "--full") { 1_000 } else { 200 };
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}/callboard.db", folder.path().display());
    let db = Db::open(&file.parse().unwrap()).await.unwrap();
    let secrets = Secrets::open(db.clone(), None).await.unwrap();
    let parts = Parts { db, secrets, providers: Providers::new(None), clock: Clock::system() };
    let server = Server::start(bind(([127, 0, 0, 1], 0).into()).await.unwrap(), parts).await.unwrap();
    let address = server.address().to_string();

    let model = FakeModel::start().await.unwrap();
    let mut answer = Behaviour::call("complete", json!({ "result": "R".repeat(200), "summary": "S" }));
    answer.delay_ms = ANSWER_MS;
    model.push(answer);
    let (_, applied) =
        post(&address, "/api/v1/projects/apply", project(&model.base_url(Format::Openai))).await;
    let path = format!("/api/v1/workflows/{}/runs", applied["workflows"]["work"]);
    let (_, run) = post(&address, &path, json!({ "input": "owls" }).to_string()).await;
    let stream = format!("/api/v1/runs/{}/stream", run["id"]);

    let before = memory_kb();
    let mut stalled = Vec::new();
    for _ in 0..STALLED {
        stalled.push(open(&address, &stream).await);
    }
    let began = Instant::now();
    let watched = join_all((0..viewers).map(|_| tokio::spawn(watch(address.clone(), stream.clone())))).await;
    let (wall, cost) = (began.elapsed().as_secs_f64(), memory_kb() - before);
    let mut late: Vec<u64> = Vec::new();
    for viewer in watched {
        let seen = viewer.unwrap();
        for (place, (seq, _)) in seen.iter().enumerate() {
            assert_eq!(*seq, place as u64 + 1, "each event comes once, in order");
        }
        late.extend(seen.iter().map(|(_, late)| late).copied());
    }
    let events = late.len() / viewers;
    late.sort_unstable();
    let at = |share: f64| late[((late.len() - 1) as f64 * share) as usize];
    println!("| viewers | stalled | events | events/s | deliveries/s | late p50 ms | p99 ms | slowest ms |");
    println!("|---|---|---|---|---|---|---|---|");
    println!(
        "| {viewers} | {STALLED} | {events} | {:.0} | {:.0} | {} | {} | {} |",
        events as f64 / wall,
        late.len() as f64 / wall,
        at(0.5),
        at(0.99),
        at(1.0)
    );
    println!(
        "\n{:.0} kB of memory per viewer, those that stalled included.",
        cost / (viewers + STALLED) as f64
    );
    drop(stalled);
    server.shut_down().await;
}

fn project(model: &str) -> String {
    let stages: Vec<Value> = (0..STAGES)
        .map(|stage| json!({ "id": format!("s{stage}"), "name": "S", "task": "Go on.", "agents": ["a"] }))
        .collect();
    json!({
        "project": "viewers",
        "models": { "main": { "provider": "openai-compatible", "model": "m", "base_url": model } },
        "teams": { "desk": { "model": "main", "agents": { "a": { "role": "A" } } } },
        "workflows": { "work": { "team": "desk", "stages": stages } },
    })
    .to_string()
}

async fn post(address: &str, path: &str, body: String) -> (u16, Value) {
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<bytes::Bytes>>();
    let request = hyper::Request::post(format!("http://{address}{path}"))
        .header("content-type", "application/json")
        .body(Full::from(body))
        .unwrap();
    let answer = client.request(request).await.unwrap();
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert!(status < 300, "{path}: {status} {body:?}");
    (status, serde_json::from_slice(&body).unwrap())
}

async fn open(address: &str, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n\r\n").as_bytes()).await.unwrap();
    stream
}

/// The events of a stream, each with how many milliseconds after its own time it came.
async fn watch(address: String, path: String) -> Vec<(u64, u64)> {
    let opened = now_ms();
    let mut lines = BufReader::new(open(&address, &path).await).lines();
    let mut seen = Vec::new();
    while let Some(line) = lines.next_line().await.unwrap() {
        if line == "event: end" {
            break;
        }
        let Some(data) = line.strip_prefix("data: ") else { continue };
        let event: Head = serde_json::from_str(data).unwrap();
        let Some(seq) = event.seq else { continue };
        let at: callboard_engine::time::Time = event.at.unwrap();
        // What happened before the viewer came is not late.
        let due = (at.as_millis() as u64).max(opened);
        seen.push((seq, now_ms().saturating_sub(due)));
    }
    seen
}

#[derive(serde::Deserialize)]
struct Head {
    seq: Option<u64>,
    at: Option<callboard_engine::time::Time>,
}

fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_millis() as u64
}

fn memory_kb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
