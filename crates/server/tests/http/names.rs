//! Workflows and triggers that are called otherwise: the same ones, with all that refers to them.

use callboard_fake_model::Behaviour;
use serde_json::{Value, json};

use crate::house::House;
use crate::support::store::Store;

on_both! {
    a_renamed_workflow_keeps_its_number_its_runs_and_what_names_it
    a_name_that_cannot_be_had_changes_nothing
    the_name_of_a_workflow_that_was_removed_can_be_taken
    a_run_that_began_before_finds_a_workflow_by_its_old_name
    a_renamed_webhook_is_called_at_the_same_address
}

/// What leads to `work`: an outcome and a trigger.
const LEADING: &str = "project: p
workflows:
  lead:
    team: desk
    stages:
      - { id: one, name: One, task: Go., agents: [a], approval: { when: before }, outcomes: { deeper: { workflow: work } } }
triggers:
  hook: { workflow: work, webhook: true }
";

async fn house(store: Store) -> House {
    let house = House::with_project(store).await;
    house.client.apply(LEADING).await.is(200);
    house
}

async fn file(house: &House) -> Value {
    let export = house.client.call("GET", "/api/v1/projects/1/export").header("accept", "application/json");
    export.send().await.is(200)
}

fn keys(map: &Value) -> Vec<&str> {
    map.as_object().unwrap().keys().map(String::as_str).collect()
}

fn ids(list: &Value) -> Vec<i64> {
    list["items"].as_array().unwrap().iter().map(|run| run["id"].as_i64().unwrap()).collect()
}

async fn a_renamed_workflow_keeps_its_number_its_runs_and_what_names_it(store: Store) {
    let mut house = house(store).await;
    let work = house.workflow("work").await;
    let before = house.start(json!("owls")).await;
    house.ended(before).await;
    let path = format!("workflows/{work}");
    let was = house.client.get(&path).await.is(200);
    let renamed = house.client.patch(&path, &json!({ "name": "labour", "max_visits": 9 })).await.is(200);
    let expected = json!({ "name": "labour", "max_visits": 9 });
    let mut whole = was.clone();
    whole.as_object_mut().unwrap().extend(expected.as_object().unwrap().clone());
    assert_eq!(renamed, whole);
    let file = file(&house).await;
    assert_eq!(keys(&file["workflows"]), ["labour", "play", "lead"]);
    assert_eq!(file["workflows"]["lead"]["stages"][0]["outcomes"]["deeper"], json!({ "workflow": "labour" }));
    assert_eq!(file["triggers"]["hook"]["workflow"], "labour");
    house.restart().await;
    let call = json!({ "workflow": "p/labour", "input": "mice" });
    let after = house.client.post("trigger", &call).await.is(201)["run_id"].as_i64().unwrap();
    assert_eq!(house.ended(after).await["workflow_id"], json!(work));
    let runs = house.client.get(&format!("runs?workflow={work}")).await.is(200);
    assert_eq!(ids(&runs), [after, before]);
    assert_eq!(
        (&runs["items"][0]["workflow"], &runs["items"][1]["workflow"]),
        (&json!("labour"), &json!("labour"))
    );
    assert_eq!(ids(&house.client.get(&format!("{path}/triggers")).await.is(200)).len(), 1);
    // The old name is another's from now on, and the same name is no change.
    let fields = json!({ "name": "work", "team": "other", "stages": was["stages"] });
    let other = json!({ "name": "work", "team": "other", "stages": [{ "name": "Solo", "task": "Play.", "agents": ["c"] }] });
    house.client.post("projects/1/workflows", &fields).await.refused(422, "invalid_project");
    assert_ne!(house.client.post("projects/1/workflows", &other).await.is(201)["id"], json!(work));
    assert_eq!(house.client.patch(&path, &json!({ "name": "labour" })).await.is(200)["name"], "labour");
}

async fn a_name_that_cannot_be_had_changes_nothing(store: Store) {
    let house = house(store).await;
    let client = &house.client;
    let before = file(&house).await;
    let workflow = format!("workflows/{}", house.workflow("work").await);
    let trigger = client.get(&format!("{workflow}/triggers")).await.is(200)["items"][0]["id"].clone();
    let trigger = format!("triggers/{trigger}");
    client.patch(&workflow, &json!({ "name": "play", "max_visits": 3 })).await.refused(409, "name_taken");
    for path in [&workflow, &trigger] {
        for name in
            [json!(""), json!("a/b"), json!("two words"), json!(7), json!(null), json!("x".repeat(1_000))]
        {
            let refused = client.patch(path, &json!({ "name": name, "enabled": false })).await;
            assert_eq!(refused.status, 422, "{refused}");
        }
    }
    client.patch("workflows/999", &json!({ "name": "labour" })).await.refused(404, "workflow_not_found");
    client.patch("triggers/999", &json!({ "name": "labour" })).await.refused(404, "trigger_not_found");
    // What else is wrong with the change is told, and the name is not taken for it.
    let wrong = json!({ "name": "labour", "team": "nobody" });
    client.patch(&workflow, &wrong).await.refused(422, "invalid_project");
    assert_eq!(file(&house).await, before);
}

async fn the_name_of_a_workflow_that_was_removed_can_be_taken(store: Store) {
    let house = House::with_project(store).await;
    let (work, play) = (house.workflow("work").await, house.workflow("play").await);
    let of_play = house.client.post(&format!("workflows/{play}/runs"), &json!({})).await.is(201);
    let of_play = of_play["id"].as_i64().unwrap();
    house.ended(of_play).await;
    assert_eq!(house.client.delete(&format!("workflows/{play}")).await.status, 204);
    house.client.patch(&format!("workflows/{work}"), &json!({ "name": "play" })).await.is(200);
    assert_eq!(house.workflow("play").await, work);
    // The runs of the one that is gone are still its own.
    assert_eq!(ids(&house.client.get(&format!("runs?workflow={work}")).await.is(200)), [0; 0]);
    let runs = house.client.get(&format!("runs?workflow={play}")).await.is(200);
    assert_eq!((ids(&runs), &runs["items"][0]["workflow"]), (vec![of_play], &json!("play")));
    house.client.get(&format!("workflows/{play}")).await.refused(404, "workflow_not_found");
    // And back again, by way of a name that it had before.
    house.client.patch(&format!("workflows/{work}"), &json!({ "name": "work" })).await.is(200);
    house.client.patch(&format!("workflows/{work}"), &json!({ "name": "play" })).await.is(200);
    assert_eq!(house.workflow("play").await, work);
}

async fn a_run_that_began_before_finds_a_workflow_by_its_old_name(store: Store) {
    let house = house(store).await;
    let (lead, work) = (house.workflow("lead").await, house.workflow("work").await);
    let run = house.client.post(&format!("workflows/{lead}/runs"), &json!({})).await.is(201);
    let run = run["id"].as_i64().unwrap();
    let waits = |run: &Value| run["asks"][0]["number"].is_number();
    let asked = house.until(&format!("runs/{run}"), waits).await;
    house.client.patch(&format!("workflows/{work}"), &json!({ "name": "labour" })).await.is(200);
    let deeper = json!({ "result": "Dig.", "summary": "S.", "outcome": "deeper" });
    house.model.push(Behaviour::call("complete", deeper).agent("You are a."));
    let decision = json!({ "approval": asked["asks"][0]["number"], "approve": true });
    house.client.post(&format!("runs/{run}/approvals"), &decision).await.is(202);
    assert_eq!(house.ended(run).await["status"], "completed");
    let below = house.client.get(&format!("runs?workflow={work}")).await.is(200);
    assert_eq!(below["items"][0]["source"]["run_id"], json!(run));
    assert_eq!(house.workflow("labour").await, work);
}

async fn a_renamed_webhook_is_called_at_the_same_address(store: Store) {
    let house = house(store).await;
    let path = format!("workflows/{}/triggers", house.workflow("work").await);
    let hook = house.client.get(&path).await.is(200)["items"][0].clone();
    let renamed =
        house.client.patch(&format!("triggers/{}", hook["id"]), &json!({ "name": "bell" })).await.is(200);
    let mut expected = hook.clone();
    expected["name"] = json!("bell");
    assert_eq!(renamed, expected);
    let url = hook["webhook_url"].as_str().unwrap();
    let call = house.client.call("POST", &url[url.find("/api").unwrap()..]).json(&json!({}));
    let run = call.send().await.is(201)["run_id"].as_i64().unwrap();
    assert_eq!(house.ended(run).await["source"]["trigger_id"], hook["id"]);
    assert_eq!(keys(&file(&house).await["triggers"]), ["bell"]);
}
