//! Slots that come one after the other.

use serde_json::{Value, json};

use super::Scene;
use crate::support::store::Store;

on_both! {
    a_slot_starts_one_run_that_knows_its_slot
    a_clock_that_goes_back_fires_no_slot_again
    slots_are_listed_page_by_page_and_by_status
    a_schedule_has_no_slots_before_its_start_and_after_its_end
    runs_that_are_spread_keep_the_moment_of_their_slot
    a_slot_that_is_put_off_comes_before_those_of_a_change
    a_trigger_whose_workflow_was_changed_lists_all_its_runs
    a_slot_whose_run_cannot_start_says_why
}

async fn a_slot_starts_one_run_that_knows_its_slot(store: Store) {
    let scene = Scene::of(store, "play", json!({})).await;
    assert_eq!(scene.at("13:00", 1).await, ["13:00 fired"]);
    // A little late is not too late.
    assert_eq!(scene.at("14:04", 2).await, ["13:00 fired", "14:00 fired"]);
    let runs = scene.runs().await;
    assert_eq!(runs.iter().map(|(_, slot)| slot.as_str()).collect::<Vec<_>>(), ["13:00", "14:00"]);
    let run = scene.house.ended(runs[0].0).await;
    assert_eq!((&run["status"], &run["input"]), (&json!("completed"), &json!("owls")));
    let source = json!({ "kind": "schedule", "by": null, "trigger_id": scene.id, "slot": "2026-06-01T13:00:00.000Z",
        "run_id": null, "from_visit": null });
    assert_eq!(run["source"], source);
    let slots = scene.house.client.get(&scene.path("/slots")).await.is(200);
    assert_eq!(slots["items"][1]["run_id"], json!(runs[0].0));
}

async fn a_clock_that_goes_back_fires_no_slot_again(store: Store) {
    let scene = Scene::of(store, "play", json!({})).await;
    scene.at("13:00", 1).await;
    scene.hand.to("12:30");
    // Nor does a change that is made then bring it back.
    scene.change(json!({ "schedule": "0,30 * * * *" })).await;
    assert_eq!(scene.at("13:30", 2).await, ["13:00 fired", "13:30 fired"]);
    assert_eq!(scene.runs().await.len(), 2);
}

async fn slots_are_listed_page_by_page_and_by_status(store: Store) {
    let scene = Scene::of(store, "play", json!({})).await;
    for (hour, known) in [("13:00", 1), ("14:00", 2), ("15:00", 3)] {
        scene.at(hour, known).await;
    }
    scene.change(json!({ "enabled": false })).await;
    scene.hand.to("17:10");
    let mut seen = Vec::new();
    let mut path = scene.path("/slots?limit=1");
    loop {
        let page = scene.house.client.get(&path).await.is(200);
        seen.extend(page["items"].as_array().unwrap().iter().map(super::short));
        let Some(next) = page["next"].as_str() else { break };
        path = scene.path(&format!("/slots?limit=1&after={next}"));
    }
    let paused = "16:00-17:00 x2 paused: The trigger was paused at 2026-06-01T15:00:00.000Z.";
    assert_eq!(seen, [paused, "15:00 fired", "14:00 fired", "13:00 fired"]);
    let by = |status: &str| scene.path(&format!("/slots?status={status}"));
    let many = |list: Value| list["items"].as_array().unwrap().len();
    assert_eq!(many(scene.house.client.get(&by("fired")).await.is(200)), 3);
    assert_eq!(many(scene.house.client.get(&by("paused")).await.is(200)), 1);
    assert_eq!(many(scene.house.client.get(&by("missed")).await.is(200)), 0);
    scene.house.client.get(&by("odd")).await.refused(400, "parameter_invalid");
}

async fn a_schedule_has_no_slots_before_its_start_and_after_its_end(store: Store) {
    let fields = json!({ "start_at": "2026-06-01T14:00:00Z", "end_at": "2026-06-01T15:00:00Z" });
    let scene = Scene::of(store, "play", fields).await;
    let next = || async { scene.house.client.get(&scene.path("")).await.is(200)["next"].clone() };
    assert_eq!(next().await, "2026-06-01T14:00:00.000Z");
    scene.hand.to("13:30");
    assert_eq!(scene.at("14:00", 1).await, ["14:00 fired"]);
    assert_eq!(scene.at("15:00", 2).await, ["14:00 fired", "15:00 fired"]);
    assert_eq!(next().await, json!(null));
    scene.hand.to("18:00");
    // What ended can be given a later end, from then on.
    scene.change(json!({ "end_at": null })).await;
    assert_eq!(scene.at("19:00", 3).await, ["14:00 fired", "15:00 fired", "19:00 fired"]);
}

async fn runs_that_are_spread_keep_the_moment_of_their_slot(store: Store) {
    let scene = Scene::of(store, "play", json!({ "spread_s": 86_400 })).await;
    // By then the slots of the first hours are due, however long the delay of this trigger is.
    scene.hand.to("2026-06-02T13:00:00Z");
    let first = scene.slots(1).await;
    assert!(first[0].starts_with("13:00"), "{first:?}");
}

async fn a_slot_that_is_put_off_comes_before_those_of_a_change(store: Store) {
    let scene = Scene::of(store, "play", json!({ "spread_s": 86_400 })).await;
    // The first slot has come, and its run is put off for longer than until the second one.
    scene.hand.to("13:30");
    scene.change(json!({ "spread_s": 0 })).await;
    // It is due with the change, and on time.
    assert_eq!(scene.slots(1).await, ["13:00 fired"]);
    assert_eq!(scene.at("14:00", 2).await, ["13:00 fired", "14:00 fired"]);
    let runs = scene.runs().await;
    assert_eq!(runs.iter().map(|(_, slot)| slot.as_str()).collect::<Vec<_>>(), ["13:00", "14:00"]);
}

async fn a_trigger_whose_workflow_was_changed_lists_all_its_runs(store: Store) {
    let scene = Scene::of(store, "play", json!({})).await;
    scene.at("13:00", 1).await;
    let play = scene.house.workflow("play").await;
    scene.change(json!({ "workflow": "work" })).await;
    let work = scene.house.workflow("work").await;
    scene.at("14:00", 2).await;
    let (first, second) = (scene.runs().await[0].0, scene.runs().await[1].0);
    let listed = |filter: String| {
        let path = format!("runs?trigger={}{filter}", scene.id);
        async move {
            let list = scene.house.client.get(&path).await.is(200);
            list["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|run| run["id"].as_i64().unwrap())
                .collect::<Vec<_>>()
        }
    };
    for (filter, expected) in [
        (String::new(), vec![second, first]),
        ("&project=1".to_owned(), vec![second, first]),
        (format!("&workflow={play}"), vec![first]),
        (format!("&workflow={work}"), vec![second]),
        (format!("&project=1&workflow={work}&source=schedule"), vec![second]),
        ("&project=2".to_owned(), vec![]),
        (format!("&project=2&workflow={work}"), vec![]),
        (format!("&workflow={play}&source=api"), vec![]),
    ] {
        assert_eq!(listed(filter.clone()).await, expected, "{filter}");
    }
}

async fn a_slot_whose_run_cannot_start_says_why(store: Store) {
    let scene = Scene::of(store, "play", json!({})).await;
    let client = scene.house.client;
    scene.hand.to("13:00");
    // It may have fired before it was removed, or not: it is accounted for either way.
    assert_eq!(client.delete(&scene.path("")).await.status, 204);
    let fields = json!({ "name": "hourly", "schedule": "0 * * * *" });
    scene.hand.to("13:10");
    client.post(&format!("workflows/{}/triggers", scene.house.workflow("play").await), &fields).await.is(201);
    let slots = scene.at("14:00", 2).await;
    assert!(slots[0].starts_with("13:00 "), "{slots:?}");
    assert_eq!(slots[1], "14:00 fired");
}
