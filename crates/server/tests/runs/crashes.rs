//! What happens to runs whose process is gone.

use callboard_fake_model::Behaviour;
use callboard_server::db::Value;
use callboard_server::run::RunnerError;

use crate::stage::{Stage, THREE, kinds};
use crate::support::store::Store;

on_both! {
    a_call_that_was_in_flight_is_made_again_and_none_whose_answer_was_on_disk
    two_processes_never_drive_one_run
    runs_that_have_ended_are_left_alone
    a_damaged_history_keeps_no_other_run_from_going_on
}

async fn a_call_that_was_in_flight_is_made_again_and_none_whose_answer_was_on_disk(store: Store) {
    let mut stage = Stage::new(&store, THREE).await;
    stage.model.push(Behaviour::hang().agent("You are b.").times(1));
    let id = stage.start().await;
    stage.model.wait_for_requests(2).await;
    let before = stage.restarted().await;
    before.shut_down().await;

    assert_eq!(stage.runner.recover().await.unwrap().runs, [id]);
    let (run, events) = stage.ended(id).await;
    assert_eq!(run.status().name(), "completed");
    assert_eq!(kinds(&events).iter().filter(|kind| *kind == "run_recovered").count(), 1);
    assert_eq!(stage.model.count(), 4, "a, b, b again, c");
}

async fn two_processes_never_drive_one_run(store: Store) {
    let mut stage = Stage::new(&store, THREE).await;
    stage.model.push(Behaviour::hang().agent("You are a.").times(1));
    let id = stage.start().await;
    stage.model.wait_for_requests(1).await;
    // The first process is not gone: it only seems to be.
    let first = stage.restarted().await;
    let mut viewer = first.follow(id, 0);
    stage.runner.recover().await.unwrap();
    let (run, _) = stage.ended(id).await;
    assert_eq!(run.status().name(), "completed");

    // What the first one would write now is refused, and it gives the run up.
    let stopped = first.stop(id, "ana", None).await.unwrap_err();
    assert_eq!(stopped.code(), "run_ended");
    assert_eq!(first.load(id).await.unwrap(), run);
    stage.model.wait_for_disconnects(1).await;
    // Whoever follows it there is told.
    let told = loop {
        match viewer.next().await {
            Ok(live) => assert!(live.is_some(), "the viewer is told why there is nothing more"),
            Err(error) => break error,
        }
    };
    assert_eq!(told.code(), "run_taken_over");
}

async fn a_damaged_history_keeps_no_other_run_from_going_on(store: Store) {
    let mut stage = Stage::new(&store, THREE).await;
    stage.model.push(Behaviour::hang().agent("You are a.").times(2));
    let (damaged, whole) = (stage.start().await, stage.start().await);
    stage.model.wait_for_requests(2).await;
    stage.restarted().await.shut_down().await;
    let spoil = "UPDATE journal_entry SET events = '[{' WHERE stream_id = $1";
    stage.db.execute(spoil, [Value::Int(damaged)]).await.unwrap();

    let recovered = stage.runner.recover().await.unwrap();
    assert_eq!(recovered.runs, [whole]);
    assert_eq!(recovered.left.iter().map(RunnerError::code).collect::<Vec<_>>(), ["history_damaged"]);
    assert_eq!(stage.ended(whole).await.0.status().name(), "completed");
}

async fn runs_that_have_ended_are_left_alone(store: Store) {
    let mut stage = Stage::new(&store, THREE).await;
    let id = stage.start().await;
    let (run, events) = stage.ended(id).await;
    stage.restarted().await.shut_down().await;
    assert!(stage.runner.recover().await.unwrap().runs.is_empty());
    let (same, same_events) = stage.ended(id).await;
    assert_eq!((same, same_events), (run, events));
}
