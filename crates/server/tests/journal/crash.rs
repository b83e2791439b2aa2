//! What is left when a process or a database server ends by force.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use callboard_server::db::Address;
use callboard_server::journal::{Journal, StreamId};

use crate::store::{check_whole, new_stream, one, position};
use crate::support::postgres::Postgres;
use crate::support::store::{Store, run};

/// Set for the process that is to be killed: where it writes.
const CHILD: &str = "CALLBOARD_TEST_APPENDS_TO";

on_both! {
    what_was_acknowledged_survives_the_end_of_the_process
}

/// Starts this test binary again as a process that appends and says what was acknowledged, kills
/// it in the middle, and looks for everything that it had said.
async fn what_was_acknowledged_survives_the_end_of_the_process(store: Store) {
    const ACKNOWLEDGED: usize = 500;
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::appends_until_it_is_killed", "--nocapture"])
        .env(CHILD, &store.text)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut acknowledged = HashMap::new();
    let mut count = 0;
    // What it had said by the time it was killed is still in the pipe.
    while let Some(Ok(line)) = lines.next() {
        let words: Vec<&str> = line.split(' ').collect();
        if let ["acknowledged", stream, seq] = words[..] {
            acknowledged.insert(StreamId(stream.parse().unwrap()), seq.parse::<u64>().unwrap());
            count += 1;
        }
        if count == ACKNOWLEDGED {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();

    assert!(count >= ACKNOWLEDGED, "{count}");
    let journal = store.journal().await;
    for (stream, seq) in acknowledged {
        let last = check_whole(&journal, stream).await;
        assert!(last >= seq, "{stream} ends at {last} and {seq} was acknowledged");
        assert_eq!(position(&journal, stream).await.seq, last);
    }
}

/// No test by itself: the other half of the one above.
#[test]
fn appends_until_it_is_killed() {
    let Ok(address) = std::env::var(CHILD) else { return };
    let address: Address = address.parse().unwrap();
    run(async move {
        let journal = Journal::open(callboard_server::db::Db::open(&address).await.unwrap());
        let writers = (0..16).map(|_| append_for_ever(journal.clone()));
        futures_util::future::join_all(writers).await;
    });
}

async fn append_for_ever(journal: Journal) {
    let stream = journal.create(new_stream(1)).await.unwrap();
    for expected in 1.. {
        journal.append(one(stream, expected)).await.unwrap();
        // One write of a short line to a pipe is never cut in two.
        let line = format!("acknowledged {stream} {}\n", expected + 1);
        std::io::stdout().write_all(line.as_bytes()).unwrap();
    }
}

#[test]
fn work_goes_on_after_postgres_was_restarted() {
    let Some(server) = Postgres::start() else { return };
    let address: Address = server.database().parse().unwrap();
    run(async move {
        let journal = Journal::open(callboard_server::db::Db::open(&address).await.unwrap());
        let stream = journal.create(new_stream(1)).await.unwrap();
        for expected in 1..4 {
            assert_eq!(check_whole(&journal, stream).await, expected);
            server.control("restart").unwrap();
            journal.append(one(stream, expected)).await.unwrap();
        }
        server.control("restart").unwrap();
        assert_eq!(check_whole(&journal, stream).await, 4);
    });
}
