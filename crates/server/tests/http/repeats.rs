//! Requests that are sent again: the same key makes one thing, whoever is faster.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::house::House;
use crate::support::store::Store;

on_both! {
    one_key_makes_one_thing_however_many_ask_at_once
    one_key_applies_a_file_once
    a_key_is_for_one_body_and_one_path
    a_key_that_cannot_be_one_is_refused
    a_request_that_was_refused_does_not_use_its_key_up
}

/// So many of the same at once.
const AT_ONCE: usize = 16;

async fn one_key_makes_one_thing_however_many_ask_at_once(store: Store) {
    let house = House::with_project(store).await;
    let client = house.client;
    let (work, desk) = (house.workflow("work").await, house.part("projects/1/teams", "desk").await);
    // A run that has not ended, so that every answer shows the same of it.
    house.model.push(callboard_fake_model::Behaviour::hang().agent("You are a."));
    let stage = json!({ "name": "One", "task": "Go.", "agents": ["a"] });
    for (path, list, body) in [
        ("trigger".to_owned(), "runs", json!({ "workflow_id": work, "input": "x" })),
        ("trigger".to_owned(), "runs", json!({ "workflow": "p/work", "metadata": { "a": 1 } })),
        (format!("workflows/{work}/runs"), "runs", json!({ "input": [1] })),
        (
            "projects/1/models".to_owned(),
            "projects/1/models",
            json!({ "name": "new", "provider": "simulated" }),
        ),
        ("projects/1/tools".to_owned(), "projects/1/tools", json!({ "name": "new", "command": ["x"] })),
        (
            "projects/1/teams".to_owned(),
            "projects/1/teams",
            json!({ "name": "new", "model": "main", "agents": { "z": { "role": "Z" } } }),
        ),
        (
            format!("teams/{desk}/agents"),
            &*format!("teams/{desk}/agents"),
            json!({ "name": "new", "role": "Z" }),
        ),
        (
            "projects/1/workflows".to_owned(),
            "projects/1/workflows",
            json!({ "name": "new", "team": "desk", "stages": [stage] }),
        ),
    ] {
        let count = async || client.get(list).await.is(200)["items"].as_array().unwrap().len();
        let before = count().await;
        let key = format!("{path} {body}");
        let ask = || client.call("POST", &path).key(&key).json(&body).send();
        let answers = join_all((0..AT_ONCE).map(|_| ask())).await;
        let answers: Vec<Value> = answers.into_iter().map(|answer| without_time(answer.is(201))).collect();
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
        assert_eq!(count().await, before + 1, "{path}");
        assert_eq!(without_time(ask().await.is(201)), answers[0], "later too");
    }
}

/// A run that goes on gets older.
fn without_time(mut answer: Value) -> Value {
    if let Some(answer) = answer.as_object_mut() {
        answer.remove("duration_ms");
        answer.remove("visits");
    }
    answer
}

async fn one_key_applies_a_file_once(store: Store) {
    let house = House::open(store).await;
    let file = house.file();
    let ask =
        |key: &'static str, path: &'static str| house.client.call("POST", path).key(key).yaml(&file).send();
    let answers = join_all((0..AT_ONCE).map(|_| ask("k", "projects/apply"))).await;
    let answers: Vec<Value> = answers.into_iter().map(|answer| answer.is(200)).collect();
    let first = ask("k", "projects/apply").await.is(200);
    assert!(answers.iter().all(|answer| *answer == first), "{answers:#?}");
    assert_eq!(first["created"].as_array().unwrap().len(), 11, "{first}");

    // A later change by others does not change what the first request is told.
    let stage = house.file().replace("End.", "Finish.");
    house.client.apply(&stage).await.is(200);
    assert_eq!(ask("k", "projects/apply").await.is(200), first);
    let now = house.client.get(&format!("projects/{}/export", first["project_id"])).await;
    assert!(now.text().contains("Finish."), "a repeated request does not undo what came after it");
    // Parameters are part of what must be the same, and a dry run does not use the key up.
    ask("k", "projects/apply?prune=true").await.refused(409, "idempotency_key_reused");
    ask("dry", "projects/apply?dry_run=true").await.is(200);
    ask("dry", "projects/apply").await.is(200);
}

async fn a_key_is_for_one_body_and_one_path(store: Store) {
    let house = House::with_project(store).await;
    let client = house.client;
    let (work, play) = (house.workflow("work").await, house.workflow("play").await);
    let model = |name: &str| json!({ "name": name, "provider": "simulated" });
    for (path, body, other) in [
        ("trigger".to_owned(), json!({ "workflow_id": play }), json!({ "workflow_id": work })),
        (format!("workflows/{play}/runs"), json!({ "input": 1 }), json!({ "input": 2 })),
        ("projects/1/models".to_owned(), model("one"), model("two")),
        ("projects/apply".to_owned(), json!({ "project": "q" }), json!({ "project": "r" })),
    ] {
        let ask = |path: &str, body: &Value| client.call("POST", path).key("same").json(body).send();
        let made = ask(&path, &body).await;
        assert!([200, 201].contains(&made.status), "{made}");
        ask(&path, &other).await.refused(409, "idempotency_key_reused");
        // The same words in another order are another request too: bytes are compared, not meaning.
        let spaced = client.call("POST", &path).key("same").body("application/json", format!(" {body}"));
        spaced.send().await.refused(409, "idempotency_key_reused");
    }
    // How long one waits is no part of what one wants.
    let ask =
        |path: &'static str| client.call("POST", path).key("w").json(&json!({ "workflow": "p/play" })).send();
    let waited = ask("trigger?wait=30").await.is(200);
    assert_eq!(ask("trigger").await.is(201)["run_id"], waited["id"]);
    assert_eq!(ask("trigger?wait=1").await.is(200)["id"], waited["id"]);
    // Another path is another request.
    let path = format!("workflows/{work}/runs");
    let one = client.call("POST", &path).key("same").json(&json!({ "input": 1 })).send().await.is(201);
    let path = format!("workflows/{play}/runs");
    let two = client.call("POST", &path).key("same").json(&json!({ "input": 1 })).send().await.is(201);
    assert_ne!(one["id"], two["id"]);
}

async fn a_key_that_cannot_be_one_is_refused(store: Store) {
    let house = House::with_project(store).await;
    let model = json!({ "name": "one", "provider": "simulated" });
    for key in [&b""[..], b"   ", &[b'x'; 256], b"\xff\xfe", "schlüssel".as_bytes()] {
        let asked = house.client.call("POST", "projects/1/models").header("idempotency-key", key);
        asked.json(&model).send().await.refused(400, "idempotency_key_invalid");
    }
    let two = house.client.call("POST", "projects/1/models").key("a").key("b").json(&model);
    two.send().await.refused(400, "idempotency_key_invalid");
    let longest = "x".repeat(255);
    house.client.call("POST", "projects/1/models").key(&longest).json(&model).send().await.is(201);
}

async fn a_request_that_was_refused_does_not_use_its_key_up(store: Store) {
    let house = House::with_project(store).await;
    let ask = |path: &'static str, body: Value| house.client.call("POST", path).key("k").json(&body).send();
    ask("projects/1/models", json!({ "name": "one" })).await.is(422);
    ask("projects/1/models", json!({ "name": "one", "provider": "simulated" })).await.is(201);
    ask("trigger", json!({ "workflow": "p/nothing" })).await.refused(404, "workflow_not_found");
    ask("trigger", json!({ "workflow": "p/work" })).await.is(201);
}
