//! Webhooks whose runs with one key go one at a time: waiting for each other, or the newest alone.

use callboard_fake_model::Behaviour;
use serde_json::{Value, json};

use crate::house::House;
use crate::support::store::Store;

on_both! {
    a_queued_run_waits_for_the_one_that_goes_and_displaces_one_that_waits
    the_newest_run_stops_those_before_it
    runs_with_one_key_wait_for_each_other_over_a_restart
    a_run_that_waits_for_its_key_takes_no_place_from_others
    a_key_that_cannot_be_made_starts_nothing
}

/// A house with webhooks whose runs have keys, and the path of each. The first agent of every run hangs.
async fn house(store: Store) -> (House, Value) {
    let house = House::with_project(store).await;
    let triggers = "project: p
triggers:
  queue: { workflow: work, webhook: { concurrency: { key: '{{ body.ref }}' } } }
  newest: { workflow: work, webhook: { concurrency: { key: '{{ body.ref }}', policy: newest } } }
";
    let applied = house.client.apply(triggers).await.is(200);
    (house, applied["triggers"].clone())
}

async fn call(house: &House, trigger: &Value, key: &str) -> i64 {
    let url = trigger["webhook_url"].as_str().unwrap();
    let path = &url[url.find("/api").unwrap()..];
    let answer = house.client.call("POST", path).json(&json!({ "ref": key })).send().await.is(201);
    answer["run_id"].as_i64().unwrap()
}

async fn status(house: &House, run: i64) -> String {
    house.client.get(&format!("runs/{run}")).await.is(200)["status"].as_str().unwrap().to_owned()
}

async fn until(house: &House, run: i64, status: &str) -> Value {
    house.until(&format!("runs/{run}"), |run| run["status"] == status).await
}

fn hang(house: &House, times: u32) {
    house.model.push(Behaviour::hang().agent("You are a.").times(times));
}

async fn a_queued_run_waits_for_the_one_that_goes_and_displaces_one_that_waits(store: Store) {
    let (house, triggers) = house(store).await;
    hang(&house, 2);
    let queue = &triggers["queue"];
    let first = call(&house, queue, "main").await;
    house.model.wait_for_requests(1).await;
    let second = call(&house, queue, "main").await;
    let other = call(&house, queue, "side").await;
    house.model.wait_for_requests(2).await;
    let waiting = house.client.get(&format!("runs/{second}")).await.is(200);
    assert_eq!((&waiting["status"], &waiting["waiting"]["for"]), (&json!("pending"), &json!("place")));
    assert_eq!(waiting["source"]["key"], "main");
    let third = call(&house, queue, "main").await;
    let displaced = until(&house, second, "stopped").await;
    assert_eq!(displaced["started_at"], Value::Null, "{displaced}");
    let events = house.events(second).await;
    let stop = events.iter().find(|event| event["kind"] == "stop_requested").unwrap();
    assert_eq!(stop["by"], format!("trigger {}", queue["id"]));
    assert!(stop["reason"].as_str().unwrap().contains(&format!("Run {third} takes its place")), "{stop}");
    assert_eq!(status(&house, first).await, "running");
    assert_eq!(status(&house, third).await, "pending");
    assert_eq!(status(&house, other).await, "running", "another key does not wait");
    house.client.post(&format!("runs/{first}/stop"), &json!({})).await.is(202);
    until(&house, third, "completed").await;
}

async fn the_newest_run_stops_those_before_it(store: Store) {
    let (house, triggers) = house(store).await;
    hang(&house, 2);
    let first = call(&house, &triggers["newest"], "main").await;
    let other = call(&house, &triggers["newest"], "side").await;
    house.model.wait_for_requests(2).await;
    let second = call(&house, &triggers["newest"], "main").await;
    until(&house, first, "stopped").await;
    until(&house, second, "completed").await;
    assert_eq!(status(&house, other).await, "running");
    // One that came after the end of the one before finds nobody in its way.
    let third = call(&house, &triggers["newest"], "main").await;
    until(&house, third, "completed").await;
}

async fn runs_with_one_key_wait_for_each_other_over_a_restart(store: Store) {
    let (mut house, triggers) = house(store).await;
    hang(&house, 2);
    let first = call(&house, &triggers["queue"], "main").await;
    house.model.wait_for_requests(1).await;
    let second = call(&house, &triggers["queue"], "main").await;
    house.restart().await;
    house.model.wait_for_requests(2).await;
    assert_eq!(status(&house, first).await, "running");
    assert_eq!(status(&house, second).await, "pending");
    house.client.post(&format!("runs/{first}/stop"), &json!({})).await.is(202);
    until(&house, second, "completed").await;
}

async fn a_run_that_waits_for_its_key_takes_no_place_from_others(store: Store) {
    let (house, triggers) = house(store).await;
    house.client.patch("projects/1", &json!({ "max_running": 2 })).await.is(200);
    hang(&house, 1);
    let first = call(&house, &triggers["queue"], "main").await;
    house.model.wait_for_requests(1).await;
    let second = call(&house, &triggers["queue"], "main").await;
    assert_eq!(status(&house, second).await, "pending");
    // The second place of the project is free, although one waits longer.
    let by_hand = house.start(json!(1)).await;
    until(&house, by_hand, "completed").await;
    assert_eq!(status(&house, second).await, "pending");
    house.client.post(&format!("runs/{first}/stop"), &json!({})).await.is(202);
    until(&house, second, "completed").await;
}

async fn a_key_that_cannot_be_made_starts_nothing(store: Store) {
    let (house, triggers) = house(store).await;
    let url = triggers["queue"]["webhook_url"].as_str().unwrap();
    let path = &url[url.find("/api").unwrap()..];
    let call = |body: Value| house.client.call("POST", path).json(&body).send();
    call(json!({})).await.refused(422, "template_value_missing");
    call(json!({ "ref": "x".repeat(501) })).await.refused(422, "key_invalid");
    call(json!({ "ref": "a\u{0}b" })).await.refused(422, "key_invalid");
    assert_eq!(house.client.get("runs").await.is(200)["items"], json!([]));
}
