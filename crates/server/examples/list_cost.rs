//! How long lists of runs take with many stored: every kind of filter, over HTTP.
//!
//! `cargo run --release --example list_cost -- [--full] [--postgres URL]` fills a new database with
//! 100,000 runs, or a million with `--full`, of 20 projects with 5 workflows each, and asks a real
//! server for pages of 50 and of 1,000, from the beginning of the list and from its middle.

#![expect(clippy::print_stdout, reason = "the figures are what this program is for")]
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on is none")]

use std::time::Instant;

use callboard_server::clock::Clock;
use callboard_server::db::{Db, Unit, Value, Write};
use callboard_server::net::{Allowed, Net};
use callboard_server::provider::Providers;
use callboard_server::secret::Secrets;
use callboard_server::serve::{Parts, Server, bind};
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

const PROJECTS: i64 = 20;
const WORKFLOWS_EACH: i64 = 5;

/// Requests per figure.
const ASKED: usize = 200;

/// Rows of one transaction.
const ROWS_AT_ONCE: i64 = 2_000;

#[tokio::main]
async fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let full = words.iter().any(|word| word == "--full");
    let postgres = words.iter().position(|word| word == "--postgres").and_then(|at| words.get(at + 1));
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}/callboard.db", folder.path().display());
    let address = postgres.unwrap_or(&file);
    let runs = if full { 1_000_000 } else { 100_000 };

    let db = Db::open(&address.parse().unwrap()).await.unwrap();
    let secrets = Secrets::open(db.clone(), None).await.unwrap();
    let parts = Parts {
        db: db.clone(),
        secrets,
        providers: Providers::new(None),
        net: Net::new(Allowed::default()).unwrap(),
        clock: Clock::system(),
    };
    let listener = bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let server = Server::start(listener, parts).await.unwrap();
    let began = Instant::now();
    fill(&db, runs).await;
    let filled = began.elapsed().as_secs_f64();
    println!(
        "{runs} runs in {filled:.0} s on {}\n",
        if postgres.is_some() { "PostgreSQL" } else { "SQLite" }
    );

    println!("| list | p50 ms | p99 ms | slowest ms |\n|---|---|---|---|");
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<bytes::Bytes>>();
    let middle = runs / 2;
    for filter in FILTERS {
        for page in ["limit=50", "limit=1000", &format!("limit=50&after={middle}")] {
            let path = format!("/api/v1/runs?{filter}{page}");
            let url = format!("http://{}{path}", server.address());
            println!("| `{filter}{page}` | {} |", times(&client, &url).await);
        }
    }
    server.shut_down().await;
}

/// What lists are filtered by. Some find much, some little, some nothing at all.
const FILTERS: [&str; 14] = [
    "",
    "project=1&",
    "workflow=21&",
    "trigger=7&",
    "status=completed&",
    "status=error&",
    "status=running&",
    "source=schedule&",
    "source=rerun&",
    "status=error&source=webhook&",
    "project=3&status=error&",
    "project=3&status=stopped&source=api&",
    "workflow=30&status=error&",
    "workflow=30&source=rerun&",
];

async fn times(client: &Client<HttpConnector, Empty<bytes::Bytes>>, url: &str) -> String {
    let mut taken = Vec::with_capacity(ASKED);
    for _ in 0..ASKED {
        let began = Instant::now();
        let answer = client.get(url.parse().unwrap()).await.unwrap();
        assert!(answer.status().is_success(), "{url}: {}", answer.status());
        answer.into_body().collect().await.unwrap();
        taken.push(began.elapsed().as_secs_f64() * 1e3);
    }
    taken.sort_by(f64::total_cmp);
    let at = |share: f64| taken[((taken.len() - 1) as f64 * share) as usize];
    format!("{:.2} | {:.2} | {:.2}", at(0.5), at(0.99), at(1.0))
}

async fn fill(db: &Db, runs: i64) {
    let mut writes = Vec::new();
    for project in 1..=PROJECTS {
        writes.push(Write::new(
            "INSERT INTO project (id, name, created_at) VALUES ($1, $2, 0)",
            [project.into(), format!("project-{project}").into()],
        ));
        for workflow in 1..=WORKFLOWS_EACH {
            let id = PROJECTS + (project - 1) * WORKFLOWS_EACH + workflow;
            writes.push(Write::new(
                "INSERT INTO part (id, project_id, path, created_at) VALUES ($1, $2, $3, 0)",
                [id.into(), project.into(), format!("workflows/w{workflow}").into()],
            ));
        }
    }
    writes.push(Write::new("INSERT INTO definition (hash, body) VALUES ('sha256:0', '{}')", []));
    db.write(Unit::new(writes)).await.unwrap();
    for first in (0..runs).step_by(ROWS_AT_ONCE as usize) {
        let rows: Vec<Write> = (first + 1..=(first + ROWS_AT_ONCE).min(runs)).map(row).collect();
        db.write(Unit::new(rows)).await.unwrap();
    }
}

/// A run like those of a busy year: most are well, some are not, and most are started by triggers.
fn row(id: i64) -> Write {
    // A fixed hash, so that what a run is like has nothing to do with its neighbours.
    let luck = (id.wrapping_mul(0x9E37_79B9_7F4A_7C15_u64 as i64) as u64) >> 33;
    let project = 1 + (luck % PROJECTS as u64) as i64;
    let workflow =
        PROJECTS + (project - 1) * WORKFLOWS_EACH + 1 + ((luck / 64) % WORKFLOWS_EACH as u64) as i64;
    let status = match (luck / 1_024) % 1_000 {
        0..=39 => "error",
        40..=59 => "stopped",
        _ => "completed",
    };
    let (kind, trigger) = match (luck / 1_048_576) % 100 {
        0..=59 => ("schedule", Some(1 + (luck % 500) as i64)),
        60..=84 => ("webhook", Some(501 + (luck % 100) as i64)),
        85..=94 => ("api", None),
        _ => ("manual", None),
    };
    let source = format!(
        "{{\"kind\":\"{kind}\",\"by\":null,\"trigger_id\":{},\"slot\":null,\"run_id\":null,\"from_visit\":null}}",
        trigger.map_or("null".to_owned(), |trigger| trigger.to_string())
    );
    let at = 1_760_000_000_000 + id * 30_000;
    let result =
        "A result of some two hundred characters, as a stage of a run gives it at its end. ".repeat(2);
    Write::new(
        "INSERT INTO run (id, project_id, workflow_id, definition, status, stop_requested, source, source_kind, \
         trigger_id, input, created_at, started_at, ended_at, model_calls, input_tokens, output_tokens, cost_nanos, \
         result) VALUES ($1, $2, $3, 'sha256:0', $4, 0, $5, $6, $7, '\"AI news\"', $8, $8, $9, 6, 4200, 900, 1500000, \
         $10)",
        vec![
            id.into(),
            project.into(),
            workflow.into(),
            status.into(),
            source.into(),
            kind.into(),
            trigger.map_or(Value::Null, Value::Int),
            at.into(),
            (at + 25_000).into(),
            result.into(),
        ],
    )
}
