//! Models that are tried: what they answer, and what their providers say instead.

use callboard_fake_model::Behaviour;
use serde_json::{Value, json};

use crate::house::House;
use crate::support::store::Store;

on_both! {
    a_model_answers_and_leaves_no_run_behind
    a_provider_that_refuses_is_told_in_its_own_words
    a_trial_is_made_once_and_a_missing_key_is_said
    a_question_for_a_trial_has_a_limit
}

/// The path at which the model of that name is tried.
async fn path(house: &House, name: &str) -> String {
    format!("models/{}/try", house.part("projects/1/models", name).await)
}

async fn a_model_answers_and_leaves_no_run_behind(store: Store) {
    let house = House::with_project(store).await;
    house.model.push(Behaviour::text("Hello from here.").usage(12, 4));
    let main = path(&house, "main").await;
    let priced = json!({ "price": { "input": 1.0, "output": 2.0 } });
    house.client.patch(main.trim_end_matches("/try"), &priced).await.is(200);
    let tried = house.client.post(&main, &json!({ "text": "Who is there?" })).await.is(200);
    assert_eq!(tried["text"], "Hello from here.");
    assert_eq!(tried["finish"], "done");
    assert_eq!(tried["usage"], json!({ "input_tokens": 12, "output_tokens": 4, "cost_usd": 0.00002 }));
    assert!(tried["duration_ms"].is_u64());
    assert!(house.model.requests()[0].json().to_string().contains("Who is there?"));
    assert_eq!(house.client.get("runs").await.is(200)["items"], json!([]));

    // One that is simulated needs nobody, and nothing has to be asked of it.
    let spare = path(&house, "spare").await;
    let tried = house.client.post(&spare, &json!({})).await.is(200);
    assert!(!tried["text"].as_str().unwrap().is_empty());
    assert_eq!(house.model.count(), 1);
}

async fn a_provider_that_refuses_is_told_in_its_own_words(store: Store) {
    let house = House::with_project(store).await;
    let main = path(&house, "main").await;
    let said = r#"{"error":{"message":"The model `m` does not exist.","type":"invalid_request_error"}}"#;
    house.model.push(Behaviour::status(404, said));
    let refused = house.client.post(&main, &json!({})).await.refused(502, "model_not_found");
    assert_eq!(refused["provider_message"], "The model `m` does not exist.");
    assert_eq!(refused["hint"], "Check the model's name and base_url.");
}

async fn a_trial_is_made_once_and_a_missing_key_is_said(store: Store) {
    let house = House::with_project(store).await;
    let main = path(&house, "main").await;
    // A run would try again after this; who waits wants to know.
    house.model.push(Behaviour::status(503, r#"{"error":{"message":"Overloaded."}}"#));
    let refused = house.client.post(&main, &json!({})).await.refused(502, "model_unavailable");
    assert_eq!(refused["provider_message"], "Overloaded.");
    assert_eq!(house.model.count(), 1);

    let key = json!({ "api_key": { "secret": "K" } });
    house.client.patch(main.trim_end_matches("/try"), &key).await.is(200);
    let refused = house.client.post(&main, &json!({})).await.refused(502, "model_unauthorized");
    assert!(refused["detail"].as_str().unwrap().contains("The secret K is not set"), "{refused}");
    assert_eq!(refused.get("provider_message"), None::<&Value>);
    assert_eq!(house.model.count(), 1);
}

async fn a_question_for_a_trial_has_a_limit(store: Store) {
    let house = House::with_project(store).await;
    let main = path(&house, "main").await;
    let long = json!({ "text": "x".repeat(2_001) });
    house.client.post(&main, &long).await.refused(422, "text_too_long");
    house.client.post(&main, &json!({ "text": 7 })).await.refused(422, "body_invalid");
    house.client.post("models/999/try", &json!({})).await.refused(404, "model_not_found");
    assert_eq!(house.model.count(), 0);
}
