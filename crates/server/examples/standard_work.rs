//! What the standard work costs: runs of three stages with one agent each, one model call per stage
//! to a fake model server with instant answers, every event on disk before the next stage.
//!
//! `cargo run --release -p callboard-server --example standard_work -- MODEL_URL [RUNS] [AT_ONCE] [DATABASE]`
//!
//! The model server is another process (`callboard-fake-model`), so that what is measured is this
//! process alone: runner, engine, journal, database and provider client.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement is for the terminal")]

use std::time::Instant;

use callboard_engine::definition::Limits;
use callboard_engine::event::Source;
use callboard_engine::project;
use callboard_server::clock::Clock;
use callboard_server::db::Db;
use callboard_server::net::{Allowed, Net};
use callboard_server::project::Allowances;
use callboard_server::provider::Providers;
use callboard_server::run::{Means, NewRun, Runner};
use callboard_server::secret::Secrets;
use callboard_server::workflow::Frozen;
use futures_util::stream::{self, StreamExt};
use serde_json::json;

const STAGES: u32 = 3;

#[tokio::main]
async fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let word = |place: usize, otherwise: &str| words.get(place).map_or(otherwise, String::as_str).to_owned();
    let runs: u32 = word(1, "2000").parse().unwrap();
    let at_once: usize = word(2, "50").parse().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let database = word(3, &format!("sqlite:{}/callboard.db", folder.path().display()));

    let db = Db::open(&database.parse().unwrap()).await.unwrap();
    let clock = Clock::system();
    let project_id = callboard_server::project::ensure(&db, "bench", clock.now()).await.unwrap();
    let workflow_id = callboard_server::workflow::ensure(&db, project_id, "work", clock.now()).await.unwrap();
    let secrets = Secrets::open(db.clone(), None).await.unwrap();
    let runner = Runner::new(Means {
        db: db.clone(),
        providers: Providers::new(None),
        secrets,
        net: Net::new(Allowed::default()).unwrap(),
        allowances: Allowances::new(db.clone()),
        clock,
    });
    let new = NewRun {
        project_id,
        workflow_id,
        frozen: frozen(&word(0, "http://127.0.0.1:9000/v1")),
        source: Source::manual("bench"),
        input: json!("owls"),
        metadata: None,
        limits: Limits::default(),
        depth: 0,
        inherited: None,
        claims: Vec::new(),
    };

    let (cpu, wall, before) = (cpu_ms(), Instant::now(), runner.journal().stats());
    stream::iter(0..runs)
        .for_each_concurrent(at_once, |_| async {
            let id = runner.start(new.clone()).await.unwrap().id;
            let mut follow = runner.follow(id, 0);
            while follow.next().await.unwrap().is_some() {}
        })
        .await;
    let (cpu, wall, after) = (cpu_ms() - cpu, wall.elapsed(), runner.journal().stats());

    let stages = f64::from(runs * STAGES);
    println!(
        "{runs} runs, {at_once} at once: {:.0} runs/s, {:.3} ms of CPU per stage, {:.2} commits per stage",
        f64::from(runs) / wall.as_secs_f64(),
        cpu / stages,
        (after.db.commits - before.db.commits) as f64 / stages,
    );
}

fn frozen(model_url: &str) -> Frozen {
    let file = format!(
        "project: bench
models: {{ main: {{ provider: openai-compatible, model: m, base_url: '{model_url}', max_at_once: 1000 }} }}
teams: {{ desk: {{ model: main, agents: {{ a: {{ role: A }} }} }} }}
workflows:
  work:
    team: desk
    stages:
      - {{ id: one, name: One, task: 'Begin with {{{{ input }}}}.', agents: [a] }}
      - {{ id: two, name: Two, task: Go on., agents: [a] }}
      - {{ id: three, name: Three, task: End., agents: [a] }}
"
    );
    let project = project::read(&file).project.unwrap();
    Frozen::new(project::compile(&project, "work").unwrap()).unwrap()
}

/// User and system time of this process, in milliseconds; the kernel counts in hundredths of a second.
fn cpu_ms() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
    let ticks: f64 = fields[11..13].iter().map(|field| field.parse::<f64>().unwrap()).sum();
    ticks * 10.0
}
