//! From which stage a run goes on, and what became of the stages since.

use expect_test::expect;
use serde_json::json;

use super::{SOURCE, THREE, again, again_of, again_same, from_stage, from_visit, origins, shown, three};
use crate::story::{Story, bad_key, completes, project};

/// The three stages with something else in place of a part of them.
fn with(part: &str, other: &str) -> String {
    assert!(THREE.contains(part));
    project(&THREE.replacen(part, other, 1))
}

#[test]
fn a_run_goes_on_from_the_last_stage() {
    let source = three();
    let mut story = again_same(&source, &from_visit(3));
    story.answers("c", completes("O2"));
    assert_eq!(origins(&story), "1 plan inherited of 40.1, 2 draft inherited of 40.2, 3 print completed");
    story.ends(expect!["completed"]);
    assert_eq!(story.run.result(), Some("O2"));
    assert_eq!(source.run.result(), Some("O"));
}

#[test]
fn what_is_taken_over_is_one_event_before_the_start() {
    let mut story = again_same(&three(), &from_visit(2));
    let kinds: Vec<String> = story.history.iter().map(|event| event_kind(&event.fact)).collect();
    assert_eq!(
        kinds,
        [
            "run_created",
            "run_inherited",
            "run_started",
            "stage_entered",
            "turn_started",
            "model_call_started"
        ]
    );
    story.answers("b", completes("D2")).shows(expect![[r#"
        2 model_call_finished 6.1 b
        2 agent_completed b: D2
        2 turn_ended 1 completed
        2 summary_written b: D2 (short)
        2 stage_completed draft: D2
        3 stage_entered print nth=1
        3 turn_started 2 c default 1
        3 model_call_started 14.1 c main
    "#]]);
}

fn event_kind(fact: &callboard_engine::event::Fact) -> String {
    json!(fact)["kind"].as_str().unwrap().to_owned()
}

#[test]
fn a_run_goes_on_from_the_first_stage_and_takes_nothing_over() {
    let mut story = again_same(&three(), &from_visit(1));
    assert_eq!(origins(&story), "1 plan running");
    assert!(story.run.memory().is_empty());
    assert_eq!(story.request("a"), Story::of(THREE).request("a"));
    story.answers("a", completes("P2")).answers("b", completes("D2")).answers("c", completes("O2"));
    story.ends(expect!["completed"]);
}

#[test]
fn a_run_goes_on_from_a_stage_by_its_id() {
    let story = again_same(&three(), &from_stage("draft"));
    assert_eq!(origins(&story), "1 plan inherited of 40.1, 2 draft running");
    assert_eq!(story.run.source().from_visit, Some(2));
    assert_eq!(story.run.source().run_id, Some(SOURCE));
    assert!(story.told("b").contains("Write by P."));
}

#[test]
fn stages_that_were_moved_and_renamed_are_known_by_their_ids() {
    let moved = "
- { id: draft, name: Writing, task: \"Write by {{ results.plan }}.\", agents: [b] }
- { id: print, name: Print, task: Print it., agents: [c] }
- { id: plan, name: Planning, task: Plan it., agents: [a] }
";
    let mut story = again(&three(), &project(moved), &from_visit(2));
    let names: Vec<&str> = story.run.visits().map(|visit| visit.name.as_str()).collect();
    assert_eq!(names, ["Plan", "Writing"], "what was inherited keeps the name of its time");
    story.answers("b", completes("D2")).answers("c", completes("O2")).answers("a", completes("P2"));
    assert_eq!(story.path(), "plan draft print plan");
    let nths: Vec<u32> = story.run.visits().map(|visit| visit.nth).collect();
    assert_eq!(nths, [1, 1, 1, 2], "an inherited visit counts");
}

#[test]
fn a_stage_that_was_inserted_before_is_skipped_and_one_after_runs() {
    let source = three();
    let before =
        with("- { id: draft", "- { id: check, name: Check, task: Check it., agents: [c] }\n- { id: draft");
    let mut story = again(&source, &before, &from_stage("draft"));
    story.answers("b", completes("D2")).answers("c", completes("O2"));
    assert_eq!(story.path(), "plan draft print");
    let notes = shown(&source, &before, &from_stage("draft")).notes;
    assert_eq!(
        notes,
        ["Check was added before this stage and has not run: it is skipped, and has no result."]
    );

    let behind =
        with("- { id: print", "- { id: check, name: Check, task: Check it., agents: [a] }\n- { id: print");
    let mut story = again(&source, &behind, &from_stage("draft"));
    story.answers("b", completes("D2")).answers("a", completes("C2")).answers("c", completes("O2"));
    assert_eq!(story.path(), "plan draft check print");
}

#[test]
fn what_a_stage_left_that_is_gone_since_is_still_there() {
    let gone = "
- { id: draft, name: Draft, task: Write it., agents: [b] }
- { id: print, name: Print, task: Print it., agents: [c] }
";
    let story = again(&three(), &project(gone), &from_stage("draft"));
    assert_eq!(origins(&story), "1 plan inherited of 40.1, 2 draft running");
    assert!(story.told("b").contains("<data kind=\"result\" stage=\"plan\" visit=\"1\">\nP\n</data>"));
}

#[test]
fn a_run_goes_on_from_where_it_was_stopped() {
    let mut source = Story::of(THREE);
    source.answers("a", completes("P"));
    let asked = source.request("b");
    source.stops().aborts();
    let mut story = again_same(&source, &from_visit(2));
    assert_eq!(origins(&story), "1 plan inherited of 40.1, 2 draft running");
    assert_eq!(story.request("b"), asked);
    assert!(!story.run.stop_requested());
    story.answers("b", completes("D")).answers("c", completes("O"));
    story.ends(expect!["completed"]);
}

#[test]
fn a_run_goes_on_from_the_stage_that_failed() {
    let mut source = Story::of(THREE);
    source.answers("a", completes("P"));
    let asked = source.request("b");
    source.fails("b", bad_key());
    source.ends(expect![
        "error: [model_unauthorized] draft/2 b while calling the model main: The provider answered 401."
    ]);
    let mut story = again_same(&source, &from_stage("draft"));
    assert_eq!(story.request("b"), asked);
    assert_eq!(story.run.error(), None);
    story.answers("b", completes("D")).answers("c", completes("O"));
    story.ends(expect!["completed"]);
}

#[test]
fn a_run_goes_on_from_one_that_went_on_from_another() {
    let source = three();
    let mut second = again_same(&source, &from_visit(2));
    second.answers("b", completes("D2")).answers("c", completes("O2"));
    let definition = || source.run.definition().as_ref().clone();

    let story = again_of((41, &second), definition(), &from_visit(3));
    assert_eq!(origins(&story), "1 plan inherited of 40.1, 2 draft inherited of 41.2, 3 print running");
    let results: Vec<Option<&str>> = story.run.visits().map(|visit| visit.result.as_deref()).collect();
    assert_eq!(results, [Some("P"), Some("D2"), None]);

    // From a visit that the second one had inherited itself.
    let mut third = again_of((41, &second), definition(), &from_visit(1));
    assert_eq!(origins(&third), "1 plan running");
    third.answers("a", completes("P3"));
    third.stops().aborts();
    let story = again_of((42, &third), definition(), &from_visit(2));
    assert_eq!(origins(&story), "1 plan inherited of 42.1, 2 draft running");
    let story = again_of((41, &second), definition(), &from_visit(2));
    assert_eq!(origins(&story), "1 plan inherited of 40.1, 2 draft running");
}

#[test]
fn a_run_that_was_stopped_before_it_began_can_be_gone_on_from() {
    let source = three();
    let mut second = again_same(&source, &from_visit(3));
    second.stops().aborts();
    let definition = || source.run.definition().as_ref().clone();
    let story = again_of((41, &second), definition(), &from_visit(3));
    assert_eq!(origins(&story), "1 plan inherited of 40.1, 2 draft inherited of 40.2, 3 print running");
}

#[test]
fn another_input_is_that_of_the_whole_new_run() {
    let source = three();
    let asked = |input| super::Asked { input: Some(input), ..from_visit(2) };
    let story = again_same(&source, &asked(json!({ "about": "mice" })));
    assert_eq!(story.run.input(), &json!({ "about": "mice" }));
    assert!(story.told("b").contains("mice") && !story.told("b").contains("owls"));
    // None at all is an input too.
    let story = again_same(&source, &asked(json!(null)));
    assert!(story.run.input().is_null());
    assert!(!story.told("b").contains("# Input"));
    let story = again_same(&source, &from_visit(2));
    assert_eq!(story.run.input(), &json!("owls"));
}
