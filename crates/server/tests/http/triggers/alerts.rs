//! Slots that do not fire, as whoever is to be told of them hears of it.

use callboard_fake_model::Behaviour;
use callboard_server::clock::Clock;
use serde_json::{Value, json};

use super::hand::Hand;
use super::{NOON, Scene};
use crate::house::House;
use crate::receiver::Receiver;
use crate::support::store::Store;

on_both! {
    slots_that_do_not_fire_are_told_and_those_of_a_pause_are_not
    a_slot_that_is_skipped_for_a_run_is_told
    a_slot_that_gives_its_place_to_a_newer_one_is_told
}

/// A trigger that tells of everything there.
async fn telling(store: Store, receiver: &Receiver, workflow: &str, fields: Value) -> Scene {
    let hand = Hand::at(NOON);
    let clock = Clock::played(hand.clone().into());
    let house = House::open_with(store, clock, "127.0.0.1".parse().unwrap()).await;
    let mut all = json!({ "alert": { "url": receiver.url("/ops") } });
    all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    Scene::within(house, hand, workflow, all).await
}

async fn slots_that_do_not_fire_are_told_and_those_of_a_pause_are_not(store: Store) {
    let mut receiver = Receiver::new().await;
    let mut scene = telling(store, &receiver, "play", json!({ "missed": "skip" })).await;
    scene.house.shut_down().await;
    scene.hand.to("16:01");
    scene.house.begin().await;
    scene.slots(1).await;
    let told = receiver.next().await.json();
    assert_eq!(
        told,
        json!({
            "kind": "slot_missed", "project_id": 1, "trigger_id": scene.id, "trigger": "hourly",
            "path": "/projects/1", "status": "missed", "at": "2026-06-01T13:00:00.000Z", "until": "2026-06-01T16:00:00.000Z",
            "count": 4, "reason": "The server was not running."
        })
    );
    // One that fires is not told, nor are those of a pause.
    scene.at("17:00", 2).await;
    scene.change(json!({ "enabled": false })).await;
    scene.hand.to("18:30");
    scene.change(json!({ "enabled": true })).await;
    scene.at("19:00", 4).await;
    let deliveries = scene.house.client.get("projects/1/deliveries").await.is(200);
    let missed = deliveries["items"].as_array().unwrap().iter();
    assert_eq!(missed.filter(|one| one["kind"] == "slot_missed").count(), 1, "{deliveries}");
    assert!(receiver.is_quiet());
}

async fn a_slot_that_is_skipped_for_a_run_is_told(store: Store) {
    let mut receiver = Receiver::new().await;
    let scene = telling(store, &receiver, "work", json!({ "overlap": "skip" })).await;
    scene.house.model.push(Behaviour::hang());
    scene.at("13:00", 1).await;
    scene.house.model.wait_for_requests(1).await;
    scene.at("14:00", 2).await;
    let told = receiver.next().await.json();
    assert_eq!((&told["status"], &told["count"]), (&json!("skipped"), &json!(1)));
    assert_eq!(told["at"], "2026-06-01T14:00:00.000Z");
    // The run of the first slot promises what is told of it.
    let run = scene.runs().await[0].0;
    let promised = scene.house.client.get(&format!("runs/{run}/deliveries")).await.is(200);
    let kinds: Vec<&Value> = promised["items"].as_array().unwrap().iter().map(|one| &one["kind"]).collect();
    assert_eq!(kinds, ["run_failed", "run_waiting"]);
}

async fn a_slot_that_gives_its_place_to_a_newer_one_is_told(store: Store) {
    let mut receiver = Receiver::new().await;
    let scene = telling(store, &receiver, "work", json!({ "overlap": "queue" })).await;
    scene.house.model.push(Behaviour::hang());
    scene.at("13:00", 1).await;
    scene.house.model.wait_for_requests(1).await;
    let waiting = |time: &'static str| {
        let is = move |answer: &Value| {
            let newest = &answer["items"][0];
            newest["status"] == "waiting" && newest["at"] == format!("2026-06-01T{time}:00.000Z")
        };
        let (house, path) = (&scene.house, scene.path("/slots"));
        async move { house.until(&path, is).await }
    };
    for (time, displaced) in [("14:00", None), ("15:00", Some("14:00")), ("16:00", Some("15:00"))] {
        scene.hand.to(time);
        waiting(time).await;
        let Some(displaced) = displaced else { continue };
        let told = receiver.next().await.json();
        assert_eq!(
            told,
            json!({
                "kind": "slot_missed", "project_id": 1, "trigger_id": scene.id, "trigger": "hourly",
                "path": "/projects/1", "status": "skipped", "at": format!("2026-06-01T{displaced}:00.000Z"),
                "until": format!("2026-06-01T{displaced}:00.000Z"), "count": 1,
                "reason": "A newer slot took its place while it waited for the run before."
            })
        );
    }
    assert!(receiver.is_quiet());
}
