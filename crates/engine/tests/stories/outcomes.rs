//! How a stage's outcome is chosen, and which summaries it leaves.

use expect_test::expect;
use serde_json::json;

use crate::story::{Story, calls, completes, completes_as, passes, says};

const REVIEW: &str = "
- id: review
  name: Review
  task: Judge it.
  agents: [a]
  outcomes: { good: end, bad: next }
- { id: mend, name: Mend, task: Mend it., agents: [b] }
";

#[test]
fn the_last_agent_to_complete_chooses_the_outcome() {
    let mut story = Story::of(
        "
- { id: one, name: One, task: Judge., agents: [a, b], outcomes: { good: end, bad: next }, summary: none }
- { id: two, name: Two, task: Mend., agents: [c] }
",
    );
    story.answers("a", completes_as("I say good.", "good")).skip();
    story.answers("b", completes_as("I say bad.", "bad")).shows(expect![[r#"
        1 model_call_finished 10.1 b
        1 agent_completed b: I say bad. outcome bad
        1 turn_ended 2 completed
        1 outcome_chosen b bad
        1 stage_completed one: I say bad. outcome bad
        2 stage_entered two nth=1
        2 turn_started 3 c default 1
        2 model_call_started 18.1 c main
    "#]]);
}

#[test]
fn a_missing_outcome_is_asked_for_in_a_turn_that_allows_nothing_else() {
    let mut story = Story::of(REVIEW);
    story.skip().answers("a", completes("Fine.")).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 agent_completed a: Fine.
        1 turn_ended 1 completed
        1 turn_started 2 a default 1 asks {"for":"outcome"}
        1 model_call_started 10.1 a main
    "#]]);
    let request = story.request("a");
    assert_eq!(request.must_call.as_deref(), Some("complete"));
    assert_eq!(request.tools.len(), 1);
    expect![[r#"{"type":"object","properties":{"outcome":{"type":"string","enum":["good","bad"],"description":"How this stage ends."}},"required":["outcome"]}"#]].assert_eq(&request.tools[0].parameters.to_string());
    story.answers("a", calls("complete", json!({ "outcome": "good" }))).shows(expect![[r#"
        1 model_call_finished 10.1 a
        1 outcome_chosen a good
        1 turn_ended 2 answered
        1 summary_written a: Fine. (short)
        1 stage_completed review: Fine. outcome good
        - run_completed Fine.
    "#]]);
}

#[test]
fn an_outcome_that_is_not_declared_is_asked_for_again() {
    let mut story = Story::of(REVIEW);
    story.answers("a", completes_as("Fine.", "splendid"));
    assert!(story.told("a").contains("Choose one of: good, bad."));
    story.answers("a", says("**Good**."));
    assert_eq!(story.path(), "review:good", "the name alone is understood too");
}

#[test]
fn an_outcome_is_understood_beside_the_words_around_it_unless_they_name_another() {
    let path = |words: &str| {
        let mut story = Story::of(REVIEW);
        story.answers("a", completes("Fine.")).answers("a", says(words));
        story.path()
    };
    assert_eq!(path("Outcome: **good**\n\nThe facts are right."), "review:good");
    assert_eq!(path("I thought about it.\n\nbad"), "review:bad mend");
    assert_eq!(path("{ \"outcome\": \"good\" }"), "review:good");
    assert_eq!(path("Not good, I think."), "review");
    assert_eq!(path("- good\n- bad"), "review");
}

#[test]
fn a_stage_without_an_outcome_even_when_asked_ends_in_error() {
    let mut story = Story::of(REVIEW);
    story.answers("a", completes("Fine.")).answers("a", says("I cannot decide."));
    story.ends(expect!["error: [outcome_missing] review/1 a while choosing the outcome: a chose no outcome, even when asked for one of: good, bad."]);
}

#[test]
fn a_summary_that_was_given_is_used_and_only_a_missing_one_is_asked_for() {
    let mut story = Story::of(
        "
- { id: one, name: One, task: Talk., agents: [a, b] }
",
    );
    story.answers("a", completes("A.")).skip();
    story.answers("b", calls("complete", json!({ "result": "B." }))).shows(expect![[r#"
        1 model_call_finished 10.1 b
        1 agent_completed b: B.
        1 turn_ended 2 completed
        1 summary_written a: A. (short)
        1 turn_started 3 b default 1 asks {"for":"summary"}
        1 model_call_started 16.1 b main
    "#]]);
    assert!(story.request("b").tools.is_empty());
    story.answers("b", says("B, in short.")).shows(expect![[r#"
        1 model_call_finished 16.1 b
        1 summary_written b: B, in short.
        1 turn_ended 3 answered
        1 stage_completed one: B.
        - run_completed B.
    "#]]);
}

#[test]
fn missing_summaries_are_asked_for_all_at_once() {
    let mut story = Story::of(
        "
- { id: one, name: One, task: Talk., agents: [{ agent: a, phase: start }, b] }
",
    );
    story.answers("a", passes()).skip().answers("b", says("Done.")).shows(expect![[r#"
        1 model_call_finished 9.1 b
        1 agent_completed b: Done.
        1 turn_ended 2 completed
        1 turn_started 3 a start 1 asks {"for":"summary"}
        1 model_call_started 14.1 a main
        1 turn_started 4 b default 1 asks {"for":"summary"}
        1 model_call_started 16.1 b main
    "#]]);
    story.answers("b", says("B's.")).answers("a", says("A's.")).shows(expect![[r#"
        1 model_call_finished 16.1 b
        1 summary_written b: B's.
        1 turn_ended 4 answered
        1 model_call_finished 14.1 a
        1 summary_written a: A's.
        1 turn_ended 3 answered
        1 stage_completed one: Done.
        - run_completed Done.
    "#]]);
}

#[test]
fn a_shared_summary_is_written_by_the_last_agent_to_complete() {
    let mut story = Story::of(
        "
- { id: one, name: One, task: Talk., agents: [a, b], summary: shared }
",
    );
    story.answers("a", completes("A.")).skip().answers("b", completes("B.")).shows(expect![[r#"
        1 model_call_finished 10.1 b
        1 agent_completed b: B.
        1 turn_ended 2 completed
        1 summary_written b: B. (short)
        1 stage_completed one: B.
        - run_completed B.
    "#]]);
}

#[test]
fn a_summary_that_is_not_given_even_when_asked_is_left_out() {
    let mut story = Story::of(
        "
- { id: one, name: One, task: Talk., agents: [a] }
",
    );
    story.answers("a", says("A.")).answers("a", says("")).ends(expect!["completed"]);
}

#[test]
fn an_agent_of_a_stage_that_keeps_no_summary_is_not_asked_for_one() {
    let mut story = Story::of(
        "
- { id: one, name: One, task: Talk., agents: [a], summary: none }
",
    );
    let request = story.request("a");
    assert!(!request.system.contains("summary"), "{}", request.system);
    let complete = request.tools.iter().find(|tool| tool.name == "complete").unwrap();
    assert_eq!(complete.parameters["required"], json!(["result"]));
    story.answers("a", calls("complete", json!({ "result": "Done." }))).ends(expect!["completed"]);
}

#[test]
fn an_outcome_in_another_case_is_the_declared_one() {
    let mut story = Story::of(REVIEW);
    story.skip().answers("a", completes_as("Fine.", "GOOD")).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 agent_completed a: Fine. outcome GOOD
        1 turn_ended 1 completed
        1 outcome_chosen a good
        1 summary_written a: Fine. (short)
        1 stage_completed review: Fine. outcome good
        - run_completed Fine.
    "#]]);
}

#[test]
fn an_outcome_that_was_chosen_before_the_cycles_ran_out_is_its_choosers() {
    let mut story = Story::of(
        "
- id: one
  name: One
  task: Talk.
  agents: [a, b]
  outcomes: { good: end, bad: end }
  max_cycles: 1
  on_max_cycles: finish
  summary: shared
",
    );
    story.answers("a", completes_as("A's part.", "good")).skip().answers("b", says("Hm.")).shows(expect![[
        r#"
        1 model_call_finished 10.1 b
        1 message_sent b to team: Hm.
        1 turn_ended 2 yielded
        1 outcome_chosen a good
        1 summary_written a: A's part. (short)
        1 stage_completed one: A's part. outcome good
        - run_completed A's part.
    "#
    ]]);
}

#[test]
fn an_agent_in_two_phases_is_asked_at_its_latest_place() {
    let mut story = Story::of(
        "
- id: one
  name: One
  task: Talk.
  agents: [{ agent: a, phase: completion, directive: End it. }, { agent: a, phase: start, directive: Begin it. }]
  outcomes: { good: end, bad: end }
  summary: none
",
    );
    story.answers("a", says("Good morning.")).skip().answers("a", says("Done.")).shows(expect![[r#"
        1 model_call_finished 10.1 a
        1 agent_completed a: Done.
        1 turn_ended 2 completed
        1 turn_started 3 a completion 1 asks {"for":"outcome"}
        1 model_call_started 15.1 a main
    "#]]);
}
