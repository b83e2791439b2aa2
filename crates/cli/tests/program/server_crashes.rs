//! A server that is killed while runs are going: the next one goes on with all of them by itself, and
//! what was on record before is not touched.

use callboard_api::client::{Client, Live, Started};
use callboard_api::run::{Status, Trigger};
use callboard_fake_model::Behaviour;
use serde_json::{Value, json};

use crate::postgres;
use crate::program::Desk;
use crate::server::Server;

const THREE: &str = "
      - { id: one, name: One, task: 'Begin with {{ input }}.', agents: [a] }
      - { id: two, name: Two, task: Go on., agents: [b] }
      - { id: three, name: Three, task: End., agents: [c] }
";

const RUNS: u64 = 10;

#[test]
fn ten_runs_over_http_go_on_after_their_server_was_killed_on_sqlite() {
    ten_runs_go_on(&Desk::new(), &[]);
}

#[test]
fn ten_runs_over_http_go_on_after_their_server_was_killed_on_postgres() {
    let Some(url) = postgres::database() else { return };
    ten_runs_go_on(&Desk::new(), &["--database-url", &url]);
}

fn ten_runs_go_on(desk: &Desk, store: &[&str]) {
    // The first stages are answered; the second wait for a model that says nothing.
    desk.model.push(Behaviour::hang().agent("You are b.").times(u32::try_from(RUNS).unwrap()));
    desk.project(THREE);
    let mut server = Server::start_on(desk, "127.0.0.1:0", store);
    let applied = desk.run(&["apply", "project.yaml", "--server", &server.address]);
    assert_eq!(applied.code, 0, "{applied:?}");
    let client = Client::new(&server.address, None).unwrap();
    let ids = desk.wait(async {
        let mut ids = Vec::new();
        for run in 0..RUNS {
            let trigger = Trigger {
                workflow: Some("test/work".to_owned()),
                input: json!(format!("topic {run}")),
                ..Trigger::default()
            };
            let key = format!("run {run}");
            ids.push(id(client.trigger(&trigger, Some(&key), None).await.unwrap()));
        }
        ids
    });
    desk.wait(desk.model.wait_for_requests(2 * RUNS));
    let before: Vec<Vec<String>> = ids.iter().map(|id| desk.wait(events(&client, *id))).collect();
    server.kill();

    let server = Server::start_on(desk, "127.0.0.1:0", store);
    let client = Client::new(&server.address, None).unwrap();
    for (id, before) in ids.iter().zip(before) {
        desk.wait(ended(&client, *id));
        let run = desk.wait(client.run(*id)).unwrap();
        assert_eq!(run.status, Status::Completed, "{run:?}");
        let after = desk.wait(events(&client, *id));
        assert_eq!(after[..before.len()], before, "run {id} remembers its past otherwise");
        let after: Vec<Value> = after.iter().map(|event| serde_json::from_str(event).unwrap()).collect();
        let recovered = after.iter().filter(|event| event["kind"] == "run_recovered").count();
        assert_eq!(recovered, 1, "run {id}");
        let numbers: Vec<u64> = after.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
        assert_eq!(numbers, (1..=after.len() as u64).collect::<Vec<_>>(), "run {id}");
    }
    // One call of a, two of b, one of c: what was in flight, and only that, was asked again.
    assert_eq!(desk.model.count(), 4 * RUNS);
    // The keys of the calls are remembered over the crash too.
    let again =
        Trigger { workflow: Some("test/work".to_owned()), input: json!("topic 0"), ..Trigger::default() };
    let again = desk.wait(client.trigger(&again, Some("run 0"), None)).unwrap();
    assert_eq!(id(again), ids[0]);
}

fn id(started: Started) -> i64 {
    match started {
        Started::Going(triggered) => triggered.run_id,
        Started::Ended(run) => run.id,
    }
}

/// The events of a run, in the very text of the server.
async fn events(client: &Client, id: i64) -> Vec<String> {
    let list = client.events(id, 0, Some(1_000)).await.unwrap();
    assert_eq!(list.next, None);
    list.items.into_iter().map(|told| told.text).collect()
}

async fn ended(client: &Client, id: i64) {
    let mut follow = client.follow(id, 0);
    while let Some(live) = follow.next().await.unwrap() {
        if matches!(live, Live::End(_)) {
            break;
        }
    }
}
