//! How a run is stopped, and that a final run never changes.

use callboard_engine::command::{Command, Refused};
use expect_test::expect;
use serde_json::json;

use crate::story::{Story, calls, completes, hiccup, project, with_tools};

const ONE: &str = "
- { id: one, name: One, task: Do it., agents: [a] }
";

#[test]
fn a_run_is_stopped_only_when_nothing_is_in_flight_any_more() {
    let mut story = Story::of(ONE);
    story.skip().stops().shows(expect![[r#"
        1 stop_requested ana: enough
    "#]]);
    assert!(story.run.stop_requested());
    assert_eq!(story.run.status().name(), "running");
    story.aborts().shows(expect![[r#"
        1 model_call_failed 5.1 a aborted partial "Ow"
        - run_stopped ana after 1000 ms, cut off: 1
    "#]]);
    assert_eq!(story.run.visits().last().unwrap().status.name(), "stopped");
}

#[test]
fn a_pending_run_is_stopped_at_once() {
    let mut story = Story::pending(&project(ONE), json!("owls"));
    story.stops().shows(expect![[r#"
        - run_created work
        - stop_requested ana: enough
        - run_stopped ana after 0 ms, cut off: 0
    "#]]);
}

#[test]
fn a_run_that_waits_for_its_next_attempt_is_stopped_at_once() {
    let mut story = Story::of(ONE);
    story.fails("a", hiccup()).skip().stops().shows(expect![[r#"
        1 stop_requested ana: enough
        - run_stopped ana after 0 ms, cut off: 0
    "#]]);
}

#[test]
fn an_answer_that_came_while_the_run_was_stopping_is_recorded_and_nothing_follows_from_it() {
    let mut story = Story::of(ONE);
    let (call, attempt) = story.in_flight("a");
    story.skip().stops();
    let answer = std::sync::Arc::new(completes("Too late.").into());
    story.command(Command::TakeAnswer { call, attempt, answer, tokens: None }).unwrap();
    story.shows(expect![[r#"
        1 stop_requested ana: enough
        1 model_call_finished 5.1 a
        - run_stopped ana after 1000 ms, cut off: 0
    "#]]);
}

#[test]
fn a_second_stop_is_refused() {
    let mut story = Story::of(ONE);
    story.stops();
    let again = story.command(Command::Stop { by: "bob".to_owned(), reason: None });
    assert_eq!(again, Err(Refused::Stopping));
}

#[test]
fn a_stop_that_was_accepted_survives_a_crash() {
    let mut story = Story::of(ONE);
    story.stops().skip().crashes().shows(expect![[r#"
        1 run_recovered 5.1 model_call a
        - run_stopped ana after 1000 ms, cut off: 1
    "#]]);
}

#[test]
fn a_final_run_accepts_nothing() {
    let mut story = Story::of(ONE);
    let (call, attempt) = story.in_flight("a");
    story.answers("a", completes("Done."));
    let answer = std::sync::Arc::new(completes("Again.").into());
    for command in [
        Command::Start,
        Command::Recover,
        Command::Stop { by: "ana".to_owned(), reason: None },
        Command::Retry { call, attempt },
        Command::TakeAbort { call, attempt, partial: None, sent: true },
        Command::TakeFailure { call, attempt, failure: hiccup(), partial: None },
        Command::TakeAnswer { call, attempt, answer, tokens: None },
    ] {
        assert_eq!(story.command(command), Err(Refused::Ended));
    }
}

#[test]
fn news_of_an_attempt_that_is_not_under_way_is_refused() {
    let mut story = Story::of(ONE);
    let (call, attempt) = story.in_flight("a");
    let answer = std::sync::Arc::new(completes("Done.").into());
    let stale = Command::TakeAnswer { call, attempt: attempt + 1, answer, tokens: None };
    assert_eq!(story.command(stale), Err(Refused::NotUnderWay));
    assert_eq!(story.command(Command::Retry { call, attempt: 2 }), Err(Refused::NotUnderWay));
    let unasked = Command::TakeAbort { call, attempt, partial: None, sent: true };
    assert_eq!(story.command(unasked), Err(Refused::NotUnderWay), "a run that goes on cuts nothing off");
    assert_eq!(story.command(Command::Start), Err(Refused::Begun));
}

#[test]
fn agents_that_go_at_once_are_stopped_whether_they_wait_or_are_being_answered() {
    let mut story = Story::of(
        "
- { id: one, name: One, task: Talk., agents: [a, b], turns: at_once }
",
    );
    story.fails("a", hiccup()).skip().stops().aborts().shows(expect![[r#"
        1 stop_requested ana: enough
        1 model_call_failed 7.1 b aborted partial "Ow"
        - run_stopped ana after 1000 ms, cut off: 1
    "#]]);
}

const TOOLS: &str = "
lookup: { command: [./lookup.sh] }
files: { mcp: { command: [files-server] } }
";

#[test]
fn tools_that_are_under_way_are_cut_off() {
    let stages = "
- { id: one, name: One, task: Look., agents: [{ agent: a, tools: [lookup] }] }
";
    let mut story = Story::begun(&with_tools(TOOLS, stages));
    story.answers(
        "a",
        calls("lookup", json!({})).and("lookup", json!({})).and("complete", json!({ "result": "r" })),
    );
    story.skip().stops().owes(expect![[r#"
        abort 7.1
        abort 8.1
    "#]]);
    story.aborts().aborts().shows(expect![[r#"
        1 stop_requested ana: enough
        1 tool_call_finished 7.1 lookup aborted: The call was cut off because the run is ending.
        1 tool_call_finished 8.1 lookup aborted: The call was cut off because the run is ending.
        - run_stopped ana after 2000 ms, cut off: 2
    "#]]);
    let stopped = serde_json::to_value(story.history.last().unwrap()).unwrap();
    expect![[r#"[{"what":"tool_call","call":7,"attempt":1,"agent":"a","tool":"lookup"},{"what":"tool_call","call":8,"attempt":1,"agent":"a","tool":"lookup"}]"#]].assert_eq(&stopped["aborted"].to_string());
}

#[test]
fn a_tool_that_came_back_while_the_run_was_stopping_is_recorded_and_nothing_follows_from_it() {
    let stages = "
- { id: one, name: One, task: Look., agents: [{ agent: a, tools: [lookup] }] }
";
    let mut story = Story::begun(&with_tools(TOOLS, stages));
    story.answers("a", calls("lookup", json!({})).and("complete", json!({ "result": "r" })));
    let (call, attempt) = story.tool_under_way("lookup");
    story.skip().stops();
    let outcome = callboard_engine::command::ToolOutcome { text: "Owls.".into(), code: None };
    story.command(Command::TakeTool { call, attempt, outcome }).unwrap();
    story.shows(expect![[r#"
        1 stop_requested ana: enough
        1 tool_call_finished 7.1 lookup worked: Owls.
        - run_stopped ana after 1000 ms, cut off: 0
    "#]]);
}

#[test]
fn a_stage_that_failed_cuts_off_what_its_other_agents_had_under_way() {
    let stages = "
- { id: one, name: One, task: Look., agents: [{ agent: a, tools: [lookup] }, b], turns: at_once }
";
    let mut story = Story::begun(&with_tools(TOOLS, stages));
    story.answers("a", calls("lookup", json!({}))).skip().fails("b", crate::story::bad_key());
    story.owes(expect![[r#"
        abort 9.1
    "#]]);
    story.aborts().shows(expect![[r#"
        1 model_call_failed 7.1 b model_unauthorized
        1 stage_failed model_unauthorized
        1 tool_call_finished 9.1 lookup aborted: The call was cut off because the run is ending.
        - run_failed model_unauthorized
    "#]]);
}

#[test]
fn a_run_that_was_stopped_at_a_stage_that_had_failed_is_stopped() {
    let mut story = Story::of(
        "
- { id: one, name: One, task: Talk., agents: [a, b], turns: at_once }
",
    );
    story.fails("a", crate::story::bad_key()).stops().aborts().ends(expect!["stopped"]);
}

#[test]
fn lists_of_tools_that_are_under_way_are_cut_off() {
    let stages = "
- { id: one, name: One, task: Look., agents: [{ agent: a, tools: [files] }] }
";
    let mut story = Story::begun(&with_tools(TOOLS, stages));
    story.skip().stops().aborts().shows(expect![[r#"
        1 stop_requested ana: enough
        1 tool_list_failed 4 files aborted
        - run_stopped ana after 1000 ms, cut off: 1
    "#]]);
}
