//! Tools, as agents call them: several at once, wrongly, endlessly, and with what nobody may see.

use callboard_fake_model::Behaviour;
use serde_json::{Value, json};

use crate::stage::{Stage, completes, of_kind};
use crate::support::store::Store;

on_both! {
    calls_of_one_answer_are_carried_out_at_once
    a_call_that_cannot_be_made_is_refused_and_its_agent_told
    answers_of_megabytes_go_through_or_end_their_run
    an_agent_that_goes_in_circles_harms_no_other_run
    a_result_that_does_not_fit_is_mended
    a_secret_of_a_tool_is_never_shown
    an_agent_may_ask_the_hosts_that_are_allowed_by_name
}

/// A project of one stage, whose agent has what is said of it.
fn file(tools: &str, agent: &str, stage: &str) -> String {
    format!(
        "project: test
models: {{ main: {{ provider: openai-compatible, model: m, base_url: BASE_URL }} }}
{tools}
teams: {{ desk: {{ model: main, agents: {{ a: {{ role: A }}, b: {{ role: B }} }} }} }}
workflows:
  work:
    team: desk
    stages:
      - {{ id: one, name: One, task: Begin., agents: [{{ agent: a{agent} }}]{stage} }}
  other:
    team: desk
    stages:
      - {{ id: one, name: One, task: Begin., agents: [b] }}
"
    )
}

/// After whatever tool it called, the agent completes.
fn then_completes(stage: &Stage) {
    stage.model.push(completes("R").agent("You are a.").when("\"role\":\"tool\""));
}

fn last_asked(stage: &Stage) -> String {
    String::from_utf8(stage.model.requests().pop().unwrap().body.to_vec()).unwrap()
}

async fn calls_of_one_answer_are_carried_out_at_once(store: Store) {
    let folder = tempfile::tempdir().unwrap();
    for pipe in ["to", "fro"] {
        let made = std::process::Command::new("mkfifo").arg(folder.path().join(pipe)).status();
        assert!(made.unwrap().success());
    }
    // Each waits for the other: one after the other, neither would ever end.
    let (to, fro) = (folder.path().join("to"), folder.path().join("fro"));
    let tools = format!(
        "tools:
  ping: {{ command: [sh, -c, 'echo ping > {0}; cat {1}'] }}
  pong: {{ command: [sh, -c, 'cat {0}; echo pong > {1}'] }}",
        to.display(),
        fro.display()
    );
    let stage = Stage::of(&store, &file(&tools, ", tools: [ping, pong]", "")).await;
    then_completes(&stage);
    stage.model.push(Behaviour::call("ping", json!({})).and_call("pong", json!({})).agent("You are a."));
    let id = stage.start().await;
    let (run, events) = stage.ended(id).await;
    assert_eq!(run.status().name(), "completed");
    let texts: Vec<Value> =
        of_kind(&events, "tool_call_finished").iter().map(|event| event["text"].clone()).collect();
    assert!(texts.contains(&json!("pong")) && texts.contains(&json!("ping")), "{texts:?}");
    // The model is called again once, when both have ended.
    assert_eq!(stage.model.count(), 2);
}

async fn a_call_that_cannot_be_made_is_refused_and_its_agent_told(store: Store) {
    let tools = "tools: { look: { command: [cat], parameters: { city: { type: string } } } }";
    let table = [
        (Behaviour::call("lok", json!({ "city": "Paris" })), "unknown_tool", "look"),
        (Behaviour::call("look", json!({ "city": 5 })), "invalid_arguments", "city"),
        (Behaviour::default().and_raw_call("look", "{\"city\": "), "invalid_arguments", "JSON"),
        (Behaviour::call("complete", json!({ "summary": 1 })), "invalid_arguments", "complete"),
        (Behaviour::call("ask_user", json!({ "question": "May I?" })), "unknown_tool", "ask_user"),
    ];
    for (wrong, code, told) in table {
        let stage = Stage::of(&store, &file(tools, ", tools: [look]", "")).await;
        then_completes(&stage);
        stage.model.push(wrong.agent("You are a."));
        let id = stage.start().await;
        let (run, events) = stage.ended(id).await;
        assert_eq!(run.status().name(), "completed", "{told}");
        let refused = of_kind(&events, "tool_call_refused");
        assert_eq!(refused[0]["code"], code, "{refused:?}");
        assert!(refused[0]["message"].as_str().unwrap().contains(told), "{refused:?}");
        let asked: Value = serde_json::from_str(&last_asked(&stage)).unwrap();
        let said = asked["messages"].as_array().unwrap().last().unwrap()["content"].as_str().unwrap();
        assert!(said.contains(refused[0]["message"].as_str().unwrap()), "the agent is told: {said}");
        assert_eq!(of_kind(&events, "tool_call_started"), [] as [Value; 0]);
    }
}

/// Almost as much as a value may have.
const LARGE: usize = 1_000_000;

/// More than that, and less than an answer may be.
const TOO_LARGE_TO_KEEP: usize = 1_500_000;

/// More than an answer may be.
const TOO_LARGE: usize = 5 * 1024 * 1024;

async fn answers_of_megabytes_go_through_or_end_their_run(store: Store) {
    let stages = "
      - { id: one, name: One, task: Begin., agents: [{ agent: a, shares: [big] }] }
      - { id: two, name: Two, task: 'End with {{ memory.big }}', agents: [b] }
";
    for (size, code) in [
        (LARGE, None),
        (TOO_LARGE_TO_KEEP, Some("shares_missing")),
        (TOO_LARGE, Some("model_answer_too_large")),
    ] {
        let stage = Stage::new(&store, stages).await;
        let big = "x".repeat(size);
        stage.model.push(
            Behaviour::call("share_result", json!({ "key": "big", "value": big }))
                .and_call("complete", json!({ "result": big, "summary": "S." }))
                .pieces(20)
                .agent("You are a."),
        );
        let id = stage.start().await;
        let (run, _) = stage.ended(id).await;
        assert_eq!(run.error().map(|error| error.code.as_str()), code);
        if code.is_none() {
            assert_eq!(run.memory()["big"].value.as_str().map(str::len), Some(size));
            // It is shown three times, each time cut to what fits a prompt.
            let sent = last_asked(&stage).len();
            assert!((20_000..400_000).contains(&sent), "{sent} bytes were sent");
        }
    }
}

async fn an_agent_that_goes_in_circles_harms_no_other_run(store: Store) {
    let circles = file("", "", ", max_cycles: 3");
    let stage = Stage::of(&store, &circles).await;
    stage.model.push(Behaviour::call("read_memory", json!({ "key": "nothing" })).agent("You are a."));
    stage.model.push(completes("R").agent("You are b."));
    let endless = stage.start().await;
    stage.model.wait_for_requests(3).await;
    let beside = stage.start_of("other").await;
    assert_eq!(stage.ended(beside).await.0.status().name(), "completed");
    let (run, events) = stage.ended(endless).await;
    assert_eq!(run.error().map(|error| error.code.as_str()), Some("max_cycles"), "{:?}", run.error());
    // Three turns of 25 calls each, and each that is capped says so.
    assert_eq!((of_kind(&events, "turn_capped").len(), stage.model.count()), (3, 3 * 25 + 1));
}

async fn a_result_that_does_not_fit_is_mended(store: Store) {
    let schema =
        ", result_schema: { type: object, required: [price], properties: { price: { type: number } } }";
    for (second, status) in [("{\"price\": 5}", "completed"), ("five", "error")] {
        let stage = Stage::of(&store, &file("", "", schema)).await;
        stage.model.push(completes("It costs five.").agent("You are a.").times(1));
        stage.model.push(completes(second).agent("You are a."));
        let id = stage.start().await;
        let (run, _) = stage.ended(id).await;
        assert_eq!((run.status().name(), stage.model.count()), (status, 2), "{second}");
        if status == "completed" {
            let result: Value = serde_json::from_str(run.result().unwrap()).unwrap();
            assert_eq!(result, json!({ "price": 5 }));
        }
    }
}

async fn a_secret_of_a_tool_is_never_shown(store: Store) {
    const VALUE: &str = "sk-hunter2-and-more";
    let tools = "tools: { look: { command: [sh, -c, 'echo It is $KEY; echo $KEY >&2; test $KEY = sk-hunter2-and-more'], \
                 env: { KEY: { secret: key } } } }";
    let stage = Stage::of(&store, &file(tools, ", tools: [look]", "")).await;
    then_completes(&stage);
    stage.model.push(Behaviour::call("look", json!({})).agent("You are a."));
    // Without the secret the agent is told what is missing.
    let id = stage.start().await;
    let (_, events) = stage.ended(id).await;
    assert_eq!(of_kind(&events, "tool_call_finished")[0]["code"], "value_missing");

    stage.set_secret("key", VALUE).await;
    let id = stage.start().await;
    let (_, events) = stage.ended(id).await;
    let finished = &of_kind(&events, "tool_call_finished")[0];
    assert_eq!(finished["code"], Value::Null, "{finished}");
    let all = serde_json::to_string(&events).unwrap() + &last_asked(&stage);
    assert!(all.contains("It is") && !all.contains(VALUE), "{all}");
}

async fn an_agent_may_ask_the_hosts_that_are_allowed_by_name(store: Store) {
    let mut stage = Stage::of(&store, &file("", ", tools: [http_request]", "")).await;
    then_completes(&stage);
    let url = format!("http://{}/nowhere", stage.model.address());
    stage
        .model
        .push(Behaviour::call("http_request", json!({ "method": "GET", "url": url })).agent("You are a."));
    let id = stage.start().await;
    let (_, events) = stage.ended(id).await;
    assert_eq!(of_kind(&events, "tool_call_finished")[0]["code"], "address_refused");

    let host = stage.model.address().to_string();
    stage.restarted_with(&host).await;
    let id = stage.start().await;
    let (run, events) = stage.ended(id).await;
    assert_eq!(run.status().name(), "completed");
    let finished = &of_kind(&events, "tool_call_finished")[0];
    let answer: Value = serde_json::from_str(finished["text"].as_str().unwrap()).unwrap();
    assert_eq!((&finished["code"], &answer["status"]), (&Value::Null, &json!(404)));
}
