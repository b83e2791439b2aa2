//! Runs that wait for people: without a task, over restarts, and not for ever.

use callboard_engine::command::Command;
use callboard_engine::definition::Limits;
use callboard_fake_model::Behaviour;
use serde_json::{Value, json};

use crate::stage::{Stage, completes, kinds, of_kind};
use crate::support::store::Store;

on_both! {
    a_run_that_waits_for_approval_holds_no_task_and_goes_on_after_a_restart
    an_approval_that_nobody_decides_is_decided_by_the_clock
    a_rejection_leads_where_the_stage_says
    a_question_is_answered_or_given_up
    a_question_over_a_restart_is_asked_once
    what_a_person_says_reaches_the_agents
    a_run_at_its_limit_waits_and_goes_on_when_it_is_raised
    a_run_that_stops_at_its_limits_stops
}

fn approve(approval: &Value, approve: bool, comment: &str) -> Command {
    Command::Approve {
        approval: approval["approval"].as_u64().unwrap(),
        approve,
        comment: Some(comment.to_owned()),
        by: "ana".to_owned(),
    }
}

/// What was sent to the model last.
fn last_asked(stage: &Stage) -> String {
    String::from_utf8(stage.model.requests().pop().unwrap().body.to_vec()).unwrap()
}

async fn a_run_that_waits_for_approval_holds_no_task_and_goes_on_after_a_restart(store: Store) {
    let stages = "
      - { id: one, name: One, task: Begin., agents: [a], approval: { when: after } }
      - { id: two, name: Two, task: End., agents: [b] }
";
    let mut stage = Stage::new(&store, stages).await;
    let id = stage.start().await;
    let asked = of_kind(&stage.until(id, "approval_requested").await, "approval_requested");
    stage.idle().await;
    assert_eq!(stage.status(id).await, "running");

    stage.restarted().await.shut_down().await;
    assert_eq!(stage.runner.recover().await.unwrap().runs, [id]);
    stage.idle().await;
    stage.runner.ask(id, approve(&asked[0], true, "Say it louder.")).await.unwrap();
    let (run, events) = stage.ended(id).await;
    assert_eq!(run.status().name(), "completed");
    assert!(last_asked(&stage).contains("Say it louder."));
    // Nothing was in flight, so nothing was recovered, and nothing was asked twice.
    assert_eq!(of_kind(&events, "run_recovered"), [] as [Value; 0]);
    assert_eq!((of_kind(&events, "approval_requested").len(), stage.model.count()), (1, 2));
    let again = stage.runner.ask(id, approve(&asked[0], true, "")).await.unwrap_err();
    assert_eq!(again.code(), "run_ended");
}

async fn an_approval_that_nobody_decides_is_decided_by_the_clock(store: Store) {
    for (on_timeout, status, code) in [("approve", "completed", None), ("reject", "error", Some("rejected"))]
    {
        let stages = format!(
            "
      - {{ id: one, name: One, task: Begin., agents: [a], approval: {{ when: before, timeout_s: 1, on_timeout: {on_timeout} }} }}
"
        );
        let stage = Stage::new(&store, &stages).await;
        let id = stage.start().await;
        stage.until(id, "approval_requested").await;
        stage.idle().await;
        let (run, events) = stage.ended(id).await;
        assert_eq!(run.status().name(), status, "{on_timeout}");
        assert_eq!(run.error().map(|error| error.code.as_str()), code, "{on_timeout}");
        let decided = of_kind(&events, "approval_decided");
        assert_eq!(decided[0]["by"], Value::Null, "nobody did: {decided:?}");
        stage.idle().await;
    }
}

async fn a_rejection_leads_where_the_stage_says(store: Store) {
    for (on_reject, path) in [("one", "one two one two three"), ("next", "one two three"), ("end", "one two")]
    {
        let stages = format!(
            "
      - {{ id: one, name: One, task: Begin., agents: [a] }}
      - {{ id: two, name: Two, task: Go on., agents: [b], approval: {{ when: after, on_reject: {on_reject} }} }}
      - {{ id: three, name: Three, task: End., agents: [c] }}
"
        );
        let stage = Stage::new(&store, &stages).await;
        let id = stage.start().await;
        let asked = of_kind(&stage.until(id, "approval_requested").await, "approval_requested");
        stage.runner.ask(id, approve(&asked[0], false, "Not like this.")).await.unwrap();
        if on_reject == "one" {
            let second = stage.until_nth(id, "approval_requested", 2).await;
            let second = of_kind(&second, "approval_requested").pop().unwrap();
            stage.runner.ask(id, approve(&second, true, "")).await.unwrap();
        }
        let (run, events) = stage.ended(id).await;
        assert_eq!(run.status().name(), "completed", "{on_reject}");
        let entered = of_kind(&events, "stage_entered");
        let went: Vec<&str> = entered.iter().map(|event| event["stage"].as_str().unwrap()).collect();
        assert_eq!(went.join(" "), path, "{on_reject}");
        if on_reject == "one" {
            let bodies = stage.model.requests();
            let third = String::from_utf8_lossy(&bodies[2].body).into_owned();
            assert!(third.contains("Not like this."), "whoever works next knows why: {third}");
        }
    }
}

const ASKS: &str = "
      - { id: one, name: One, task: Begin., agents: [{ agent: a, asks_user: true, ask_timeout_s: 1000 }] }
";

fn asks(stage: &Stage) {
    stage.model.push(completes("R").when("\"role\":\"tool\""));
    stage.model.push(
        Behaviour::call("ask_user", json!({ "question": "Which owl?", "choices": ["barn", "eagle"] }))
            .agent("You are a."),
    );
}

async fn a_question_is_answered_or_given_up(store: Store) {
    for (timeout, answer) in [("1000", Some("the small one")), ("1", None)] {
        let stage = Stage::new(&store, &ASKS.replace("1000", timeout)).await;
        asks(&stage);
        let id = stage.start().await;
        let asked = of_kind(&stage.until(id, "question_asked").await, "question_asked");
        assert_eq!((&asked[0]["text"], &asked[0]["choices"][1]), (&json!("Which owl?"), &json!("eagle")));
        stage.idle().await;
        let question = asked[0]["question"].as_u64().unwrap();
        if let Some(text) = answer {
            let text = text.to_owned();
            let answer = Command::Answer { question, text, by: "ana".to_owned() };
            stage.runner.ask(id, answer.clone()).await.unwrap();
            let (_, events) = stage.ended(id).await;
            assert_eq!(of_kind(&events, "question_answered")[0]["by"], "ana");
        }
        let (run, _) = stage.ended(id).await;
        assert_eq!(run.status().name(), "completed");
        assert!(last_asked(&stage).contains(answer.unwrap_or("Nobody answered within 1 seconds.")));
    }
}

async fn a_question_over_a_restart_is_asked_once(store: Store) {
    let mut stage = Stage::new(&store, ASKS).await;
    asks(&stage);
    let id = stage.start().await;
    let asked = of_kind(&stage.until(id, "question_asked").await, "question_asked");
    stage.restarted().await.shut_down().await;
    stage.runner.recover().await.unwrap();
    stage.idle().await;
    let question = asked[0]["question"].as_u64().unwrap();
    let answer = Command::Answer { question, text: "barn".to_owned(), by: "ana".to_owned() };
    stage.runner.ask(id, answer).await.unwrap();
    let (run, events) = stage.ended(id).await;
    assert_eq!((run.status().name(), of_kind(&events, "question_asked").len()), ("completed", 1));
    assert_eq!(stage.model.count(), 2);
}

async fn what_a_person_says_reaches_the_agents(store: Store) {
    let stages = "
      - { id: one, name: One, task: Begin., agents: [a], approval: { when: before } }
";
    let stage = Stage::new(&store, stages).await;
    let id = stage.start().await;
    let asked = of_kind(&stage.until(id, "approval_requested").await, "approval_requested");
    stage.idle().await;
    let say = Command::Say { text: "Mind the barn owls.".to_owned(), by: "ana".to_owned() };
    stage.runner.ask(id, say).await.unwrap();
    stage.idle().await;
    stage.runner.ask(id, approve(&asked[0], true, "")).await.unwrap();
    let (_, events) = stage.ended(id).await;
    assert!(last_asked(&stage).contains("Mind the barn owls."));
    assert_eq!(of_kind(&events, "user_message")[0]["by"], "ana");
}

/// Three stages in a run of two model calls.
fn limited(on_limit: &str, limits: &str) -> String {
    format!(
        "project: test
models: {{ main: {{ provider: openai-compatible, model: m, base_url: BASE_URL, price: {{ input: 1.0, output: 2.0 }} }} }}
teams: {{ desk: {{ model: main, agents: {{ a: {{ role: A }} }} }} }}
workflows:
  work:
    team: desk
    limits: {{ {limits}, on_limit: {on_limit} }}
    stages:
      - {{ id: one, name: One, task: Begin., agents: [a] }}
      - {{ id: two, name: Two, task: Go on., agents: [a] }}
      - {{ id: three, name: Three, task: End., agents: [a] }}
"
    )
}

/// The limits, and how many calls they let through: each says that it used a million tokens and a
/// dollar or more.
const LIMITS: [(&str, u64); 3] = [("model_calls: 2", 2), ("tokens: 150", 1), ("cost_usd: 0.5", 1)];

async fn a_run_at_its_limit_waits_and_goes_on_when_it_is_raised(store: Store) {
    for (limits, calls) in LIMITS {
        let mut stage = Stage::of(&store, &limited("wait", limits)).await;
        stage.model.push(completes("R").usage(200_000, 150_000).agent("You are a."));
        let id = stage.start().await;
        let (name, _) = limits.split_once(':').unwrap();
        let reached = of_kind(&stage.until(id, "limit_reached").await, "limit_reached");
        assert_eq!((&reached[0]["limit"], &reached[0]["action"]), (&json!(name), &json!("wait")));
        stage.idle().await;
        assert_eq!(stage.model.count(), calls, "{limits}");
        stage.restarted().await.shut_down().await;
        stage.runner.recover().await.unwrap();
        stage.idle().await;
        let limits = Limits {
            model_calls: Some(100),
            tokens: Some(100_000_000),
            cost_usd: Some(100.0),
            ..Limits::default()
        };
        stage.runner.ask(id, Command::Raise { limits, by: "ana".to_owned() }).await.unwrap();
        let (run, events) = stage.ended(id).await;
        assert_eq!((run.status().name(), stage.model.count()), ("completed", 3));
        assert_eq!(of_kind(&events, "limit_raised")[0]["by"], "ana");
    }
}

async fn a_run_that_stops_at_its_limits_stops(store: Store) {
    for (limits, calls) in LIMITS {
        let stage = Stage::of(&store, &limited("stop", limits)).await;
        stage.model.push(completes("R").usage(200_000, 150_000).agent("You are a."));
        let id = stage.start().await;
        let (run, events) = stage.ended(id).await;
        assert_eq!((run.status().name(), stage.model.count()), ("stopped", calls), "{limits}");
        assert!(
            kinds(&events).ends_with(&["limit_reached", "stop_requested", "run_stopped"].map(str::to_owned))
        );
    }
    // Time is limited while a model is silent too.
    let stage = Stage::of(&store, &limited("stop", "wall_s: 1")).await;
    stage.model.push(Behaviour::hang());
    let id = stage.start().await;
    let (run, events) = stage.ended(id).await;
    assert_eq!(run.status().name(), "stopped");
    assert_eq!(of_kind(&events, "limit_reached")[0]["limit"], "wall_s");
    stage.model.wait_for_disconnects(1).await;
}
