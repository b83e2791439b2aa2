//! Triggers as parts of a project, and schedules that are not understood.

use serde_json::json;

use super::Scene;
use crate::house::House;
use crate::support::store::Store;

on_both! {
    a_trigger_is_made_read_changed_and_removed_and_comes_back_under_its_number
    a_schedule_that_is_not_understood_is_refused_wherever_it_is_written
    a_schedule_is_explained_before_it_is_saved
}

async fn a_trigger_is_made_read_changed_and_removed_and_comes_back_under_its_number(store: Store) {
    let Scene { house, id, .. } = Scene::of(store, "play", json!({})).await;
    let client = house.client;
    let path = format!("triggers/{id}");
    let play = house.workflow("play").await;
    let made = client.get(&path).await.is(200);
    assert_eq!(made["name"], "hourly");
    assert_eq!((&made["workflow_id"], &made["workflow"]), (&json!(play), &json!("play")));
    assert_eq!(
        (&made["enabled"], &made["overlap"], &made["missed"]),
        (&json!(true), &json!("allow"), &json!("latest"))
    );
    assert_eq!(made["next"], "2026-06-01T13:00:00.000Z");
    let list = |name: &str| {
        let name = name.to_owned();
        let house = &house;
        async move {
            let path = format!("workflows/{}/triggers", house.workflow(&name).await);
            client.get(&path).await.is(200)["items"].as_array().unwrap().len()
        }
    };
    assert_eq!((list("play").await, list("work").await), (1, 0));

    let paused = client.patch(&path, &json!({ "enabled": false, "pause_reason": "a holiday" })).await.is(200);
    assert_eq!(
        (&paused["pause_reason"], &paused["paused_at"]),
        (&json!("a holiday"), &json!("2026-06-01T12:00:00.000Z"))
    );
    assert_eq!(paused["next"], json!(null));
    // Naming `enabled` is enough to end a pause, reason and all.
    let back = client.patch(&path, &json!({ "enabled": true })).await.is(200);
    assert_eq!(back, made);
    client.patch(&path, &json!({ "workflow": "nobody" })).await.refused(422, "invalid_project");

    assert_eq!(client.delete(&path).await.status, 204);
    for path in [path.clone(), format!("{path}/slots")] {
        client.get(&path).await.refused(404, "trigger_not_found");
    }
    client.post(&format!("{path}/fire"), &json!({})).await.refused(404, "trigger_not_found");
    let fields = json!({ "name": "hourly", "schedule": "0 * * * *", "input": "owls" });
    let again = client.post(&format!("workflows/{play}/triggers"), &fields).await.is(201);
    assert_eq!(again, made);
    client.post(&format!("workflows/{play}/triggers"), &fields).await.refused(409, "name_taken");
    let other = json!({ "name": "x", "workflow": "work", "schedule": "0 * * * *" });
    client.post(&format!("workflows/{play}/triggers"), &other).await.refused(422, "workflow_differs");
    client.post("workflows/999/triggers", &fields).await.refused(404, "workflow_not_found");
    let hook = json!({ "name": "hook", "webhook": true });
    let hook = client.post(&format!("workflows/{play}/triggers"), &hook).await.is(201);
    assert_eq!(hook["next"], json!(null));
    assert_eq!(list("play").await, 2);
}

async fn a_schedule_that_is_not_understood_is_refused_wherever_it_is_written(store: Store) {
    let Scene { house, id, .. } = Scene::of(store, "play", json!({})).await;
    let client = house.client;
    let before = client.get(&format!("triggers/{id}")).await.is(200);
    let play = house.workflow("play").await;
    for words in ["0 25 * * *", "0 0 30 2 *", "at 25:00", "whenever", "* * * *"] {
        let file = format!("{}triggers:\n  odd: {{ workflow: play, schedule: '{words}' }}\n", house.file());
        let refused = client.apply(&file).await.refused(422, "invalid_project");
        let wrong = &refused["errors"][0];
        assert_eq!(
            (&wrong["code"], &wrong["path"]),
            (&json!("schedule_not_understood"), &json!("triggers.odd.schedule"))
        );
        assert!(wrong["line"].is_i64() && wrong["hint"].is_string(), "{refused}");
        let fields = json!({ "name": "odd", "schedule": words });
        for refused in [
            client.post(&format!("workflows/{play}/triggers"), &fields).await,
            client.patch(&format!("triggers/{id}"), &json!({ "schedule": words })).await,
        ] {
            let refused = refused.refused(422, "invalid_project");
            assert_eq!(refused["errors"][0]["code"], "schedule_not_understood", "{refused}");
        }
        client
            .post("schedules/preview", &json!({ "schedule": words }))
            .await
            .refused(422, "schedule_not_understood");
    }
    assert_eq!(client.get(&format!("triggers/{id}")).await.is(200), before);
}

async fn a_schedule_is_explained_before_it_is_saved(store: Store) {
    let house = House::open(store).await;
    let asked = json!({ "schedule": "0 9 * * 1", "timezone": "Europe/Berlin", "after": "2026-03-20T00:00:00Z", "count": 3 });
    let shown = house.client.post("schedules/preview", &asked).await.is(200);
    assert_eq!(
        shown["fires"],
        json!(["2026-03-23T08:00:00.000Z", "2026-03-30T07:00:00.000Z", "2026-04-06T07:00:00.000Z"])
    );
    assert_eq!((&shown["timezone"], &shown["cron"]), (&json!("Europe/Berlin"), &json!(["0 9 * * 1"])));
    assert!(!shown["description"].as_str().unwrap().is_empty());
    let many = json!({ "schedule": "* * * * *", "count": 5_000 });
    let many = house.client.post("schedules/preview", &many).await.is(200);
    assert_eq!(many["fires"].as_array().unwrap().len(), 1_000);
    let odd = json!({ "schedule": "0 9 * * 1", "timezone": "Mars/Olympus" });
    house.client.post("schedules/preview", &odd).await.refused(422, "schedule_not_understood");
    house
        .client
        .post("schedules/preview", &json!({ "schedule": "0 9 * * 1", "more": 1 }))
        .await
        .refused(422, "body_invalid");
}
