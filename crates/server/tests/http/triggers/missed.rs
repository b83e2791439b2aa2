//! Slots that passed while the server was down, or could not work.

use serde_json::json;

use super::Scene;
use crate::support::store::Store;

on_both! {
    slots_of_a_time_without_a_server_are_skipped_where_that_is_said
    the_newest_slot_of_a_time_without_a_server_is_made_up_for
    a_newest_slot_that_is_a_day_old_is_not_made_up_for
    every_slot_of_a_time_without_a_server_is_made_up_for_up_to_a_hundred
    a_clock_that_jumps_far_forward_is_like_a_time_without_a_server
}

/// A trigger whose server is down from noon until that time.
async fn down_until(store: Store, time: &str, missed: &str) -> Scene {
    let mut scene = Scene::of(store, "play", json!({ "missed": missed })).await;
    scene.house.shut_down().await;
    scene.hand.to(time);
    scene.house.begin().await;
    scene
}

async fn slots_of_a_time_without_a_server_are_skipped_where_that_is_said(store: Store) {
    let scene = down_until(store, "16:01", "skip").await;
    assert_eq!(scene.slots(1).await, ["13:00-16:00 x4 missed: The server was not running."]);
    assert_eq!(scene.at("17:00", 2).await[1], "17:00 fired");
}

async fn the_newest_slot_of_a_time_without_a_server_is_made_up_for(store: Store) {
    let scene = down_until(store, "16:01", "latest").await;
    let left = "13:00-15:00 x3 missed: The server was not running; only the newest slot is made up for.";
    assert_eq!(
        scene.slots(2).await,
        [left, "16:00 fired: The server was not running; the slot is made up for."]
    );
    assert_eq!(scene.runs().await.len(), 1);
}

async fn a_newest_slot_that_is_a_day_old_is_not_made_up_for(store: Store) {
    let mut scene = Scene::of(store, "play", json!({ "schedule": "0 13 * * 1" })).await;
    scene.house.shut_down().await;
    scene.hand.to("2026-06-02T13:00:00Z");
    scene.house.begin().await;
    let left = "13:00 missed: The server was not running, and the newest slot was more than a day old.";
    assert_eq!(scene.slots(1).await, [left]);
    assert!(scene.runs().await.is_empty());
}

async fn every_slot_of_a_time_without_a_server_is_made_up_for_up_to_a_hundred(store: Store) {
    // Five days and two hours: 122 slots.
    let scene = down_until(store, "2026-06-06T14:01:00Z", "all").await;
    let slots = scene.slots(50).await;
    scene
        .house
        .until(&scene.path("/slots?limit=1000"), |slots| slots["items"].as_array().unwrap().len() == 101)
        .await;
    let all = scene.house.client.get(&scene.path("/slots?limit=1000")).await.is(200);
    let all: Vec<String> = all["items"].as_array().unwrap().iter().rev().map(super::short).collect();
    assert!(
        all[0]
            .ends_with("x22 missed: The server was not running; only the 100 newest slots are made up for."),
        "{}",
        all[0]
    );
    assert!(all[1..].iter().all(|slot| slot.contains(" fired: ")), "{slots:?}");
}

async fn a_clock_that_jumps_far_forward_is_like_a_time_without_a_server(store: Store) {
    let scene = Scene::of(store, "play", json!({ "missed": "skip" })).await;
    let why =
        "The server could not work: its clock was set forward, the machine slept or the database was away.";
    assert_eq!(scene.at("15:30", 1).await, [format!("13:00-15:00 x3 missed: {why}")]);
    // One that jumps a little is not.
    assert_eq!(scene.at("16:04", 2).await[1], "16:00 fired");
}
