//! What a model call costs: `cargo run --release -p callboard-server --example waiting_calls [ADDRESS]`.
//!
//! Memory per call and per run that wait for a model, and processor time of this process per call
//! that is answered at once, against a fake model that runs as a process of its own
//! (`cargo build --release -p callboard-fake-model` first). Each figure is taken in a process of its
//! own, which starts itself: what one leaves in the heap must not be counted in the next. With an
//! address of a database the runs are on that, else on a new file.

#![expect(clippy::print_stdout, reason = "its output is what it is for")]
#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made ends")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use callboard_engine::call::{Failure, Message, Request, Scene};
use callboard_engine::definition::Limits;
use callboard_engine::definition::{Model, ProviderKind};
use callboard_engine::event::Source;
use callboard_engine::project;
use callboard_server::clock::Clock;
use callboard_server::db::Db;
use callboard_server::net::{Allowed, Net};
use callboard_server::project::Allowances;
use callboard_server::provider::{Answered, Call, Providers, Secret};
use callboard_server::run::{Means, NewRun, Runner};
use callboard_server::secret::Secrets;
use callboard_server::workflow::Frozen;
use futures_util::future::join_all;
use serde_json::{Map, json};

/// Calls and runs that wait at once.
const WAITING: u64 = 1_000;

/// Calls that are answered, for each figure.
const ANSWERED: u64 = 30_000;

/// How often each figure is taken; the middle one counts.
const TIMES: usize = 3;

/// What makes the fake wait for ever.
const WAIT: &str = "Wait for ever.";

/// What the fake does: it hangs where it is told to, and else answers with 200 characters.
const SCRIPT: &str = r#"[
    { "when": "Wait for ever.", "end": "hang" },
    { "when": "Answer.", "text": "0123456789", "repeat": 20 }
]"#;

/// A figure: what it is called, and how many calls it is taken over.
const FIGURES: [(&str, u64); 5] = [("calls", WAITING), ("runs", WAITING), ("at", 1), ("at", 50), ("at", 200)];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["take", what, count, database] => take(what, count.parse().unwrap(), database),
        [] => figures("file"),
        [database] => figures(database),
        _ => panic!("one address at most"),
    }
}

/// Takes every figure a few times, each in a process of its own, and prints the middle ones.
fn figures(database: &str) {
    for (what, count) in FIGURES {
        let mut taken: Vec<Vec<f64>> = (0..TIMES).map(|_| taken(what, count, database)).collect();
        taken.sort_by(|a, b| a[0].total_cmp(&b[0]));
        let middle = &taken[TIMES / 2];
        match what {
            "at" => {
                println!(
                    "{count:>5} at once: {:>6.1} us of CPU a call, {:>7.0} calls/s",
                    middle[0], middle[1]
                );
            }
            _ => println!("{count:>5} waiting {what}: {:>5.1} kB each", middle[0]),
        }
    }
}

fn taken(what: &str, count: u64, database: &str) -> Vec<f64> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let output = command.args(["take", what, &count.to_string(), database]).stderr(Stdio::inherit()).output();
    let text = String::from_utf8(output.unwrap().stdout).unwrap();
    text.split_whitespace().map(|figure| figure.parse().unwrap()).collect()
}

#[tokio::main]
async fn take(what: &str, count: u64, database: &str) {
    let fake = Fake::start();
    match what {
        "calls" => calls(&fake, count).await,
        "runs" => runs(&fake, count, database).await,
        _ => answered(&fake, count).await,
    }
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
        command.arg("--script").arg(&script).stdout(Stdio::piped());
        if std::env::args().nth(2).as_deref() != Some("at") {
            command.arg("--log").arg(&log);
        }
        let mut process = command.spawn().unwrap();
        let mut address = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { process, address: address.trim().to_owned(), folder }
    }

    /// How many requests it has received.
    fn received(&self) -> u64 {
        let log = std::fs::read(self.folder.path().join("log")).unwrap();
        log.iter().filter(|byte| **byte == b'\n').count() as u64
    }

    async fn wait_for(&self, requests: u64) {
        let mut beat = tokio::time::interval(Duration::from_millis(50));
        while self.received() < requests {
            beat.tick().await;
        }
    }

    fn model(&self) -> Model {
        Model {
            provider: ProviderKind::OpenaiCompatible,
            model: "fake".into(),
            base_url: Some(format!("{}/v1", self.address)),
            api_key: None,
            parameters: Map::new(),
            price: None,
            timeout_s: 600,
            retry_for_s: 0,
            tools: true,
            context_tokens: Model::CONTEXT_TOKENS,
            max_at_once: 100_000,
            per_minute: None,
            fallback: None,
            script: Vec::new(),
        }
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// What all calls of a figure share.
struct Caller {
    providers: Providers,
    model: Model,
    request: Request,
    key: Secret,
}

impl Caller {
    /// One that has made a call already, so that what is made once is not counted.
    async fn new(fake: &Fake, text: &str) -> Arc<Self> {
        let mut caller = Self {
            providers: Providers::new(None),
            model: fake.model(),
            request: request("Answer."),
            key: Secret::new("sk-key"),
        };
        caller.call().await;
        caller.request = request(text);
        Arc::new(caller)
    }

    async fn call(&self) {
        self.outcome().await.unwrap();
    }

    async fn outcome(&self) -> Result<Answered, Failure> {
        let call = Call { request: &self.request, model: &self.model, key: Some(&self.key) };
        self.providers.answer(call, &mut |_| {}).await
    }
}

fn request(text: &str) -> Request {
    Request {
        system: "You are the editor.".into(),
        messages: vec![Message::User(text.into())],
        tools: Vec::new(),
        must_call: None,
        max_tokens: None,
        scene: Scene::default(),
    }
}

/// Memory per call that waits.
async fn calls(fake: &Fake, count: u64) {
    let caller = Caller::new(fake, WAIT).await;
    let before = memory_kb();
    for _ in 0..count {
        let caller = Arc::clone(&caller);
        // It fails when the fake goes, at the end.
        drop(tokio::spawn(async move { caller.outcome().await.is_ok() }));
    }
    fake.wait_for(count + 1).await;
    println!("{}", (memory_kb() - before) / count as f64);
}

/// Memory per run that waits, after as many have come and gone.
async fn runs(fake: &Fake, count: u64, database: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}/callboard.db", folder.path().display());
    let address = if database == "file" { &file } else { database };
    let db = Db::open(&address.parse().unwrap()).await.unwrap();
    let clock = Clock::system();
    let secrets = Secrets::open(db.clone(), None).await.unwrap();
    let runner = Runner::new(Means {
        db: db.clone(),
        providers: Providers::new(None),
        secrets,
        net: Net::new(Allowed::default()).unwrap(),
        allowances: Allowances::new(db.clone()),
        clock,
    });
    let now = Clock::system().now();
    let project_id = callboard_server::project::ensure(&db, "cost", now).await.unwrap();
    let workflow_id = callboard_server::workflow::ensure(&db, project_id, "work", now).await.unwrap();
    let new = |input: &str| NewRun {
        project_id,
        workflow_id,
        frozen: frozen(fake),
        source: Source::manual("ana"),
        input: json!(input),
        metadata: None,
        limits: Limits::default(),
        depth: 0,
        inherited: None,
        claims: Vec::new(),
    };
    let first = runner.start(new("Answer.")).await.unwrap().id;
    let mut follow = runner.follow(first, 0);
    while follow.next().await.unwrap().is_some() {}
    let (before, received) = (memory_kb(), fake.received());
    for started in join_all((0..count).map(|_| runner.start(new(WAIT)))).await {
        started.unwrap();
    }
    fake.wait_for(received + count).await;
    println!("{}", (memory_kb() - before) / count as f64);
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

/// Processor time per call that is answered at once.
async fn answered(fake: &Fake, at_once: u64) {
    let caller = Caller::new(fake, "Answer.").await;
    let (cpu, start) = (cpu_time(), Instant::now());
    let lanes = (0..at_once).map(|_| {
        let caller = Arc::clone(&caller);
        tokio::spawn(async move {
            for _ in 0..ANSWERED / at_once {
                caller.call().await;
            }
        })
    });
    join_all(lanes).await.into_iter().for_each(|lane| lane.unwrap());
    let (cpu, took) = (cpu_time().saturating_sub(cpu), start.elapsed());
    println!("{} {}", cpu.as_secs_f64() * 1e6 / ANSWERED as f64, ANSWERED as f64 / took.as_secs_f64());
}

/// What of this process is in memory.
fn memory_kb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// User and system time of this process, in the kernel's ticks of a hundredth of a second.
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}
