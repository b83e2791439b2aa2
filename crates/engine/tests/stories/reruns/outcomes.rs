//! Another way out of a visit: it is inherited whole, and nothing is rolled again to get there.

use callboard_engine::run::Status;
use expect_test::expect;
use serde_json::json;

use super::{SOURCE, THREE, after, again, again_same, from_visit, origins, shown, three};
use crate::story::{Story, completes, completes_as, project};

const WAYS: &str = "
- { id: draft, name: Draft, task: Write., agents: [a] }
- { id: review, name: Review, task: Judge., agents: [b], outcomes: { revise: draft, done: end, on: next, count: { workflow: census }, tally: { workflow: census } } }
- { id: print, name: Print, task: Print., agents: [c] }
";

/// A project with a second workflow, `census`.
fn file(stages: &str) -> String {
    let other = "\nworkflows:\n  census: { team: desk, stages: [{ id: count, name: Count, task: Count., agents: [c] }] }";
    project(stages).replace("\nworkflows:", other)
}

/// A run that has ended, and whose review ended so.
fn reviewed(outcome: &str) -> Story {
    let mut story = Story::begun(&file(WAYS));
    story.answers("a", completes("D")).answers("b", completes_as("Seen.", outcome));
    if outcome == "count" {
        story.child_begins(7).child_ends(7, Status::Completed, Some("Four."));
    }
    if !story.run.status().is_final() {
        story.stops().aborts();
    }
    story
}

#[test]
fn a_visit_is_left_by_another_outcome_to_a_stage() {
    let mut story = again_same(&reviewed("done"), &after(2, Some("revise")));
    assert_eq!(origins(&story), "1 draft inherited of 40.1, 2 review inherited of 40.2, 3 draft running");
    assert_eq!(story.path(), "draft review:revise draft");
    // The next one sees the outcome that it is said to have had.
    assert!(story.told("a").contains("outcome=\"revise\""));
    let source = story.run.source();
    assert_eq!((source.run_id, source.from_visit, source.after_visit), (Some(SOURCE), None, Some(2)));
    assert_eq!(source.outcome.as_deref(), Some("revise"));
    story.answers("a", completes("D2")).answers("b", completes_as("Yes.", "done"));
    story.ends(expect!["completed"]);
}

#[test]
fn a_visit_is_left_by_another_outcome_to_the_next_stage_or_to_the_end() {
    let mut story = again_same(&reviewed("done"), &after(2, Some("on")));
    assert_eq!(story.path(), "draft review:on print");
    story.answers("c", completes("Printed."));
    assert_eq!(story.run.result(), Some("Printed."));

    let story = again_same(&reviewed("on"), &after(2, Some("done")));
    story.ends(expect!["completed"]);
    assert_eq!(story.run.result(), Some("Seen."), "the result of a visit that another run carried out");
    assert_eq!(story.run.usage().model_calls, 0);
}

#[test]
fn a_visit_is_left_by_another_outcome_to_another_workflow() {
    let mut story = again_same(&reviewed("on"), &after(2, Some("count")));
    story.owes(expect![[r#"
        run 4 of census with "Seen."
    "#]]);
    story.child_begins(8).child_ends(8, Status::Completed, Some("Five."));
    assert_eq!(story.run.memory()["count"].value.as_ref(), &json!("Five."));
    assert_eq!(story.run.memory()["count"].visit, 2);
    assert_eq!(story.path(), "draft review:count print");
    story.answers("c", completes("Printed."));

    // What the workflow brought is there for the run after that, by whichever way it goes on.
    let third = again_same(&story, &from_visit(3));
    assert_eq!(third.run.memory()["count"].value.as_ref(), &json!("Five."));
    let third = again_same(&story, &after(2, Some("on")));
    assert!(third.run.memory().is_empty());
}

#[test]
fn what_the_workflow_of_the_other_outcome_brought_is_not_taken_over() {
    let source = reviewed("count");
    assert_eq!(source.run.memory()["count"].value.as_ref(), &json!("Four."));
    let story = again_same(&source, &after(2, Some("on")));
    assert!(story.run.memory().is_empty());
    assert!(!story.told("c").contains("Four."));
    // Made again by its own outcome, it is carried out again.
    let story = again_same(&source, &after(2, None));
    assert!(story.run.memory().is_empty());
    story.owes(expect![[r#"
        run 4 of census with "Seen."
    "#]]);
    // The visit after it has it.
    let story = again_same(&source, &from_visit(3));
    assert_eq!(story.run.memory()["count"].value.as_ref(), &json!("Four."));
}

#[test]
fn a_run_whose_workflow_failed_goes_on_by_another_outcome_or_tries_it_again() {
    let mut source = Story::begun(&file(WAYS));
    source.answers("a", completes("D")).answers("b", completes_as("Seen.", "count"));
    source.child_begins(7).child_ends(7, Status::Error, None);
    source.ends(expect![
        "error: [run_stopped] review/2 - while carrying out the workflow census: Run 7 was stopped."
    ]);
    assert_eq!(again_same(&source, &after(2, Some("on"))).path(), "draft review:on print");
    let mut story = again_same(&source, &after(2, Some("count")));
    story.child_begins(8).child_ends(8, Status::Completed, Some("Five."));
    assert_eq!(story.path(), "draft review:count print");
}

#[test]
fn a_completed_run_goes_on_after_its_last_visit_when_there_is_one_more_stage() {
    let longer = format!("{THREE}- {{ id: send, name: Send, task: Send it., agents: [a] }}\n");
    let source = three();
    let mut story = again(&source, &project(&longer), &after(3, None));
    assert_eq!(story.path(), "plan draft print send");
    story.answers("a", completes("S"));
    story.ends(expect!["completed"]);
    // With nothing after it, there is nothing to do.
    let story = again_same(&source, &after(3, None));
    story.ends(expect!["completed"]);
    assert_eq!((story.run.result(), story.run.visits().len()), (Some("O"), 3));
}

#[test]
fn an_outcome_that_leads_elsewhere_since_leads_there() {
    let other = file(&WAYS.replace("done: end", "done: print"));
    let story = again(&reviewed("done"), &other, &after(2, None));
    assert_eq!(story.path(), "draft review:done print");
}

#[test]
fn a_stage_that_has_no_outcomes_any_more_leads_on() {
    let without = "
- { id: draft, name: Draft, task: Write., agents: [a] }
- { id: review, name: Review, task: Judge., agents: [b] }
- { id: print, name: Print, task: Print., agents: [c] }
";
    let source = reviewed("done");
    let story = again(&source, &project(without), &after(2, None));
    assert_eq!(story.path(), "draft review:done print", "what it ended with is a fact");
    assert_eq!(shown(&source, &project(without), &after(2, None)).outcome, None);
}
