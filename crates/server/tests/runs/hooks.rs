//! Hooks of stages: what they give, what their failures do, and those that run whatever happens.

use callboard_fake_model::Behaviour;
use serde_json::{Value, json};

use crate::stage::{Stage, kinds, of_kind};
use crate::support::store::Store;

on_both! {
    what_a_hook_gives_is_in_memory_and_in_the_task
    a_hook_that_fails_ends_the_stage_unless_it_says_otherwise
    a_hook_that_always_runs_does_so_when_the_run_is_stopped_or_fails
}

const TOOLS: &str = "
tools:
  count: { command: [wc, -c], parameters: { text: { type: string } } }
  fail: { command: [sh, -c, 'echo out of paper >&2; exit 3'] }
  tell: { command: [cat], parameters: { text: { type: string } } }
";

/// A project of these stages, whose agents complete by themselves.
async fn stage(store: &Store, stages: &str) -> Stage {
    let file = format!(
        "project: test
models: {{ main: {{ provider: openai-compatible, model: m, base_url: BASE_URL }} }}{TOOLS}
teams: {{ desk: {{ model: main, agents: {{ a: {{ role: A }} }} }} }}
workflows:
  work:
    team: desk
    stages:{stages}
"
    );
    Stage::of(store, &file).await
}

async fn what_a_hook_gives_is_in_memory_and_in_the_task(store: Store) {
    let stages = "
      - id: one
        name: One
        task: 'It has {{ memory.size }} bytes.'
        agents: [a]
        entry: [{ tool: count, arguments: { text: '{{ input }}' }, key: size }]
        exit: [{ tool: tell, arguments: { text: 'It had {{ memory.size }}.' }, key: told }]";
    let stage = stage(&store, stages).await;
    let id = stage.start().await;
    let (run, events) = stage.ended(id).await;
    assert_eq!(run.status().name(), "completed");
    // `{\"text\":\"owls\"}` and the end of its line.
    assert_eq!(*run.memory()["size"].value, json!("16"));
    assert_eq!(*run.memory()["told"].value, json!({ "text": "It had 16." }));
    let asked = stage.model.requests().pop().unwrap();
    assert!(String::from_utf8_lossy(&asked.body).contains("It has 16 bytes."));
    let hooks = of_kind(&events, "hook_finished");
    let places: Vec<_> = hooks.iter().map(|hook| hook["hook"].clone()).collect();
    assert_eq!(places, [json!({ "when": "entry", "index": 0 }), json!({ "when": "exit", "index": 0 })]);
    assert_eq!(stage.model.count(), 1, "a hook costs no turn");
}

async fn a_hook_that_fails_ends_the_stage_unless_it_says_otherwise(store: Store) {
    for (says, status) in [("", "error"), (", on_failure: continue", "completed")] {
        let stages = format!(
            "
      - {{ id: one, name: One, task: Begin., agents: [a], entry: [{{ tool: fail, key: seen{says} }}] }}"
        );
        let stage = stage(&store, &stages).await;
        let id = stage.start().await;
        let (run, events) = stage.ended(id).await;
        assert_eq!(run.status().name(), status, "{says}");
        let hook = &of_kind(&events, "hook_finished")[0];
        assert_eq!((&hook["code"], &hook["key"]), (&json!("tool_failed"), &Value::Null));
        assert!(hook["message"].as_str().unwrap().contains("out of paper"), "{hook}");
        assert!(run.memory().is_empty());
        let code = run.error().map(|error| error.code.as_str());
        assert_eq!(code, (status == "error").then_some("hook_failed"));
    }
}

const ALWAYS: &str = "
      - id: one
        name: One
        task: Begin.
        agents: [a]
        exit:
          - { tool: tell, arguments: { text: not this one } }
          - { tool: tell, arguments: { text: let go }, key: released, always: true }";

async fn a_hook_that_always_runs_does_so_when_the_run_is_stopped_or_fails(store: Store) {
    for (answer, status) in [(Behaviour::hang(), "stopped"), (Behaviour::status(401, "no"), "error")] {
        let stage = stage(&store, ALWAYS).await;
        stage.model.push(answer);
        let id = stage.start().await;
        stage.model.wait_for_requests(1).await;
        if status == "stopped" {
            stage.runner.stop(id, "ana", None).await.unwrap();
        }
        let (run, events) = stage.ended(id).await;
        assert_eq!(run.status().name(), status);
        let hooks = of_kind(&events, "hook_finished");
        assert_eq!(hooks.len(), 1, "{hooks:?}");
        assert_eq!(hooks[0]["value"], json!({ "text": "let go" }));
        let last = kinds(&events);
        let end = if status == "stopped" { "run_stopped" } else { "run_failed" };
        assert!(last.ends_with(&["hook_finished".to_owned(), end.to_owned()]), "{last:?}");
    }
}
