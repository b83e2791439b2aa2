//! Two schedulers that look at one database at the same time.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use callboard_server::db::Db;
use callboard_server::project::{ApplyOptions, Projects};
use callboard_server::trigger::{Eras, Rules, Scheduler, Start};
use serde_json::{Map, Value, json};
use tokio::sync::Notify;

use crate::accounts::Account;
use crate::chance::Chance;
use crate::cheap::Cheap;
use crate::hand::Hand;
use crate::support::store::Store;

on_both! {
    two_schedulers_claim_each_slot_once
}

const SCHEDULES: usize = 60;
const MINUTES: i64 = 10;

/// Schedules of every minute, one after the other with each policy for runs that overlap.
fn file() -> Value {
    let policies = ["allow", "skip", "queue", "stop_previous"];
    let trigger = |number: usize| {
        let says = json!({ "workflow": "w", "schedule": "* * * * *", "overlap": policies[number % 4] });
        (format!("t{number}"), says)
    };
    let triggers: Map<String, Value> = (0..SCHEDULES).map(trigger).collect();
    json!({
        "project": "p",
        "models": { "m": { "provider": "simulated" } },
        "teams": { "t": { "model": "m", "agents": { "a": { "role": "A" } } } },
        "workflows": { "w": { "team": "t", "stages": [{ "name": "S", "task": "T", "agents": ["a"] }] } },
        "triggers": triggers,
    })
}

async fn two_schedulers_claim_each_slot_once(store: Store) {
    let hand = Hand::at("2026-06-01T12:00:30Z");
    let one = store.db().await;
    // SQLite is one process's; there both look through one connection.
    let two = if store.text.starts_with("sqlite:") { one.clone() } else { store.db().await };
    let changed = Arc::new(Notify::new());
    let eras = Arc::new(Eras::new(Arc::clone(&changed)));
    let projects = Projects::followed(one.clone(), hand.clock(), vec![eras]);
    let options = ApplyOptions::default();
    projects.apply_file(file().to_string().as_bytes(), options).await.unwrap();
    let mut both = Vec::new();
    for db in [&one, &two] {
        let cheap = Cheap::of(db, &hand, Chance::of(7), false).await;
        let start: Arc<dyn Start> = Arc::<Cheap>::clone(&cheap);
        both.push((Scheduler::new(db.clone(), hand.clock(), start, Arc::clone(&changed)), cheap));
    }
    for _ in 0..MINUTES {
        hand.to(hand.now() + 60_000);
        loop {
            let looks =
                futures_util::future::join_all(both.iter().map(|(scheduler, _)| scheduler.look())).await;
            if looks.iter().all(|rest| *rest.as_ref().unwrap() > Duration::ZERO) {
                break;
            }
        }
    }
    let started: Vec<u64> = both.iter().map(|(_, cheap)| cheap.started.load(Ordering::Relaxed)).collect();
    assert!(started.iter().all(|started| *started > 0), "one of them did all of it: {started:?}");
    let slots = held(&one, &projects, &hand).await;
    assert_eq!(slots, SCHEDULES as u64 * MINUTES.unsigned_abs());
}

/// Ends every schedule and holds all of them to account; how many slots there were.
async fn held(db: &Db, projects: &Projects, hand: &Hand) -> u64 {
    let rules = |says: &Value| {
        let mut file = file();
        file["triggers"] = json!({ "one": says });
        let project = callboard_engine::project::read(&file.to_string()).project.unwrap();
        Rules::of(&project, &project.triggers["one"]).unwrap()
    };
    let mut all = 0;
    let rows = db.query("SELECT id, path FROM part WHERE path LIKE 'triggers/%'", []).await.unwrap();
    let begin = crate::hand::moment("2026-06-01T12:00:30Z").as_millis();
    let end =
        "UPDATE trigger_slot SET status = 'skipped', reason = 'The test ended.' WHERE status = 'waiting'";
    db.execute(end, []).await.unwrap();
    for row in rows {
        let path = row.text(1).unwrap();
        let says = file()["triggers"][path.strip_prefix("triggers/").unwrap()].clone();
        let mut account = Account::default();
        account.change(begin, 0, Some((rules(&says), false)));
        account.change(hand.now(), 0, None);
        all += account.hold(db, row.int(0).unwrap()).await.0;
    }
    assert!(projects.load(1).await.is_ok());
    all
}
