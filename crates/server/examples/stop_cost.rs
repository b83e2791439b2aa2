//! How long stops take: `cargo run --release -p callboard-server --example stop_cost RUNS [ADDRESS]`.
//!
//! So many runs hang at a model that never answers, a process of its own
//! (`cargo build --release -p callboard-fake-model` first). First one after the other of some of them is
//! stopped while the others go on, then all that are left at one instant. A stop is taken from when it is
//! asked for, all of them from the same instant, until whoever follows the run hears of `run_stopped`,
//! which is on disk then; what HTTP costs is not in it, and nothing is read meanwhile. In the end every run
//! is stopped, the model has seen every connection closed, and nobody has asked it anything since the first
//! of the last stops. With an address of a database the runs are on that, else on a new file.

#![expect(clippy::print_stdout, reason = "its output is what it is for")]
#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made ends")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use callboard_engine::definition::Limits;
use callboard_engine::event::{Fact, Source};
use callboard_engine::project;
use callboard_engine::run::Status;
use callboard_server::clock::Clock;
use callboard_server::db::Db;
use callboard_server::net::{Allowed, Net};
use callboard_server::project::Allowances;
use callboard_server::provider::Providers;
use callboard_server::run::{Follow, Live, Means, NewRun, Runner};
use callboard_server::secret::Secrets;
use callboard_server::workflow::Frozen;
use futures_util::stream::{self, StreamExt as _};
use serde_json::json;

/// Runs that are stopped one after the other.
const ALONE: usize = 200;

/// Runs that are started at once: the model has to take as many connections.
const STARTED_AT_ONCE: usize = 100;

/// Histories that are read at once before the clock starts.
const READ_AT_ONCE: usize = 1_000;

/// For how long nothing more is asked before the model is taken to hold all of them.
const CALM: Duration = Duration::from_secs(2);

/// How long a follower of a run is given to find that nothing comes.
const NOTHING_COMES: Duration = Duration::from_millis(200);

/// What the fake does: nothing.
const SCRIPT: &str = r#"[{ "when": "You are", "end": "hang" }]"#;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (count, database) = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [count] | [count, ""] => (count.parse().unwrap(), None),
        [count, database] => (count.parse().unwrap(), Some((*database).to_owned())),
        _ => panic!("how many runs, and one address at most"),
    };
    assert!(count > ALONE, "more than {ALONE} runs, since so many are stopped one by one");
    let fake = Fake::start();
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}/callboard.db", folder.path().display());
    let db = Db::open(&database.unwrap_or(file).parse().unwrap()).await.unwrap();
    let runner = runner(&db).await;
    let runs = start(&runner, &db, &fake, count).await;
    fake.holds(count).await;

    let mut together = runs;
    let mut took = Vec::new();
    for run in together.drain(..ALONE) {
        let watched = Watched::new(&runner, run).await;
        took.push(watched.stopped(Instant::now()).await);
    }
    print("one after the other", took);
    let watched = stream::iter(&together).map(|run| Watched::new(&runner, *run));
    let watched: Vec<Watched> = watched.buffer_unordered(READ_AT_ONCE).collect().await;
    let asked = fake.count("\"body\"");
    let (cpu, began) = (cpu_ms(), Instant::now());
    let stops: Vec<_> = watched.into_iter().map(|run| tokio::spawn(run.stopped(began))).collect();
    let mut took = Vec::new();
    for stop in stops {
        took.push(stop.await.unwrap());
    }
    let (all, cpu) = (began.elapsed(), cpu_ms() - cpu);
    print("at one instant", took);
    println!(
        "{:>5} runs were stopped in {:.2} s, {:.0} a second, with {:.3} ms of CPU each",
        together.len(),
        all.as_secs_f64(),
        together.len() as f64 / all.as_secs_f64(),
        cpu / together.len() as f64
    );
    for run in together {
        assert_eq!(runner.load(run).await.unwrap().status(), Status::Stopped);
    }
    // Those that had failed before were closed as well.
    fake.wait_for("\"gone\"", asked).await;
    assert_eq!(fake.count("\"body\""), asked, "a model was asked after a stop");
    assert_eq!(runner.at_work(), 0);
    println!("the model saw {count} connections closed, and was asked nothing after the stops");
}

/// A run whose history so far was read, so that nothing is read while it is stopped.
struct Watched {
    runner: Runner,
    run: i64,
    follow: Follow,
}

impl Watched {
    async fn new(runner: &Runner, run: i64) -> Self {
        let mut follow = runner.follow(run, 0);
        // It has read all there is and listens when nothing more comes.
        while let Ok(live) = tokio::time::timeout(NOTHING_COMES, follow.next()).await {
            assert!(live.unwrap().is_some(), "the run ended by itself");
        }
        Self { runner: runner.clone(), run, follow }
    }

    /// Stops it, and says how long after that instant this was on disk.
    async fn stopped(mut self, asked: Instant) -> Duration {
        self.runner.stop(self.run, "ana", Some("measured".to_owned())).await.unwrap();
        loop {
            let live = self.follow.next().await.unwrap().unwrap();
            let Live::Events(told) = live else { continue };
            if told.events().iter().any(|event| matches!(event.fact, Fact::RunStopped { .. })) {
                return asked.elapsed();
            }
        }
    }
}

fn print(what: &str, mut took: Vec<Duration>) {
    took.sort();
    let at = |share: f64| {
        let place = ((took.len() - 1) as f64 * share).round() as usize;
        took[place].as_secs_f64() * 1e3
    };
    println!(
        "{:>5} {what}: median {:.1} ms, p99 {:.1} ms, longest {:.1} ms",
        took.len(),
        at(0.5),
        at(0.99),
        at(1.0)
    );
}

/// User and system time of this process, in milliseconds; the kernel counts in hundredths of a second.
fn cpu_ms() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
    let ticks: f64 = fields[11..13].iter().map(|field| field.parse::<f64>().unwrap()).sum();
    ticks * 10.0
}

async fn runner(db: &Db) -> Runner {
    let secrets = Secrets::open(db.clone(), None).await.unwrap();
    Runner::new(Means {
        db: db.clone(),
        providers: Providers::new(None),
        secrets,
        net: Net::new(Allowed::default()).unwrap(),
        allowances: Allowances::new(db.clone()),
        clock: Clock::system(),
    })
}

async fn start(runner: &Runner, db: &Db, fake: &Fake, count: usize) -> Vec<i64> {
    let now = Clock::system().now();
    let project_id = callboard_server::project::ensure(db, "cost", now).await.unwrap();
    let workflow_id = callboard_server::workflow::ensure(db, project_id, "work", now).await.unwrap();
    let frozen = frozen(fake);
    let started = stream::iter(0..count).map(|_| {
        runner.start(NewRun {
            project_id,
            workflow_id,
            frozen: frozen.clone(),
            source: Source::manual("ana"),
            input: json!("owls"),
            metadata: None,
            limits: Limits::default(),
            depth: 0,
            inherited: None,
            claims: Vec::new(),
        })
    });
    let started = started.buffer_unordered(STARTED_AT_ONCE).map(|started| started.unwrap().id);
    started.collect().await
}

fn frozen(fake: &Fake) -> Frozen {
    let file = format!(
        "project: cost
models: {{ main: {{ provider: openai-compatible, model: m, base_url: '{}/v1', max_at_once: 100000 }} }}
teams: {{ desk: {{ model: main, agents: {{ a: {{ role: A }} }} }} }}
workflows: {{ work: {{ team: desk, stages: [{{ id: one, name: One, task: '{{{{ input }}}}', agents: [a] }}] }} }}",
        fake.address
    );
    let project = project::read(&file).project.unwrap();
    Frozen::new(project::compile(&project, "work").unwrap()).unwrap()
}

/// A fake model in a process of its own.
struct Fake {
    process: Child,
    address: String,
    folder: tempfile::TempDir,
}

impl Fake {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (script, log) = (folder.path().join("script.json"), folder.path().join("log"));
        std::fs::write(&script, SCRIPT).unwrap();
        let built = std::env::current_exe().unwrap();
        let program =
            built.parent().and_then(|examples| examples.parent()).unwrap().join("callboard-fake-model");
        let mut command = Command::new(program);
        command.arg("--script").arg(&script).arg("--log").arg(&log).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut address = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { process, address: address.trim().to_owned(), folder }
    }

    /// How many lines of its log have that word in them: `"body"` for requests, `"gone"` for clients that
    /// went away.
    fn count(&self, word: &str) -> usize {
        let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap();
        log.lines().filter(|line| line.contains(word)).count()
    }

    /// Waits until it holds so many requests, and no others come: of thousands of connections that are opened
    /// at once some fail, and are tried again.
    async fn holds(&self, count: usize) {
        let mut beat = tokio::time::interval(CALM);
        let mut before = None;
        loop {
            beat.tick().await;
            let asked = self.count("\"body\"");
            let held = asked - self.count("\"gone\"").min(asked);
            if before.replace(asked) == Some(asked) && held == count {
                return;
            }
        }
    }

    async fn wait_for(&self, word: &str, count: usize) {
        let mut beat = tokio::time::interval(Duration::from_millis(50));
        while self.count(word) < count {
            beat.tick().await;
        }
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
