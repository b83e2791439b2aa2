//! Runs as files: whole, true to what is stored, without secrets, and played again.

use std::collections::BTreeSet;

use callboard_engine::replay::{Messages, replay};
use callboard_engine::status::Status;
use callboard_fake_model::{Behaviour, Format};
use serde_json::{Value, json};

use crate::house::House;
use crate::support::store::Store;

on_both! {
    a_file_has_all_of_a_run
    a_run_that_goes_on_is_exported_as_far_as_it_is
    a_long_history_is_exported_page_by_page
    no_secret_is_in_a_file
    a_run_that_is_not_there_has_no_file
    what_was_changed_in_a_file_is_found
}

async fn a_file_has_all_of_a_run(store: Store) {
    let house = House::open(store).await;
    house
        .client
        .apply(&house.file().replace("agents: [a] }", "agents: [{ agent: a, tools: [write_file] }] }"))
        .await
        .is(200);
    let letter = json!({ "path": "letter.md", "text": "Dear owls,\n\u{1f989} \u{2028} \"\\" });
    house.model.push(
        Behaviour::call("write_file", letter.clone())
            .and_call("share_result", json!({ "key": "facts", "value": { "owls": [1, null] } }))
            .times(1),
    );
    let id = house.start(json!({ "z": 1, "a": [1.0, 1e-7] })).await;
    house.ended(id).await;
    let answer = house.client.get(&format!("runs/{id}/export")).await;
    let disposition = answer.headers["content-disposition"].to_str().unwrap().to_owned();
    assert_eq!(disposition, format!("attachment; filename=\"run-{id}.json\""));
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(file["format"], "callboard-run");
    assert_eq!(file["version"], 1);
    assert_eq!(
        file["run"],
        json!({ "id": id, "status": "completed", "seq": file["events"].as_array().unwrap().len() })
    );

    // The events are the very text of the list of events.
    let page = house.client.get(&format!("runs/{id}/events?limit=1000")).await;
    let page = String::from_utf8(page.body.to_vec()).unwrap();
    let items = page.strip_prefix("{\"items\":").unwrap().rsplit_once(",\"next\"").unwrap().0;
    assert!(text.contains(&format!("\"events\":{items},\"messages\":")), "{text}");

    // Everything that a model was sent is there, from its first message on.
    let calls =
        file["events"].as_array().unwrap().iter().filter(|event| event["kind"] == "model_call_started");
    let mut reached = BTreeSet::new();
    for call in calls {
        let sent = house.client.get(&format!("runs/{id}/calls/{}", call["call"])).await.is(200);
        let mut messages = Vec::new();
        let mut next = call["sent"].as_str();
        while let Some(hash) = next {
            let kept = &file["messages"][hash];
            messages.insert(0, kept["message"].clone());
            reached.insert(hash.to_owned());
            next = kept["before"].as_str();
        }
        assert_eq!(Value::from(messages), sent["messages"]);
    }
    assert_eq!(reached.len(), file["messages"].as_object().unwrap().len(), "and nothing else");

    let documents = file["documents"].as_object().unwrap();
    assert_eq!(documents.values().collect::<Vec<_>>(), [&letter["text"]]);
}

async fn a_run_that_goes_on_is_exported_as_far_as_it_is(store: Store) {
    let house = House::with_project(store).await;
    house.model.push(Behaviour::hang().times(1));
    let id = house.start(json!("owls")).await;
    house.model.wait_for_requests(1).await;
    let recorded = house.exported(id).await;
    assert_eq!(recorded.run.status, Status::Running);
    house.client.post(&format!("runs/{id}/stop"), &json!({})).await.is(202);
    house.ended(id).await;
    let after = house.exported(id).await;
    assert_eq!(after.run.status, Status::Stopped);
    assert_eq!(after.events[..recorded.events.len()], recorded.events, "what was there stays");
}

async fn a_long_history_is_exported_page_by_page(store: Store) {
    let house = House::with_project(store).await;
    house.model.push(Behaviour::hang().times(1));
    let id = house.start(json!("owls")).await;
    house.model.wait_for_requests(1).await;
    for number in 0..60 {
        let text = format!("Word {number}. {}", "long ".repeat(2_000));
        house.client.post(&format!("runs/{id}/messages"), &json!({ "text": text })).await.is(202);
    }
    house.client.post(&format!("runs/{id}/stop"), &json!({})).await.is(202);
    house.ended(id).await;
    let stored = house.events(id).await;
    let exported: Vec<Value> =
        house.exported(id).await.events.iter().map(|event| serde_json::to_value(event).unwrap()).collect();
    assert_eq!(exported, stored);
    assert!(stored.len() > 60, "{}", stored.len());
}

/// Values that nothing else looks like.
const KEY: &str = "sk-5ecret-of-the-model-OwlsAtDawn";
const TOKEN: &str = "5ecret-of-the-tool-OwlsAtDusk";

async fn no_secret_is_in_a_file(store: Store) {
    let house = House::open(store).await;
    let file = format!(
        "project: p
models:
  main: {{ provider: openai-compatible, model: m, base_url: '{}', api_key: {{ secret: KEY }} }}
tools:
  tell: {{ command: [sh, -c, 'echo \"$TOKEN and $TOKEN\"; echo \"$TOKEN\" >&2'], description: Tells., env: {{ TOKEN: {{ secret: TOKEN }} }} }}
teams: {{ desk: {{ model: main, agents: {{ a: {{ role: A, tools: [tell] }}, b: {{ role: B }} }} }} }}
workflows:
  work:
    team: desk
    stages:
      - {{ id: one, name: One, task: Tell., agents: [a], entry: [{{ tool: tell, arguments: {{}}, key: told }}] }}
      - {{ id: two, name: Two, task: 'It told {{{{ memory.told }}}}.', agents: [b] }}
",
        house.model.base_url(Format::Openai)
    );
    house.client.apply(&file).await.is(200);
    for (name, value) in [("KEY", KEY), ("TOKEN", TOKEN)] {
        house
            .client
            .call("PUT", &format!("projects/1/secrets/{name}"))
            .json(&json!({ "value": value }))
            .send()
            .await;
    }
    house.model.push(Behaviour::call("tell", json!({})).times(1));
    let id = house.start(json!("owls")).await;
    let run = house.ended(id).await;
    assert_eq!(run["status"], "completed", "{run}");
    let sent = house.model.requests();
    assert!(sent.iter().any(|request| format!("{:?}", request.headers).contains(KEY)), "the key was used");
    let answer = house.client.get(&format!("runs/{id}/export")).await;
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    assert!(!text.contains(KEY) && !text.contains(TOKEN), "{text}");
    // The tool did say it, and its name is all that the definition has.
    assert!(text.contains("\"api_key\":{\"secret\":\"KEY\"}"), "{text}");
    let told =
        house.events(id).await.into_iter().find(|event| event["kind"] == "tool_call_finished").unwrap();
    assert_eq!(told["text"], "[key] and [key]", "{told}");
}

async fn a_run_that_is_not_there_has_no_file(store: Store) {
    let house = House::with_project(store).await;
    house.client.get("runs/1/export").await.refused(404, "run_not_found");
    let id = house.start(json!("owls")).await;
    house.ended(id).await;
    house.client.delete(&format!("runs/{id}")).await.is(204);
    house.client.get(&format!("runs/{id}/export")).await.refused(404, "run_not_found");
}

async fn what_was_changed_in_a_file_is_found(store: Store) {
    let house = House::with_project(store).await;
    house.model.push(Behaviour::text("Said plainly."));
    let id = house.start(json!("owls")).await;
    house.ended(id).await;
    let recorded = house.exported(id).await;
    let mut events: Vec<Value> =
        recorded.events.iter().map(|event| serde_json::to_value(event).unwrap()).collect();
    let place = events.iter().position(|event| event["kind"] == "model_call_finished").unwrap();
    events[place]["answer"]["text"] = json!("Other words.");
    let history: Vec<_> = events.into_iter().map(|event| serde_json::from_value(event).unwrap()).collect();
    let played = replay(recorded.definition, &history, &Messages::default());
    let first = &played.differences[0];
    // An agent that is alone completes with what it says.
    assert_eq!(first.seq, place as u64 + 2, "{first:#?}");
    assert_eq!(first.fields[0].path, "/result");
    assert_eq!(first.decided.as_ref().unwrap()["result"], "Other words.");
}
