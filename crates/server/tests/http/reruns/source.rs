//! The run that others go on from is not touched, whatever they do.

use callboard_fake_model::Behaviour;
use serde_json::{Value, json};

use super::{everything, path, rerun, with_source};
use crate::support::store::Store;

on_both! {
    a_source_is_the_same_byte_for_byte_after_a_hundred_re_runs_and_their_deletion
    a_re_run_outlives_its_source
    a_run_that_others_go_on_from_is_of_their_family_when_it_is_gone
    a_run_that_is_gone_leaves_its_family_with_the_last_that_went_on_from_it
    ten_re_runs_of_one_source_at_once_do_not_meet
}

async fn a_source_is_the_same_byte_for_byte_after_a_hundred_re_runs_and_their_deletion(store: Store) {
    let (house, source) = with_source(store).await;
    let before = everything(&house, source).await;
    let mut runs = Vec::new();
    for number in 0..100_u32 {
        let body = match number % 4 {
            0 => json!({ "from_stage": "print" }),
            1 => {
                json!({ "from_visit": 4, "overrides": { "stages": { "draft": { "task": "Write anew." } } } })
            }
            2 => json!({ "after_visit": 3, "outcome": "good" }),
            _ => json!({ "from_visit": 2 + number % 5, "definition": "original", "input": number }),
        };
        runs.push(rerun(&house, source, body).await);
    }
    for run in &runs {
        assert_eq!(house.ended(*run).await["status"], "completed");
    }
    assert_eq!(everything(&house, source).await, before);
    for run in &runs {
        house.client.delete(&format!("runs/{run}")).await.is(204);
    }
    assert_eq!(everything(&house, source).await, before);
    let family = house.client.get(&format!("runs/{source}/family")).await.is(200);
    assert_eq!(family["items"].as_array().unwrap().len(), 1, "nothing of what is gone is left");
}

async fn a_re_run_outlives_its_source(store: Store) {
    let (mut house, source) = with_source(store).await;
    // The agent waits long enough for the source to be gone, and then reads what that had written.
    let slow = Behaviour { delay_ms: 300, ..Behaviour::call("read_file", json!({ "path": "notes.md" })) };
    house.model.push_first(slow.when("Print it").times(1));
    let again = rerun(&house, source, json!({ "from_stage": "print" })).await;
    house.client.delete(&format!("runs/{source}")).await.is(204);
    let run = house.ended(again).await;
    assert_eq!(run["status"], "completed", "{run}");
    let told = house.model.requests().pop().unwrap();
    assert!(String::from_utf8_lossy(&told.body).contains("Second notes."), "it read the document");

    // Neither a restart nor another re-run needs what is gone.
    house.restart().await;
    let third = rerun(&house, again, json!({ "from_visit": 2 })).await;
    let run = house.ended(third).await;
    assert_eq!(path(&run), ["facts", "draft", "review:good", "print"]);
    assert_eq!(run["visits"][0]["inherited_from"], json!({ "run_id": source, "visit": 1 }));
    let document = house.client.get(&format!("runs/{third}/documents/notes.md")).await;
    assert_eq!(document.text(), "First notes.", "as it was before the visit");
}

async fn a_run_that_others_go_on_from_is_of_their_family_when_it_is_gone(store: Store) {
    let (house, source) = with_source(store).await;
    let second = rerun(&house, source, json!({ "from_visit": 4 })).await;
    house.ended(second).await;
    let third = rerun(&house, second, json!({ "after_visit": 5, "outcome": "bad" })).await;
    house.ended(third).await;
    house.client.delete(&format!("runs/{second}")).await.is(204);
    let family = house.client.get(&format!("runs/{third}/family")).await.is(200);
    let member = |item: &Value| {
        (item["run_id"].as_i64().unwrap(), item["kept"].is_null(), item["descent"]["run_id"].as_i64())
    };
    let members: Vec<_> = family["items"].as_array().unwrap().iter().map(member).collect();
    assert_eq!(members, [(source, false, None), (second, true, Some(source)), (third, false, Some(second))]);
    house.client.get(&format!("runs/{second}/family")).await.is(200);
    // With the last of those that went on, nothing of what is gone is remembered.
    house.client.delete(&format!("runs/{third}")).await.is(204);
    let family = house.client.get(&format!("runs/{source}/family")).await.is(200);
    assert_eq!(family["items"].as_array().unwrap().len(), 1);
    house.client.get(&format!("runs/{second}/family")).await.refused(404, "run_not_found");
    house.client.get("runs/999/family").await.refused(404, "run_not_found");
}

async fn a_run_that_is_gone_leaves_its_family_with_the_last_that_went_on_from_it(store: Store) {
    let (house, source) = with_source(store).await;
    let mut others = Vec::new();
    for from in [source, source] {
        others.push(rerun(&house, from, json!({ "from_visit": 4 })).await);
        house.ended(others[others.len() - 1]).await;
    }
    let [second, beside] = others[..] else { unreachable!() };
    let third = rerun(&house, second, json!({ "from_visit": 4 })).await;
    house.ended(third).await;
    house.client.delete(&format!("runs/{second}")).await.is(204);
    house.client.delete(&format!("runs/{third}")).await.is(204);
    // The rest of the family goes on without both.
    let family = house.client.get(&format!("runs/{source}/family")).await.is(200);
    let members: Vec<&Value> =
        family["items"].as_array().unwrap().iter().map(|item| &item["run_id"]).collect();
    assert_eq!(members, [&json!(source), &json!(beside)]);
    house.client.get(&format!("runs/{second}/family")).await.refused(404, "run_not_found");
}

async fn ten_re_runs_of_one_source_at_once_do_not_meet(store: Store) {
    let (house, source) = with_source(store).await;
    let path_to = format!("runs/{source}/rerun");
    let starts = (0..10).map(|number| {
        let body = json!({ "from_visit": 4, "input": format!("input {number}") });
        let (client, path) = (house.client, path_to.clone());
        tokio::spawn(async move { client.post(&path, &body).await.is(201)["id"].as_i64().unwrap() })
    });
    let mut runs = Vec::new();
    for start in starts.collect::<Vec<_>>() {
        runs.push(start.await.unwrap());
    }
    for (number, run) in runs.iter().enumerate() {
        let run = house.ended(*run).await;
        assert_eq!(run["input"], format!("input {number}"));
        assert_eq!(path(&run), ["facts", "draft", "review:revise", "draft", "review:good", "print"]);
        let own = run["visits"].as_array().unwrap().iter().filter(|visit| visit["status"] == "completed");
        assert_eq!(own.count(), 3);
        assert_eq!(run["usage"]["model_calls"], 3, "what was inherited was not spent by it");
    }
}
