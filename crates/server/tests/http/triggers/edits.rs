//! Changes of a schedule, and pauses.

use serde_json::json;

use super::Scene;
use crate::support::store::Store;

on_both! {
    slots_of_a_pause_are_one_row_with_its_reason_and_never_fire
    a_changed_schedule_holds_from_the_change_on
    a_change_that_is_applied_holds_as_one_that_is_sent
    what_was_due_before_a_change_is_seen_to_by_the_old_rules
    a_schedule_with_another_name_goes_on_where_it_was
    schedules_that_an_earlier_version_kept_begin_to_fire
}

async fn slots_of_a_pause_are_one_row_with_its_reason_and_never_fire(store: Store) {
    let mut scene = Scene::of(store, "play", json!({})).await;
    scene.at("13:00", 1).await;
    scene.hand.to("13:30");
    scene.change(json!({ "enabled": false, "pause_reason": "The desk is on holiday." })).await;
    let reason = "paused: The trigger was paused at 2026-06-01T13:30:00.000Z: The desk is on holiday.";
    assert_eq!(scene.at("14:00", 2).await[1], format!("14:00 {reason}"));
    // It grows, over restarts and other changes too.
    scene.hand.to("16:10");
    scene.house.restart().await;
    assert_eq!(scene.slots(2).await[1], format!("14:00-16:00 x3 {reason}"));
    scene.change(json!({ "missed": "all" })).await;
    scene.hand.to("17:10");
    scene.change(json!({ "enabled": true })).await;
    let slots = scene.at("18:00", 3).await;
    assert_eq!(slots, ["13:00 fired", &format!("14:00-17:00 x4 {reason}"), "18:00 fired"]);
    assert_eq!(scene.runs().await.len(), 2);
}

async fn a_schedule_with_another_name_goes_on_where_it_was(store: Store) {
    let mut scene = Scene::of(store, "play", json!({})).await;
    scene.at("13:00", 1).await;
    scene.change(json!({ "name": "clock" })).await;
    assert_eq!(scene.at("14:00", 2).await, ["13:00 fired", "14:00 fired"]);
    // A pause goes on from when it began, and what it kept from firing is still one row.
    scene.hand.to("14:30");
    scene.change(json!({ "enabled": false })).await;
    scene.at("15:00", 3).await;
    scene.change(json!({ "name": "bell" })).await;
    let play = format!("workflows/{}", scene.house.workflow("play").await);
    scene.house.client.patch(&play, &json!({ "name": "game" })).await.is(200);
    scene.hand.to("16:10");
    scene.house.restart().await;
    scene.change(json!({ "enabled": true })).await;
    let reason = "paused: The trigger was paused at 2026-06-01T14:30:00.000Z.";
    let paused = format!("15:00-16:00 x2 {reason}");
    assert_eq!(scene.at("17:00", 4).await, ["13:00 fired", "14:00 fired", &paused, "17:00 fired"]);
    assert_eq!(scene.runs().await.len(), 3);
}

async fn a_changed_schedule_holds_from_the_change_on(store: Store) {
    let scene = Scene::of(store, "play", json!({})).await;
    scene.at("13:00", 1).await;
    let changed = scene.change(json!({ "schedule": "15 * * * *" })).await;
    assert_eq!(changed["next"], "2026-06-01T13:15:00.000Z");
    assert_eq!(scene.at("13:15", 2).await, ["13:00 fired", "13:15 fired"]);
    scene.change(json!({ "schedule": "0,15 13,14 * * *" })).await;
    assert_eq!(scene.at("14:00", 3).await[2], "14:00 fired");
    assert_eq!(scene.runs().await.len(), 3);
}

async fn a_change_that_is_applied_holds_as_one_that_is_sent(store: Store) {
    let scene = Scene::of(store, "play", json!({})).await;
    let file = |minute: u32| {
        format!(
            "{}timezone: UTC\ntriggers: {{ hourly: {{ workflow: play, schedule: '{minute} * * * *' }} }}\n",
            scene.house.file()
        )
    };
    let applied = scene.house.client.apply(&file(30)).await.is(200);
    assert_eq!(applied["triggers"]["hourly"], json!({ "id": scene.id }));
    assert_eq!(applied.get("warnings"), None, "{applied}");
    assert_eq!(scene.at("12:30", 1).await, ["12:30 fired"]);
    // The project's zone is that of a schedule which names none.
    scene.house.client.patch("projects/1", &json!({ "timezone": "Asia/Kathmandu" })).await.is(200);
    assert_eq!(scene.at("12:45", 2).await[1], "12:45 fired");
    // Without it the trigger goes, and nothing fires.
    let call = scene.house.client.call("POST", "projects/apply?prune=true").yaml(&scene.house.file());
    call.send().await.is(200);
    scene.hand.to("14:00");
    scene.house.client.apply(&file(30)).await.is(200);
    assert_eq!(scene.at("14:30", 3).await, ["12:30 fired", "12:45 fired", "14:30 fired"]);
}

async fn what_was_due_before_a_change_is_seen_to_by_the_old_rules(store: Store) {
    let mut scene = Scene::of(store, "play", json!({ "missed": "skip" })).await;
    scene.house.shut_down().await;
    scene.hand.to("14:10");
    scene.house.begin().await;
    // Whether the change comes before the first look or after it makes no difference.
    scene.change(json!({ "missed": "all", "schedule": "30 * * * *" })).await;
    let slots = scene.at("14:30", 2).await;
    assert_eq!(slots, ["13:00-14:00 x2 missed: The server was not running.", "14:30 fired"]);
}

async fn schedules_that_an_earlier_version_kept_begin_to_fire(store: Store) {
    let mut scene = Scene::of(store, "play", json!({})).await;
    scene.house.shut_down().await;
    let db = scene.house.store.db().await;
    db.execute("DELETE FROM trigger_era", []).await.unwrap();
    db.execute("INSERT INTO trigger_unbegun (project_id) VALUES (1)", []).await.unwrap();
    db.close().await;
    scene.hand.to("15:10");
    scene.house.begin().await;
    // They begin with the new version, and what passed before was nobody's.
    assert_eq!(scene.at("16:00", 1).await, ["16:00 fired"]);
    scene.house.restart().await;
    assert_eq!(scene.at("17:00", 2).await[1], "17:00 fired");
}
