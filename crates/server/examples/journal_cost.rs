//! What an append costs: `cargo run --release -p callboard-server --example journal_cost [ADDRESS]`.
//!
//! Appends of 1.5 kB, bare and with two rows of a noun's own beside them, by one stream and by many
//! at once. Prints appends per second, processor time of this process per append, how many shared
//! a commit, and how long they took.

#![expect(clippy::print_stdout, reason = "its output is what it is for")]
#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made ends")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use callboard_server::db::{Db, Write};
use callboard_server::journal::{Append, Events, Journal, NewStream, StreamId};

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}/callboard.db", folder.path().display());
    let address = std::env::args().nth(1).unwrap_or(file).parse().unwrap();
    let db = Db::open(&address).await.unwrap();
    db.execute("CREATE TABLE cost (id BIGINT PRIMARY KEY, seq BIGINT, status TEXT)", []).await.unwrap();
    db.execute("CREATE TABLE cost_row (id BIGINT, seq BIGINT, text TEXT, PRIMARY KEY (id, seq))", [])
        .await
        .unwrap();
    println!(
        "{:>7} {:>5} {:>10} {:>12} {:>16}",
        "streams", "rows", "appends/s", "CPU us/each", "appends/commit"
    );
    for (streams, rows) in [(1, false), (50, false), (200, false), (1, true), (50, true), (200, true)] {
        measure(&db, streams, rows).await;
    }
}

async fn measure(db: &Db, streams: u64, rows: bool) {
    let journal = Journal::open(db.clone());
    let each = if streams == 1 { 3_000 } else { 50_000 / streams };
    let mut ids = Vec::new();
    for _ in 0..streams {
        let write = Write::new(
            "INSERT INTO cost (id, seq, status) VALUES ($1, 1, 'x')",
            [callboard_server::db::Value::NewId],
        );
        let new = NewStream { epoch: 1, events: events(), writes: vec![write] };
        ids.push(journal.create(new).await.unwrap());
    }
    let (before, cpu, start) = (journal.stats(), cpu_time(), Instant::now());
    let tasks: Vec<_> =
        ids.into_iter().map(|id| tokio::spawn(appends(journal.clone(), id, each, rows))).collect();
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await.unwrap());
    }
    latencies.sort_unstable();
    let at = |share: usize| latencies[(latencies.len() - 1) * share / 1000].as_secs_f64() * 1e3;
    let (took, cpu, after) = (start.elapsed(), cpu_time().saturating_sub(cpu), journal.stats());
    let appends = after.appends - before.appends;
    println!(
        "{streams:>7} {:>5} {:>10.0} {:>12.1} {:>15.1} {:>6.2} {:>5.2} {:>5.1} {:>5.1}",
        if rows { 2 } else { 0 },
        appends as f64 / took.as_secs_f64(),
        cpu.as_secs_f64() * 1e6 / appends as f64,
        appends as f64 / (after.db.commits - before.db.commits) as f64,
        at(500),
        at(990),
        at(999),
        at(1000),
    );
}

async fn appends(journal: Journal, stream: StreamId, each: u64, rows: bool) -> Vec<Duration> {
    let mut latencies = Vec::new();
    for expected in 1..=each {
        let writes = if rows {
            vec![
                Write::new(
                    "UPDATE cost SET seq = $1, status = $2 WHERE id = $3",
                    [expected.into(), "running".into(), stream.into()],
                ),
                Write::new(
                    "INSERT INTO cost_row (id, seq, text) VALUES ($1, $2, $3)",
                    [stream.into(), expected.into(), "a row of a noun's own".into()],
                ),
            ]
        } else {
            Vec::new()
        };
        let start = Instant::now();
        journal.append(Append { stream, expected, epoch: 1, events: events(), writes }).await.unwrap();
        latencies.push(start.elapsed());
    }
    latencies
}

fn events() -> Events {
    Events { count: 1, json: Arc::from(format!("[{{\"text\":\"{}\"}}]", "x".repeat(1500))) }
}

/// User and system time of this process, in the kernel's ticks of a hundredth of a second.
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}
