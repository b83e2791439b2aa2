//! Several runs by one call: variants, samples, and what becomes of them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{rerun, with_source};
use crate::support::store::Store;

on_both! {
    variants_and_samples_answer_whether_the_new_prompt_is_better
    a_request_that_is_sent_again_starts_nothing_twice
}

fn ids(list: &Value) -> Vec<i64> {
    list["items"].as_array().unwrap().iter().map(|run| run["id"].as_i64().unwrap()).collect()
}

async fn variants_and_samples_answer_whether_the_new_prompt_is_better(store: Store) {
    let (house, source) = with_source(store).await;
    house.model.push_first(super::judges("bad").when("Be harsh"));
    let variants = json!([{}, { "agents": { "b": { "instructions": "Be harsh." } } }]);
    let common = json!({ "stages": { "print": { "task": "Print it twice." } } });
    let body = json!({ "from_stage": "review", "variants": variants, "samples": 3, "overrides": common });
    let plan = house.client.post(&format!("runs/{source}/rerun-plan"), &body).await.is(200);
    assert_eq!((&plan["runs"], plan["variants"].as_array().unwrap().len()), (&json!(6), 2));
    let parts = |variant: usize| {
        let difference = &plan["variants"][variant]["difference"];
        let all =
            difference["stages"].as_array().unwrap().iter().chain(difference["parts"].as_array().unwrap());
        all.map(|change| change["part"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        (parts(0), parts(1)),
        (vec!["stages/print".into()], vec!["stages/print".into(), "agents/b".into()])
    );
    let list = house.client.post(&format!("runs/{source}/rerun"), &body).await.is(201);
    let runs = ids(&list);
    assert_eq!(runs.len(), 6);
    for run in &runs {
        house.ended(*run).await;
    }
    let table = house.client.get(&format!("runs/{}/variants", runs[4])).await.is(200);
    assert_eq!((&table["group"], &table["source"]), (&json!(runs[0]), &json!(source)));
    let items = table["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    for (item, outcome) in items.iter().zip(["good", "bad"]) {
        assert_eq!(item["completed"], 3);
        assert!(item["median"]["tokens"].as_u64().unwrap() > 0, "{item}");
        for run in item["runs"].as_array().unwrap() {
            assert_eq!(run["outcomes"], json!([{ "stage": "review", "outcome": outcome }]));
        }
    }
    house.client.delete(&format!("runs/{}", runs[0])).await.is(204);
    let table = house.client.get(&format!("runs/{}/variants", runs[1])).await.is(200);
    assert_eq!(table["items"][0]["runs"].as_array().unwrap().len(), 2, "what was deleted is gone from it");
    house.client.get(&format!("runs/{source}/variants")).await.refused(404, "no_variants");
    // One sample is a list of one.
    let list =
        house.client.post(&format!("runs/{source}/rerun"), &json!({ "from_visit": 6, "samples": 1 })).await;
    assert_eq!(ids(&list.is(201)).len(), 1);
}

async fn a_request_that_is_sent_again_starts_nothing_twice(store: Store) {
    let (house, source) = with_source(store).await;
    let body = json!({ "from_visit": 6, "samples": 2, "variants": [{}, {}] });
    let path = format!("runs/{source}/rerun");
    let calls = (0..8).map(|_| {
        let (client, path, body) = (house.client, path.clone(), body.clone());
        tokio::spawn(
            async move { ids(&client.call("POST", &path).key("k").json(&body).send().await.is(201)) },
        )
    });
    let mut answers = BTreeSet::new();
    for call in calls.collect::<Vec<_>>() {
        answers.insert(call.await.unwrap());
    }
    assert_eq!(answers.len(), 1, "all were told of the same runs: {answers:?}");
    let runs = house.client.get("runs?source=rerun").await.is(200);
    assert_eq!(runs["items"].as_array().unwrap().len(), 4);
    let other = json!({ "from_visit": 6 });
    let again = house.client.call("POST", &path).key("k").json(&other).send().await;
    again.refused(409, "idempotency_key_reused");
    // A key goes with its run: the same request for another source is another.
    let run = answers.pop_first().unwrap()[0];
    house.ended(run).await;
    let one = rerun(&house, run, other).await;
    assert!(one > run);
}
