//! What a plan says before the start: what is kept, what runs again, what may act again, what it may cost.

use callboard_engine::rerun::{KeptStage, Plan};
use callboard_engine::run::Status;
use expect_test::expect;
use serde_json::json;

use super::{THREE, after, from_stage, from_visit, shown, three};
use crate::story::{Story, calls, completes, completes_as, project, with_tools};

fn plan(source: &Story, file: &str, asked: &super::Asked) -> Plan {
    let plan = shown(source, file, asked);
    let text = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), plan, "it is read as it was written");
    plan
}

fn ahead(plan: &Plan) -> Vec<&str> {
    plan.ahead.iter().map(|ahead| ahead.stage.as_str()).collect()
}

#[test]
fn a_plan_says_what_is_kept_and_what_runs_again() {
    let source = three();
    let plan = plan(&source, &project(THREE), &from_stage("draft"));
    assert_eq!(
        (plan.from_visit, plan.after_visit, plan.stage.as_str(), plan.nth),
        (Some(2), None, "draft", 1)
    );
    assert_eq!(plan.source_definition, plan.new_definition);
    assert!(plan.difference.is_empty());
    assert_eq!(
        serde_json::to_value(&plan.inherited).unwrap(),
        json!([{ "visit": 1, "stage": "plan", "name": "Plan", "nth": 1, "stage_now": "same",
                 "inherited_from": { "run_id": 40, "visit": 1 } }])
    );
    assert_eq!(ahead(&plan), ["draft", "print"]);
    assert_eq!(plan.estimate.usage.model_calls, 2);
    assert_eq!(
        plan.estimate.usage.cost_usd,
        source
            .run
            .visits()
            .skip(1)
            .map(|visit| visit.usage.cost_usd)
            .fold(callboard_engine::money::Usd::ZERO, |sum, usd| sum.plus(usd))
    );
    assert_eq!(plan.estimate.duration_ms, 2000);
    assert!(plan.estimate.unknown.is_empty() && plan.notes.is_empty());
}

#[test]
fn a_plan_says_what_became_of_stages_since() {
    let changed = "
- { id: draft, name: Draft, task: Write it well., agents: [b] }
- { id: more, name: More, task: More., agents: [a] }
- { id: print, name: Print, task: Print it., agents: [c] }
";
    let plan = plan(&three(), &project(changed), &from_stage("print"));
    let now: Vec<KeptStage> = plan.inherited.iter().map(|kept| kept.stage_now).collect();
    assert_eq!(now, [KeptStage::Removed, KeptStage::Changed]);
    assert_eq!(
        plan.notes,
        ["More was added before this stage and has not run: it is skipped, and has no result."]
    );
}

#[test]
fn what_changed_once_is_told_by_every_later_plan() {
    let source = three();
    let changed = project(&THREE.replace("Plan it.", "Plan it well."));
    let mut second = super::again(&source, &changed, &from_stage("draft"));
    second.stops().aborts();
    // The second run had the changed stage, but the visit that it took over was made before.
    let plan = plan(&second, &changed, &from_stage("draft"));
    assert!(plan.difference.is_empty());
    assert_eq!(plan.inherited[0].stage_now, KeptStage::Changed);
    assert_eq!(plan.inherited[0].inherited_from.run_id, 40);
}

const WAYS: &str = "
- { id: one, name: One, task: Begin., agents: [a], outcomes: { last: four, end: end } }
- { id: two, name: Two, task: Two., agents: [{ agent: a, tools: [send, look] }], approval: { when: after, on_reject: three } , outcomes: { end: end } }
- { id: three, name: Three, task: Three., agents: [{ agent: b, tools: [http_request, read_file] }], outcomes: { end: end } }
- { id: four, name: Four, task: Four., agents: [c], exit: [{ tool: send }] }
";

fn ways(stages: &str) -> (Story, String) {
    let file =
        with_tools("send: { command: [./send] }\nlook: { command: [./look], acts_outside: false }", stages);
    let mut source = Story::begun(&file);
    source.answers("a", completes_as("1", "last")).answers("c", completes("4")).gives("send", "Sent.");
    (source, file)
}

#[test]
fn a_plan_says_which_stages_can_be_come_to_and_which_tools_act_again() {
    let (source, file) = ways(WAYS);
    let plan = |asked| plan(&source, &file, &asked);
    assert_eq!(ahead(&plan(from_visit(1))), ["one", "four"]);
    assert_eq!(ahead(&plan(from_visit(2))), ["four"]);
    assert_eq!(ahead(&plan(after(1, Some("end")))), [""; 0]);
    let tools = json!(plan(from_visit(2)).tools);
    assert_eq!(tools, json!([{ "tool": "send", "stages": ["four"] }]));
}

#[test]
fn a_refused_leave_and_a_guard_that_forces_on_are_ways_too() {
    let (source, file) = ways(&WAYS.replace("last: four", "last: four, work: two"));
    let all = plan(&source, &file, &from_visit(1));
    assert_eq!(ahead(&all), ["one", "two", "three", "four"]);
    assert_eq!(
        json!(all.tools),
        json!([{ "tool": "send", "stages": ["two", "four"] }, { "tool": "http_request", "stages": ["three"] }])
    );
    assert_eq!(all.estimate.unknown, ["two", "three"]);

    let (source, file) =
        ways(&WAYS.replace("id: four,", "id: four, max_visits: 1, on_max_visits: continue,"));
    let all = plan(&source, &file, &from_visit(1));
    assert_eq!(
        ahead(&all),
        ["one", "two", "three", "four"],
        "a guard that does not let it go to four leads to two"
    );
}

#[test]
fn workflows_that_are_carried_out_act_outside() {
    let file = project(
        "
- { id: one, name: One, task: Decide., agents: [a], outcomes: { count: { workflow: census }, done: end } }
- { id: two, name: Two, task: Go on., agents: [{ agent: b, runs_workflows: true }] }
",
    )
    .replace("\nworkflows:", "\nworkflows:\n  census: { team: desk, stages: [{ id: count, name: Count, task: Count., agents: [c] }] }");
    let mut source = Story::begun(&file);
    source.answers("a", completes_as("1", "count")).child_begins(7).child_ends(
        7,
        Status::Completed,
        Some("2"),
    );
    source.answers("b", calls("complete", json!({ "result": "3", "summary": "s" })));
    let plan = plan(&source, &file, &from_visit(1));
    assert_eq!(json!(plan.tools), json!([{ "tool": "run_workflow", "stages": ["one", "two"] }]));
    expect![[r#"[]"#]].assert_eq(&format!("{:?}", plan.notes));
}
