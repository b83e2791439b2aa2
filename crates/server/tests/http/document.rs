//! The OpenAPI document: complete, and true of every call. That every answer is as it says is looked
//! at wherever this program's tests call anything.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::house::House;
use crate::promise::{self, DOCUMENT, Operation};
use crate::support::store::Store;

on_both! {
    the_document_is_served_as_it_is_made_and_is_whole
    every_call_of_the_document_is_answered_as_it_says
}

async fn the_document_is_served_as_it_is_made_and_is_whole(store: Store) {
    let house = House::open(store).await;
    let served = house.client.get("/api/openapi.json").await.is(200);
    assert_eq!(served, *DOCUMENT);
    assert!(served["openapi"].as_str().unwrap().starts_with("3.1."));
    assert!(!served["info"]["title"].as_str().unwrap().is_empty());
    let dialect = jsonschema::draft202012::meta::validate;
    for (name, schema) in served["components"]["schemas"].as_object().unwrap() {
        dialect(schema).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    for path in references(&served) {
        let pointer = path.strip_prefix('#').unwrap();
        assert!(served.pointer(pointer).is_some(), "{path} leads nowhere");
    }
    let mut ids = BTreeSet::new();
    let tags: Vec<&Value> = served["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
    for operation in promise::operations() {
        let told = format!("{} {}", operation.method, operation.path);
        let says = operation.says;
        assert!(ids.insert(says["operationId"].as_str().unwrap()), "{told}");
        assert!(says["summary"].is_string() || says["description"].is_string(), "{told}");
        assert!(says["tags"].as_array().unwrap().iter().all(|tag| tags.contains(&tag)), "{told}");
        let schema = "/responses/default/content/application~1problem+json/schema/$ref";
        assert_eq!(says.pointer(schema), Some(&json!("#/components/schemas/Problem")), "{told}");
        // Each name in the path is described, and no other.
        let named: BTreeSet<&str> =
            operation.path.split('/').filter_map(|step| step.strip_prefix('{')?.strip_suffix('}')).collect();
        let parameters = says["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
        let in_path = parameters.iter().filter(|parameter| parameter["in"] == "path");
        let described: BTreeSet<&str> =
            in_path.map(|parameter| parameter["name"].as_str().unwrap()).collect();
        assert_eq!(described, named, "{told}");
        let takes_key = parameters.iter().any(|parameter| parameter["name"] == "Idempotency-Key");
        let creates = says["responses"].get("201").is_some() || operation.path.ends_with("/apply");
        assert_eq!(takes_key, creates, "every call that creates takes a key: {told}");
    }
}

/// Every reference in a document.
fn references(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(fields) => {
            let own = fields.get("$ref").and_then(Value::as_str);
            own.into_iter().chain(fields.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

/// What each call needs to do what it is for; nothing where its path says it all.
fn body(operation: Operation) -> Option<Value> {
    Some(match operation.says["operationId"].as_str().unwrap() {
        "applyProject" => json!({ "project": "more" }),
        "changeProject" => json!({ "max_running": 3 }),
        "setSecret" => json!({ "value": "v" }),
        "createModel" => json!({ "name": "new", "provider": "simulated" }),
        "changeModel" => json!({ "timeout_s": 5 }),
        "createTool" => json!({ "name": "new", "command": ["./x"] }),
        "changeTool" => json!({ "idempotent": true }),
        "createTeam" => json!({ "name": "new", "model": "main", "agents": { "z": { "role": "Z" } } }),
        "changeTeam" => json!({ "model": "spare" }),
        "createAgent" => json!({ "name": "new", "role": "Z" }),
        "changeAgent" => json!({ "role": "Y" }),
        "createWorkflow" => {
            json!({ "name": "new", "team": "desk", "stages": [{ "name": "S", "task": "T", "agents": ["a"] }] })
        }
        "changeWorkflow" => json!({ "ask": "What?" }),
        "createTrigger" => json!({ "name": "new", "schedule": "0 9 * * 1" }),
        "changeTrigger" => json!({ "enabled": false, "pause_reason": "a holiday" }),
        "fireTrigger" => json!({ "input": "now" }),
        "previewSchedule" => json!({ "schedule": "0 9 * * 1", "timezone": "Europe/Berlin" }),
        "planRerun" | "rerun" => json!({ "from_visit": 1 }),
        "startRun" => json!({ "input": "x" }),
        "trigger" => json!({ "workflow": "p/work" }),
        "stopRun" => json!({ "reason": "enough" }),
        "answerQuestion" => json!({ "question": 1, "text": "Yes." }),
        "decideApproval" => json!({ "approval": 1, "approve": true }),
        "sendMessage" => json!({ "text": "Hello." }),
        "raiseLimits" => json!({ "tokens": 1 }),
        _ => return None,
    })
}

/// What is refused here, since it needs more than a run that has ended and a schedule: it has tests of its
/// own.
fn refused(operation: Operation) -> Option<(u16, &'static str)> {
    Some(match operation.says["operationId"].as_str().unwrap() {
        "stopRun" | "answerQuestion" | "decideApproval" | "sendMessage" | "raiseLimits" => (409, "run_ended"),
        "getVariants" => (404, "no_variants"),
        "getDocument" => (404, "document_not_found"),
        "getDelivery" | "sendDeliveryAgain" => (404, "delivery_not_found"),
        "callWebhook" => (404, "webhook_not_found"),
        "rotateWebhook" => (409, "not_a_webhook"),
        _ => return None,
    })
}

async fn every_call_of_the_document_is_answered_as_it_says(store: Store) {
    let house = House::with_project(store).await;
    let run = house.start(json!("x")).await;
    house.ended(run).await;
    let events = house.events(run).await;
    let call = events.iter().find(|event| event["kind"] == "model_call_started").unwrap()["call"].clone();
    let desk = house.part("projects/1/teams", "desk").await;
    let play = house.workflow("play").await;
    let daily = json!({ "name": "daily", "schedule": "0 9 * * *" });
    house.client.post(&format!("workflows/{play}/triggers"), &daily).await.is(201);
    // Reading first, then making and changing, and removing last.
    let mut operations = promise::operations();
    operations.sort_by_key(|operation| {
        ["get", "put", "post", "patch", "delete"].iter().position(|m| *m == operation.method)
    });
    for operation in operations {
        let method = operation.method.to_ascii_uppercase();
        let removes = method == "DELETE";
        let id = match operation.path.split('/').nth(3) {
            Some("runs") => run,
            Some("models") => house.part("projects/1/models", if removes { "new" } else { "spare" }).await,
            Some("tools") => house.part("projects/1/tools", "lookup").await,
            Some("teams") => {
                if removes {
                    house.part("projects/1/teams", "new").await
                } else {
                    desk
                }
            }
            Some("agents") => {
                house.part(&format!("teams/{desk}/agents"), if removes { "new" } else { "a" }).await
            }
            Some("workflows") if operation.path.ends_with("/triggers") => play,
            Some("workflows") => house.workflow("work").await,
            Some("triggers") => {
                house.part(&format!("workflows/{play}/triggers"), if removes { "new" } else { "daily" }).await
            }
            _ => 1,
        };
        let path = operation.path.replace("{id}", &id.to_string()).replace("{visit}", "1");
        let path = path
            .replace("{name}", "K")
            .replace("{path}", "K")
            .replace("{token}", "K")
            .replace("{call}", &call.to_string());
        let path = path.replace("{a}", &id.to_string()).replace("{b}", &id.to_string());
        let place = if path.ends_with("/rerun-plan") && method == "GET" { "?from_visit=1" } else { "" };
        let path = format!("{path}{place}");
        let call = house.client.call(&method, &path);
        let call = match body(operation) {
            Some(body) => call.json(&body),
            None => call,
        };
        let answer = call.send().await;
        let told = format!("{method} {path}: {answer}");
        if let Some((status, code)) = refused(operation) {
            answer.refused(status, code);
            continue;
        }
        assert!((200..300).contains(&answer.status), "{told}");
        assert!(operation.says["responses"].get(answer.status.to_string()).is_some(), "{told}");
    }
}
