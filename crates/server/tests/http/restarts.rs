//! A server that ends and another that goes on with its runs.

use std::collections::BTreeMap;

use callboard_fake_model::Behaviour;
use futures_util::future::join_all;
use serde_json::json;

use crate::house::House;
use crate::streams::{After, Reading, expected};
use crate::support::store::Store;

on_both! {
    runs_go_on_at_the_next_server_and_what_was_written_stays
    what_was_asked_for_is_there_after_a_restart
    limits_that_an_earlier_version_wrote_down_and_could_not_keep_are_kept
}

async fn runs_go_on_at_the_next_server_and_what_was_written_stays(store: Store) {
    let mut house = House::with_project(store).await;
    house.model.push(Behaviour::hang().agent("You are b.").times(10));
    let ids = join_all((0..10).map(|number| house.start(json!(number)))).await;
    // All are at their second stage.
    for id in &ids {
        house.until(&format!("runs/{id}"), |run| run["visits"].as_array().unwrap().len() == 2).await;
    }
    let mut before = BTreeMap::new();
    let mut streams = Vec::new();
    for id in &ids {
        let known = expected(&house, *id).await;
        let mut stream = Reading::open(house.client, *id, After::Nothing).await;
        while stream.next().await.unwrap().id != Some(known.len() as u64) {}
        before.insert(*id, known);
        streams.push(stream);
    }
    house.model.wait_for_requests(20).await;
    let watched = tokio::spawn(join_all(streams.into_iter().map(Reading::rest)));
    house.restart().await;

    for rest in watched.await.unwrap() {
        assert_eq!(rest, [], "a stream that is cut says nothing, so that its viewer comes back");
    }
    for id in &ids {
        let run = house.ended(*id).await;
        assert_eq!(run["status"], "completed", "{run}");
        let known = &before[id];
        let after = expected(&house, *id).await;
        assert_eq!(after[..known.len()], known[..]);
        assert_eq!(after.iter().filter(|frame| frame.event == "run_recovered").count(), 1);
        // A viewer takes the stream up again at the new server.
        let last = known.len() as u64;
        let rest = Reading::open(house.client, *id, After::Header(last)).await.rest().await;
        assert_eq!(rest[..rest.len() - 1], after[known.len()..]);
    }
    assert_eq!(house.model.count(), 30, "a, b, b again");
}

async fn what_was_asked_for_is_there_after_a_restart(store: Store) {
    let mut house = House::with_project(store).await;
    let body = json!({ "workflow": "p/work", "input": 1 });
    let ask = |house: &House| house.client.call("POST", "trigger").key("k").json(&body).send();
    let started = ask(&house).await.is(201);
    let id = started["run_id"].as_i64().unwrap();
    let run = house.ended(id).await;
    house.client.call("PUT", "projects/1/secrets/K").json(&json!({ "value": "v" })).send().await.is(200);
    let secrets = house.client.get("projects/1/secrets").await.is(200);
    let mut pages = Vec::new();
    let paths = ["projects", "projects/1/export", "projects/1/models", "projects/1/workflows", "runs"];
    for path in paths {
        pages.push(house.client.get(path).await.body);
    }
    house.restart().await;
    for (path, page) in paths.into_iter().zip(pages) {
        assert_eq!(house.client.get(path).await.body, page, "{path}");
    }
    assert_eq!(house.client.get("projects/1/secrets").await.is(200), secrets);
    assert_eq!(house.client.get(&format!("runs/{id}")).await.is(200), run);
    assert_eq!(ask(&house).await.is(201)["run_id"], id);
    assert_eq!(house.client.get("runs").await.is(200)["items"].as_array().unwrap().len(), 1);
}

async fn limits_that_an_earlier_version_wrote_down_and_could_not_keep_are_kept(store: Store) {
    let mut house = House::with_project(store).await;
    house.client.call("PATCH", "projects/1").json(&json!({ "max_running": 1 })).send().await.is(200);
    // It wrote the document alone.
    let db = house.store.db().await;
    db.execute("UPDATE project SET max_running = NULL, day_limit = 1, timezone = 'Asia/Tokyo'", [])
        .await
        .unwrap();
    house.restart().await;
    house.model.push(Behaviour::hang().times(1));
    let (first, second) = (house.start(json!(1)).await, house.start(json!(2)).await);
    house.until(&format!("runs/{first}"), |run| run["status"] == "running").await;
    let second = house.client.get(&format!("runs/{second}")).await.is(200);
    assert_eq!((&second["status"], &second["waiting"]["for"]), (&json!("pending"), &json!("place")));
    let row = db.query_one("SELECT max_running, day_limit, timezone FROM project", []).await.unwrap();
    assert_eq!((row.int(0).unwrap(), row.is_null(1).unwrap()), (1, true));
    assert_eq!(&*row.text(2).unwrap(), "UTC");
}
