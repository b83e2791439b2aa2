//! Processes that are killed, and what the next one makes of it: nothing is lost, and no call is made
//! again whose answer was on disk.

use std::collections::HashMap;

use callboard_fake_model::Behaviour;
use callboard_server::db::Value as Field;
use callboard_server::db::{Address, Db};
use serde_json::Value;

use crate::postgres;
use crate::program::Desk;

const THREE: &str = "
      - { id: one, name: One, task: 'Begin with {{ input }}.', agents: [a] }
      - { id: two, name: Two, task: Go on., agents: [b] }
      - { id: three, name: Three, task: End., agents: [c] }
";

const RUNS: usize = 10;

/// Where runs are kept, as the program is told.
fn stores(desk: &Desk) -> Vec<Vec<String>> {
    let mut stores = vec![vec!["--data".to_owned(), desk.path("store").display().to_string()]];
    if let Some(url) = postgres::database() {
        stores.push(vec!["--database-url".to_owned(), url]);
    }
    stores
}

fn address(store: &[String]) -> Address {
    match store[0].as_str() {
        "--data" => Address::sqlite(std::path::Path::new(&store[1]).join("callboard.db")),
        _ => store[1].parse().unwrap(),
    }
}

fn words<'w>(first: &[&'w str], store: &'w [String]) -> Vec<&'w str> {
    first.iter().copied().chain(store.iter().map(String::as_str)).collect()
}

#[test]
fn ten_runs_that_were_killed_while_they_waited_for_the_model_go_on_and_complete() {
    for which in 0..2 {
        let desk = Desk::new();
        let Some(store) = stores(&desk).into_iter().nth(which) else { continue };
        desk.model.push(Behaviour::hang().agent("You are b.").times(u32::try_from(RUNS).unwrap()));
        desk.project(THREE);
        for run in 0..RUNS {
            let input = format!("topic-{run}-");
            let mut child = desk.start(&words(&["run", "project.yaml", "--input", &input], &store));
            // The first stage is answered, and the second is waiting.
            desk.wait(desk.model.wait_for_requests(2 * (run as u64 + 1)));
            child.kill().unwrap();
            child.wait().unwrap();
        }
        let said = desk.run(&words(&["run", "--resume", "--json"], &store));
        assert_eq!(said.code, 0, "{said:?}");
        let runs = said.runs();
        assert_eq!(runs.len(), RUNS);
        assert!(runs.iter().all(|run| run["status"] == "completed"), "{runs:?}");
        let recovered = desk.wait(histories(&store)).into_values();
        assert!(recovered.into_iter().all(|history| count(&history, "run_recovered") == 1));
        // One call of a, two of b, one of c: what was in flight, and only that, was asked again.
        assert_eq!(desk.model.count(), 4 * RUNS as u64);
        assert_asked_as_recorded(&desk, &store);
    }
}

#[test]
fn processes_that_are_killed_at_random_moments_lose_nothing_and_repeat_nothing_that_was_on_disk() {
    for (which, seed) in [(0, 1), (0, 2), (1, 3), (1, 4)] {
        let desk = Desk::new();
        let Some(store) = stores(&desk).into_iter().nth(which) else { continue };
        let mut slow = Behaviour::call("complete", serde_json::json!({ "result": "R", "summary": "S" }));
        slow.delay_ms = 15;
        desk.model.push(slow);
        desk.project(THREE);
        let mut chance = Chance(seed);
        let mut started = 0;
        let mut rounds = 0;
        loop {
            rounds += 1;
            let resume = words(&["run", "--resume", "--json"], &store);
            let input = format!("topic-{started}-");
            let fresh = words(&["run", "project.yaml", "--input", &input], &store);
            let words = if started < RUNS { fresh } else { resume };
            if started == RUNS && rounds > 3 * RUNS {
                let said = desk.run(&words);
                assert_eq!(said.code, 0, "seed {seed}: {said:?}");
                break;
            }
            let mut child = desk.start(&words);
            // A killed process may not even have begun; then there is nothing to go on with.
            let asked = desk.model.count();
            desk.wait(tokio_wait(chance.next() % 120));
            child.kill().unwrap();
            child.wait().unwrap();
            started += usize::from(desk.model.count() > asked && started < RUNS);
        }
        let histories = desk.wait(histories(&store));
        assert!(histories.len() >= RUNS, "seed {seed}");
        for (run, history) in &histories {
            let last = history.last().unwrap();
            assert_eq!(last["kind"], "run_completed", "seed {seed}: run {run}");
            let numbers: Vec<u64> = history.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
            assert_eq!(numbers, (1..=history.len() as u64).collect::<Vec<_>>(), "seed {seed}: run {run}");
            assert_eq!(count(history, "stage_completed"), 3, "seed {seed}: run {run}");
        }
        assert_asked_as_recorded(&desk, &store);
    }
}

async fn tokio_wait(millis: u64) {
    let mut moment = tokio::time::interval(std::time::Duration::from_millis(millis.max(1)));
    moment.tick().await;
    moment.tick().await;
}

/// The events of every run in a store.
async fn histories(store: &[String]) -> HashMap<i64, Vec<Value>> {
    let db = Db::open(&address(store)).await.unwrap();
    let rows = db
        .query("SELECT stream_id, events FROM journal_entry ORDER BY stream_id, first", Vec::<Field>::new())
        .await
        .unwrap();
    let mut histories: HashMap<i64, Vec<Value>> = HashMap::new();
    for row in rows {
        let events: Vec<Value> = serde_json::from_str(&row.text(1).unwrap()).unwrap();
        histories.entry(row.int(0).unwrap()).or_default().extend(events);
    }
    db.close().await;
    histories
}

fn count(history: &[Value], kind: &str) -> usize {
    history.iter().filter(|event| event["kind"] == kind).count()
}

/// The endpoint was never asked more often than the histories say, call by call: an attempt is on
/// disk before it goes out, and none follows an answer that is on disk.
fn assert_asked_as_recorded(desk: &Desk, store: &[String]) {
    let histories = desk.wait(histories(store));
    let mut recorded = 0;
    for history in histories.values() {
        for (place, event) in history.iter().enumerate() {
            if event["kind"] == "model_call_started" {
                recorded += 1;
            }
            if event["kind"] == "model_call_finished" {
                let again = history[place..]
                    .iter()
                    .any(|later| later["kind"] == "model_call_started" && later["call"] == event["call"]);
                assert!(!again, "call {} was begun again after its answer was on disk", event["call"]);
            }
        }
    }
    assert!(desk.model.count() <= recorded, "{} asked, {recorded} recorded", desk.model.count());
}

/// Splitmix64: the same moments for the same seed.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
