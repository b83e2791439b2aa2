//! What happens when the server dies and comes back.

use callboard_engine::command::Command;
use expect_test::expect;
use serde_json::json;

use crate::story::{Story, bad_key, calls, completes, hiccup, passes, project, with_tools};

const TOOLS: &str = "
look: { command: [./look.sh], idempotent: true }
send: { command: [./send.sh] }
ring: { command: [./ring.sh], on_interrupt: retry }
post: { command: [./post.sh], on_interrupt: ask }
files: { mcp: { command: [files-server] } }
";

const WITH_TOOLS: &str = "
- { id: one, name: One, task: Do it., agents: [{ agent: a, tools: [look, send, ring, post, http_request] }], summary: none }
";

/// The agent calls these tools, and the server dies.
fn crashes_while(calls: crate::story::Reply) -> Story {
    let mut story = Story::begun(&with_tools(TOOLS, WITH_TOOLS));
    story.answers("a", calls).skip().crashes();
    story
}

/// A stage with these hooks.
fn with_hooks(hooks: &str) -> Story {
    let stages = format!(
        "
- id: one
  name: One
  task: Do it.
  agents: [a]
  summary: none
  {hooks}
"
    );
    let mut story = Story::begun(&with_tools(TOOLS, &stages));
    story.skip();
    story
}

const TWO: &str = "
- { id: one, name: One, task: Do it., agents: [a] }
- { id: two, name: Two, task: Do more., agents: [b] }
";

#[test]
fn a_call_that_was_in_flight_is_made_again_and_the_record_says_so() {
    let mut story = Story::of(TWO);
    story.answers("a", completes("First.")).skip().crashes().shows(expect![[r#"
        2 run_recovered 13.1 model_call b
        2 model_call_started 13.2 b main
    "#]]);
    story.answers("b", completes("Second."));
    story.ends(expect!["completed"]);
}

#[test]
fn a_wait_that_was_under_way_goes_on_and_nothing_is_recorded() {
    let mut story = Story::of(TWO);
    story.fails("a", hiccup()).skip().crashes().shows(expect![[""]]);
    story.retries().answers("a", completes("First."));
    assert_eq!(story.path(), "one two");
}

#[test]
fn all_calls_of_agents_that_go_at_once_are_made_again() {
    let mut story = Story::of(
        "
- { id: one, name: One, task: Talk., agents: [a, b], turns: at_once }
",
    );
    story.skip().crashes().shows(expect![[r#"
        1 run_recovered 5.1 model_call a, 7.1 model_call b
        1 model_call_started 5.2 a main
        1 model_call_started 7.2 b main
    "#]]);
}

#[test]
fn a_run_that_was_in_flight_at_ten_crashes_running_ends_in_error() {
    let mut story = Story::of(TWO);
    for _ in 0..9 {
        story.crashes();
    }
    assert_eq!(story.run.status().name(), "running");
    story.crashes().ends(expect!["error: [crashed_repeatedly] one/1 a while going on after a crash: The server went down 10 times running while this work was in flight."]);
}

#[test]
fn a_step_forward_between_two_crashes_begins_the_count_anew() {
    let mut story = Story::of(TWO);
    for _ in 0..9 {
        story.crashes();
    }
    story.answers("a", completes("First.")).crashes();
    assert_eq!(story.run.status().name(), "running");
}

#[test]
fn a_crash_while_a_failed_stage_is_being_cut_off_makes_nothing_again() {
    let mut story = Story::of(
        "
- { id: one, name: One, task: Talk., agents: [a, b, c], turns: at_once }
",
    );
    story.fails("a", bad_key()).skip().crashes().shows(expect![[r#"
        1 run_recovered 7.1 model_call b, 9.1 model_call c
        - run_failed model_unauthorized
    "#]]);
}

#[test]
fn attempts_that_a_crash_cut_off_do_not_lengthen_the_waits() {
    let mut story = Story::of(TWO);
    for _ in 0..5 {
        story.crashes();
    }
    story.skip().fails("a", hiccup()).shows(expect![[r#"
        1 model_call_failed 5.6 a model_unavailable
        1 retry_scheduled 5.7 in 500 ms
    "#]]);
}

#[test]
fn a_tool_that_may_be_called_twice_is_called_again() {
    crashes_while(calls("look", json!({}))).shows(expect![[r#"
        1 run_recovered 7.1 tool_call a
        1 tool_call_started 7.2 a look {}
    "#]]);
    crashes_while(calls("ring", json!({}))).shows(expect![[r#"
        1 run_recovered 7.1 tool_call a
        1 tool_call_started 7.2 a ring {}
    "#]]);
}

#[test]
fn of_any_other_tool_the_agent_is_told_that_it_is_unknown_whether_the_call_took_effect() {
    let mut story = crashes_while(calls("send", json!({})));
    story.shows(expect![[r#"
        1 run_recovered 7.1 tool_call a
        1 tool_call_finished 7.1 send interrupted: The server went down during this call, so it is not known whether it took effect. Find out before you call it again.
        1 model_call_started 10.1 a main
    "#]]);
    story.given("a").is(expect![[r#"
        send failed: The server went down during this call, so it is not known whether it took effect. Find out before you call it again.
    "#]]);
}

#[test]
fn a_person_decides_where_the_tool_says_so() {
    let mut story = crashes_while(calls("post", json!({})));
    story.shows(expect![[r#"
        1 run_recovered 7.1 tool_call a
        1 question_asked 9 a: The server went down while post was being called, so it is not known whether the call took effect. Is it to be called again? ["call it again", "leave it"]
    "#]]);
    story.owes(expect![[r#"
        person 9
    "#]]);
    let question = story.asked();
    let answer = |text: &str| Command::Answer { question, text: text.to_owned(), by: "ana".to_owned() };
    assert_eq!(story.command(answer("perhaps")), Err(callboard_engine::command::Refused::NotAChoice));
    story.crashes().shows(expect![[""]]);
    story.person_answers("Call it again ").shows(expect![[r#"
        1 question_answered 9 ana: call it again
        1 tool_call_started 7.2 a post {}
    "#]]);
    story.gives("post", "Posted.").given("a").is(expect![[r#"
        post: Posted.
    "#]]);

    let mut story = crashes_while(calls("post", json!({})));
    story.skip().person_answers("leave it").shows(expect![[r#"
        1 question_answered 9 ana: leave it
        1 tool_call_finished 7.1 post interrupted: The server went down during this call, so it is not known whether it took effect. Find out before you call it again.
        1 model_call_started 12.1 a main
    "#]]);
    let mut story = crashes_while(calls("post", json!({})));
    story.command(Command::NobodyThere).unwrap();
    story.ends(expect!["error: [needs_person] one/1 a while asking a person: There is nobody to answer: The server went down while post was being called, so it is not known whether the call took effect. Is it to be called again?"]);
}

#[test]
fn each_of_several_calls_is_treated_as_its_tool_says_and_what_had_come_back_is_kept() {
    let mut story = Story::begun(&with_tools(TOOLS, WITH_TOOLS));
    let all = calls("look", json!({})).and("send", json!({})).and("post", json!({})).and("ring", json!({}));
    story.answers("a", all).gives("ring", "rang").skip().crashes().shows(expect![[r#"
        1 run_recovered 7.1 tool_call a, 8.1 tool_call a, 9.1 tool_call a
        1 tool_call_started 7.2 a look {}
        1 tool_call_finished 8.1 send interrupted: The server went down during this call, so it is not known whether it took effect. Find out before you call it again.
        1 question_asked 15 a: The server went down while post was being called, so it is not known whether the call took effect. Is it to be called again? ["call it again", "leave it"]
    "#]]);
    story.gives("look", "seen").person_answers("leave it").given("a").is(expect![[r#"
        look: seen
        send failed: The server went down during this call, so it is not known whether it took effect. Find out before you call it again.
        post failed: The server went down during this call, so it is not known whether it took effect. Find out before you call it again.
        ring: rang
    "#]]);
}

#[test]
fn completing_beside_a_call_that_was_cut_off_waits_until_the_agent_has_seen_it() {
    let mut story = crashes_while(calls("send", json!({})).and("complete", json!({ "result": "Sent." })));
    story.shows(expect![[r#"
        1 run_recovered 7.1 tool_call a
        1 tool_call_finished 7.1 send interrupted: The server went down during this call, so it is not known whether it took effect. Find out before you call it again.
        1 tool_call_refused a not_completed: complete was not carried out: a tool call of the same answer failed. Look at it first.
        1 model_call_started 11.1 a main
    "#]]);
}

#[test]
fn a_request_that_only_reads_is_made_again_and_any_other_is_not() {
    for (arguments, again) in [
        (json!({ "url": "https://example.org" }), true),
        (json!({ "url": "https://example.org", "method": "get" }), true),
        (json!({ "url": "https://example.org", "method": "HEAD" }), true),
        (json!({ "url": "https://example.org", "method": "POST" }), false),
        (json!({ "url": "https://example.org", "method": "DELETE" }), false),
    ] {
        let story = crashes_while(calls("http_request", arguments.clone()));
        let owed = story.run.pending();
        let is_owed =
            matches!(owed.as_slice(), [callboard_engine::run::Pending::CallTool(work)] if work.attempt == 2);
        assert_eq!(is_owed, again, "{arguments}: {owed:?}");
    }
}

#[test]
fn a_document_that_was_being_read_is_read_again() {
    let stages = "
- { id: one, name: One, task: Do it., agents: [{ agent: a, tools: [write_file, read_file] }], summary: none }
";
    let mut story = Story::begun(&project(stages));
    let both = calls("write_file", json!({ "path": "a.md", "text": "x" }))
        .and("read_file", json!({ "path": "a.md" }));
    story.answers("a", both).skip().crashes().shows(expect![[r#"
        1 run_recovered 8.1 tool_call a
        1 tool_call_started 8.2 a read_file {"path":"a.md"}
    "#]]);
}

#[test]
fn the_tools_of_a_server_are_listed_again() {
    let stages = "
- { id: one, name: One, task: Do it., agents: [{ agent: a, tools: [files] }], summary: none }
";
    let mut story = Story::begun(&with_tools(TOOLS, stages));
    story.skip().crashes().shows(expect![[r#"
        1 run_recovered 4.1 tool_list files
        1 tool_list_started 4.2 files
    "#]]);
    story.lists(&["read"]).answers("a", calls("files__read", json!({}))).skip().crashes().shows(expect![[r#"
        1 run_recovered 11.1 tool_call a
        1 tool_call_finished 11.1 files.read interrupted: The server went down during this call, so it is not known whether it took effect. Find out before you call it again.
        1 model_call_started 14.1 a main
    "#]]);
}

#[test]
fn a_hook_follows_its_tool_and_where_nobody_knows_it_failed() {
    with_hooks("entry: [{ tool: look }]").crashes().shows(expect![[r#"
        1 run_recovered 4.1 tool_call look
        1 tool_call_started 4.2 hook look {}
    "#]]);
    let mut story = with_hooks("entry: [{ tool: send }]");
    story.crashes().shows(expect![[r#"
        1 run_recovered 4.1 tool_call send
        1 tool_call_finished 4.1 send interrupted: The server went down during this call, so it is not known whether it took effect. Find out before you call it again.
        1 hook_finished entry 0 send interrupted
        1 stage_failed hook_failed
        - run_failed hook_failed
    "#]]);
    story.ends(expect!["error: [hook_failed] one/1 - while running the entry hook send: The hook send failed: The server went down during this call, so it is not known whether it took effect. Find out before you call it again. [interrupted]"]);
    with_hooks("entry: [{ tool: send, on_failure: continue }]").crashes().shows(expect![[r#"
        1 run_recovered 4.1 tool_call send
        1 tool_call_finished 4.1 send interrupted: The server went down during this call, so it is not known whether it took effect. Find out before you call it again.
        1 hook_finished entry 0 send interrupted
        1 turn_started 1 a default 1
        1 model_call_started 9.1 a main
    "#]]);
    let mut story = with_hooks("entry: [{ tool: post, key: k }]");
    story.crashes().shows(expect![[r#"
        1 run_recovered 4.1 tool_call post
        1 question_asked 6 run: The server went down while post was being called, so it is not known whether the call took effect. Is it to be called again? ["call it again", "leave it"]
    "#]]);
    story.person_answers("call it again").gives("post", "x").shows(expect![[r#"
        1 question_answered 6 ana: call it again
        1 tool_call_started 4.2 hook post {}
        1 tool_call_finished 4.2 post worked: x
        1 hook_finished entry 0 post worked as k
        1 turn_started 1 a default 1
        1 model_call_started 12.1 a main
    "#]]);
}

#[test]
fn a_hook_that_always_runs_and_was_cut_off_while_the_run_was_stopping_runs_again_only_if_it_may() {
    let mut story = with_hooks("exit: [{ tool: look, always: true }]");
    story.stops().aborts().skip().crashes().shows(expect![[r#"
        1 run_recovered 8.1 tool_call look
        1 tool_call_started 10.1 hook look {}
    "#]]);
    story.gives("look", "").shows(expect![[r#"
        1 tool_call_finished 10.1 look worked: 
        1 hook_finished exit 0 look worked
        - run_stopped ana after 1000 ms, cut off: 2
    "#]]);
    let mut story = with_hooks("exit: [{ tool: send, always: true }, { tool: post, always: true }]");
    story.stops().aborts().skip().crashes().shows(expect![[r#"
        1 run_recovered 8.1 tool_call send
        1 hook_finished exit 0 send interrupted
        1 tool_call_started 11.1 hook post {}
    "#]]);
    story.crashes().shows(expect![[r#"
        1 run_recovered 11.1 tool_call post
        1 hook_finished exit 1 post interrupted
        - run_stopped ana after 1000 ms, cut off: 3
    "#]]);
}

#[test]
fn a_tool_that_brings_the_server_down_ends_the_run_at_the_tenth_crash() {
    let mut story = crashes_while(calls("look", json!({})));
    for _ in 0..9 {
        story.crashes();
    }
    story.ends(expect!["error: [crashed_repeatedly] one/1 a while going on after a crash: The server went down 10 times running while this work was in flight."]);
}

#[test]
fn runs_that_were_started_go_on_by_themselves() {
    let other = "\nworkflows:\n  census: { team: desk, stages: [{ id: count, name: Count, task: Count., agents: [c] }] }";
    let stages = "
- { id: one, name: One, task: Do it., agents: [{ agent: a, runs_workflows: true }], summary: none }
";
    let mut story = Story::begun(&project(stages).replace("\nworkflows:", other));
    story
        .answers("a", calls("run_workflow", json!({ "workflow": "census" })))
        .skip()
        .crashes()
        .shows(expect![[""]]);
    story.owes(expect![[r#"
        run 7 of census with null
    "#]]);
    story.child_begins(9).skip().crashes().shows(expect![[""]]);
    story.owes(expect![[r#"
        end of run 9 within 300000 ms
    "#]]);
}

#[test]
fn agents_that_wait_for_a_tool_a_model_and_a_person_each_go_on_in_their_way() {
    let stages = "
- { id: one, name: One, task: Talk., agents: [{ agent: a, tools: [look] }, b, { agent: c, asks_user: true }], turns: at_once, summary: none }
";
    let mut story = Story::begun(&with_tools(TOOLS, stages));
    story
        .answers("a", calls("look", json!({})))
        .answers("c", calls("ask_user", json!({ "question": "Which?" })));
    story.skip().crashes().shows(expect![[r#"
        1 run_recovered 7.1 model_call b, 11.1 tool_call a
        1 model_call_started 7.2 b main
        1 tool_call_started 11.2 a look {}
    "#]]);
    story.owes(expect![[r#"
        model 7.2 b
        tool 11.2 look {}
        person 13 within 86400000 ms
    "#]]);
    story.answers("b", passes()).gives("look", "seen").person_answers("All.").answers("a", passes());
    story.answers("c", passes());
    story.in_flight("b");
}

#[test]
fn a_hook_that_brings_the_server_down_while_the_run_is_stopping_is_given_up() {
    let mut story = with_hooks("exit: [{ tool: look, always: true }]");
    story.stops().aborts().skip();
    for _ in 0..9 {
        story.crashes();
    }
    assert_eq!(story.run.status().name(), "running");
    story.skip().crashes().shows(expect![[r#"
        1 run_recovered 26.1 tool_call look
        1 hook_finished exit 0 look interrupted
        - run_stopped ana after 1000 ms, cut off: 11
    "#]]);
}
