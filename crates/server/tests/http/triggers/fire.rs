//! Fire Now.

use callboard_fake_model::Behaviour;
use serde_json::json;

use super::Scene;
use crate::support::store::Store;

on_both! {
    a_trigger_is_fired_at_once_and_its_schedule_is_not_moved
    firing_obeys_the_policy_or_overrides_it_and_says_so
    the_same_call_fires_once
}

async fn a_trigger_is_fired_at_once_and_its_schedule_is_not_moved(store: Store) {
    let scene = Scene::of(store, "play", json!({})).await;
    let fired = scene.house.client.post(&scene.path("/fire"), &json!({})).await;
    let place = fired.header("location").to_owned();
    let fired = fired.is(201);
    assert_eq!(fired["overlap"], json!({ "policy": "allow", "overridden": false }));
    let run = fired["run_id"].as_i64().unwrap();
    assert_eq!(place, format!("/api/v1/runs/{run}"));
    let run = scene.house.ended(run).await;
    assert_eq!((&run["source"]["kind"], &run["source"]["trigger_id"]), (&json!("manual"), &json!(scene.id)));
    assert_eq!((&run["source"]["slot"], &run["input"]), (&json!(null), &json!("owls")));
    let other = scene.house.client.post(&scene.path("/fire"), &json!({ "input": { "n": 1 } })).await.is(201);
    let other = scene.house.ended(other["run_id"].as_i64().unwrap()).await;
    assert_eq!(other["input"], json!({ "n": 1 }));
    assert_eq!(scene.at("13:00", 1).await, ["13:00 fired"]);
    assert_eq!(scene.runs().await.len(), 3);
    // One that is paused can be tried out.
    scene.change(json!({ "enabled": false })).await;
    scene.house.client.post(&scene.path("/fire"), &json!({})).await.is(201);
    for wrong in [json!({ "more": 1 }), json!({ "overlap": "maybe" }), json!([])] {
        scene.house.client.post(&scene.path("/fire"), &wrong).await.refused(422, "body_invalid");
    }
}

async fn firing_obeys_the_policy_or_overrides_it_and_says_so(store: Store) {
    let scene = Scene::of(store, "work", json!({ "overlap": "skip" })).await;
    let client = scene.house.client;
    scene.house.model.push(Behaviour::hang().times(2));
    let first = client.post(&scene.path("/fire"), &json!({})).await.is(201)["run_id"].as_i64().unwrap();
    scene.house.model.wait_for_requests(1).await;
    for body in [json!({}), json!({ "overlap": "queue" })] {
        let refused = client.post(&scene.path("/fire"), &body).await.refused(409, "overlap");
        assert!(refused["detail"].as_str().unwrap().contains(&format!("Run {first} ")), "{refused}");
    }
    let second = client.post(&scene.path("/fire"), &json!({ "overlap": "allow" })).await.is(201);
    assert_eq!(second["overlap"], json!({ "policy": "allow", "overridden": true }));
    let second = second["run_id"].as_i64().unwrap();
    let run = client.get(&format!("runs/{second}")).await.is(200);
    assert_eq!(run["source"]["overlap"], "allow");
    scene.house.model.wait_for_requests(2).await;
    let third = client.post(&scene.path("/fire"), &json!({ "overlap": "stop_previous" })).await.is(201);
    for run in [first, second] {
        assert_eq!(scene.house.ended(run).await["status"], "stopped");
    }
    let third = scene.house.ended(third["run_id"].as_i64().unwrap()).await;
    assert_eq!(third["status"], "completed");
    client.post(&scene.path("/fire"), &json!({})).await.is(201);
}

async fn the_same_call_fires_once(store: Store) {
    let scene = Scene::of(store, "play", json!({})).await;
    let call =
        || scene.house.client.call("POST", &scene.path("/fire")).key("once").json(&json!({ "input": 1 }));
    let both = futures_util::future::join_all((0..16).map(|_| call().send())).await;
    let runs: Vec<i64> = both.into_iter().map(|answer| answer.is(201)["run_id"].as_i64().unwrap()).collect();
    assert!(runs.iter().all(|run| *run == runs[0]), "{runs:?}");
    assert_eq!(scene.runs().await.len(), 1);
    let other =
        scene.house.client.call("POST", &scene.path("/fire")).key("once").json(&json!({ "input": 2 }));
    other.send().await.refused(409, "idempotency_key_reused");
}
