//! Approvals: a person's leave, before a stage or after it.

use callboard_engine::command::{Command, Refused};
use expect_test::expect;

use crate::story::{Story, completes, completes_as, project};

/// Three stages, of which the second asks for leave.
fn stages(approval: &str) -> String {
    project(&format!(
        "
- {{ id: draft, name: Draft, task: Write., agents: [a], summary: none }}
- {{ id: print, name: Print, task: Print., agents: [b], summary: none, approval: {approval} }}
- {{ id: send, name: Send, task: Send., agents: [c], summary: none }}
"
    ))
}

/// The run has come to the approval before the second stage.
fn before(approval: &str) -> Story {
    let mut story = Story::begun(&stages(approval));
    story.skip().answers("a", completes("A draft."));
    story
}

/// The run has come to the approval after it.
fn after(approval: &str) -> Story {
    let mut story = before(approval);
    story.answers("b", completes("A print.")).skip();
    story
}

#[test]
fn a_stage_that_needs_leave_waits_until_a_person_gives_it() {
    let mut story = before("{ when: before }");
    story.shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 agent_completed a: A draft.
        1 turn_ended 1 completed
        1 stage_completed draft: A draft.
        2 stage_entered print nth=1
        2 approval_requested 11 before
    "#]]);
    story.owes(expect![[r#"
        person 11
    "#]]);
    story.person_decides(true, None).shows(expect![[r#"
        2 approval_decided 11 yes by ana
        2 turn_started 2 b default 1
        2 model_call_started 14.1 b main
    "#]]);
}

#[test]
fn leave_after_a_stage_is_asked_for_when_its_work_is_done() {
    let mut story = before("{ when: after }");
    story.skip().answers("b", completes("A print.")).shows(expect![[r#"
        2 model_call_finished 12.1 b
        2 agent_completed b: A print.
        2 turn_ended 2 completed
        2 approval_requested 16 after
    "#]]);
    story.person_decides(true, None).shows(expect![[r#"
        2 approval_decided 16 yes by ana
        2 stage_completed print: A print.
        3 stage_entered send nth=1
        3 turn_started 3 c default 1
        3 model_call_started 21.1 c main
    "#]]);
}

#[test]
fn both_are_asked_for_where_both_are_named() {
    let mut story = before("[{ when: after }, { when: before }]");
    story.person_decides(true, None).answers("b", completes("A print.")).person_decides(true, None);
    story.shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 agent_completed a: A draft.
        1 turn_ended 1 completed
        1 stage_completed draft: A draft.
        2 stage_entered print nth=1
        2 approval_requested 11 before
        2 approval_decided 11 yes by ana
        2 turn_started 2 b default 1
        2 model_call_started 14.1 b main
        2 model_call_finished 14.1 b
        2 agent_completed b: A print.
        2 turn_ended 2 completed
        2 approval_requested 18 after
        2 approval_decided 18 yes by ana
        2 stage_completed print: A print.
        3 stage_entered send nth=1
        3 turn_started 3 c default 1
        3 model_call_started 23.1 c main
    "#]]);
}

#[test]
fn what_a_person_says_when_giving_leave_is_told_to_whoever_works_next() {
    let mut story = before("{ when: before }");
    story.person_decides(true, Some("Use blue ink."));
    assert!(story.told("b").contains("<data kind=\"person\" name=\"ana\">\nUse blue ink.\n</data>"));

    let mut story = after("{ when: after }");
    story.person_decides(true, Some("Send it by train."));
    assert!(story.told("c").contains("Send it by train."));
}

#[test]
fn a_rejection_ends_the_run_in_error() {
    let mut story = before("{ when: before }");
    story.skip().person_decides(false, Some("Not like this.")).shows(expect![[r#"
        2 approval_decided 11 no by ana: Not like this.
        2 stage_failed rejected
        - run_failed rejected
    "#]]);
    story.ends(expect!["error: [rejected] print/2 - while asking for approval: Leave for the stage Print was refused. Not like this."]);
    let mut story = before("{ when: before }");
    story.person_decides(false, None).ends(expect![
        "error: [rejected] print/2 - while asking for approval: Leave for the stage Print was refused."
    ]);
}

#[test]
fn a_rejection_leads_to_a_stage_and_its_comment_is_told_there() {
    let mut story = after("{ when: after, on_reject: draft }");
    story.person_decides(false, Some("Too long.")).shows(expect![[r#"
        2 approval_decided 16 no by ana: Too long.
        2 stage_rejected print: A print.
        3 stage_entered draft nth=2
        3 turn_started 3 a default 1
        3 model_call_started 21.1 a main
    "#]]);
    assert!(story.told("a").contains("Too long."));
    assert!(story.told("a").contains("A print."), "the result that was refused is there to be mended");
    story.answers("a", completes("A short draft."));
    assert!(!story.told("b").contains("Too long."), "it was heard");
}

#[test]
fn a_rejection_before_the_work_leaves_no_result() {
    let mut story = before("{ when: before, on_reject: draft }");
    story.skip().person_decides(false, None).shows(expect![[r#"
        2 approval_decided 11 no by ana
        2 stage_rejected print: -
        3 stage_entered draft nth=2
        3 turn_started 2 a default 1
        3 model_call_started 16.1 a main
    "#]]);
    assert!(story.run.visits().nth(1).unwrap().result.is_none());
}

#[test]
fn a_rejection_leads_on_to_the_next_stage_or_to_the_end() {
    let mut story = after("{ when: after, on_reject: next }");
    story.person_decides(false, None).shows(expect![[r#"
        2 approval_decided 16 no by ana
        2 stage_rejected print: A print.
        3 stage_entered send nth=1
        3 turn_started 3 c default 1
        3 model_call_started 21.1 c main
    "#]]);
    let mut story = after("{ when: after, on_reject: end }");
    story.person_decides(false, None).shows(expect![[r#"
        2 approval_decided 16 no by ana
        2 stage_rejected print: A print.
        - run_completed A print.
    "#]]);
}

#[test]
fn rejections_that_lead_back_for_ever_trip_the_guard_of_the_stage() {
    let mut story = Story::begun(&stages("{ when: after, on_reject: print }"));
    story.answers("a", completes("A draft."));
    for _ in 0..4 {
        story.answers("b", completes("A print.")).person_decides(false, None);
    }
    story.answers("b", completes("A print.")).skip().person_decides(false, None).shows(expect![[r#"
        6 approval_decided 52 no by ana
        6 stage_rejected print: A print.
        6 loop_guard_tripped print max_visits at 5
        - run_failed loop_guard
    "#]]);
}

#[test]
fn an_outcome_that_was_chosen_does_not_lead_anywhere_once_it_was_refused() {
    let file = stages("{ when: after, on_reject: draft }")
        .replace("task: Print.", "outcomes: { good: end, bad: send }, task: Print.");
    let mut story = Story::begun(&file);
    story.answers("a", completes("A draft.")).answers("b", completes_as("A print.", "good"));
    story.skip().person_decides(false, None).shows(expect![[r#"
        2 approval_decided 17 no by ana
        2 stage_rejected print: A print.
        3 stage_entered draft nth=2
        3 turn_started 3 a default 1
        3 model_call_started 22.1 a main
    "#]]);
    assert_eq!(story.path(), "draft print:good draft");
}

#[test]
fn nobody_in_time_counts_as_a_rejection_unless_the_stage_says_otherwise() {
    let mut story = before("{ when: before, timeout_s: 60, on_reject: draft }");
    story.owes(expect![[r#"
        person 11 within 60000 ms
    "#]]);
    story.skip().later_s(58).looks().shows(expect![[""]]);
    story.looks().shows(expect![[r#"
        2 approval_decided 11 no by nobody
        2 stage_rejected print: -
        3 stage_entered draft nth=2
        3 turn_started 2 a default 1
        3 model_call_started 16.1 a main
    "#]]);
    let mut story = before("{ when: before, timeout_s: 60, on_timeout: approve }");
    story.skip().later_s(60).looks().shows(expect![[r#"
        2 approval_decided 11 yes by nobody
        2 turn_started 2 b default 1
        2 model_call_started 14.1 b main
    "#]]);
}

#[test]
fn an_approval_outlives_a_crash() {
    let mut story = before("{ when: before, timeout_s: 60 }");
    story.skip().crashes().shows(expect![[""]]);
    story.owes(expect![[r#"
        person 11 within 60000 ms
    "#]]);
    story.person_decides(true, None);
    story.in_flight("b");
    let mut story = before("{ when: before, timeout_s: 60 }");
    story.skip().later_s(3600).crashes().shows(expect![[r#"
        2 approval_decided 11 no by nobody
        2 stage_failed rejected
        - run_failed rejected
    "#]]);
}

#[test]
fn an_approval_is_decided_once_and_by_its_number() {
    let mut story = before("{ when: before }");
    let approval = story.asked();
    let decide = |approval| Command::Approve { approval, approve: true, comment: None, by: "ana".to_owned() };
    assert_eq!(story.command(decide(approval + 1)), Err(Refused::NotAsked));
    let answer = Command::Answer { question: approval, text: "yes".to_owned(), by: "ana".to_owned() };
    assert_eq!(story.command(answer), Err(Refused::NotAsked), "it is no question");
    story.command(decide(approval)).unwrap();
    assert_eq!(story.command(decide(approval)), Err(Refused::NotAsked));
}

#[test]
fn a_run_that_waits_for_leave_is_stopped_at_once_and_decides_nothing_any_more() {
    let mut story = before("{ when: before }");
    story.skip().stops().shows(expect![[r#"
        2 stop_requested ana: enough
        - run_stopped ana after 0 ms, cut off: 0
    "#]]);
}

#[test]
fn a_run_that_nobody_can_give_leave_to_ends_in_error() {
    let mut story = before("{ when: before }");
    story.command(Command::NobodyThere).unwrap();
    story.ends(expect!["error: [needs_person] print/2 - while asking for approval: The stage needs a person's approval, and there is nobody to give it."]);
}
