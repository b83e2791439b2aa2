//! Calls that were cut off, as a person reads of them: what may be true of each, and what became of it.

use std::fmt::Write as _;

use callboard_engine::call::{Failure, failure};
use callboard_engine::command::Command;
use callboard_engine::event::Fact;
use callboard_engine::run::{Became, INTERRUPTED_MAX};
use expect_test::{Expect, expect};
use serde_json::{Value, json};

use crate::story::{Story, bad_key, calls, completes, hiccup, passes, with_limits, with_tools};

const ONE: &str = "
- { id: one, name: One, task: Do it., agents: [a], summary: none }
";

const AT_ONCE: &str = "
- { id: one, name: One, task: Talk., agents: [a, b], turns: at_once, summary: none }
";

const TOOLS: &str = "
look: { command: [./look.sh], idempotent: true }
send: { command: [./send.sh] }
post: { command: [./post.sh], on_interrupt: ask }
files: { mcp: { command: [files-server] } }
";

const WITH_TOOLS: &str = "
- { id: one, name: One, task: Do it., agents: [{ agent: a, tools: [look, send, post, http_request] }], summary: none }
";

/// The list as it is shown, a line for each.
fn lists(story: &Story, expected: Expect) {
    let mut lines = String::new();
    for entry in story.run.interrupted() {
        let json = serde_json::to_value(entry).unwrap();
        let word = |name: &str| json[name].as_str().unwrap_or("-").to_owned();
        let who = ["agent", "model", "tool"].map(word).join(" ");
        let cost = match (&json["cost_usd"], &json["may_cost_usd"]) {
            (Value::Null, Value::Null) => String::new(),
            (cost, Value::Null) => format!(", {cost} spent"),
            (_, most) => format!(", up to about {most}"),
        };
        let _ = writeln!(
            lines,
            "{} {} {}.{} {who}: {} by {}, {}{cost}",
            json["seq"],
            word("what"),
            json["call"],
            json["attempt"],
            word("may"),
            word("cause"),
            word("became")
        );
    }
    expected.assert_eq(&lines);
}

fn silent() -> Failure {
    Failure { code: failure::TIMED_OUT.to_owned(), status: None, ..hiccup() }
}

/// The agent calls these tools, and the server dies.
fn crashes_while(calls: crate::story::Reply) -> Story {
    let mut story = Story::begun(&with_tools(TOOLS, WITH_TOOLS));
    story.answers("a", calls).crashes();
    story
}

#[test]
fn a_model_call_that_a_crash_cut_off_may_have_been_billed_twice() {
    let mut story = Story::of(ONE);
    lists(&story, expect![[""]]);
    story.crashes();
    lists(
        &story,
        expect![[r#"
            6 model_call 5.1 a main -: billed_twice by crash, made_again, up to about 0.082351
        "#]],
    );
    story.answers("a", completes("Done."));
    assert_eq!((story.run.status().name(), story.run.interrupted().len()), ("completed", 1));
}

#[test]
fn what_it_may_have_cost_counts_as_spent_where_money_is_limited() {
    let mut story = Story::begun(&with_limits("{ cost_usd: 1.0 }", ONE));
    story.crashes();
    let lost = story.run.interrupted()[0].clone();
    assert_eq!((lost.cost_usd, lost.may_cost_usd), (Some(story.run.usage().cost_usd), None));
    // Of a call that failed as well; of one that was refused nothing is on the list.
    story.fails("a", silent()).retries().fails("a", hiccup());
    let failed = story.run.interrupted().last().unwrap();
    assert_eq!(story.run.interrupted().len(), 2);
    assert_eq!(lost.cost_usd.unwrap().plus(failed.cost_usd.unwrap()), story.run.usage().cost_usd);
}

#[test]
fn a_tool_call_may_have_taken_effect_and_the_list_says_what_became_of_it() {
    lists(
        &crashes_while(calls("send", json!({}))),
        expect![[r#"
            8 tool_call 7.1 a - send: taken_effect by crash, reported
        "#]],
    );
    lists(
        &crashes_while(calls("look", json!({}))),
        expect![[r#"
            8 tool_call 7.1 a - look: taken_effect_twice by crash, made_again
        "#]],
    );
    let post = json!({ "method": "POST", "url": "https://example.com" });
    let get = json!({ "method": "GET", "url": "https://example.com" });
    lists(
        &crashes_while(calls("http_request", post).and("http_request", get)),
        expect![[r#"
            9 tool_call 7.1 a - http_request: taken_effect by crash, reported
        "#]],
    );
}

#[test]
fn a_person_is_asked_and_the_list_follows_what_they_say() {
    for (answer, expected) in [
        (
            Some("call it again"),
            expect![[r#"
                8 tool_call 7.1 a - post: taken_effect_twice by crash, made_again
            "#]],
        ),
        (
            Some("leave it"),
            expect![[r#"
                8 tool_call 7.1 a - post: taken_effect by crash, reported
            "#]],
        ),
        (
            None,
            expect![[r#"
                8 tool_call 7.1 a - post: taken_effect by crash, given_up
            "#]],
        ),
    ] {
        let mut story = crashes_while(calls("post", json!({})));
        lists(
            &story,
            expect![[r#"
                8 tool_call 7.1 a - post: taken_effect by crash, asked
            "#]],
        );
        match answer {
            Some(text) => {
                let (text, by) = (text.to_owned(), "ana".to_owned());
                story.command(Command::Answer { question: 9, text, by }).unwrap();
            }
            None => drop(story.stops()),
        }
        lists(&story, expected);
    }
}

#[test]
fn lists_of_tools_change_nothing_and_are_not_on_the_list() {
    let stages = "
- { id: one, name: One, task: Look., agents: [{ agent: a, tools: [files] }] }
";
    let mut story = Story::begun(&with_tools(TOOLS, stages));
    story.crashes();
    lists(&story, expect![[""]]);
}

#[test]
fn a_silent_model_may_have_been_billed_and_one_that_refused_was_not() {
    let mut story = Story::of(ONE);
    story.fails("a", silent());
    lists(
        &story,
        expect![[r#"
            6 model_call 5.1 a main -: billed by failure, -, up to about 0.082351
        "#]],
    );
    story.retries().fails("a", bad_key());
    lists(
        &story,
        expect![[r#"
            6 model_call 5.1 a main -: billed_twice by failure, made_again, up to about 0.082351
        "#]],
    );
}

#[test]
fn what_was_still_open_when_a_stage_failed_was_given_up() {
    let mut story = Story::of(AT_ONCE);
    story.fails("a", silent()).fails("b", bad_key());
    lists(
        &story,
        expect![[r#"
            8 model_call 5.1 a main -: billed by failure, given_up, up to about 0.082373
        "#]],
    );
    assert_eq!(story.run.status().name(), "error");
}

#[test]
fn a_stop_leaves_calls_that_may_have_been_billed_or_have_taken_effect() {
    let mut story = Story::begun(&with_tools(
        TOOLS,
        AT_ONCE.replace("[a, b]", "[{ agent: a, tools: [send] }, b]").as_str(),
    ));
    story.answers("a", calls("send", json!({}))).stops().aborts().aborts();
    lists(
        &story,
        expect![[r#"
            11 model_call 7.1 b main -: billed by ending, given_up, up to about 0.082373
            12 tool_call 9.1 a - send: taken_effect by ending, given_up
        "#]],
    );
    let stopped = serde_json::to_value(story.history.last().unwrap()).unwrap();
    expect![[r#"[{"what":"model_call","call":7,"attempt":1,"agent":"b","model":"main","may_cost_usd":0.082373},{"what":"tool_call","call":9,"attempt":1,"agent":"a","tool":"send"}]"#]]
        .assert_eq(&stopped["aborted"].to_string());
}

#[test]
fn a_crash_after_a_stop_leaves_the_same() {
    let mut story = Story::of(ONE);
    story.stops().crashes();
    lists(
        &story,
        expect![[r#"
            7 model_call 5.1 a main -: billed by crash, given_up, up to about 0.082351
        "#]],
    );
    assert_eq!(story.run.status().name(), "stopped");
}

#[test]
fn a_call_that_had_not_gone_out_cost_nothing() {
    for limits in ["{ cost_usd: 1.0 }", "{ model_calls: 9 }"] {
        let mut story = Story::begun(&with_limits(limits, ONE));
        let (call, attempt) = story.in_flight("a");
        story.stops();
        story.command(Command::TakeAbort { call, attempt, partial: None, sent: false }).unwrap();
        lists(&story, expect![[""]]);
        assert_eq!(story.run.usage(), Default::default());
        let stopped = serde_json::to_value(story.history.last().unwrap()).unwrap();
        assert_eq!(
            stopped["aborted"],
            json!([{ "what": "model_call", "call": 5, "attempt": 1, "agent": "a", "model": "main", "unsent": true }])
        );
    }
}

#[test]
fn a_hook_that_always_runs_is_made_again_when_its_run_is_ending() {
    let stages = "
- { id: one, name: One, task: Do it., agents: [a], summary: none, exit: [{ tool: look, arguments: {}, always: true }] }
";
    let mut story = Story::begun(&with_tools(TOOLS, stages));
    story.stops().aborts().crashes();
    lists(
        &story,
        expect![[r#"
            7 model_call 5.1 a main -: billed by ending, given_up, up to about 0.082351
            9 tool_call 8.1 - - look: taken_effect_twice by crash, made_again
        "#]],
    );
    story.gives("look", "It is well.");
    assert_eq!(story.run.status().name(), "stopped");
}

#[test]
fn a_run_remembers_the_newest_and_says_how_many_it_has_left_out() {
    let mut story = Story::of(ONE);
    // Nine crashes running are not too many yet, and an answer lets the count begin anew.
    while story.run.interrupted_left_out() < 4 {
        for _ in 0..9 {
            story.crashes();
        }
        story.answers("a", passes());
    }
    assert_eq!(story.run.interrupted().len(), INTERRUPTED_MAX);
    let left_out = usize::try_from(story.run.interrupted_left_out()).unwrap();
    let crashes =
        story.history.iter().filter(|event| matches!(event.fact, Fact::RunRecovered { .. })).count();
    assert_eq!(INTERRUPTED_MAX + left_out, crashes);
    let last = story.history.iter().rfind(|event| matches!(event.fact, Fact::RunRecovered { .. })).unwrap();
    assert_eq!(story.run.interrupted().last().unwrap().seq, last.seq);
    assert!(story.run.interrupted().iter().all(|entry| entry.became == Some(Became::MadeAgain)));
}
