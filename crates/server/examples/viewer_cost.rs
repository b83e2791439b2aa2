//! How late viewers are, with many of them and some that do not read.
//!
//! `cargo run --release --example viewer_cost -- [--full]` starts a run of 200 stages that leaves some
//! 150 events a second behind, and lets 200 viewers watch it over HTTP, or 1,000 with `--full`; ten more
//! are connected and never read. It prints how long after an event's own time it arrived, and what the
//! viewers that do not read cost. Server, viewers and a fake model share this process.

#![expect(clippy::print_stdout, reason = "the figures are what this program is for")]
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on is none")]

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use callboard_fake_model::{Behaviour, FakeModel, Format};
use callboard_server::clock::Clock;
use callboard_server::db::Db;
use callboard_server::net::{Allowed, Net};
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
const STALLED: u64 = 10;

/// Viewers that look at when events happened.
const MEASURING: u64 = 10;

/// What a model takes for an answer, in milliseconds: with about nine events per stage, 150 a second.
const ANSWER_MS: u64 = 45;

#[tokio::main]
async fn main() {
    let viewers: u64 = if std::env::args().any(|word| word == "--full") { 1_000 } else { 200 };
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}/callboard.db", folder.path().display());
    let db = Db::open(&file.parse().unwrap()).await.unwrap();
    let secrets = Secrets::open(db.clone(), None).await.unwrap();
    let parts = Parts {
        db,
        secrets,
        providers: Providers::new(None),
        net: Net::new(Allowed::default()).unwrap(),
        clock: Clock::system(),
    };
    let server = Server::start(bind(([127, 0, 0, 1], 0).into()).await.unwrap(), parts).await.unwrap();
    let address = server.address().to_string();

    let model = FakeModel::start().await.unwrap();
    let answer = Behaviour::call("complete", json!({ "result": "R".repeat(200), "summary": "S" }));
    let mut answer = answer.times(u32::MAX);
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
    let viewer = |number| tokio::spawn(watch(address.clone(), stream.clone(), number < MEASURING));
    let watched = join_all((0..viewers).map(viewer)).await;
    let (wall, cost) = (began.elapsed().as_secs_f64(), memory_kb() - before);
    let mut late: Vec<u64> = Vec::new();
    let mut events = 0;
    for viewer in watched {
        let seen = viewer.unwrap();
        events = seen.count;
        assert_eq!(events, seen.last, "each event comes once");
        late.extend(seen.late);
    }
    late.sort_unstable();
    let at = |share: f64| late[((late.len() - 1) as f64 * share) as usize];
    let took = run_ms(&address, &run["id"]).await;
    println!("The run took {took} ms.\n");
    println!("| viewers | stalled | events | events/s | deliveries/s | late p50 ms | p99 ms | slowest ms |");
    println!("|---|---|---|---|---|---|---|---|");
    println!(
        "| {viewers} | {STALLED} | {events} | {:.0} | {:.0} | {} | {} | {} |",
        events as f64 / wall,
        (events * viewers) as f64 / wall,
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

async fn run_ms(address: &str, run: &Value) -> Value {
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<bytes::Bytes>>();
    let answer = client.get(format!("http://{address}/api/v1/runs/{run}").parse().unwrap()).await.unwrap();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    serde_json::from_slice::<Value>(&body).unwrap()["duration_ms"].clone()
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

/// What a viewer saw.
#[derive(Default)]
struct Seen {
    count: u64,
    /// The number of the last event.
    last: u64,
    /// How many milliseconds after its own time each event came.
    late: Vec<u64>,
}

/// Watches a run to its end. Only some viewers look at when events happened: reading them costs more
/// than sending them.
async fn watch(address: String, path: String, measures: bool) -> Seen {
    let opened = now_ms();
    let mut lines = BufReader::with_capacity(64 * 1024, open(&address, &path).await).lines();
    let mut seen = Seen::default();
    while let Some(line) = lines.next_line().await.unwrap() {
        if line == "event: end" {
            break;
        }
        if let Some(number) = line.strip_prefix("id: ") {
            seen.count += 1;
            seen.last = number.parse().unwrap();
        } else if let Some(data) = line.strip_prefix("data: ").filter(|_| measures) {
            let Head { at: Some(at) } = serde_json::from_str(data).unwrap() else { continue };
            // What happened before the viewer came is not late.
            let due = (at.as_millis() as u64).max(opened);
            seen.late.push(now_ms().saturating_sub(due));
        }
    }
    seen
}

#[derive(serde::Deserialize)]
struct Head {
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
