//! A person's part in a run, its documents, and what its agents saw, over HTTP.

use callboard_fake_model::{Behaviour, Format};
use serde_json::{Value, json};

use crate::house::House;
use crate::support::store::Store;

on_both! {
    a_run_is_approved_over_http_and_not_twice
    a_question_is_answered_over_http
    a_message_reaches_the_next_agent
    limits_are_set_at_the_start_and_raised_later
    documents_are_listed_and_read
    what_an_agent_saw_is_what_its_model_was_sent
}

/// A house whose project has those stages, of agents who complete with whatever they are told.
async fn house(store: Store, stages: &str) -> House {
    let house = House::open(store).await;
    let file = format!(
        "project: p
models: {{ main: {{ provider: openai-compatible, model: m, base_url: '{}' }} }}
teams: {{ desk: {{ model: main, agents: {{ a: {{ role: A }}, b: {{ role: B }} }} }} }}
workflows:
  work:
    team: desk
    stages:{stages}
",
        house.model.base_url(Format::Openai)
    );
    house.client.apply(&file).await.is(200);
    house
}

/// The run, once it waits for that.
async fn waiting(house: &House, id: i64, what: &str) -> Value {
    let run = house.until(&format!("runs/{id}"), |run| run["waiting"]["for"] == what).await;
    assert_eq!(run["status"], "running", "{run}");
    run["waiting"].clone()
}

/// Waits until no run has a task, as the server itself counts them.
async fn idle(house: &House) {
    let asked = async {
        while !house.client.get("/metrics").await.text().contains("\ncallboard_runs_at_work 0\n") {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(crate::client::WAIT_MAX, asked).await.unwrap();
}

async fn a_run_is_approved_over_http_and_not_twice(store: Store) {
    let stages = "
      - { id: one, name: One, task: Begin., agents: [a], approval: [{ when: before }, { when: after }] }";
    let mut house = house(store, stages).await;
    let id = house.start(json!("owls")).await;
    let path = format!("runs/{id}/approvals");
    let before = waiting(&house, id, "person").await["approval"].clone();
    idle(&house).await;
    house.restart().await;
    idle(&house).await;
    assert_eq!(waiting(&house, id, "person").await["approval"], before);
    let approve = |approval: &Value| json!({ "approval": approval, "approve": true, "comment": "Go." });
    house
        .client
        .post(&path, &approve(&json!(before.as_u64().unwrap() + 1)))
        .await
        .refused(409, "run_not_waiting");
    house.client.post(&path, &approve(&before)).await.is(202);
    house.client.post(&path, &approve(&before)).await.refused(409, "run_not_waiting");
    let is_next = |run: &Value| run["waiting"]["approval"].is_u64() && run["waiting"]["approval"] != before;
    let run = house.until(&format!("runs/{id}"), is_next).await;
    let after = run["waiting"]["approval"].clone();
    let refuse = json!({ "approval": after, "approve": false, "comment": "Not like this." });
    house.client.post(&path, &refuse).await.is(202);
    let run = house.ended(id).await;
    assert_eq!((&run["status"], &run["error"]["code"]), (&json!("error"), &json!("rejected")));
    assert_eq!(run["waiting"], Value::Null);
    house.client.post(&path, &refuse).await.refused(409, "run_ended");
    house.client.post("runs/999/approvals", &refuse).await.refused(404, "run_not_found");
}

async fn a_question_is_answered_over_http(store: Store) {
    let stages = "
      - { id: one, name: One, task: Begin., agents: [{ agent: a, asks_user: true }] }";
    let house = house(store, stages).await;
    house.model.push(
        Behaviour::call("ask_user", json!({ "question": "Which owl?", "choices": ["barn", "eagle"] }))
            .times(1),
    );
    let id = house.start(json!("owls")).await;
    let asked = waiting(&house, id, "person").await;
    let run = house.client.get(&format!("runs/{id}")).await.is(200);
    assert_eq!(run["asks"][0]["text"], "Which owl?", "{run}");
    assert_eq!(run["asks"][0]["choices"], json!(["barn", "eagle"]));
    let answer = json!({ "question": asked["question"], "text": "a small one" });
    let path = format!("runs/{id}/answers");
    house.client.post(&path, &json!({ "question": asked["question"], "text": " " })).await.is(422);
    house.client.post(&path, &answer).await.is(202);
    assert_eq!(house.ended(id).await["status"], "completed");
    house.client.post(&path, &answer).await.refused(409, "run_ended");
    let told = house.model.requests().pop().unwrap();
    assert!(String::from_utf8_lossy(&told.body).contains("a small one"));
}

async fn a_message_reaches_the_next_agent(store: Store) {
    let stages = "
      - { id: one, name: One, task: Begin., agents: [a], approval: { when: before } }";
    let house = house(store, stages).await;
    let id = house.start(json!("owls")).await;
    let approval = waiting(&house, id, "person").await["approval"].clone();
    let path = format!("runs/{id}/messages");
    house.client.post(&path, &json!({ "text": "Mind the barn owls." })).await.is(202);
    house.client.post(&path, &json!({ "text": "x".repeat(20_001) })).await.is(422);
    house
        .client
        .post(&format!("runs/{id}/approvals"), &json!({ "approval": approval, "approve": true }))
        .await
        .is(202);
    house.ended(id).await;
    let told = house.model.requests().pop().unwrap();
    assert!(String::from_utf8_lossy(&told.body).contains("Mind the barn owls."));
    house.client.post(&path, &json!({ "text": "Too late." })).await.refused(409, "run_ended");
}

async fn limits_are_set_at_the_start_and_raised_later(store: Store) {
    let stages = "
      - { id: one, name: One, task: Begin., agents: [a] }
      - { id: two, name: Two, task: End., agents: [b] }";
    let house = house(store, stages).await;
    let path = format!("workflows/{}/runs", house.workflow("work").await);
    let body = json!({ "input": "owls", "limits": { "model_calls": 1, "on_limit": "wait" } });
    let id = house.client.post(&path, &body).await.is(201)["id"].as_i64().unwrap();
    let waits = waiting(&house, id, "limit").await;
    assert_eq!(waits["limit"], "model_calls", "{waits}");
    idle(&house).await;
    assert_eq!(house.model.count(), 1);
    let path = format!("runs/{id}/limits");
    house.client.post(&path, &json!({ "model_calls": -1 })).await.is(422);
    house.client.post(&path, &json!({ "model_calls": 5 })).await.is(202);
    assert_eq!(house.ended(id).await["status"], "completed");
    house.client.post(&path, &json!({ "model_calls": 6 })).await.refused(409, "run_ended");
}

async fn documents_are_listed_and_read(store: Store) {
    let stages = "
      - { id: one, name: One, task: Begin., agents: [{ agent: a, tools: [write_file, read_file, list_files] }] }";
    let house = house(store, stages).await;
    let write = |path: &str, text: &str| json!({ "path": path, "text": text });
    house.model.push(
        Behaviour::call("write_file", write("notes/owls.md", "First."))
            .and_call("write_file", write("b.html", "<script>alert(1)</script>"))
            .times(1),
    );
    house.model.push(Behaviour::call("write_file", write("notes/owls.md", "Grüße.")).times(1));
    house.model.push(Behaviour::call("read_file", json!({ "path": "notes/owls.md" })).times(1));
    let id = house.start(json!("owls")).await;
    assert_eq!(house.ended(id).await["status"], "completed");
    let list = house.client.get(&format!("runs/{id}/documents")).await.is(200);
    let paths: Vec<_> = list["items"].as_array().unwrap().iter().map(|document| &document["path"]).collect();
    assert_eq!(paths, ["notes/owls.md", "b.html"]);
    assert_eq!((&list["items"][0]["bytes"], &list["items"][0]["agent"]), (&json!(8), &json!("a")));
    let read = house.client.get(&format!("runs/{id}/documents/notes%2Fowls.md")).await;
    assert_eq!((read.status, read.text()), (200, "Grüße."));
    let page = house.client.get(&format!("runs/{id}/documents/b.html")).await;
    assert_eq!((page.kind(), page.header("content-security-policy")), ("text/plain", "sandbox"));
    house.client.get(&format!("runs/{id}/documents/c.md")).await.refused(404, "document_not_found");
    // The agent read what it had written last.
    let told = house.model.requests().pop().unwrap();
    assert!(String::from_utf8_lossy(&told.body).contains("Grüße."));
}

async fn what_an_agent_saw_is_what_its_model_was_sent(store: Store) {
    let stages = "
      - { id: one, name: One, task: 'Look at {{ input }}.', agents: [{ agent: a, shares: [facts] }] }
      - { id: two, name: Two, task: 'Judge {{ memory.facts }}.', agents: [a, b] }";
    let house = house(store, stages).await;
    let share = json!({ "key": "facts", "value": ["Owls \"hoot\"", { "ü": 1 }] });
    house.model.push(Behaviour::call("share_result", share).agent("You are a.").times(1));
    house.model.push(Behaviour::text("I wonder.").agent("You are a.").when("Judge").times(1));
    let id = house.start(json!("night owls")).await;
    assert_eq!(house.ended(id).await["status"], "completed");
    let events = house.events(id).await;
    let begun: Vec<&Value> = events.iter().filter(|event| event["kind"] == "model_call_started").collect();
    let requests = house.model.requests();
    assert_eq!(begun.len(), requests.len());
    assert!(begun.len() >= 4, "{begun:?}");
    for (begun, request) in begun.iter().zip(requests) {
        let call = house.client.get(&format!("runs/{id}/calls/{}", begun["call"])).await.is(200);
        assert_eq!((&call["agent"], &call["model"]), (&begun["agent"], &begun["model"]));
        let sent = request.json();
        let (kept, sent) = (call["messages"].as_array().unwrap(), sent["messages"].as_array().unwrap());
        assert_eq!(texts(kept, "text"), texts(sent, "content"));
        assert_eq!(names(&kept[0]["tools"], "/name"), names(&request.json()["tools"], "/function/name"));
    }
    let call = begun[0]["call"].as_u64().unwrap();
    house.client.get(&format!("runs/{id}/calls/{call}?attempt=2")).await.refused(404, "call_not_found");
    house.client.get(&format!("runs/{id}/calls/1")).await.refused(404, "call_not_found");
}

/// The texts of messages, in order; the results of tools are messages of their own, or within one.
fn texts<'m>(messages: &'m [Value], field: &str) -> Vec<&'m str> {
    let results = |message: &'m Value| message["results"].as_array().into_iter().flatten();
    let all = messages.iter().flat_map(|message| std::iter::once(message).chain(results(message)));
    all.filter_map(|message| message[field].as_str()).filter(|text| !text.is_empty()).collect()
}

fn names<'t>(tools: &'t Value, place: &str) -> Vec<&'t str> {
    let tools = tools.as_array().unwrap();
    tools.iter().map(|tool| tool.pointer(place).unwrap().as_str().unwrap()).collect()
}
