//! Other workflows, each carried out by a run of its own: because an agent wants it, or because an
//! outcome leads to it.

use callboard_engine::command::{ChildEnd, Command, Refused, ToolOutcome};
use callboard_engine::event::RunError;
use callboard_engine::run::Status;
use expect_test::expect;
use serde_json::{Value, json};

use crate::story::{Reply, Story, calls, completes, completes_as, project, says};

const TOOL: &str = "
- { id: one, name: One, task: Ask others., agents: [{ agent: a, runs_workflows: true, run_timeout_s: 60 }], summary: none }
";

const OUTCOME: &str = "
- { id: one, name: One, task: Decide., agents: [a], summary: none, outcomes: { count: { workflow: census }, done: end } }
- { id: two, name: Two, task: Go on., agents: [b], summary: none }
";

/// A project with a second workflow, `census`.
fn file(stages: &str) -> String {
    let other = "\nworkflows:\n  census: { team: desk, stages: [{ id: count, name: Count, task: Count., agents: [c] }] }";
    project(stages).replace("\nworkflows:", other)
}

fn runs(workflow: &str, input: Value) -> Reply {
    calls("run_workflow", json!({ "workflow": workflow, "input": input }))
}

fn by_tool() -> Story {
    let mut story = Story::begun(&file(TOOL));
    story.skip();
    story
}

fn by_outcome() -> Story {
    let mut story = Story::begun(&file(OUTCOME));
    story.skip().answers("a", completes_as("All owls.", "count"));
    story
}

/// A run ends in error.
fn fails(story: &mut Story, call: u64, run_id: i64) {
    let error = RunError {
        stage: Some("count".to_owned()),
        visit: Some(1),
        agent: None,
        doing: "taking turns".to_owned(),
        code: "max_cycles".to_owned(),
        message: "There was no end.".to_owned(),
        provider_message: None,
        hint: None,
    };
    let end = ChildEnd { status: Status::Error, result: None, error: Some(Box::new(error)) };
    story.command(Command::TakeChildEnd { call, run_id, end }).unwrap();
}

#[test]
fn an_agent_has_another_workflow_carried_out_and_is_given_its_result() {
    let mut story = by_tool();
    let tool = story.request("a").tools.pop().unwrap();
    assert_eq!(
        (tool.name.as_str(), &tool.parameters["properties"]["workflow"]["enum"]),
        ("run_workflow", &json!(["census", "work"]))
    );
    story.answers("a", runs("census", json!({ "of": "owls" }))).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 tool_call_started 7.1 a run_workflow {"workflow":"census","input":{"of":"owls"}}
    "#]]);
    story.owes(expect![[r#"
        run 7 of census with {"of":"owls"}
    "#]]);
    story.child_begins(9).shows(expect![[r#"
        1 child_started 7 run 9 of census
    "#]]);
    story.owes(expect![[r#"
        end of run 9 within 60000 ms
    "#]]);
    story.child_ends(9, Status::Completed, Some("Seven.")).shows(expect![[r#"
        1 child_ended 7 run 9 completed
        1 tool_call_finished 7.1 run_workflow worked: Seven.
        1 model_call_started 11.1 a main
    "#]]);
    story.given("a").is(expect![[r#"
        run_workflow: Seven.
    "#]]);
}

#[test]
fn several_runs_are_waited_for_at_once_and_completing_waits_for_them() {
    let mut story = by_tool();
    let all = runs("census", json!("owls"))
        .and("run_workflow", json!({ "workflow": "census" }))
        .and("complete", json!({ "result": "Counted." }));
    story.answers("a", all).child_begins(9).child_begins(10).skip();
    story.owes(expect![[r#"
        end of run 9 within 60000 ms
        end of run 10 within 60000 ms
    "#]]);
    let calls: Vec<u64> = story
        .run
        .pending()
        .iter()
        .filter_map(|pending| {
            if let callboard_engine::run::Pending::AwaitChild(child) = pending {
                Some(child.call)
            } else {
                None
            }
        })
        .collect();
    let end = ChildEnd { status: Status::Completed, result: Some("Seven.".into()), error: None };
    story.command(Command::TakeChildEnd { call: calls[1], run_id: 10, end: end.clone() }).unwrap();
    story.command(Command::TakeChildEnd { call: calls[0], run_id: 9, end }).unwrap();
    story.shows(expect![[r#"
        1 child_ended 8 run 10 completed
        1 tool_call_finished 8.1 run_workflow worked: Seven.
        1 child_ended 7 run 9 completed
        1 tool_call_finished 7.1 run_workflow worked: Seven.
        1 agent_completed a: Counted.
        1 turn_ended 1 completed
        1 stage_completed one: Counted.
        - run_completed Counted.
    "#]]);
}

#[test]
fn a_run_that_ends_in_error_or_is_stopped_is_told_to_the_agent_which_decides() {
    let mut story = by_tool();
    story.answers("a", runs("census", json!("owls"))).child_begins(9);
    fails(&mut story, 7, 9);
    story.given("a").is(expect![[r#"
        run_workflow failed: The workflow census did not complete. Run 9 ended in error: There was no end.
    "#]]);
    story.answers("a", runs("census", json!("owls"))).child_begins(10).child_ends(10, Status::Stopped, None);
    story.given("a").is(expect![[r#"
        run_workflow failed: The workflow census did not complete. Run 10 was stopped.
    "#]]);
}

#[test]
fn a_run_that_takes_too_long_is_stopped_and_the_agent_is_told_so() {
    let mut story = by_tool();
    story.answers("a", runs("census", json!("owls"))).child_begins(9).skip();
    story.later_s(60).child_ends(9, Status::Stopped, None).shows(expect![[r#"
        1 child_ended 7 run 9 stopped
        1 tool_call_finished 7.1 run_workflow run_timed_out: The workflow census took too long, and was stopped.
        1 model_call_started 11.1 a main
    "#]]);
}

#[test]
fn a_run_that_completed_just_in_time_counts() {
    let mut story = by_tool();
    story.answers("a", runs("census", json!("owls"))).child_begins(9).skip();
    story.later_s(600).child_ends(9, Status::Completed, Some("Seven.")).shows(expect![[r#"
        1 child_ended 7 run 9 completed
        1 tool_call_finished 7.1 run_workflow worked: Seven.
        1 model_call_started 11.1 a main
    "#]]);
}

#[test]
fn a_run_that_cannot_be_started_is_told_to_the_agent() {
    let mut story = by_tool();
    story.answers("a", runs("census", json!("owls"))).skip();
    let outcome =
        ToolOutcome { text: "The server is shutting down.".into(), code: Some("shutting_down".to_owned()) };
    story.command(Command::TakeChildRefused { call: 7, outcome }).unwrap();
    story.shows(expect![[r#"
        1 child_ended 7 run 0 error
        1 tool_call_finished 7.1 run_workflow run_failed: The workflow census did not complete. The workflow census could not be started: The server is shutting down.
        1 model_call_started 10.1 a main
    "#]]);
}

#[test]
fn a_workflow_that_there_is_not_is_refused() {
    let mut story = by_tool();
    let wrong = runs("cencus", json!("owls")).and("run_workflow", json!({ "input": 1 }));
    story.answers("a", wrong).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 tool_call_refused a unknown_workflow: There is no workflow of that name. There are: census, work.
        1 tool_call_refused a invalid_arguments: run_workflow was not carried out: `workflow` is missing. Call it again with arguments that fit.
        1 model_call_started 9.1 a main
    "#]]);
}

#[test]
fn runs_that_wait_for_each_other_in_a_row_have_an_end() {
    let mut story = Story::started(&file(TOOL), |new| new.depth = 5);
    story.skip().answers("a", runs("census", json!("owls"))).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 tool_call_refused a too_deep: This run was started by 5 others that wait for each other, and may start no further ones.
        1 model_call_started 8.1 a main
    "#]]);
    let mut story = Story::started(&file(OUTCOME), |new| new.depth = 5);
    story.answers("a", completes_as("All owls.", "count")).ends(expect!["error: [too_deep] one/1 - while carrying out the workflow census: This run was started by 5 others that wait for each other, and may start no further ones."]);
    let mut story = Story::started(&file(TOOL), |new| new.depth = 4);
    story.answers("a", runs("census", json!("owls"))).child_begins(9);
}

#[test]
fn an_outcome_leads_to_another_workflow_whose_result_is_shared_under_its_name() {
    let mut story = by_outcome();
    story.shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 agent_completed a: All owls. outcome count
        1 turn_ended 1 completed
        1 outcome_chosen a count
        1 stage_completed one: All owls. outcome count
        1 workflow_called 11 census by count: "All owls."
    "#]]);
    story.owes(expect![[r#"
        run 11 of census with "All owls."
    "#]]);
    story.child_begins(9).owes(expect![[r#"
        end of run 9
    "#]]);
    story.child_ends(9, Status::Completed, Some("{\"owls\": 7}")).shows(expect![[r#"
        1 child_started 11 run 9 of census
        1 child_ended 11 run 9 completed
        2 stage_entered two nth=1
        2 turn_started 2 b default 1
        2 model_call_started 16.1 b main
    "#]]);
    let shared = &story.run.memory()["count"];
    assert_eq!(
        (shared.value.as_ref(), shared.agent.as_str(), shared.visit),
        (&json!({ "owls": 7 }), "census", 1)
    );
    assert!(story.told("b").contains("<data kind=\"memory\" key=\"count\" agent=\"census\" visit=\"1\">"));
    story.answers("b", completes("Done.")).ends(expect!["completed"]);
}

#[test]
fn the_run_ends_in_error_as_the_run_did_that_its_outcome_led_to() {
    let mut story = by_outcome();
    story.child_begins(9).skip();
    fails(&mut story, 11, 9);
    story.shows(expect![[r#"
        1 child_ended 11 run 9 error
        - run_failed max_cycles
    "#]]);
    story.ends(expect!["error: [max_cycles] one/1 - while carrying out the workflow census: Run 9 ended in error: There was no end."]);
    let mut story = by_outcome();
    story.child_begins(9).child_ends(9, Status::Stopped, None).ends(expect![
        "error: [run_stopped] one/1 - while carrying out the workflow census: Run 9 was stopped."
    ]);
    let mut story = by_outcome();
    let outcome =
        ToolOutcome { text: "There is no room.".into(), code: Some("not_supported_yet".to_owned()) };
    story.command(Command::TakeChildRefused { call: 11, outcome }).unwrap();
    story.ends(expect!["error: [not_supported_yet] one/1 - while carrying out the workflow census: The workflow census could not be started: There is no room."]);
}

#[test]
fn what_a_person_says_between_two_stages_is_heard_at_the_next() {
    let mut story = by_outcome();
    story.skip().person_says("Count twice.").shows(expect![[r#"
        - user_message ana: Count twice.
    "#]]);
    story.child_begins(9).child_ends(9, Status::Completed, Some("7"));
    assert!(story.told("b").contains("Count twice."));
}

#[test]
fn a_stop_looks_for_a_run_that_may_have_been_started_without_this_one_knowing() {
    let mut story = by_tool();
    story.answers("a", runs("census", json!("owls"))).skip().stops().owes(expect![[r#"
        run 7 of census with "owls", if it was started
    "#]]);
    story.child_begins(9).owes(expect![[r#"
        abort 7.1 run 9
    "#]]);
    story.child_ends(9, Status::Stopped, None).shows(expect![[r#"
        1 stop_requested ana: enough
        1 child_started 7 run 9 of census
        1 child_ended 7 run 9 stopped
        1 tool_call_finished 7.1 run_workflow aborted: The run was cut off because this one is ending.
        - run_stopped ana after 2000 ms, cut off: 1
    "#]]);

    let mut story = by_outcome();
    story.skip().stops().owes(expect![[r#"
        run 11 of census with "All owls.", if it was started
    "#]]);
    let outcome = ToolOutcome { text: "It was never started.".into(), code: Some("aborted".to_owned()) };
    story.command(Command::TakeChildRefused { call: 11, outcome }).unwrap();
    story.shows(expect![[r#"
        - stop_requested ana: enough
        1 child_ended 11 run 0 error
        - run_stopped ana after 1000 ms, cut off: 0
    "#]]);
}

#[test]
fn a_child_of_a_workflow_has_the_definition_that_it_would_have_alone() {
    let story = by_outcome();
    let child = story.run.child_definition("census").unwrap();
    assert_eq!((child.name.as_str(), child.workflow.stages[0].id.as_str()), ("census", "count"));
    assert!(story.run.child_definition("cencus").is_none());
    assert_eq!(story.run.depth(), 0);
}

#[test]
fn an_answer_starts_no_more_runs_at_once_than_it_may_call_tools() {
    let mut story = by_tool();
    let many = (0..40)
        .fold(says(""), |answer, n| answer.and("run_workflow", json!({ "workflow": "census", "input": n })));
    story.answers("a", many);
    assert_eq!(story.run.pending().len(), 32);
}

#[test]
fn news_of_another_run_than_the_one_that_was_started_are_refused() {
    let mut story = by_outcome();
    let end = ChildEnd { status: Status::Completed, result: None, error: None };
    let ends = |run_id| Command::TakeChildEnd { call: 11, run_id, end: end.clone() };
    assert_eq!(story.command(ends(9)), Err(Refused::NotUnderWay), "it has not begun");
    story.child_begins(9);
    assert_eq!(story.command(ends(8)), Err(Refused::NotUnderWay));
    assert_eq!(story.command(Command::TakeChild { call: 11, run_id: 12 }), Err(Refused::NotUnderWay));

    let mut story = by_tool();
    story.answers("a", runs("census", json!("owls"))).child_begins(9);
    let outcome = ToolOutcome { text: "7".into(), code: None };
    let no_tool = Command::TakeTool { call: 7, attempt: 1, outcome };
    assert_eq!(story.command(no_tool), Err(Refused::NotUnderWay), "only its run can end it");
    assert_eq!(story.command(Command::TakeChild { call: 7, run_id: 10 }), Err(Refused::NotUnderWay));
}

#[test]
fn a_stop_stops_the_runs_that_were_started_and_waits_for_their_end() {
    let mut story = by_tool();
    story.answers("a", runs("census", json!("owls"))).child_begins(9).skip().stops();
    story.owes(expect![[r#"
        abort 7.1 run 9
    "#]]);
    let unheard = Command::TakeAbort { call: 7, attempt: 1, partial: None, sent: true };
    assert_eq!(story.command(unheard), Err(Refused::NotUnderWay), "only the end of that run ends it");
    story.child_ends(9, Status::Stopped, None).shows(expect![[r#"
        1 stop_requested ana: enough
        1 child_ended 7 run 9 stopped
        1 tool_call_finished 7.1 run_workflow aborted: The run was cut off because this one is ending.
        - run_stopped ana after 2000 ms, cut off: 1
    "#]]);

    let mut story = by_outcome();
    story.child_begins(9).skip().stops().owes(expect![[r#"
        abort 11.1 run 9
    "#]]);
    story.child_ends(9, Status::Stopped, None).shows(expect![[r#"
        - stop_requested ana: enough
        1 child_ended 11 run 9 stopped
        - run_stopped ana after 1000 ms, cut off: 1
    "#]]);
    let event = serde_json::to_value(story.history.last().unwrap()).unwrap();
    expect![[r#"[{"what":"workflow","call":11,"attempt":1}]"#]].assert_eq(&event["aborted"].to_string());
}

#[test]
fn a_run_that_completed_while_this_one_was_stopping_was_not_cut_off() {
    let mut story = by_tool();
    story.answers("a", runs("census", json!("owls"))).child_begins(9).skip().stops();
    story.child_ends(9, Status::Completed, Some("Seven.")).shows(expect![[r#"
        1 stop_requested ana: enough
        1 child_ended 7 run 9 completed
        1 tool_call_finished 7.1 run_workflow worked: Seven.
        - run_stopped ana after 1000 ms, cut off: 0
    "#]]);
    let mut story = by_outcome();
    story.child_begins(9).skip().stops().child_ends(9, Status::Completed, Some("Seven.")).shows(expect![[
        r#"
        - stop_requested ana: enough
        1 child_ended 11 run 9 completed
        - run_stopped ana after 1000 ms, cut off: 0
    "#
    ]]);
}
