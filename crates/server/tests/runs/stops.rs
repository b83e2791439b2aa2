//! Stopping a run that is at work.

use callboard_fake_model::{Behaviour, End};

use crate::stage::{Stage, THREE, kinds};
use crate::support::store::Store;

on_both! {
    a_stop_closes_the_connection_to_the_model
    a_stop_in_mid_stream_keeps_what_had_come
    a_second_stop_is_refused_and_so_is_one_after_the_end
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
