//! What is refused: each with its code, a sentence and what to do, and nothing is started.

use callboard_fake_model::Behaviour;
use serde_json::{Value, json};

use super::{STAGES, file, rerun, with_source};
use crate::support::store::Store;

on_both! {
    every_refusal_has_its_code_its_sentence_and_its_hint
    what_the_workflow_has_no_more_is_refused
    a_plan_that_is_no_longer_true_is_refused
    a_run_that_goes_on_is_not_gone_on_from
}

async fn every_refusal_has_its_code_its_sentence_and_its_hint(store: Store) {
    let (house, source) = with_source(store).await;
    let priced = json!({ "cost_usd": 1.0 });
    let cases = [
        (json!({}), 422, "rerun_place_missing"),
        (json!({ "from_visit": 2, "from_stage": "draft" }), 422, "rerun_place_missing"),
        (json!({ "from_visit": 2, "after_visit": 3 }), 422, "rerun_place_missing"),
        (json!({ "from_visit": 2, "outcome": "good" }), 422, "outcome_without_visit"),
        (json!({ "outcome": "good" }), 422, "outcome_without_visit"),
        (json!({ "from_visit": 7 }), 422, "visit_not_found"),
        (json!({ "from_visit": 0 }), 422, "visit_not_found"),
        (json!({ "after_visit": 9, "outcome": "good" }), 422, "visit_not_found"),
        (json!({ "from_stage": "nothing" }), 422, "stage_not_visited"),
        (json!({ "after_visit": 3, "outcome": "fine" }), 422, "outcome_unknown"),
        (json!({ "after_visit": 2, "outcome": "good" }), 422, "outcome_unknown"),
        (json!({ "from_visit": 2, "variants": [] }), 422, "rerun_count"),
        (json!({ "from_visit": 2, "samples": 0 }), 422, "rerun_count"),
        (json!({ "from_visit": 2, "samples": 21 }), 422, "rerun_count"),
        (json!({ "from_visit": 2, "samples": 7, "variants": [{}, {}, {}] }), 422, "rerun_count"),
        (json!({ "from_visit": 2, "limits": { "cost_usd": -1.0 } }), 422, "invalid_limit"),
        (json!({ "from_visit": 2, "limits": priced }), 422, "model_without_price"),
        (json!({ "from_visit": 2, "plan_hash": "sha256:0" }), 409, "plan_changed"),
        (
            json!({ "from_visit": 2, "overrides": { "stages": { "drat": { "task": "x" } } } }),
            422,
            "overrides_invalid",
        ),
    ];
    for (body, status, code) in cases {
        let problem = house.client.post(&format!("runs/{source}/rerun"), &body).await.refused(status, code);
        let said = |field: &str| problem[field].as_str().unwrap_or_default().ends_with('.');
        assert!(said("detail") && said("hint"), "{body}: {problem}");
    }
    let runs = house.client.get("runs").await.is(200);
    assert_eq!(runs["items"].as_array().unwrap().len(), 1, "nothing was started");
    house.client.get("runs/999/rerun-plan?from_visit=1").await.refused(404, "run_not_found");
    house.client.post("runs/999/rerun", &json!({ "from_visit": 1 })).await.refused(404, "run_not_found");

    // Everything that is wrong with overrides is told at once.
    let overrides = json!({
        "stages": { "drat": { "task": "x" }, "print": { "directives": { "c": "x" } } },
        "agents": { "bb": { "model": "other" } },
    });
    let body = json!({ "from_visit": 2, "overrides": overrides });
    let problem = house.client.post(&format!("runs/{source}/rerun-plan"), &body).await;
    let problem = problem.refused(422, "overrides_invalid");
    let paths: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|error| &error["path"]).collect();
    assert_eq!(
        paths,
        ["overrides.stages.drat", "overrides.stages.print.directives.c", "overrides.agents.bb"]
    );
    assert_eq!(problem["errors"][0]["hint"], "Did you mean \"draft\"?");
    for wrong in [
        json!({ "stages": { "print": { "model": "mian" } } }),
        json!({ "agents": { "a": { "tools": ["hammer"] } } }),
        json!({ "stages": { "print": { "task": "Print {{ results.nowhere }}." } } }),
    ] {
        let body = json!({ "from_visit": 2, "overrides": wrong });
        let problem = house.client.post(&format!("runs/{source}/rerun-plan"), &body).await;
        let problem = problem.refused(422, "overrides_invalid");
        assert_eq!(problem["errors"].as_array().unwrap().len(), 1, "{problem}");
    }
}

async fn what_the_workflow_has_no_more_is_refused(store: Store) {
    let (house, source) = with_source(store).await;
    let plan = format!("runs/{source}/rerun-plan");
    let shorter = STAGES.lines().filter(|line| !line.contains("id: print")).collect::<Vec<_>>().join("\n");
    house.client.apply(&file(&house, &shorter)).await.is(200);
    house.client.get(&format!("{plan}?from_visit=6")).await.refused(409, "stage_missing");
    house.client.get(&format!("{plan}?from_stage=print")).await.refused(409, "stage_missing");
    house.client.get(&format!("{plan}?from_visit=6&definition=original")).await.is(200);
    // What was inherited of a stage that is gone stays, and the plan says so.
    let without = STAGES.lines().filter(|line| !line.contains("id: facts")).collect::<Vec<_>>().join("\n");
    let without = without.replace("Write with the facts.", "Write.");
    house.client.apply(&file(&house, &without)).await.is(200);
    let told = house.client.get(&format!("{plan}?from_visit=3")).await.is(200);
    assert_eq!(told["inherited"][0]["stage_now"], "removed");
    assert_eq!(told["inherited"][1]["stage_now"], "changed");
    let again = rerun(&house, source, json!({ "from_visit": 3 })).await;
    assert_eq!(house.ended(again).await["status"], "completed");
    // A task that the input does not fit is known before it starts.
    let needs = STAGES.replace("Print it.", "'Print {{ input.topic }}.'");
    house.client.apply(&file(&house, &needs)).await.is(200);
    let problem = house.client.get(&format!("{plan}?from_visit=6")).await.refused(422, "rerun_would_fail");
    assert!(problem["detail"].as_str().unwrap().contains("topic"), "{problem}");
    let body = json!({ "from_visit": 6, "input": { "topic": "mice" } });
    house.client.post(&plan, &body).await.is(200);
    // A workflow that is gone leaves the original.
    let workflow = house.workflow("work").await;
    house.client.delete(&format!("workflows/{workflow}")).await.is(204);
    house.client.get(&format!("{plan}?from_visit=6")).await.refused(409, "workflow_gone");
    let again = rerun(&house, source, json!({ "from_visit": 6, "definition": "original" })).await;
    assert_eq!(house.ended(again).await["status"], "completed");
}

async fn a_plan_that_is_no_longer_true_is_refused(store: Store) {
    let (house, source) = with_source(store).await;
    let plan = async |body: &Value| {
        let plan = house.client.post(&format!("runs/{source}/rerun-plan"), body).await.is(200);
        plan["plan_hash"].clone()
    };
    let body = json!({ "from_visit": 4 });
    let agreed = plan(&body).await;
    let asked = house.client.get(&format!("runs/{source}/rerun-plan?from_visit=4")).await.is(200);
    assert_eq!(asked["plan_hash"], agreed, "however it is asked for");
    house.client.apply(&file(&house, &STAGES.replace("Judge the draft", "Judge it"))).await.is(200);
    let stale = json!({ "from_visit": 4, "plan_hash": agreed });
    house.client.post(&format!("runs/{source}/rerun"), &stale).await.refused(409, "plan_changed");
    // The plan covers what was asked for, too.
    let agreed = plan(&body).await;
    let other = json!({ "from_visit": 4, "plan_hash": agreed, "input": "mice" });
    house.client.post(&format!("runs/{source}/rerun"), &other).await.refused(409, "plan_changed");
    let run = rerun(&house, source, json!({ "from_visit": 4, "plan_hash": agreed })).await;
    house.ended(run).await;
}

async fn a_run_that_goes_on_is_not_gone_on_from(store: Store) {
    let (house, _) = with_source(store).await;
    house.model.push_first(Behaviour::hang().when("Judge"));
    let going = house.start(json!("mice")).await;
    house.client.get(&format!("runs/{going}/rerun-plan?from_visit=1")).await.refused(409, "run_not_ended");
    let body = json!({ "from_stage": "facts" });
    house.client.post(&format!("runs/{going}/rerun"), &body).await.refused(409, "run_not_ended");
    house.client.post(&format!("runs/{going}/stop"), &json!({})).await.is(202);
    house.ended(going).await;
    house.client.get(&format!("runs/{going}/rerun-plan?from_visit=1")).await.is(200);
}
