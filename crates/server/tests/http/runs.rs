//! Runs: started, waited for, read, stopped and deleted.

use callboard_fake_model::{Behaviour, End};
use serde_json::{Value, json};

use crate::house::House;
use crate::support::store::Store;

on_both! {
    an_input_of_any_kind_arrives_as_it_is
    a_run_is_one_story_in_its_object_its_events_and_its_results
    a_trigger_answers_at_once_or_waits_for_the_end
    a_trigger_names_one_workflow
    a_stop_is_taken_once_and_shows_everywhere
    a_run_is_deleted_only_when_it_has_ended_and_then_everywhere
    a_failed_run_says_where_and_why
    events_are_read_page_by_page
    a_page_of_events_ends_before_it_grows_too_large
    what_this_version_cannot_do_is_refused_before_anything_starts
    an_answer_with_any_characters_is_kept
}

async fn an_input_of_any_kind_arrives_as_it_is(store: Store) {
    let house = House::with_project(store).await;
    let deep = (0..100).fold(json!(1), |inner, _| json!([inner]));
    for input in [
        json!("owls"),
        json!(""),
        json!("\u{1f989} \u{2028}\n\r\t\"\\ </script> {{ input }}"),
        json!(0),
        json!(-1),
        json!(1.5e-7),
        json!(18_446_744_073_709_551_615_u64),
        json!(true),
        json!([]),
        json!({}),
        json!([1, [2, { "a": null }], "x"]),
        json!({ "z": 1, "a": { "": [], "ä": false }, "kind": "run_failed", "seq": 0 }),
        deep,
    ] {
        let id = house.start(input.clone()).await;
        let run = house.ended(id).await;
        assert_eq!(run["input"].to_string(), input.to_string(), "the order of keys stays too");
        assert_eq!(run["status"], "completed");
        let events = house.events(id).await;
        assert_eq!(events[0]["input"], input);
        let row = house.client.get("runs?limit=1").await.is(200);
        assert_eq!(row["items"][0]["input"], input);
    }
    // Nothing is nothing.
    let path = format!("workflows/{}/runs", house.workflow("work").await);
    for body in ["", "{}", "{\"input\":null}"] {
        let run = house.client.call("POST", &path).body("application/json", body).send().await.is(201);
        assert_eq!(run["input"], Value::Null, "{body:?}");
    }
}

async fn a_run_is_one_story_in_its_object_its_events_and_its_results(store: Store) {
    let house = House::with_project(store).await;
    let shared = json!({ "key": "facts", "value": { "owls": [1, null] } });
    house.model.push(Behaviour::call("share_result", shared).agent("You are a.").times(1));
    let id = house.start(json!("owls")).await;
    let run = house.ended(id).await;
    let events = house.events(id).await;
    assert_eq!(run["status"], "completed", "{run}");
    let numbers: Vec<u64> = events.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=events.len() as u64).collect::<Vec<_>>());
    let calls = events.iter().filter(|event| event["kind"] == "model_call_finished").count();
    assert_eq!(run["usage"]["model_calls"], calls);
    assert_eq!((&run["source"]["kind"], &run["source"]["by"]), (&json!("manual"), &json!("local")));

    let definition = house.client.get(&format!("runs/{id}/definition")).await.is(200);
    assert_eq!(definition["name"], run["workflow"]);
    let stages = definition["workflow"]["stages"].as_array().unwrap().iter().map(|stage| &stage["id"]);
    assert_eq!(
        stages.collect::<Vec<_>>(),
        run["visits"].as_array().unwrap().iter().map(|visit| &visit["stage"]).collect::<Vec<_>>()
    );
    house.client.get("runs/999/definition").await.refused(404, "run_not_found");

    for visit in run["visits"].as_array().unwrap() {
        let path = format!("runs/{id}/visits/{}/result.md", visit["visit"]);
        let result = house.client.get(&path).await;
        assert_eq!((result.status, result.kind()), (200, "text/markdown"));
        assert_eq!(result.text(), visit["result"]);
        let name = format!("run-{id}-{}-1.md", visit["stage"].as_str().unwrap());
        assert_eq!(result.header("content-disposition"), format!("attachment; filename=\"{name}\""));
    }
    assert_eq!(run["result"], run["visits"][1]["result"]);
    house.client.get(&format!("runs/{id}/visits/3/result.md")).await.refused(404, "visit_not_found");

    let memory = house.client.get(&format!("runs/{id}/memory")).await.is(200);
    assert_eq!(memory, run["memory"]);
    let facts = json!({ "value": { "owls": [1, null] }, "agent": "a", "visit": 1, "run_id": id });
    assert_eq!(memory, json!({ "facts": facts }));
}

async fn a_trigger_answers_at_once_or_waits_for_the_end(store: Store) {
    let house = House::with_project(store).await;
    let client = house.client;
    let work = house.workflow("work").await;
    let body = json!({ "workflow_id": work, "input": "x", "metadata": { "ticket": [7] } });
    let started = client.post("trigger", &body).await.is(201);
    let id = started["run_id"].as_i64().unwrap();
    let url = format!("http://{}/runs/{id}", client.address);
    let status = started["status"].clone();
    assert_eq!(
        started,
        json!({ "run_id": id, "workflow_run_id": id, "workflow_id": work, "status": status, "url": url })
    );
    let run = house.ended(id).await;
    assert_eq!((&run["metadata"], &run["source"]["kind"]), (&json!({ "ticket": [7] }), &json!("api")));

    for wait in [30, 300, 100_000] {
        let mut run = client.post(&format!("trigger?wait={wait}"), &body).await.is(200);
        // What the other answers say stands in this one too.
        let fields = run.as_object_mut().unwrap();
        let told = ["run_id", "workflow_run_id", "url"].map(|name| fields.shift_remove(name).unwrap());
        let (id, url) = (&run["id"], format!("http://{}/runs/{}", client.address, run["id"]));
        assert_eq!(told, [id.clone(), id.clone(), url.into()]);
        let same = client.get(&format!("runs/{}", run["id"])).await.is(200);
        assert_eq!((&run["status"], &same), (&json!("completed"), &run));
    }
    house.model.push(Behaviour::hang().agent("You are a."));
    for wait in [0, 1] {
        let waited = client.post(&format!("trigger?wait={wait}"), &body).await;
        assert_eq!(waited.header("location"), format!("/api/v1/runs/{}", waited.json()["run_id"]));
        assert_eq!(waited.is(202)["status"], "running");
    }
    for wait in ["-1", "x", "", "1.5", "99999999999999999999"] {
        client.post(&format!("trigger?wait={wait}"), &body).await.refused(400, "parameter_invalid");
    }
}

async fn a_trigger_names_one_workflow(store: Store) {
    let house = House::with_project(store).await;
    let work = house.workflow("work").await;
    let model = house.part("projects/1/models", "main").await;
    for (body, status, code) in [
        (json!({}), 422, "workflow_missing"),
        (json!({ "workflow": "p/work", "workflow_id": work }), 422, "workflow_missing"),
        (json!({ "workflow": "p" }), 404, "workflow_not_found"),
        (json!({ "workflow": "" }), 404, "workflow_not_found"),
        (json!({ "workflow": "p/work/x" }), 404, "workflow_not_found"),
        (json!({ "workflow": "q/work" }), 404, "workflow_not_found"),
        (json!({ "workflow": "p/nothing" }), 404, "workflow_not_found"),
        (json!({ "workflow_id": work + 1_000 }), 404, "workflow_not_found"),
        (json!({ "workflow_id": -1 }), 404, "workflow_not_found"),
        (json!({ "workflow_id": model }), 404, "workflow_not_found"),
        (json!({ "workflow_id": work.to_string() }), 422, "body_invalid"),
        (json!({ "workflow_id": 1.5 }), 422, "body_invalid"),
        (json!({ "workflow_id": u64::MAX }), 422, "body_invalid"),
        (json!({ "workflow_id": work, "inputs": 1 }), 422, "body_invalid"),
        (json!({ "workflow_id": work, "callback_url": "example.org" }), 422, "invalid_url"),
        (json!([work]), 422, "body_invalid"),
        (json!("p/work"), 422, "body_invalid"),
    ] {
        house.client.post("trigger", &body).await.refused(status, code);
    }
    assert_eq!(house.client.get("runs").await.is(200)["items"], json!([]));
    let named = house.client.post("trigger", &json!({ "workflow": "p/work" })).await.is(201);
    assert_eq!(named["workflow_id"], work);
}

async fn a_stop_is_taken_once_and_shows_everywhere(store: Store) {
    let house = House::with_project(store).await;
    house.model.push(Behaviour::hang().agent("You are a."));
    let id = house.start(json!("x")).await;
    house.model.wait_for_requests(1).await;
    let path = format!("runs/{id}/stop");
    let long = json!({ "reason": "x".repeat(2_001) });
    house.client.post(&path, &long).await.refused(422, "reason_too_long");
    let reason = "enough \u{1f989}".repeat(200);
    let stopping = house.client.post(&path, &json!({ "reason": reason })).await.is(202);
    assert_eq!(stopping["stop_requested"], true);
    let run = house.ended(id).await;
    assert_eq!((&run["status"], &run["visits"][0]["status"]), (&json!("stopped"), &json!("stopped")));
    house.model.wait_for_disconnects(1).await;
    let row = &house.client.get("runs").await.is(200)["items"][0];
    assert_eq!((&row["status"], &row["stop_requested"]), (&json!("stopped"), &json!(true)));
    let events = house.events(id).await;
    let asked = events.iter().find(|event| event["kind"] == "stop_requested").unwrap();
    assert_eq!((&asked["reason"], &asked["by"]), (&json!(reason), &json!("local")));
    for body in ["", "{}", "{\"reason\":\"again\"}"] {
        let again = house.client.call("POST", &path).body("application/json", body).send().await;
        again.refused(409, "run_ended");
    }
    house.client.post("runs/999/stop", &json!({})).await.refused(404, "run_not_found");
    // One that has ended by itself is not stopped either.
    let id =
        house.client.post("trigger?wait=60", &json!({ "workflow": "p/play" })).await.is(200)["id"].clone();
    house.client.post(&format!("runs/{id}/stop"), &json!({})).await.refused(409, "run_ended");
}

async fn a_run_is_deleted_only_when_it_has_ended_and_then_everywhere(store: Store) {
    let house = House::with_project(store).await;
    house.model.push(Behaviour::hang().agent("You are a.").times(1));
    let id = house.start(json!("x")).await;
    house.model.wait_for_requests(1).await;
    let other = house.start(json!("y")).await;
    let kept = house.ended(other).await;
    let path = format!("runs/{id}");
    house.client.delete(&path).await.refused(409, "run_not_ended");
    house.client.post(&format!("{path}/stop"), &json!({})).await.is(202);
    house.ended(id).await;
    assert_eq!(house.client.delete(&path).await.status, 204);
    for of in ["", "/events", "/stream", "/memory", "/visits/1/result.md"] {
        house.client.get(&format!("{path}{of}")).await.refused(404, "run_not_found");
    }
    house.client.delete(&path).await.refused(404, "run_not_found");
    house.client.post(&format!("{path}/stop"), &json!({})).await.refused(404, "run_not_found");
    let list = house.client.get("runs").await.is(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
    assert_eq!(house.client.get(&format!("runs/{other}")).await.is(200), kept);
}

async fn a_failed_run_says_where_and_why(store: Store) {
    let house = House::with_project(store).await;
    house.model.push(Behaviour::status(400, r#"{"error":{"message":"no such thing"}}"#).agent("You are b."));
    let id = house.start(json!("x")).await;
    let run = house.ended(id).await;
    let error = &run["error"];
    assert_eq!(run["status"], "error");
    assert_eq!((&error["stage"], &error["visit"], &error["agent"]), (&json!("two"), &json!(2), &json!("b")));
    assert_eq!(error["doing"], "calling the model main");
    assert!(error["provider_message"].as_str().unwrap().contains("no such thing"), "{error}");
    assert!(!error["hint"].as_str().unwrap().is_empty());
    let row = house.client.get("runs?status=error").await.is(200);
    assert_eq!(row["items"][0]["error"], *error);
    house.client.get(&format!("runs/{id}/visits/2/result.md")).await.refused(404, "result_not_found");
}

async fn events_are_read_page_by_page(store: Store) {
    let house = House::with_project(store).await;
    let id = house.start(json!("x")).await;
    house.ended(id).await;
    let all = house.events(id).await;
    let path = format!("runs/{id}/events");
    for limit in [1, 2, 3, 7, all.len(), 1_000, 100_000] {
        let mut seen = Vec::new();
        let mut after = "0".to_owned();
        loop {
            let page = house.client.get(&format!("{path}?after={after}&limit={limit}")).await.is(200);
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= limit);
            seen.extend(items.iter().cloned());
            match page["next"].as_str() {
                Some(next) => after = next.to_owned(),
                None => break,
            }
        }
        assert_eq!(seen, all, "{limit}");
    }
    let beyond = house.client.get(&format!("{path}?after={}", all.len() + 5)).await.is(200);
    assert_eq!(beyond, json!({ "items": [], "next": null }));
    for (query, code) in [
        ("limit=0", "limit_invalid"),
        ("limit=-1", "parameter_invalid"),
        ("limit=x", "parameter_invalid"),
        ("after=-1", "cursor_invalid"),
        ("after=x", "cursor_invalid"),
        ("after=", "cursor_invalid"),
        ("after=99999999999999999999", "cursor_invalid"),
        ("before=1", "parameter_invalid"),
        ("after=1&after=2", "parameter_invalid"),
    ] {
        house.client.get(&format!("{path}?{query}")).await.refused(400, code);
    }
}

async fn a_page_of_events_ends_before_it_grows_too_large(store: Store) {
    let house = House::with_project(store).await;
    let large = "x".repeat(1_500_000);
    house.model.push(Behaviour::text(&*large).agent("You are a.").times(1));
    let id = house.start(json!("x")).await;
    let run = house.ended(id).await;
    assert_eq!(run["visits"][0]["result"], large);
    let mut seen = Vec::new();
    let mut pages = 0;
    let mut after = "0".to_owned();
    loop {
        let page = house.client.get(&format!("runs/{id}/events?limit=1000&after={after}")).await;
        assert!(page.body.len() < 5_000_000, "a page of {} bytes", page.body.len());
        let page = page.is(200);
        seen.extend(page["items"].as_array().unwrap().iter().map(|event| event["seq"].as_u64().unwrap()));
        pages += 1;
        match page["next"].as_str() {
            Some(next) => after = next.to_owned(),
            None => break,
        }
    }
    assert!(pages > 1);
    let last = seen.len() as u64;
    assert_eq!(seen, (1..=last).collect::<Vec<_>>());
    assert_eq!(house.events(id).await.last().unwrap()["seq"], last);
}

async fn what_this_version_cannot_do_is_refused_before_anything_starts(store: Store) {
    let house = House::with_project(store).await;
    let limits = json!({ "input": "x", "limits": { "cost_usd": 1.0 } });
    let path = format!("workflows/{}/runs", house.workflow("work").await);
    house.client.post(&path, &limits).await.refused(422, "model_without_price");
    // Nor is one that nobody knows passed over.
    house.client.post(&path, &json!({ "limits": { "euros": 1 } })).await.is(422);
    assert_eq!(house.client.get("runs").await.is(200)["items"], json!([]));
}

async fn an_answer_with_any_characters_is_kept(store: Store) {
    let house = House::with_project(store).await;
    let odd = "a\0b \u{feff}\u{2028}\r\n\ndata: x\n\nevent: end \u{1f989}";
    let result = json!({ "result": odd, "summary": odd });
    house.model.push(Behaviour::text(odd).ends(End::Whole).agent("You are a.").times(1));
    house.model.push(Behaviour::call("complete", result).agent("You are b.").times(1));
    let id = house.start(json!(odd.replace('\0', ""))).await;
    let run = house.ended(id).await;
    assert_eq!(run["status"], "completed", "{run}");
    let row = house.client.get("runs").await.is(200)["items"][0].clone();
    assert_eq!(row["result"], run["result"]);
    let shown = run["result"].as_str().unwrap();
    assert_eq!(shown.replace(['\0', '\u{fffd}'], "?"), odd.replace('\0', "?"));
    let read = house.client.get(&format!("runs/{id}/visits/2/result.md")).await;
    assert_eq!(Value::from(read.text()), run["result"]);
}
