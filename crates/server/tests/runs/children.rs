//! Runs that carry a workflow out for another run: started once, linked both ways, ended together.

use callboard_fake_model::Behaviour;
use serde_json::json;

use crate::stage::{Stage, completes, of_kind};
use crate::support::store::Store;

on_both! {
    an_outcome_leads_to_another_workflow_and_back
    an_agent_has_a_workflow_carried_out
    the_error_of_a_run_is_that_of_the_one_that_needs_it
    a_stop_reaches_the_run_that_is_waited_for
    a_restart_starts_no_run_twice
}

/// A workflow that calls another, by an outcome or by its agent, in a project with one place.
async fn stage(store: &Store) -> Stage {
    let file = "project: test
max_running: 1
models: { main: { provider: openai-compatible, model: m, base_url: BASE_URL } }
teams: { desk: { model: main, agents: { a: { role: A }, b: { role: B }, c: { role: C } } } }
workflows:
  work:
    team: desk
    stages:
      - { id: one, name: One, task: Begin., agents: [a], outcomes: { deeper: { workflow: below } } }
      - { id: two, name: Two, task: 'End with {{ memory.deeper }}.', agents: [b] }
  ask:
    team: desk
    stages:
      - { id: one, name: One, task: Begin., agents: [{ agent: a, runs_workflows: true }] }
  below:
    team: desk
    stages:
      - { id: deep, name: Deep, task: 'Look at {{ input }}.', agents: [c] }
";
    let stage = Stage::of(store, file).await;
    let deeper = json!({ "result": "Dig here.", "summary": "S.", "outcome": "deeper" });
    stage.model.push(completes("Dug.").agent("You are a.").when("\"role\":\"tool\""));
    stage.model.push(Behaviour::call("complete", deeper).agent("You are a.").when("\"deeper\""));
    let below = json!({ "workflow": "below", "input": "the cellar" });
    stage.model.push(Behaviour::call("run_workflow", below).agent("You are a."));
    stage.model.push(completes("Done.").agent("You are b."));
    stage
}

async fn an_outcome_leads_to_another_workflow_and_back(store: Store) {
    let stage = stage(&store).await;
    stage.model.push(completes("Gold.").agent("You are c.").when("Look at Dig here."));
    let id = stage.start().await;
    let (run, events) = stage.ended(id).await;
    assert_eq!((run.status().name(), run.result()), ("completed", Some("Done.")));
    assert_eq!(*run.memory()["deeper"].value, json!("Gold."));
    let last = String::from_utf8(stage.model.requests().pop().unwrap().body.to_vec()).unwrap();
    assert!(last.contains("End with Gold."), "{last}");
    // Linked both ways.
    let child = of_kind(&events, "child_started")[0]["run_id"].as_i64().unwrap();
    let source = stage.runner.load(child).await.unwrap().source().clone();
    assert_eq!((source.kind.name(), source.run_id, source.from_visit), ("workflow", Some(id), Some(1)));
    let ended = &of_kind(&events, "child_ended")[0];
    assert_eq!((&ended["run_id"], &ended["status"]), (&json!(child), &json!("completed")));
}

async fn an_agent_has_a_workflow_carried_out(store: Store) {
    let stage = stage(&store).await;
    stage.model.push(completes("Wine.").agent("You are c.").when("Look at the cellar."));
    let id = stage.start_of("ask").await;
    let (run, events) = stage.ended(id).await;
    assert_eq!((run.status().name(), run.result()), ("completed", Some("Dug.")));
    assert_eq!(of_kind(&events, "tool_call_finished")[0]["text"], "Wine.");
    let last = String::from_utf8(stage.model.requests().pop().unwrap().body.to_vec()).unwrap();
    assert!(last.contains("Wine."), "{last}");
}

async fn the_error_of_a_run_is_that_of_the_one_that_needs_it(store: Store) {
    let stage = stage(&store).await;
    stage.model.push(Behaviour::status(401, "no").agent("You are c."));
    let id = stage.start().await;
    let (run, events) = stage.ended(id).await;
    assert_eq!(run.status().name(), "error");
    assert_eq!(of_kind(&events, "child_ended")[0]["error"]["code"], "model_unauthorized");

    // An agent is told, and goes on.
    stage.model.push(Behaviour::status(401, "no").agent("You are c."));
    let id = stage.start_of("ask").await;
    assert_eq!(stage.ended(id).await.0.status().name(), "completed");
}

async fn a_stop_reaches_the_run_that_is_waited_for(store: Store) {
    for (workflow, nth) in [("work", 1), ("ask", 2)] {
        let stage = stage(&store).await;
        stage.model.push(Behaviour::hang().agent("You are c."));
        let id = stage.start_of(workflow).await;
        let begun = stage.until(id, "child_started").await;
        let child = of_kind(&begun, "child_started")[0]["run_id"].as_i64().unwrap();
        stage.model.wait_for_requests(2).await;
        stage.runner.stop(id, "ana", None).await.unwrap();
        let (run, _) = stage.ended(id).await;
        assert_eq!(run.status().name(), "stopped", "{workflow} {nth}");
        assert_eq!(stage.status(child).await, "stopped");
        stage.model.wait_for_disconnects(1).await;
        stage.idle().await;
    }
}

async fn a_restart_starts_no_run_twice(store: Store) {
    for workflow in ["work", "ask"] {
        let mut stage = stage(&store).await;
        stage.model.push(Behaviour::hang().agent("You are c.").times(1));
        stage.model.push(completes("Gold.").agent("You are c."));
        let id = stage.start_of(workflow).await;
        stage.model.wait_for_requests(2).await;
        stage.until(id, "child_started").await;
        stage.restarted().await.shut_down().await;
        assert_eq!(stage.runner.recover().await.unwrap().runs.len(), 2);
        let (run, events) = stage.ended(id).await;
        assert_eq!(run.status().name(), "completed", "{workflow}");
        assert_eq!(of_kind(&events, "child_started").len(), 1);
        assert_eq!(of_kind(&events, "run_recovered").len(), 0, "nothing of its own was in flight");
        // One question of a that leads there, two of c since one was lost, and what comes after.
        assert_eq!(stage.model.count(), 4, "{workflow}");
    }
}
