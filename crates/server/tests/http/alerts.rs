//! Alerts of triggers: who is to know is told when a run fails or waits for a person.

use callboard_fake_model::Behaviour;
use serde_json::{Value, json};

use crate::house::House;
use crate::receiver::Receiver;
use crate::support::store::Store;

on_both! {
    a_run_that_fails_is_told_and_one_that_completes_is_not
    a_run_that_waits_for_a_person_is_told_once_for_each_wait
    a_run_below_that_waits_for_a_person_is_told_too
    a_run_below_is_not_told_of_where_nobody_asked_for_its_waits
}

/// A house with a webhook whose alerts go there, and its path.
async fn house(store: Store, stages: &str, alert: &str) -> (House, String, i64) {
    let house = House::allowing(store, "127.0.0.1").await;
    house.client.apply(&house.file()).await.is(200);
    let file = format!(
        "project: p
workflows:
  told: {{ team: desk, stages: [{stages}] }}
  between: {{ team: desk, stages: [{{ name: Lead, task: Lead., agents: [a], outcomes: {{ deeper: {{ workflow: below }} }} }}] }}
  below: {{ team: desk, stages: [{{ name: Deep, task: Dig., agents: [b], approval: {{ when: before }} }}] }}
triggers:
  hook: {{ workflow: told, webhook: true, alert: {alert} }}
"
    );
    let applied = house.client.apply(&file).await.is(200);
    let url = applied["triggers"]["hook"]["webhook_url"].as_str().unwrap();
    let path = url[url.find("/api").unwrap()..].to_owned();
    (house, path, applied["triggers"]["hook"]["id"].as_i64().unwrap())
}

async fn called(house: &House, path: &str) -> i64 {
    let answer = house.client.call("POST", path).json(&json!({})).send().await.is(201);
    answer["run_id"].as_i64().unwrap()
}

async fn a_run_that_fails_is_told_and_one_that_completes_is_not(store: Store) {
    let mut receiver = Receiver::new().await;
    let alert = format!("{{ url: '{}', on: [run_failed, slot_missed] }}", receiver.url("/ops"));
    let (house, path, trigger) = house(store, "{ name: One, task: Go., agents: [a] }", &alert).await;
    let well = called(&house, &path).await;
    assert_eq!(house.ended(well).await["status"], "completed");
    house.until(&format!("runs/{well}/deliveries"), |list| list["items"] == json!([])).await;
    house.model.push(Behaviour::status(401, "no"));
    let ill = called(&house, &path).await;
    let told = receiver.next().await;
    assert_eq!(told.line, "POST /ops");
    let told = told.json();
    assert_eq!((&told["kind"], &told["trigger_id"]), (&json!("run_failed"), &json!(trigger)));
    assert_eq!(told["run"], house.ended(ill).await);
    assert_eq!(told["path"], format!("/runs/{ill}"));
    assert_eq!(told["run"]["error"]["code"], "model_unauthorized");
    let deliveries = house.client.get("projects/1/deliveries").await.is(200);
    let items = deliveries["items"].as_array().unwrap();
    assert_eq!((items.len(), &items[0]["kind"]), (1, &json!("run_failed")));
    assert!(receiver.is_quiet());
}

async fn a_run_that_waits_for_a_person_is_told_once_for_each_wait(store: Store) {
    let mut receiver = Receiver::new().await;
    let alert = format!("{{ url: '{}' }}", receiver.url("/ops"));
    let stages = "{ name: One, task: Go., agents: [a], approval: [{ when: before }, { when: after }] }";
    let (house, path, _) = house(store, stages, &alert).await;
    let run = called(&house, &path).await;
    let mut asked: Vec<Value> = Vec::new();
    for when in ["before", "after"] {
        let told = receiver.next().await.json();
        assert_eq!((&told["kind"], &told["run"]["id"]), (&json!("run_waiting"), &json!(run)));
        let ask = told["run"]["asks"][0].clone();
        assert_eq!(ask["when"], when);
        let decision = json!({ "approval": ask["number"], "approve": true });
        house.client.post(&format!("runs/{run}/approvals"), &decision).await.is(202);
        asked.push(ask);
    }
    assert_eq!(house.ended(run).await["status"], "completed");
    let list = house
        .until(&format!("runs/{run}/deliveries"), |list| {
            list["items"].as_array().unwrap().iter().all(|one| one["status"] == "delivered")
        })
        .await;
    assert_eq!(list["items"].as_array().unwrap().len(), 2, "{list}");
    assert!(receiver.is_quiet());
}

/// Who is called first leads to a run two below, which asks a person before it begins.
const DEEPER: &str = "{ name: One, task: Go., agents: [a], outcomes: { deeper: { workflow: between } } }";

fn goes_deeper(house: &House) {
    let deeper = json!({ "result": "Dig here.", "summary": "S.", "outcome": "deeper" });
    house.model.push(Behaviour::call("complete", deeper).agent("You are a."));
}

async fn a_run_below_that_waits_for_a_person_is_told_too(store: Store) {
    let mut receiver = Receiver::new().await;
    let alert = format!("{{ url: '{}', on: [run_waiting] }}", receiver.url("/ops"));
    let (house, path, trigger) = house(store, DEEPER, &alert).await;
    goes_deeper(&house);
    let run = called(&house, &path).await;
    let told = receiver.next().await.json();
    assert_eq!((&told["kind"], &told["trigger_id"]), (&json!("run_waiting"), &json!(trigger)));
    // It is the run two below that waits for a person; those above wait for a run.
    let below = told["run"]["id"].as_i64().unwrap();
    let (workflow, path) = (json!("below"), json!(format!("/runs/{below}")));
    assert_eq!((&told["run"]["workflow"], &told["path"]), (&workflow, &path));
    let between = told["run"]["source"]["run_id"].as_i64().unwrap();
    let between = house.client.get(&format!("runs/{between}")).await.is(200);
    assert_eq!(between["source"]["run_id"], json!(run));
    let decision = json!({ "approval": told["run"]["asks"][0]["number"], "approve": true });
    house.client.post(&format!("runs/{below}/approvals"), &decision).await.is(202);
    assert_eq!(house.ended(run).await["status"], "completed");
    let of_project = house.client.get("projects/1/deliveries").await.is(200);
    let told: Vec<&Value> =
        of_project["items"].as_array().unwrap().iter().map(|one| &one["run_id"]).collect();
    assert_eq!(told, [&json!(below)]);
    assert!(receiver.is_quiet());
}

async fn a_run_below_is_not_told_of_where_nobody_asked_for_its_waits(store: Store) {
    let mut receiver = Receiver::new().await;
    let alert = format!("{{ url: '{}', on: [run_failed] }}", receiver.url("/ops"));
    let (house, path, _) = house(store, DEEPER, &alert).await;
    goes_deeper(&house);
    let run = called(&house, &path).await;
    let of_below = format!("runs?workflow={}", house.workflow("below").await);
    let list = house.until(&of_below, |list| list["items"][0]["id"].is_number()).await;
    let below = format!("runs/{}", list["items"][0]["id"]);
    let asked = house.until(&below, |run| run["asks"][0]["number"].is_number()).await;
    let decision = json!({ "approval": asked["asks"][0]["number"], "approve": false });
    house.client.post(&format!("{below}/approvals"), &decision).await.is(202);
    // What was rejected below fails the run above, and that is what was asked for, once.
    assert_eq!(house.ended(run).await["status"], "error");
    let told = receiver.next().await.json();
    assert_eq!((&told["kind"], &told["run"]["id"]), (&json!("run_failed"), &json!(run)));
    assert!(receiver.is_quiet());
}
