//! A server that is killed while schedules are due: whoever comes after it fires what it did not, and
//! nothing twice. The schedules count from a moment that is seconds away, so nobody waits for a full minute.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use callboard_api::client::{Client, Filter};
use callboard_api::list::LIMIT_MAX;
use callboard_api::trigger::SlotStatus;
use callboard_engine::event::SourceKind;
use callboard_engine::time::Time;

use crate::postgres;
use crate::program::Desk;
use crate::server::Server;

/// Schedules that are due at one moment.
const SCHEDULES: usize = 100;

/// How long before that moment they are made.
const AHEAD_MS: u64 = 4_000;

/// When the server is killed, in milliseconds after the moment: while it starts the runs, and before or after.
const KILLED_AFTER_MS: [u64; 3] = [5, 20, 60];

#[test]
fn slots_that_were_due_when_their_server_was_killed_fire_once_on_sqlite() {
    slots_fire_once(&[]);
}

#[test]
fn slots_that_were_due_when_their_server_was_killed_fire_once_on_postgres() {
    let Some(url) = postgres::database() else { return };
    slots_fire_once(&["--database-url", &url]);
}

fn slots_fire_once(store: &[&str]) {
    let desk = Desk::new();
    let mut server = Server::start_on(&desk, "127.0.0.1:0", store);
    let mut due = Vec::new();
    for (round, killed_after) in KILLED_AFTER_MS.into_iter().enumerate() {
        let at = apply(&desk, &server, round);
        due.push(at);
        let until = at.as_millis().unsigned_abs() + killed_after;
        std::thread::park_timeout(Duration::from_millis(until.saturating_sub(now_ms())));
        server.kill();
        server = Server::start_on(&desk, "127.0.0.1:0", store);
        hold(&desk, &server, &due);
    }
}

/// Applies a project of that many schedules, and says when they are due.
fn apply(desk: &Desk, server: &Server, round: usize) -> Time {
    let at = (now_ms() + AHEAD_MS).next_multiple_of(1_000);
    let at = Time::from_millis(i64::try_from(at).unwrap());
    let mut file = format!(
        "project: p{round}
models: {{ m: {{ provider: simulated }} }}
teams: {{ t: {{ model: m, agents: {{ a: {{ role: A }} }} }} }}
workflows: {{ w: {{ team: t, stages: [{{ id: s, name: S, task: T, agents: [a] }}] }} }}
triggers:
"
    );
    for number in 0..SCHEDULES {
        file += &format!("  t{number}: {{ workflow: w, schedule: every 90 minutes, start_at: '{at}' }}\n");
    }
    desk.write("schedules.yaml", &file);
    let applied = desk.run(&["apply", "schedules.yaml", "--server", &server.address]);
    assert_eq!(applied.code, 0, "{applied:?}");
    at
}

fn now_ms() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

/// Every schedule has fired its one slot once.
fn hold(desk: &Desk, server: &Server, due: &[Time]) {
    let client = Client::new(&server.address, None).unwrap();
    let filter = Filter { source: Some(SourceKind::Schedule), ..Filter::default() };
    let mut runs = Vec::new();
    // What was not fired is at the start of the next server, within a second or two.
    let deadline = now_ms() + 60_000;
    while runs.len() < due.len() * SCHEDULES && now_ms() < deadline {
        runs = desk.wait(client.runs(filter, None, Some(LIMIT_MAX))).unwrap().items;
    }
    assert_eq!(runs.len(), due.len() * SCHEDULES);
    let own: BTreeSet<_> = runs.iter().map(|run| (run.source.trigger_id, run.source.slot)).collect();
    assert_eq!(own.len(), runs.len(), "a slot has two runs");
    for (round, at) in due.iter().enumerate() {
        let workflow = desk.wait(client.project_named(&format!("p{round}"))).unwrap().unwrap();
        let workflow = desk.wait(client.workflows(workflow.id)).unwrap().remove(0);
        for trigger in desk.wait(client.triggers(workflow.id)).unwrap() {
            let slots = desk.wait(client.slots(trigger.id, None, None, None)).unwrap().items;
            let [slot] = slots.as_slice() else { panic!("{slots:?}") };
            assert_eq!((slot.at, slot.status), (*at, SlotStatus::Fired), "{slot:?}");
            let run = runs.iter().find(|run| Some(run.id) == slot.run_id).unwrap();
            assert_eq!((run.source.trigger_id, run.source.slot), (Some(trigger.id), Some(*at)));
        }
    }
}
