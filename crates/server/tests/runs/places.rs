//! Runs that wait for a place: as many go at once as may, and they are let in in order.

use callboard_engine::command::Command;
use callboard_engine::definition::Limits;
use callboard_fake_model::Behaviour;

use crate::stage::{Stage, completes, kinds};
use crate::support::store::Store;

on_both! {
    a_run_without_a_place_waits_for_the_end_of_another
    runs_are_let_in_in_order_until_all_are_done
    runs_that_end_together_let_others_in_until_all_are_done
    a_workflow_has_places_of_its_own
    runs_that_wait_for_a_place_still_do_after_a_restart
    a_project_that_may_have_more_at_once_lets_more_in
    a_run_that_is_told_something_while_it_waits_holds_no_task
}

/// Two workflows in a project, each of one stage.
async fn stage(store: &Store, of_project: &str, of_workflow: &str) -> Stage {
    let file = format!(
        "project: test
{of_project}
models: {{ main: {{ provider: openai-compatible, model: m, base_url: BASE_URL }} }}
teams: {{ desk: {{ model: main, agents: {{ a: {{ role: A }} }} }} }}
workflows:
  work:
    team: desk
    {of_workflow}
    stages: [{{ id: one, name: One, task: Go on., agents: [a] }}]
  other:
    team: desk
    stages: [{{ id: one, name: One, task: Go on., agents: [a] }}]
"
    );
    Stage::of(store, &file).await
}

async fn start(stage: &Stage, runs: usize) -> Vec<i64> {
    let mut ids = Vec::new();
    for _ in 0..runs {
        ids.push(stage.start().await);
    }
    ids
}

async fn statuses(stage: &Stage, ids: &[i64]) -> Vec<&'static str> {
    let mut statuses = Vec::new();
    for id in ids {
        statuses.push(stage.status(*id).await);
    }
    statuses
}

async fn a_run_without_a_place_waits_for_the_end_of_another(store: Store) {
    let stage = stage(&store, "max_running: 2", "").await;
    stage.model.push(Behaviour::hang().agent("You are"));
    let ids = start(&stage, 5).await;
    stage.model.wait_for_requests(2).await;
    assert_eq!(statuses(&stage, &ids).await, ["running", "running", "pending", "pending", "pending"]);

    // One that has not begun is stopped without ever having begun, and gives no place away.
    stage.runner.stop(ids[3], "ana", None).await.unwrap();
    let (run, events) = stage.ended(ids[3]).await;
    assert_eq!(run.status().name(), "stopped");
    assert_eq!(kinds(&events), ["run_created", "stop_requested", "run_stopped"]);
    assert_eq!(statuses(&stage, &ids).await, ["running", "running", "pending", "stopped", "pending"]);

    stage.runner.stop(ids[0], "ana", None).await.unwrap();
    stage.until(ids[2], "run_started").await;
    stage.model.wait_for_requests(3).await;
    assert_eq!(statuses(&stage, &ids).await, ["stopped", "running", "running", "stopped", "pending"]);
    assert_eq!(stage.model.count(), 3);
}

async fn runs_are_let_in_in_order_until_all_are_done(store: Store) {
    let stage = stage(&store, "max_running: 2", "").await;
    stage.model.push(Behaviour::hang().agent("You are"));
    let ids = start(&stage, 8).await;
    stage.model.wait_for_requests(2).await;
    // One place after the other becomes free, so it is known whose it is. Where several do, a run says that
    // it began at a moment before it was let in, and may say so of one before another's end.
    for (nth, id) in ids.iter().enumerate() {
        stage.runner.stop(*id, "ana", None).await.unwrap();
        stage.ended(*id).await;
        if let Some(next) = ids.get(nth + 2) {
            stage.until(*next, "run_started").await;
        }
        let expected = (0..ids.len()).map(|other| match other {
            other if other <= nth => "stopped",
            other if other <= nth + 2 => "running",
            _ => "pending",
        });
        assert_eq!(statuses(&stage, &ids).await, expected.collect::<Vec<_>>(), "after the end of {nth}");
    }
}

async fn runs_that_end_together_let_others_in_until_all_are_done(store: Store) {
    let stage = stage(&store, "max_running: 2", "").await;
    stage.model.push(Behaviour::hang().agent("You are").times(2));
    stage.model.push(Behaviour { delay_ms: 5, ..completes("R") }.agent("You are"));
    let ids = start(&stage, 10).await;
    stage.model.wait_for_requests(2).await;
    for id in &ids[..2] {
        stage.runner.stop(*id, "ana", None).await.unwrap();
    }
    for id in &ids[2..] {
        assert_eq!(stage.ended(*id).await.0.status().name(), "completed");
    }
    assert_eq!(stage.model.count(), 10);
}

async fn a_workflow_has_places_of_its_own(store: Store) {
    let stage = stage(&store, "", "max_running: 1").await;
    stage.model.push(Behaviour::hang().agent("You are"));
    let ids = start(&stage, 2).await;
    let others = [stage.start_of("other").await, stage.start_of("other").await];
    stage.model.wait_for_requests(3).await;
    assert_eq!(statuses(&stage, &ids).await, ["running", "pending"]);
    assert_eq!(statuses(&stage, &others).await, ["running", "running"]);
    stage.runner.stop(others[0], "ana", None).await.unwrap();
    stage.ended(others[0]).await;
    assert_eq!(statuses(&stage, &ids).await, ["running", "pending"]);
    stage.runner.stop(ids[0], "ana", None).await.unwrap();
    stage.until(ids[1], "run_started").await;
}

async fn runs_that_wait_for_a_place_still_do_after_a_restart(store: Store) {
    let mut stage = stage(&store, "max_running: 1", "").await;
    stage.model.push(Behaviour::hang().agent("You are").times(2));
    stage.model.push(completes("R").agent("You are"));
    let ids = start(&stage, 3).await;
    stage.model.wait_for_requests(1).await;
    stage.restarted().await.shut_down().await;
    assert_eq!(stage.runner.recover().await.unwrap().runs, ids);
    stage.model.wait_for_requests(2).await;
    assert_eq!(statuses(&stage, &ids).await, ["running", "pending", "pending"]);
    stage.runner.stop(ids[0], "ana", None).await.unwrap();
    for id in &ids[1..] {
        assert_eq!(stage.ended(*id).await.0.status().name(), "completed");
    }
    assert_eq!(stage.model.count(), 4);
}

async fn a_project_that_may_have_more_at_once_lets_more_in(store: Store) {
    let mut stage = stage(&store, "max_running: 1", "").await;
    stage.model.push(Behaviour::hang().agent("You are"));
    let ids = start(&stage, 4).await;
    stage.model.wait_for_requests(1).await;
    stage.change("max_running: 1", "max_running: 3").await;
    stage.model.wait_for_requests(3).await;
    assert_eq!(statuses(&stage, &ids).await, ["running", "running", "running", "pending"]);
}

async fn a_run_that_is_told_something_while_it_waits_holds_no_task(store: Store) {
    let stage = stage(&store, "max_running: 1", "").await;
    stage.model.push(Behaviour::hang().agent("You are").times(1));
    stage.model.push(completes("R").agent("You are"));
    let ids = start(&stage, 2).await;
    stage.model.wait_for_requests(1).await;
    let limits = Limits { model_calls: Some(100), ..Limits::default() };
    stage.runner.ask(ids[1], Command::Raise { limits, by: "ana".to_owned() }).await.unwrap();
    stage.until_at_work(1).await;
    stage.runner.stop(ids[0], "ana", None).await.unwrap();
    assert_eq!(stage.ended(ids[1]).await.0.status().name(), "completed");
}
