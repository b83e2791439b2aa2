//! Slots that are due while a run is still going.

use callboard_fake_model::Behaviour;
use serde_json::json;

use super::Scene;
use crate::support::store::Store;

on_both! {
    slots_are_skipped_while_a_run_is_going_and_name_it
    the_newest_slot_waits_for_the_run_that_is_going
    the_run_before_is_stopped_for_the_next_slot
    a_slot_that_waits_does_not_fire_in_a_pause
}

/// A trigger whose first run hangs at the first `times` calls of its model.
async fn hanging(store: Store, overlap: &str, times: u32) -> (Scene, i64) {
    let scene = Scene::of(store, "work", json!({ "overlap": overlap })).await;
    scene.house.model.push(Behaviour::hang().times(times));
    assert_eq!(scene.at("13:00", 1).await, ["13:00 fired"]);
    scene.house.model.wait_for_requests(1).await;
    let run = scene.runs().await[0].0;
    (scene, run)
}

async fn stop(scene: &Scene, run: i64) {
    scene.house.client.post(&format!("runs/{run}/stop"), &json!({})).await.is(202);
}

async fn slots_are_skipped_while_a_run_is_going_and_name_it(store: Store) {
    let (scene, run) = hanging(store, "skip", 1).await;
    scene.at("14:00", 2).await;
    scene.hand.to("15:00");
    let two = format!("14:00-15:00 x2 skipped: Run {run} was still going.");
    scene.house.until(&scene.path("/slots"), |slots| slots["items"][0]["count"] == 2).await;
    assert_eq!(scene.slots(2).await, ["13:00 fired", &two]);
    stop(&scene, run).await;
    scene.house.ended(run).await;
    assert_eq!(scene.at("16:00", 3).await, ["13:00 fired", &two, "16:00 fired"]);
}

async fn the_newest_slot_waits_for_the_run_that_is_going(store: Store) {
    let (mut scene, run) = hanging(store, "queue", 2).await;
    for (hour, newest) in [("14:00", "2026-06-01T14"), ("15:00", "2026-06-01T15"), ("16:00", "2026-06-01T16")]
    {
        scene.hand.to(hour);
        scene
            .house
            .until(&scene.path("/slots"), |slots| {
                slots["items"][0]["at"].as_str().unwrap().starts_with(newest)
            })
            .await;
    }
    // It waits over a restart.
    scene.house.restart().await;
    scene.house.model.wait_for_requests(2).await;
    stop(&scene, run).await;
    let displaced = "14:00-15:00 x2 skipped: A newer slot took its place while it waited for the run before.";
    assert_eq!(scene.slots(3).await, ["13:00 fired", displaced, "16:00 fired"]);
    let runs = scene.runs().await;
    assert_eq!(runs.iter().map(|(_, slot)| slot.as_str()).collect::<Vec<_>>(), ["13:00", "16:00"]);
}

async fn the_run_before_is_stopped_for_the_next_slot(store: Store) {
    let (scene, run) = hanging(store, "stop_previous", 1).await;
    scene.hand.to("14:00");
    scene
        .house
        .until(&scene.path("/slots"), |slots| {
            slots["items"][0]["status"] == "fired" && slots["items"].as_array().unwrap().len() == 2
        })
        .await;
    let stopped = scene.house.ended(run).await;
    assert_eq!(stopped["status"], "stopped");
    let events = scene.house.events(run).await;
    let stop = events.iter().find(|event| event["kind"] == "stop_requested").unwrap();
    assert_eq!(stop["by"], format!("trigger {}", scene.id));
    assert_eq!(scene.runs().await.len(), 2);
}

async fn a_slot_that_waits_does_not_fire_in_a_pause(store: Store) {
    let (scene, run) = hanging(store, "queue", 1).await;
    scene.hand.to("14:00");
    scene.house.until(&scene.path("/slots"), |slots| slots["items"][0]["status"] == "waiting").await;
    scene.change(json!({ "enabled": false })).await;
    let slots = scene.slots(2).await;
    assert!(slots[1].starts_with("14:00 paused: "), "{slots:?}");
    stop(&scene, run).await;
    scene.house.ended(run).await;
    assert_eq!(scene.runs().await.len(), 1);
}
