//! What a re-run takes over, and how it goes on from there.

use callboard_fake_model::Behaviour;
use serde_json::{Value, json};

use super::{STAGES, completes, file, path, rerun, with_source};
use crate::house::House;
use crate::support::store::Store;

on_both! {
    the_first_agent_is_sent_what_it_would_have_been_sent
    memory_and_documents_are_as_they_were_before_the_visit
    another_outcome_is_taken_without_asking_again
    a_run_that_was_stopped_in_the_middle_of_a_stage_goes_on_there
    a_run_that_failed_goes_on_with_what_was_mended
    a_loop_goes_on_with_its_counters_as_they_were
    the_newest_definition_or_the_original_one
    overrides_hold_for_the_new_run_alone
    a_run_without_rows_of_its_visits_is_read_from_its_events
    a_re_run_is_taken_up_after_a_restart
    what_a_workflow_brought_to_a_re_run_is_taken_over_from_it
}

async fn the_first_agent_is_sent_what_it_would_have_been_sent(store: Store) {
    let (house, source) = with_source(store).await;
    let events = house.events(source).await;
    for visit in 2..=6 {
        let first = events
            .iter()
            .position(|event| event["kind"] == "model_call_started" && event["visit"] == visit)
            .unwrap();
        let calls_before =
            events[..first].iter().filter(|event| event["kind"] == "model_call_started").count();
        let sent = house.model.requests()[calls_before].json();
        let count = house.model.count();
        let again = rerun(&house, source, json!({ "from_visit": visit })).await;
        house.ended(again).await;
        let asked = house.model.requests().swap_remove(usize::try_from(count).unwrap()).json();
        let (before, now) = (sent["messages"].as_array().unwrap(), asked["messages"].as_array().unwrap());
        assert_eq!(before.len(), now.len());
        for (before, now) in before.iter().zip(now) {
            assert_eq!(before, now, "visit {visit}, message by message");
        }
        assert_eq!(sent, asked, "tools and parameters too");
        let kept = house.events(again).await;
        let kept = kept.iter().find(|event| event["kind"] == "model_call_started").unwrap();
        assert_eq!(kept["sent"], events[first]["sent"]);
    }
}

async fn memory_and_documents_are_as_they_were_before_the_visit(store: Store) {
    let (house, source) = with_source(store).await;
    let document = async |run: i64| house.client.get(&format!("runs/{run}/documents/notes.md")).await;
    assert_eq!(document(source).await.text(), "Second notes.");
    // The visit that wrote the second notes is made again, and writes nothing now.
    let again = rerun(&house, source, json!({ "from_visit": 2 })).await;
    let run = house.ended(again).await;
    assert_eq!(document(again).await.text(), "First notes.");
    let shared = json!({ "value": { "owls": ["hoot", 3] }, "agent": "a", "visit": 1, "run_id": source });
    assert_eq!(run["memory"]["facts"], shared);
    assert_eq!(run["visits"][0]["status"], "inherited");
    let before = house.client.get(&format!("runs/{source}")).await.is(200);
    for field in ["stage", "name", "nth", "started_at", "ended_at", "result", "summaries", "usage"] {
        assert_eq!(run["visits"][0][field], before["visits"][0][field], "{field}");
    }
    // A later one keeps what was written before it.
    let later = rerun(&house, source, json!({ "from_visit": 3 })).await;
    house.ended(later).await;
    assert_eq!(document(later).await.text(), "Second notes.");
    let list = house.client.get(&format!("runs/{later}/documents")).await.is(200);
    assert_eq!(list["items"][0]["visit"], 2);
}

async fn another_outcome_is_taken_without_asking_again(store: Store) {
    let (house, source) = with_source(store).await;
    let count = house.model.count();
    let ended = rerun(&house, source, json!({ "after_visit": 3, "outcome": "bad" })).await;
    let run = house.ended(ended).await;
    assert_eq!(path(&run), ["facts", "draft", "review:bad"]);
    assert_eq!((&run["status"], &run["result"]), (&json!("completed"), &json!("It is revise.")));
    assert_eq!(house.model.count(), count, "nothing was asked to get there");
    assert_eq!(run["source"]["after_visit"], 3);
    assert_eq!(run["source"]["outcome"], "bad");

    let printed = rerun(&house, source, json!({ "after_visit": 3, "outcome": "good" })).await;
    let run = house.ended(printed).await;
    assert_eq!(path(&run), ["facts", "draft", "review:good", "print"]);
    assert_eq!(house.model.count(), count + 1, "only what comes after it is asked");
    let told = house.model.requests().pop().unwrap();
    assert!(String::from_utf8_lossy(&told.body).contains("outcome=\\\"good\\\""));
}

async fn a_run_that_was_stopped_in_the_middle_of_a_stage_goes_on_there(store: Store) {
    let (house, _) = with_source(store).await;
    house.model.push_first(Behaviour::hang().when("Judge").times(1));
    let count = house.model.count();
    let stopped = house.start(json!("mice")).await;
    house.model.wait_for_requests(count + 3).await;
    house.client.post(&format!("runs/{stopped}/stop"), &json!({})).await.is(202);
    let run = house.ended(stopped).await;
    assert_eq!((&run["status"], run["visits"].as_array().unwrap().len()), (&json!("stopped"), 3));
    let again = rerun(&house, stopped, json!({ "from_stage": "review" })).await;
    let run = house.ended(again).await;
    assert_eq!(path(&run), ["facts", "draft", "review:good", "print"]);
    assert_eq!(run["visits"][2]["nth"], 1);
}

async fn a_run_that_failed_goes_on_with_what_was_mended(store: Store) {
    let (house, _) = with_source(store).await;
    house.model.push_first(Behaviour::status(401, "no such key").when("Print it").times(1));
    let failed = house.start(json!("mice")).await;
    let run = house.ended(failed).await;
    assert_eq!((&run["status"], &run["error"]["stage"]), (&json!("error"), &json!("print")));
    let visit = run["error"]["visit"].clone();
    let again = rerun(&house, failed, json!({ "from_visit": visit })).await;
    let run = house.ended(again).await;
    assert_eq!((&run["status"], &run["usage"]["model_calls"]), (&json!("completed"), &json!(1)));
}

async fn a_loop_goes_on_with_its_counters_as_they_were(store: Store) {
    let (house, source) = with_source(store).await;
    let stages = STAGES.replace("name: Draft,", "name: Draft, max_visits: 2,");
    house.client.apply(&file(&house, &stages)).await.is(200);
    house.model.push_first(super::judges("revise").times(1));
    // The draft was visited twice before: a third time is once too often.
    let again = rerun(&house, source, json!({ "from_visit": 5 })).await;
    let run = house.ended(again).await;
    assert_eq!((&run["status"], &run["error"]["code"]), (&json!("error"), &json!("loop_guard")));
    assert_eq!(run["visits"][4]["nth"], 2);
    // The record is whole, and another outcome leads on.
    let on = rerun(&house, again, json!({ "after_visit": 5, "outcome": "good" })).await;
    let run = house.ended(on).await;
    assert_eq!(path(&run), ["facts", "draft", "review:revise", "draft", "review:good", "print"]);
    assert_eq!(run["visits"][4]["inherited_from"], json!({ "run_id": again, "visit": 5 }));
    assert_eq!(run["visits"][3]["inherited_from"], json!({ "run_id": source, "visit": 4 }));
}

async fn the_newest_definition_or_the_original_one(store: Store) {
    let (house, source) = with_source(store).await;
    let changed = STAGES
        .replace("id: print, name: Print, task: Print it.", "id: print, name: Publish, task: Publish it.")
        .replace(
            "      - { id: draft,",
            "      - { id: check, name: Check, task: Check., agents: [b] }\n      - { id: draft,",
        );
    house.client.apply(&file(&house, &changed)).await.is(200);
    let plan = house.client.get(&format!("runs/{source}/rerun-plan?from_visit=6")).await.is(200);
    let stages: Vec<_> = plan["difference"]["stages"].as_array().unwrap().iter().collect();
    assert_eq!(stages.len(), 2, "{plan}");
    assert_eq!((&stages[0]["part"], &stages[0]["change"]), (&json!("stages/check"), &json!("added")));
    assert_eq!(stages[1]["fields"][1]["after"], "Publish it.");
    assert!(plan["notes"][0].as_str().unwrap().contains("Check"), "{plan}");
    let newest = rerun(&house, source, json!({ "from_visit": 6 })).await;
    let run = house.ended(newest).await;
    assert_eq!(run["visits"][5]["name"], "Publish");
    assert!(String::from_utf8_lossy(&house.model.requests().pop().unwrap().body).contains("Publish it."));

    let before = house.client.get(&format!("runs/{source}")).await.is(200);
    let original = rerun(&house, source, json!({ "from_visit": 6, "definition": "original" })).await;
    let run = house.ended(original).await;
    assert_eq!(run["definition"], before["definition"]);
    assert!(String::from_utf8_lossy(&house.model.requests().pop().unwrap().body).contains("Print it."));
}

async fn overrides_hold_for_the_new_run_alone(store: Store) {
    let (house, source) = with_source(store).await;
    let overrides = json!({
        "stages": { "print": { "task": "Sing it.", "model": "other", "directives": { "a": "Loudly." } } },
        "agents": { "a": { "instructions": "You rhyme.", "role": "Singer" } },
    });
    let body = json!({ "from_stage": "print", "overrides": overrides, "input": null });
    let again = rerun(&house, source, body).await;
    let run = house.ended(again).await;
    assert_eq!(run["input"], Value::Null);
    let asked = house.model.requests().pop().unwrap().json();
    assert_eq!(asked["model"], "o");
    let told = asked.to_string();
    for words in ["Sing it.", "Loudly.", "You rhyme.", "Singer"] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(!told.contains("owls</data>") && !told.contains("kind=\\\"input\\\""));
    // A later run knows nothing of it, nor does a re-run of the re-run with the newest definition.
    let plain = rerun(&house, again, json!({ "from_stage": "print" })).await;
    house.ended(plain).await;
    let told = house.model.requests().pop().unwrap().json().to_string();
    assert!(told.contains("Print it.") && !told.contains("rhyme"), "{told}");
    let original = rerun(&house, again, json!({ "from_stage": "print", "definition": "original" })).await;
    house.ended(original).await;
    assert!(house.model.requests().pop().unwrap().json().to_string().contains("Sing it."));
}

async fn a_run_without_rows_of_its_visits_is_read_from_its_events(store: Store) {
    let (house, source) = with_source(store).await;
    let again = rerun(&house, source, json!({ "from_visit": 5 })).await;
    house.ended(again).await;
    let ask = async |house: &House| {
        let mut plans = Vec::new();
        for path in [
            format!("runs/{source}/rerun-plan?from_visit=4"),
            format!("runs/{again}/rerun-plan?from_visit=6"),
        ] {
            plans.push(house.client.get(&path).await.is(200));
        }
        plans
    };
    let before = ask(&house).await;
    let body = json!({ "from_visit": 4, "definition": "original" });
    let from_rows = rerun(&house, source, body.clone()).await;
    house.ended(from_rows).await;
    // A run that an earlier version began has rows of its later visits alone, or none.
    let forget = "DELETE FROM run_visit WHERE run_id = $1 AND visit < 4";
    house.store.db().await.execute(forget, [source.into()]).await.unwrap();
    assert_eq!(ask(&house).await, before, "rows and events say the same");
    let from_events = rerun(&house, source, body).await;
    house.ended(from_events).await;
    let inherited = async |run: i64| house.events(run).await[1].to_string();
    let (mut one, mut other) = (inherited(from_rows).await, inherited(from_events).await);
    for text in [&mut one, &mut other] {
        // When it was written is another moment.
        let at = text.find("\"kind\"").unwrap();
        text.replace_range(..at, "");
    }
    assert_eq!(one, other);
}

async fn a_re_run_is_taken_up_after_a_restart(store: Store) {
    let (mut house, source) = with_source(store).await;
    house.model.push_first(Behaviour::hang().when("Print it").times(1));
    let count = house.model.count();
    let again = rerun(&house, source, json!({ "from_stage": "print" })).await;
    house.model.wait_for_requests(count + 1).await;
    house.restart().await;
    let run = house.ended(again).await;
    assert_eq!(run["status"], "completed");
    assert_eq!(house.model.count(), count + 2);
    house.model.push_first(completes("Never said.").when("nobody says this"));
    assert_eq!(house.events(again).await[1]["kind"], "run_inherited");
}

async fn what_a_workflow_brought_to_a_re_run_is_taken_over_from_it(store: Store) {
    let house = House::open(store).await;
    let stages = "
      - { id: judge, name: Judge, task: Judge it., agents: [b], outcomes: { ask: { workflow: side }, skip: next } }
      - { id: print, name: Print, task: Print it., agents: [a] }
  side:
    team: desk
    stages: [{ id: only, name: Only, task: Look aside., agents: [a] }]";
    house.client.apply(&file(&house, stages)).await.is(200);
    house.model.push(super::judges("skip"));
    house.model.push(completes("Seen aside.").when("Look aside"));
    house.model.push(completes("Printed.").agent("You are a."));
    let source = house.start(json!("owls")).await;
    assert_eq!(path(&house.ended(source).await), ["judge:skip", "print"]);
    let asked = rerun(&house, source, json!({ "after_visit": 1, "outcome": "ask" })).await;
    let run = house.ended(asked).await;
    assert_eq!(
        (&run["status"], &run["memory"]["ask"]["value"]),
        (&json!("completed"), &json!("Seen aside."))
    );
    let told = house.model.requests().pop().unwrap().json();
    // The run that goes on from it tells its agent the same.
    let again = rerun(&house, asked, json!({ "from_visit": 2 })).await;
    let run = house.ended(again).await;
    assert_eq!(run["memory"]["ask"]["value"], "Seen aside.");
    assert_eq!(house.model.requests().pop().unwrap().json(), told);
    // Another outcome does not bring it.
    let skipped = rerun(&house, asked, json!({ "after_visit": 1, "outcome": "skip" })).await;
    assert_eq!(house.ended(skipped).await["memory"], json!({}));
}
