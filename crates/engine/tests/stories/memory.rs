//! Shared memory, and the keys that an agent has to share.

use callboard_engine::call::Message;
use callboard_engine::event::Fact;
use expect_test::expect;
use serde_json::json;

use crate::story::{Story, calls, completes, completes_as, passes, says};

const SHARES: &str = "
- { id: one, name: One, task: Find., agents: [{ agent: a, shares: [facts] }], summary: none }
- { id: two, name: Two, task: Use., agents: [b] }
";

#[test]
fn a_value_that_is_shared_is_read_by_later_agents_with_where_it_comes_from() {
    let mut story = Story::of(SHARES);
    let both = calls("share_result", json!({ "key": "facts", "value": ["owls", 2] }))
        .and("complete", json!({ "result": "Found." }));
    story.skip().answers("a", both).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 result_shared a facts=["owls",2]
        1 agent_completed a: Found.
        1 turn_ended 1 completed
        1 stage_completed one: Found.
        2 stage_entered two nth=1
        2 turn_started 2 b default 1
        2 model_call_started 13.1 b main
    "#]]);
    assert!(story.told("b").contains(r#"<data kind="memory" key="facts" agent="a" visit="1">"#));
    story.answers("b", calls("read_memory", json!({ "key": "facts" })));
    story.answers("b", calls("read_memory", json!({ "key": "fiction" }))).shows(expect![[r#"
        2 model_call_finished 13.1 b
        2 memory_read b facts: ["owls",2]
        2 model_call_started 16.1 b main
        2 model_call_finished 16.1 b
        2 tool_call_refused b unknown_key: Shared memory has no such key. It has: facts.
        2 model_call_started 19.1 b main
    "#]]);
}

#[test]
fn an_agent_that_completes_without_sharing_what_it_must_is_reminded_once() {
    let mut story = Story::of(SHARES);
    story.skip().answers("a", completes("Found.")).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 agent_completed a: Found.
        1 turn_ended 1 completed
        1 turn_started 2 a default 1 asks {"for":"shares","keys":["facts"]}
        1 model_call_started 10.1 a main
    "#]]);
    assert!(story.told("a").contains("facts"));
    let request = story.request("a");
    assert_eq!(request.must_call.as_deref(), Some("share_result"));
    let offered: Vec<_> = request
        .tools
        .iter()
        .map(|tool| (&tool.name, &tool.parameters["properties"]["key"]["enum"]))
        .collect();
    assert_eq!(offered, [(&"share_result".to_owned(), &json!(["facts"]))], "nothing else will do");
    story.answers("a", calls("share_result", json!({ "key": "facts", "value": "owls" }))).shows(expect![[
        r#"
            1 model_call_finished 10.1 a
            1 result_shared a facts="owls"
            1 turn_ended 2 answered
            1 stage_completed one: Found.
            2 stage_entered two nth=1
            2 turn_started 3 b default 1
            2 model_call_started 17.1 b main
        "#
    ]]);
    let visit = story.run.visits().next().unwrap().clone();
    assert_eq!(visit.result.as_deref(), Some("Found."), "the result that it gave before stands");
}

#[test]
fn an_agent_that_completes_once_more_when_reminded_keeps_its_first_result_and_outcome() {
    let mut story = Story::of(
        "
- { id: one, name: One, task: Find., agents: [{ agent: a, shares: [facts] }], outcomes: { good: end, bad: end }, summary: none }
",
    );
    story.answers("a", completes_as("Owls see well.", "good"));
    let again = calls("share_result", json!({ "key": "facts", "value": "owls" }))
        .and("complete", json!({ "result": "Shared the facts." }));
    story.skip().answers("a", again).shows(expect![[r#"
        1 model_call_finished 10.1 a
        1 result_shared a facts="owls"
        1 turn_ended 2 answered
        1 outcome_chosen a good
        1 stage_completed one: Owls see well. outcome good
        - run_completed Owls see well.
    "#]]);
}

#[test]
fn an_agent_that_does_not_share_even_when_reminded_ends_the_stage_in_error() {
    let mut story = Story::of(SHARES);
    story.answers("a", completes("Found.")).answers("a", says("I did share them."));
    story.ends(expect![
        "error: [shares_missing] one/1 a while sharing results: a did not share facts, even when reminded."
    ]);
}

#[test]
fn an_agent_of_the_start_phase_is_reminded_too() {
    let mut story = Story::of(
        "
- { id: one, name: One, task: Find., agents: [{ agent: a, phase: start, shares: [facts] }, b], summary: none }
",
    );
    story.skip().answers("a", passes()).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 turn_ended 1 passed
        1 turn_started 2 a start 1 asks {"for":"shares","keys":["facts"]}
        1 model_call_started 9.1 a main
    "#]]);
}

#[test]
fn a_value_shared_at_an_earlier_visit_does_not_count_for_this_one() {
    let mut story = Story::of("
- { id: one, name: One, task: Find., agents: [{ agent: a, shares: [facts] }], summary: none, outcomes: { again: one, on: end } }
");
    let again = calls("share_result", json!({ "key": "facts", "value": "owls" }))
        .and("complete", json!({ "result": "Found.", "outcome": "again" }));
    story.answers("a", again).skip().answers("a", completes("Found more.")).shows(expect![[r#"
        2 model_call_finished 14.1 a
        2 agent_completed a: Found more.
        2 turn_ended 2 completed
        2 turn_started 3 a default 1 asks {"for":"shares","keys":["facts"]}
        2 model_call_started 19.1 a main
    "#]]);
}

#[test]
fn what_is_read_of_a_very_long_value_is_recorded_as_it_was_given() {
    let mut story = Story::of(SHARES);
    let long = "o".repeat(100_200);
    story.answers("a", calls("share_result", json!({ "key": "facts", "value": long })));
    story.answers("a", calls("read_memory", json!({ "key": "facts" })));
    let mut reads = story.history.iter().filter_map(|event| {
        if let Fact::MemoryRead { text, .. } = &event.fact { Some(text.to_string()) } else { None }
    });
    let read = reads.next();
    assert!(read.as_deref().unwrap().ends_with("o\n[200 more characters; read on with from 100000]"));
    let Some(Message::ToolResults(given)) = story.request("a").messages.pop() else { panic!("nothing read") };
    assert_eq!(Some(given[0].text.as_str()), read.as_deref(), "and not cut twice");
}

#[test]
fn a_model_that_cannot_call_tools_shares_by_its_answer_to_the_reminder() {
    let shares = |keys: &str| {
        let stages = format!(
            "- {{ id: one, name: One, task: Find., agents: [{{ agent: a, shares: [{keys}] }}], summary: none }}"
        );
        let file =
            crate::story::project(&stages).replace("a: { role: First }", "a: { role: First, model: plain }");
        let mut story = Story::pending(&file, json!("owls"));
        story.command(callboard_engine::command::Command::Start).unwrap();
        story.answers("a", says("Found."));
        story
    };
    let mut story = shares("facts");
    assert!(story.told("a").contains("Others need your facts."));
    story.skip().answers("a", says("Owls hunt.")).shows(expect![[r#"
        1 model_call_finished 10.1 a
        1 result_shared a facts="Owls hunt."
        1 turn_ended 2 answered
        1 stage_completed one: Found.
        - run_completed Found.
    "#]]);

    let mut story = shares("facts, doubts");
    assert!(story.told("a").contains("one JSON object"));
    story.skip().answers("a", says(r#"Here: {"facts": ["owls"], "doubts": null}."#)).shows(expect![[r#"
        1 model_call_finished 10.1 a
        1 result_shared a facts=["owls"]
        1 result_shared a doubts=null
        1 turn_ended 2 answered
        1 stage_completed one: Found.
        - run_completed Found.
    "#]]);

    let mut story = shares("facts");
    story.answers("a", says("")).ends(expect![
        "error: [shares_missing] one/1 a while sharing results: a did not share facts, even when reminded."
    ]);
}

#[test]
fn what_others_said_is_read_on_where_it_was_cut_by_those_who_heard_it() {
    let mut story = Story::of(
        "
- { id: one, name: One, task: Talk., agents: [a, b, c], summary: none }
",
    );
    let long = format!("{}{}", "a".repeat(100_000), "b".repeat(300));
    story.answers("a", calls("send_message", json!({ "to": "b", "text": long }))).answers("a", passes());
    assert!(story.told("b").contains("read_memory gives them, with key \"said:0\" and from 100000]"));
    let rest = json!({ "key": "said:0", "from": 100_000 });
    story.answers("b", calls("read_memory", rest.clone()));
    let Some(Message::ToolResults(read)) = story.request("b").messages.pop() else { panic!("nothing read") };
    assert_eq!(read[0].text, "b".repeat(300));

    story.answers("b", passes()).skip().answers("c", calls("read_memory", rest)).shows(expect![[r#"
        1 model_call_finished 19.1 c
        1 tool_call_refused c unknown_key: Shared memory has no such key. It is empty.
        1 model_call_started 22.1 c main
    "#]]);
}
