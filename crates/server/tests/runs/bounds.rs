//! What keeps a run within bounds while models go on and on: conversations that are summed up, and
//! guards against going in circles.

use callboard_fake_model::Behaviour;
use serde_json::json;

use crate::stage::{Stage, completes, of_kind};
use crate::support::store::Store;

on_both! {
    a_conversation_that_grows_too_long_is_summed_up_by_its_own_model
    a_stage_that_changes_nothing_trips_its_guard
}

async fn a_conversation_that_grows_too_long_is_summed_up_by_its_own_model(store: Store) {
    let file = "project: test
models: { main: { provider: openai-compatible, model: m, base_url: BASE_URL, context_tokens: 3000 } }
tools: { look: { command: [python3, -c, \"print('owl ' * 700)\"] } }
teams: { desk: { model: main, agents: { a: { role: A } } } }
workflows:
  work:
    team: desk
    stages: [{ id: one, name: One, task: Look., agents: [{ agent: a, tools: [look] }] }]
";
    let stage = Stage::of(&store, file).await;
    stage.model.push(Behaviour::text("There were owls.").when("Sum this up for yourself"));
    stage.model.push(completes("R").when("There were owls."));
    stage.model.push(Behaviour::call("look", json!({})).agent("You are a."));
    let id = stage.start().await;
    let (run, events) = stage.ended(id).await;
    assert_eq!((run.status().name(), run.result()), ("completed", Some("R")));

    let compacted = of_kind(&events, "context_compacted");
    assert_eq!(compacted.len(), 1);
    assert_eq!(compacted[0]["summary"], "There were owls.");
    let (before, after) = (compacted[0]["tokens_before"].as_u64(), compacted[0]["tokens_after"].as_u64());
    assert!(before.unwrap() > 2100 && after < before, "{before:?} {after:?}");
    let asked = of_kind(&events, "model_call_started");
    assert_eq!(asked.iter().filter(|call| call["compacts"] == true).count(), 1);
    // What the model read then is its summary, and not what it stands for.
    let requests: Vec<String> = stage
        .model
        .requests()
        .iter()
        .map(|request| String::from_utf8_lossy(&request.body).into_owned())
        .collect();
    let [.., full, _, last] = requests.as_slice() else { panic!("{} requests", requests.len()) };
    assert!(last.contains("There were owls.") && last.len() < full.len() + 1000);
    assert_eq!(last.matches("\"role\":\"tool\"").count(), 1, "the latest result stays as it was");
}

async fn a_stage_that_changes_nothing_trips_its_guard(store: Store) {
    let stage = Stage::new(
        &store,
        "
      - { id: one, name: One, task: Begin., agents: [a], outcomes: { again: one, done: end } }
",
    )
    .await;
    let again = json!({ "result": "R", "summary": "S", "outcome": "again" });
    stage.model.push(Behaviour::call("complete", again).agent("You are a."));
    let id = stage.start().await;
    let (run, events) = stage.ended(id).await;
    assert_eq!((run.status().name(), run.error().unwrap().code.as_str()), ("error", "loop_guard"));
    let tripped = of_kind(&events, "loop_guard_tripped");
    assert_eq!((&tripped[0]["guard"], &tripped[0]["visits"]), (&json!("no_progress"), &json!(3)));
    assert_eq!(stage.model.count(), 3);
}
