//! What is written, and in how many appends.

use callboard_engine::event::PastVisit;
use callboard_server::db::Value;

use crate::stage::{Stage, THREE, kinds};
use crate::support::store::Store;

on_both! {
    a_stage_costs_one_model_call_and_one_append
    rows_say_what_the_history_says
}

async fn a_stage_costs_one_model_call_and_one_append(store: Store) {
    let stage = Stage::new(&store, THREE).await;
    let id = stage.start().await;
    let (run, events) = stage.ended(id).await;

    assert_eq!(run.status().name(), "completed");
    assert_eq!(stage.model.count(), 3, "one model call per stage");
    assert_eq!(
        stage.runner.journal().stats().appends,
        4,
        "one append per stage, and the one that starts the run"
    );
    let calls = kinds(&events).iter().filter(|kind| *kind == "model_call_started").count();
    assert_eq!(calls, 3);
}

async fn rows_say_what_the_history_says(store: Store) {
    let stage = Stage::new(&store, THREE).await;
    let id = stage.start().await;
    let (run, _) = stage.ended(id).await;

    let find = "SELECT status, model_calls, input_tokens, result, ended_at FROM run WHERE id = $1";
    let row = stage.db.query_one(find, [Value::Int(id)]).await.unwrap();
    assert_eq!(row.text(0).unwrap().as_ref(), "completed");
    assert_eq!(row.uint(1).unwrap(), run.usage().model_calls);
    assert_eq!(row.uint(2).unwrap(), run.usage().input_tokens);
    assert_eq!(row.text(3).unwrap().as_ref(), run.result().unwrap());
    assert_eq!(row.int(4).unwrap(), run.ended_at().unwrap().as_millis());

    let find = "SELECT body FROM run_visit WHERE run_id = $1 ORDER BY visit";
    let rows = stage.db.query(find, [Value::Int(id)]).await.unwrap();
    let left: Vec<PastVisit> =
        rows.iter().map(|row| serde_json::from_str(&row.text(0).unwrap()).unwrap()).collect();
    assert!(!left.is_empty());
    assert_eq!(left, run.visits().filter_map(|visit| visit.past()).collect::<Vec<_>>());
}
