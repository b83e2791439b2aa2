//! What it takes to go on from the last stage of a run: from the call over HTTP to the first byte at the
//! model, and how much is stored for it, by how many stages are taken over with the same text in all.
//!
//! `cargo run --release -p callboard-server --example rerun_cost -- [--full] [DATABASE]`

#![expect(clippy::print_stdout, reason = "the figures are what this program is for")]
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on is none")]

use std::time::{Duration, Instant};

use callboard_fake_model::{Behaviour, FakeModel, Format};
use callboard_server::clock::Clock;
use callboard_server::db::Db;
use callboard_server::net::{Allowed, Net};
use callboard_server::provider::Providers;
use callboard_server::secret::Secrets;
use callboard_server::serve::{Parts, Server, bind};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

/// How many stages there are; the last of them is run again.
const STAGES: [usize; 4] = [10, 100, 400, 1_000];

/// What all stages together have as their results, in characters.
const TEXT: usize = 200_000;
const TEXT_FULL: usize = 1_000_000;

/// Re-runs of each source: taken in turns, so that what the machine does besides falls on all alike.
const ROUNDS: usize = 15;
const ROUNDS_FULL: usize = 61;

struct Bench {
    base: String,
    http: Client<HttpConnector, Full<Bytes>>,
    model: FakeModel,
    db: Db,
}

/// A run that has ended, and what was measured of its re-runs.
struct Source {
    stages: usize,
    run: i64,
    planned: Vec<Duration>,
    first_call: Vec<Duration>,
    answered: Vec<Duration>,
    stored: i64,
}

#[tokio::main]
async fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let full = words.iter().any(|word| word == "--full");
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}/callboard.db", folder.path().display());
    let address = words.iter().find(|word| !word.starts_with("--")).unwrap_or(&file);
    let (text, rounds) = if full { (TEXT_FULL, ROUNDS_FULL) } else { (TEXT, ROUNDS) };

    let db = Db::open(&address.parse().unwrap()).await.unwrap();
    let parts = Parts {
        db: db.clone(),
        secrets: Secrets::open(db.clone(), None).await.unwrap(),
        providers: Providers::new(None),
        net: Net::new(Allowed::default()).unwrap(),
        clock: Clock::system(),
    };
    let server = Server::start(bind(([127, 0, 0, 1], 0).into()).await.unwrap(), parts).await.unwrap();
    let base = format!("http://{}/api/v1", server.address());
    let http = Client::builder(TokioExecutor::new()).build_http();
    let bench = Bench { base, http, model: FakeModel::start().await.unwrap(), db };

    let mut sources = Vec::new();
    for stages in STAGES {
        sources.push(bench.source(stages, text / stages).await);
    }
    for round in 0..rounds {
        // Another one begins each time: SQLite empties its log every so many bytes, and that would meet
        // the same source again and again.
        for turn in 0..STAGES.len() {
            bench.again(&mut sources[(round + turn) % STAGES.len()]).await;
        }
    }
    println!("{text} characters of results in all, {rounds} re-runs of each, medians\n");
    println!("stages   the plan alone   to the first call   to the answer   stored, times the text");
    for source in &mut sources {
        let planned = median(&mut source.planned);
        let (first, answered) = (median(&mut source.first_call), median(&mut source.answered));
        let times = source.stored as f64 / text as f64;
        println!(
            "{:>6}   {planned:>11.2} ms   {first:>14.2} ms   {answered:>10.2} ms   {times:>22.2}",
            source.stages
        );
    }
    let (first, last) =
        (median(&mut sources[0].first_call), median(&mut sources[STAGES.len() - 1].first_call));
    println!(
        "\n{} stages take {:.2} times as long as {}.",
        STAGES[STAGES.len() - 1],
        last / first,
        STAGES[0]
    );
    server.shut_down().await;
}

impl Bench {
    /// Runs a workflow of so many stages, each with a result of so many characters.
    async fn source(&self, stages: usize, characters: usize) -> Source {
        let stage = |number: usize| format!("{{ id: s{number}, task: Go on., agents: [a] }}");
        let all: Vec<String> = (0..stages).map(stage).collect();
        let url = self.model.base_url(Format::Openai);
        let file = format!(
            "project: bench{stages}\nmodels: {{ main: {{ provider: openai-compatible, model: m, base_url: '{url}', context_tokens: 1000000 }} }}\n\
             teams: {{ desk: {{ model: main, agents: {{ a: {{ role: A }} }} }} }}\n\
             workflows: {{ work: {{ team: desk, max_visits: 2000, stages: [{}] }} }}\n",
            all.join(", ")
        );
        let applied = self.call("POST", "/projects/apply", "application/yaml", file).await;
        let workflow = applied["workflows"]["work"].as_i64().unwrap();
        let result = "word ".repeat(characters.div_ceil(5));
        let given = json!({ "result": result[..characters], "summary": "Done." });
        self.model.push_first(Behaviour::call("complete", given).agent("You are a."));
        let started = self.post(&format!("/workflows/{workflow}/runs"), json!({ "input": "owls" })).await;
        let run = started["id"].as_i64().unwrap();
        assert_eq!(self.ended(run).await, "completed");
        Source { stages, run, planned: Vec::new(), first_call: Vec::new(), answered: Vec::new(), stored: 0 }
    }

    /// Goes on from its last stage, and measures.
    async fn again(&self, source: &mut Source) {
        let last = format!("s{}", source.stages - 1);
        let began = Instant::now();
        let path = format!("/runs/{}/rerun-plan?from_stage={last}", source.run);
        self.send("GET", &path, "application/json", String::new()).await;
        source.planned.push(began.elapsed());
        let count = self.model.count();
        let began = Instant::now();
        let body = json!({ "from_stage": last });
        let run = self.post(&format!("/runs/{}/rerun", source.run), body).await;
        source.answered.push(began.elapsed());
        let asked = self.model.wait_for_requests(count + 1).await;
        source.first_call.push(asked.last().unwrap().at.duration_since(began));
        let run = run["id"].as_i64().unwrap();
        assert_eq!(self.ended(run).await, "completed");
        source.stored = self.stored(run).await;
    }

    /// Bytes of all that is kept of a run.
    async fn stored(&self, run: i64) -> i64 {
        let sum = "SELECT \
             (SELECT COALESCE(SUM(LENGTH(events)), 0) FROM journal_entry WHERE stream_id = $1) + \
             (SELECT COALESCE(SUM(LENGTH(body)), 0) FROM run_message WHERE run_id = $1) + \
             (SELECT COALESCE(SUM(LENGTH(body)), 0) FROM run_visit WHERE run_id = $1) + \
             (SELECT COALESCE(SUM(LENGTH(body)), 0) FROM run_document WHERE run_id = $1)";
        self.db.query_one(sum, [run.into()]).await.unwrap().int(0).unwrap()
    }

    /// Waits for the end of a run, and says how it ended.
    async fn ended(&self, run: i64) -> String {
        self.send("GET", &format!("/runs/{run}/stream"), "application/json", String::new()).await;
        let run = self.call("GET", &format!("/runs/{run}"), "application/json", String::new()).await;
        run["status"].as_str().unwrap().to_owned()
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        self.call("POST", path, "application/json", body.to_string()).await
    }

    async fn call(&self, method: &str, path: &str, kind: &str, body: String) -> Value {
        let bytes = self.send(method, path, kind, body).await;
        serde_json::from_slice(&bytes).unwrap()
    }

    async fn send(&self, method: &str, path: &str, kind: &str, body: String) -> Bytes {
        let request = hyper::Request::builder().method(method).uri(format!("{}{path}", self.base));
        let request = request.header("content-type", kind).body(Full::new(Bytes::from(body))).unwrap();
        let answer = self.http.request(request).await.unwrap();
        let is_good = answer.status().is_success();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        assert!(is_good, "{method} {path}: {}", String::from_utf8_lossy(&body));
        body
    }
}

/// The median, in milliseconds.
fn median(all: &mut [Duration]) -> f64 {
    all.sort_unstable();
    all[all.len() / 2].as_secs_f64() * 1e3
}
