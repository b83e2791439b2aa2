//! How late schedules fire, and what they cost while nothing is due:
//! `cargo run --release -p callboard-server --example schedule_cost -- [--full] [ADDRESS]`.
//!
//! A server with 100,000 schedules is a process of its own. In each of some minutes 200 of them are due at
//! one moment. A slot is taken from its moment until the first events of its run can be read by another
//! process, which is after they are on disk; here that is looked at every millisecond. In the last of the minutes
//! the server is killed in the middle of it, and another goes on: each slot has one run. With an address of
//! a database all of it is on that, else on a new file.

#![expect(clippy::print_stdout, reason = "the figures are what this program is for")]
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on is none")]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

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
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan, Zoned};
use serde_json::{Map, Value, json};

/// Schedules, and how many projects they are in.
const SCHEDULES: usize = 100_000;
const PROJECTS: usize = 500;

/// Schedules that are due at one moment.
const DUE: usize = 200;

/// Minutes in which some are due, the one with the kill not counted.
const MINUTES: usize = 3;
const MINUTES_FULL: usize = 15;

/// For how long the server is watched while nothing is due.
const IDLE: Duration = Duration::from_secs(15);
const IDLE_FULL: Duration = Duration::from_secs(60);

/// Time to spare before the first are due.
const MARGIN: Duration = Duration::from_secs(20);

/// When the server is killed, after the moment at which schedules are due.
const KILL_AFTER: Duration = Duration::from_millis(12);

/// What tells the program to be the server.
const SERVE: &str = "--serve";

#[tokio::main]
async fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [first, address] = words.as_slice()
        && first == SERVE
    {
        return serve(address).await;
    }
    let full = words.iter().any(|word| word == "--full");
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}/callboard.db", folder.path().display());
    let address = words.iter().find(|word| !word.starts_with("--")).cloned().unwrap_or(file);
    let (minutes, idle) = if full { (MINUTES_FULL, IDLE_FULL) } else { (MINUTES, IDLE) };
    let db = Db::open(&address.parse().unwrap()).await.unwrap();
    let mut process = Process::start(&address);
    let before = size(&db).await;
    let resident = process.resident_kb();

    let begun = Instant::now();
    make(&process).await;
    let took = begun.elapsed();
    println!("{SCHEDULES} schedules in {PROJECTS} projects");
    let held = (size(&db).await - before) as f64 / SCHEDULES as f64;
    println!("{held:>8.0} bytes of the database for each, with indexes and its part of a project's file");
    // What a server needs for schedules that it did not just make.
    process.kill();
    process = Process::start(&address);
    println!(
        "{:>8} kB resident for all, beyond the {resident} of an empty server",
        process.resident_kb().saturating_sub(resident)
    );
    // The first are due when all of them are set and the server was watched: to set them takes no longer
    // than to make all.
    let first = Zoned::now().checked_add(SignedDuration::try_from(took + idle + MARGIN).unwrap()).unwrap();
    let due: Vec<Zoned> = (1..=minutes + 1).map(|minute| in_minutes(&first, minute)).collect();
    set_due(&process, &due).await;
    assert!(Zoned::now() < first - SignedDuration::try_from(idle).unwrap(), "there was too little time");
    let busy = process.cpu(idle).await;
    println!("{:>8.2} % of a core while nothing is due", 100.0 * busy.as_secs_f64() / idle.as_secs_f64());

    let (last, measured) = due.split_last().unwrap();
    let mut late = Vec::new();
    for moment in measured {
        late.extend(lateness(&db, moment).await);
    }
    assert_eq!(late.len(), measured.len() * DUE);
    print("late", &mut late);
    wait_until(last, KILL_AFTER).await;
    process.kill();
    let killed = Instant::now();
    process = Process::start(&address);
    until_fired(&db, due.len() * DUE).await;
    println!(
        "{:>8} ms after a kill -9 in the middle of {DUE} slots all had a run",
        killed.elapsed().as_millis()
    );
    hold(&db, &due).await;
    println!("{:>8} slots, each with one run", due.len() * DUE);
    drop(process);
}

/// A server, until it is killed.
async fn serve(address: &str) {
    let db = Db::open(&address.parse().unwrap()).await.unwrap();
    let parts = Parts {
        db: db.clone(),
        secrets: Secrets::open(db, None).await.unwrap(),
        providers: Providers::new(None),
        net: Net::new(Allowed::default()).unwrap(),
        clock: Clock::system(),
    };
    let server = Server::start(bind(([127, 0, 0, 1], 0).into()).await.unwrap(), parts).await.unwrap();
    println!("{}", server.address());
    std::future::pending::<()>().await;
}

/// Makes the schedules, none of them due in this month.
async fn make(process: &Process) {
    for project in 0..PROJECTS {
        let triggers: Map<String, Value> = (0..SCHEDULES / PROJECTS)
            .map(|number| {
                let (minute, hour, day) = (number % 60, project % 24, 1 + (number + project) % 28);
                let month = 1 + usize::try_from(Zoned::now().month() + 2).unwrap() % 12;
                (format!("t{number}"), trigger(&format!("{minute} {hour} {day} {month} *")))
            })
            .collect();
        process.apply(project, triggers, true).await;
    }
}

/// Lets other schedules of many projects be due in each of those minutes.
async fn set_due(process: &Process, due: &[Zoned]) {
    let mut changed: Vec<Map<String, Value>> = vec![Map::new(); PROJECTS];
    for (minute, moment) in due.iter().enumerate() {
        let words = format!("{} {} {} {} *", moment.minute(), moment.hour(), moment.day(), moment.month());
        for place in minute * DUE..(minute + 1) * DUE {
            changed[place % PROJECTS].insert(format!("t{}", place / PROJECTS), trigger(&words));
        }
    }
    for (project, triggers) in changed.into_iter().enumerate() {
        process.apply(project, triggers, false).await;
    }
}

fn trigger(schedule: &str) -> Value {
    json!({ "workflow": "w", "schedule": schedule, "input": "owls", "missed": "all" })
}

/// How late each of the slots of a moment was, as another process sees it.
async fn lateness(db: &Db, moment: &Zoned) -> Vec<Duration> {
    let newest = || async {
        db.query_one("SELECT COALESCE(MAX(id), 0) FROM journal_stream", []).await.unwrap().int(0).unwrap()
    };
    let mut seen = newest().await;
    wait_until(moment, Duration::ZERO).await;
    let mut late = Vec::new();
    let begun = Instant::now();
    while late.len() < DUE {
        assert!(begun.elapsed() < Duration::from_secs(20), "{} of {DUE} slots fired", late.len());
        let now = newest().await;
        let since = since(moment);
        late.extend((seen..now).map(|_| since));
        seen = now;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    late
}

async fn until_fired(db: &Db, slots: usize) {
    let begun = Instant::now();
    loop {
        let find = "SELECT COUNT(*) FROM trigger_slot WHERE status = 'fired'";
        if db.query_one(find, []).await.unwrap().int(0).unwrap() == i64::try_from(slots).unwrap() {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "slots are lost");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Every slot has one run, and every run one slot.
async fn hold(db: &Db, due: &[Zoned]) {
    let count = |sql: &'static str, params: Vec<callboard_server::db::Value>| async move {
        db.query_one(sql, params).await.unwrap().int(0).unwrap()
    };
    let all = i64::try_from(due.len() * DUE).unwrap();
    for moment in due {
        let at = moment.timestamp().as_millisecond();
        let slots =
            count("SELECT COUNT(DISTINCT run_id) FROM trigger_slot WHERE at = $1", vec![at.into()]).await;
        assert_eq!(slots, i64::try_from(DUE).unwrap(), "of {moment}");
    }
    assert_eq!(count("SELECT COUNT(*) FROM trigger_slot", Vec::new()).await, all);
    assert_eq!(count("SELECT COUNT(*) FROM run", Vec::new()).await, all);
    assert_eq!(count("SELECT COUNT(*) FROM journal_stream", Vec::new()).await, all);
}

/// What the database holds, in bytes: rows, indexes and what is free between them.
async fn size(db: &Db) -> i64 {
    let find = db.dialect().pick(
        "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
        "SELECT pg_database_size(current_database())",
    );
    db.query_one(find, []).await.unwrap().int(0).unwrap()
}

fn in_minutes(moment: &Zoned, minutes: usize) -> Zoned {
    let utc = moment.with_time_zone(TimeZone::UTC);
    let whole = utc.round(jiff::ZonedRound::new().smallest(jiff::Unit::Minute).mode(jiff::RoundMode::Floor));
    whole.unwrap().checked_add(i64::try_from(minutes).unwrap().minutes()).unwrap()
}

/// How long ago a moment was.
fn since(moment: &Zoned) -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let then = u64::try_from(moment.timestamp().as_millisecond()).unwrap();
    now.saturating_sub(Duration::from_millis(then))
}

async fn wait_until(moment: &Zoned, after: Duration) {
    let left = moment.timestamp().duration_since(Timestamp::now());
    let left = Duration::try_from(left).unwrap_or_default();
    tokio::time::sleep(left + after).await;
}

fn print(what: &str, took: &mut [Duration]) {
    took.sort();
    let at = |share: f64| {
        let place = ((took.len() - 1) as f64 * share).round() as usize;
        took[place].as_secs_f64() * 1e3
    };
    println!(
        "{:>8} slots {what}: median {:.1} ms, p99 {:.1} ms, longest {:.1} ms",
        took.len(),
        at(0.5),
        at(0.99),
        at(1.0)
    );
}

/// A server in a process of its own.
struct Process {
    child: Child,
    base: String,
    http: Client<HttpConnector, Full<Bytes>>,
}

impl Process {
    fn start(address: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let mut child = command.args([SERVE, address]).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let base = format!("http://{}/api/v1", line.trim());
        Self { child, base, http: Client::builder(TokioExecutor::new()).build_http() }
    }

    async fn apply(&self, project: usize, triggers: Map<String, Value>, whole: bool) {
        let mut file = json!({ "project": format!("p{project}"), "triggers": triggers });
        if whole {
            file["models"] = json!({ "m": { "provider": "simulated" } });
            file["teams"] = json!({ "t": { "model": "m", "agents": { "a": { "role": "A" } } } });
            let stage = json!({ "name": "S", "task": "T", "agents": ["a"] });
            file["workflows"] = json!({ "w": { "team": "t", "stages": [stage] } });
        }
        let request = hyper::Request::post(format!("{}/projects/apply", self.base))
            .header("content-type", "application/json")
            .body(Full::from(file.to_string()))
            .unwrap();
        let answer = self.http.request(request).await.unwrap();
        let status = answer.status();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        assert!(status.is_success(), "{}", String::from_utf8_lossy(&body));
    }

    fn kill(&mut self) {
        // It may have ended already, which the slots will show.
        drop(self.child.kill());
        drop(self.child.wait());
    }

    /// The processor time that it takes in a time.
    async fn cpu(&self, time: Duration) -> Duration {
        let before = self.ticks();
        tokio::time::sleep(time).await;
        // Linux counts a hundred of them in a second.
        Duration::from_millis(10 * (self.ticks() - before))
    }

    fn ticks(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    }

    fn resident_kb(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
