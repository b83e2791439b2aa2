//! What is refused before anything starts: each reason with its code, its sentence and its hint.

use callboard_engine::rerun::{Asked, Refused};
use expect_test::expect;

use super::{THREE, after, again, again_same, from_stage, from_visit, planned, shown, three};
use crate::story::{Story, bad_key, completes, completes_as, project};

const REVIEWED: &str = "
- { id: draft, name: Draft, task: Write., agents: [a] }
- { id: review, name: Review, task: Judge., agents: [b], outcomes: { revise: draft, done: end } }
";

fn reviewed() -> Story {
    let mut story = Story::of(REVIEWED);
    story.answers("a", completes("D")).answers("b", completes_as("Yes.", "done"));
    story
}

/// Failed at its second stage.
fn failed() -> Story {
    let mut story = Story::of(THREE);
    story.answers("a", completes("P")).fails("b", bad_key());
    story
}

/// Stopped while it waited for its place.
fn never_begun() -> Story {
    let mut story = Story::pending(&project(THREE), serde_json::json!("owls"));
    story.stops();
    story
}

fn refused(source: &Story, stages: &str, asked: &Asked) -> Refused {
    planned(source, &project(stages), asked).unwrap_err()
}

#[test]
fn every_refusal_has_its_code_its_sentence_and_its_hint() {
    let outcomes = |stages: &str, outcomes: &str| {
        stages.replace("agents: [b] }", &format!("agents: [b], outcomes: {outcomes} }}"))
    };
    let unnamed = THREE.replace("Write by {{ results.plan }}.", "Write.");
    let cases = [
        refused(&Story::of(THREE), THREE, &from_visit(1)),
        refused(&three(), THREE, &from_visit(4)),
        refused(&three(), THREE, &from_visit(0)),
        refused(&never_begun(), THREE, &from_visit(1)),
        refused(&three(), THREE, &after(4, None)),
        refused(&failed(), THREE, &from_stage("print")),
        refused(&three(), THREE, &from_stage("Print")),
        refused(&never_begun(), THREE, &from_stage("plan")),
        refused(&three(), &unnamed.replace("id: draft", "id: write"), &from_visit(2)),
        refused(&three(), &unnamed.replace("id: draft", "id: write"), &after(2, None)),
        refused(&failed(), THREE, &after(2, None)),
        refused(&reviewed(), REVIEWED, &after(2, Some("don"))),
        refused(&three(), THREE, &after(2, Some("done"))),
        refused(&reviewed(), &REVIEWED.replace("done: end", "good: end"), &after(2, None)),
        refused(&three(), &outcomes(&unnamed, "{ go: print, stop: end }"), &after(2, None)),
        refused(&three(), &THREE.replace("results.plan", "input.tone"), &from_visit(2)),
        refused(&three(), &THREE.replace("results.plan", "results.plan.parts[0]"), &from_visit(2)),
        refused(&in_circles(), CIRCLES, &after(10, None)),
    ];
    let told: String =
        cases.iter().map(|refused| format!("[{}] {refused} {}\n", refused.code(), refused.hint())).collect();
    expect![[r#"
        [run_not_ended] Run 40 has not ended. Stop it first, or wait for its end.
        [visit_not_found] Run 40 has no visit 4. Its visits are numbered 1 to 3.
        [visit_not_found] Run 40 has no visit 0. Its visits are numbered 1 to 3.
        [visit_not_found] Run 40 has no visit 1. It ended before its first stage: start the workflow anew.
        [visit_not_found] Run 40 has no visit 4. Its visits are numbered 1 to 3.
        [stage_not_visited] Run 40 never visited a stage "print". It visited plan, draft.
        [stage_not_visited] Run 40 never visited a stage "Print". It visited plan, draft, print.
        [stage_not_visited] Run 40 never visited a stage "plan". It ended before its first stage: start the workflow anew.
        [stage_missing] The workflow has no stage with the id "draft" any more. Choose another stage, or take the definition that the run had: original.
        [stage_missing] The workflow has no stage with the id "draft" any more. Choose another stage, or take the definition that the run had: original.
        [visit_incomplete] Visit 2 to "draft" did not come to its end, so it cannot be taken over. Make it again: from visit 2, or from an earlier one.
        [outcome_unknown] The stage "review" has no outcome "don". It has revise, done.
        [outcome_unknown] The stage "draft" has no outcome "done". The stage declares no outcomes: leave the outcome out.
        [outcome_unknown] The stage "review" has no outcome "done". It has revise, good.
        [outcome_missing] The stage "draft" has outcomes now, and the visit ended without one. It has go, stop.
        [rerun_would_fail] The new run would end in error at once: The task could not be filled in: The template names "input.tone", and the input has no "tone". Check which fields the input has, and the names in the task's placeholders.
        [rerun_would_fail] The new run would end in error at once: The task could not be filled in: The template names a value that is not there. Check which fields the input has, and the names in the task's placeholders.
        [rerun_would_fail] The new run would end in error at once: Draft was visited 5 times, which is its max_visits. Go on by another outcome. Say in the tasks when to be content, raise the stage's max_visits, or set on_max_visits: continue.
    "#]].assert_eq(&told);
    // A new reason is a compile error here, and then a case above.
    for refused in cases {
        match refused {
            Refused::NotEnded { .. }
            | Refused::NoVisit { .. }
            | Refused::NeverVisited { .. }
            | Refused::StageMissing { .. }
            | Refused::VisitIncomplete { .. }
            | Refused::UnknownOutcome { .. }
            | Refused::OutcomeMissing { .. }
            | Refused::WouldFail(_) => {}
        }
    }
}

#[test]
fn a_result_that_was_never_made_shows_as_nothing_and_the_plan_says_so() {
    let stages = THREE
        .replace("- { id: draft", "- { id: facts, name: Facts, task: Find., agents: [a] }\n- { id: draft")
        .replace("results.plan", "results.facts");
    let plan = shown(&three(), &project(&stages), &from_visit(2));
    let said = "Facts was added before this stage and has not run: it is skipped, and has no result.";
    assert_eq!(plan.notes, [said]);
    let story = again(&three(), &project(&stages), &from_visit(2));
    assert!(story.told("b").contains("# Task\n\nWrite by ."));
}

const CIRCLES: &str = "
- { id: draft, name: Draft, task: Write., agents: [a] }
- { id: review, name: Review, task: Judge., agents: [b], outcomes: { revise: draft, done: end } }
";

/// Ended at the guard of the draft.
fn in_circles() -> Story {
    let mut story = Story::of(CIRCLES);
    for round in 0..5 {
        story.answers("a", completes(&format!("D{round}")));
        story.answers("b", completes_as(&format!("No {round}."), "revise"));
    }
    story
}

#[test]
fn what_was_refused_before_the_work_did_not_come_to_its_end() {
    let stages = "
- { id: one, name: One, task: Begin., agents: [a], approval: { when: before, on_reject: next } }
- { id: two, name: Two, task: Go on., agents: [b] }
";
    let mut source = Story::of(stages);
    source.person_decides(false, None).answers("b", completes("2"));
    expect![[r#"Visit 1 to "one" did not come to its end, so it cannot be taken over."#]]
        .assert_eq(&refused(&source, stages, &after(1, None)).to_string());
    // It is inherited all the same where the run goes on behind it.
    let story = again_same(&source, &from_visit(2));
    assert_eq!(super::origins(&story), "1 one inherited of 40.1, 2 two running");
}

#[test]
fn a_visit_whose_work_was_refused_leads_where_the_refusal_did_not() {
    let stages = "
- { id: one, name: One, task: Begin., agents: [a], approval: { when: after, on_reject: end } }
- { id: two, name: Two, task: Go on., agents: [b] }
";
    let mut source = Story::of(stages);
    source.answers("a", completes("1")).person_decides(false, Some("Too long."));
    source.ends(expect!["completed"]);
    let asked = after(1, None);
    let story = again_same(&source, &asked);
    assert_eq!(story.path(), "one two");
    assert!(story.told("b").contains("Too long."));
    let notes = shown(&source, &project(stages), &asked).notes;
    assert_eq!(notes, ["Leave was refused after this visit: going on from it passes over that."]);
}
