//! Stopping a run that is at work.

use callboard_engine::command::Command;
use callboard_engine::decide::decide;
use callboard_fake_model::{Behaviour, End};
use callboard_server::clock::Clock;
use callboard_server::journal::{Append, Events, StreamId};
use futures_util::future::join_all;
use serde_json::json;

use crate::stage::{Stage, THREE, kinds, of_kind};
use crate::support::store::Store;

on_both! {
    a_stop_closes_the_connection_to_the_model
    a_stop_in_mid_stream_keeps_what_had_come
    a_second_stop_is_refused_and_so_is_one_after_the_end
    a_stop_that_was_accepted_is_carried_out_after_a_crash
    a_stop_that_was_accepted_reaches_the_runs_below_before_they_go_on
    many_runs_are_stopped_at_once_and_ask_nobody_any_more
}

async fn a_stop_closes_the_connection_to_the_model(store: Store) {
    let stage = Stage::new(&store, THREE).await;
    stage.model.push(Behaviour::hang());
    let id = stage.start().await;
    stage.model.wait_for_requests(1).await;
    stage.runner.stop(id, "ana", Some("enough".to_owned())).await.unwrap();
    let (run, events) = stage.ended(id).await;
    assert_eq!(run.status().name(), "stopped");
    stage.model.wait_for_disconnects(1).await;
    let tail = ["stop_requested", "model_call_failed", "run_stopped"];
    assert!(kinds(&events).ends_with(&tail.map(str::to_owned)), "{:?}", kinds(&events));
}

async fn a_stop_in_mid_stream_keeps_what_had_come(store: Store) {
    let stage = Stage::new(&store, THREE).await;
    stage.model.push(Behaviour::text("Half of it").ends(End::Stall));
    let id = stage.start().await;
    let mut viewer = stage.runner.follow(id, 0);
    while let Some(live) = viewer.next().await.unwrap() {
        if matches!(live, callboard_server::run::Live::Delta(_)) {
            break;
        }
    }
    stage.runner.stop(id, "ana", None).await.unwrap();
    let (_, events) = stage.ended(id).await;
    let failed =
        events.iter().find(|event| kinds(std::slice::from_ref(event)) == ["model_call_failed"]).unwrap();
    let failed = serde_json::to_value(failed).unwrap();
    assert_eq!(failed["code"], "aborted");
    assert!("Half of it".starts_with(failed["partial"].as_str().unwrap()), "{failed}");
}

async fn a_second_stop_is_refused_and_so_is_one_after_the_end(store: Store) {
    let stage = Stage::new(&store, THREE).await;
    let id = stage.start().await;
    stage.ended(id).await;
    assert_eq!(stage.runner.stop(id, "ana", None).await.unwrap_err().code(), "run_ended");
    assert_eq!(stage.runner.stop(id + 1, "ana", None).await.unwrap_err().code(), "run_not_found");
}

/// Writes a stop into a run that nobody drives, as if its server had died right after it was accepted.
async fn accepted(stage: &Stage, id: i64) {
    let run = stage.runner.load(id).await.unwrap();
    let stop = Command::Stop { by: "ana".to_owned(), reason: Some("enough".to_owned()) };
    let decided = decide(&run, stop, Clock::system().moment()).unwrap();
    assert!(!decided.run.status().is_final(), "something is in flight");
    let journal = stage.runner.journal();
    let position = journal.position(StreamId(id)).await.unwrap().unwrap();
    let json = serde_json::to_string(&decided.events).unwrap();
    let append = Append {
        stream: StreamId(id),
        expected: run.seq(),
        epoch: position.epoch,
        events: Events { count: decided.events.len() as u64, json: json.into() },
        writes: Vec::new(),
    };
    journal.append(append).await.unwrap();
}

async fn a_stop_that_was_accepted_is_carried_out_after_a_crash(store: Store) {
    let mut stage = Stage::new(&store, THREE).await;
    stage.model.push(Behaviour::hang().agent("You are a."));
    let id = stage.start().await;
    stage.model.wait_for_requests(1).await;
    stage.restarted().await.shut_down().await;
    accepted(&stage, id).await;

    stage.runner.recover().await.unwrap();
    let (run, events) = stage.ended(id).await;
    assert_eq!(run.status().name(), "stopped");
    let tail = ["stop_requested", "run_recovered", "run_stopped"];
    assert!(kinds(&events).ends_with(&tail.map(str::to_owned)), "{:?}", kinds(&events));
    let stopped = &of_kind(&events, "run_stopped")[0];
    assert_eq!((&stopped["by"], &stopped["reason"]), (&json!("ana"), &json!("enough")));
    assert_eq!((stage.model.count(), run.interrupted().len()), (1, 1));
}

async fn a_stop_that_was_accepted_reaches_the_runs_below_before_they_go_on(store: Store) {
    let file = "project: test
models: { main: { provider: openai-compatible, model: m, base_url: BASE_URL } }
teams: { desk: { model: main, agents: { a: { role: A }, c: { role: C } } } }
workflows:
  work:
    team: desk
    stages: [{ id: one, name: One, task: Begin., agents: [a], outcomes: { deeper: { workflow: below } } }]
  below:
    team: desk
    stages: [{ id: deep, name: Deep, task: Call., agents: [{ agent: a, runs_workflows: true }] }]
  deepest:
    team: desk
    stages: [{ id: dig, name: Dig, task: Dig., agents: [c] }]
";
    let mut stage = Stage::of(&store, file).await;
    let deeper = json!({ "result": "Dig.", "summary": "S.", "outcome": "deeper" });
    stage.model.push(Behaviour::hang().agent("You are c."));
    stage.model.push(Behaviour::call("complete", deeper).agent("You are a.").when("\"deeper\""));
    stage.model.push(Behaviour::call("run_workflow", json!({ "workflow": "deepest" })).agent("You are a."));
    let id = stage.start().await;
    stage.model.wait_for_requests(3).await;
    let below =
        of_kind(&stage.until(id, "child_started").await, "child_started")[0]["run_id"].as_i64().unwrap();
    let deepest = stage.until(below, "child_started").await;
    let deepest = of_kind(&deepest, "child_started")[0]["run_id"].as_i64().unwrap();
    stage.restarted().await.shut_down().await;
    accepted(&stage, id).await;

    stage.runner.recover().await.unwrap();
    for (run, by) in [(id, "ana".to_owned()), (below, format!("run {id}")), (deepest, format!("run {below}"))]
    {
        let (ended, events) = stage.ended(run).await;
        assert_eq!(ended.status().name(), "stopped");
        assert_eq!(of_kind(&events, "run_stopped")[0]["by"], by);
    }
    assert_eq!(stage.model.count(), 3, "no model is asked after a stop that was accepted");
    stage.idle().await;
}

/// Runs that are stopped at the same time. The ten thousand of `cargo xtask bench stops` take a release
/// build.
const MANY: u64 = 300;

async fn many_runs_are_stopped_at_once_and_ask_nobody_any_more(store: Store) {
    let stage = Stage::of(
        &store,
        "project: test
models: { main: { provider: openai-compatible, model: m, base_url: BASE_URL, max_at_once: 100000 } }
teams: { desk: { model: main, agents: { a: { role: A } } } }
workflows: { work: { team: desk, stages: [{ id: one, name: One, task: Go on., agents: [a] }] } }
",
    )
    .await;
    stage.model.push(Behaviour::hang().agent("You are a."));
    let mut ids = Vec::new();
    for _ in 0..MANY {
        ids.push(stage.start().await);
    }
    stage.model.wait_for_requests(MANY).await;
    let stops = ids.iter().map(|id| stage.runner.stop(*id, "ana", None));
    for stopped in join_all(stops).await {
        stopped.unwrap();
    }
    for id in ids {
        assert_eq!(stage.ended(id).await.0.status().name(), "stopped");
    }
    stage.model.wait_for_disconnects(MANY).await;
    assert_eq!(stage.model.count(), MANY);
}
