//! Results that have to fit a schema.

use expect_test::expect;
use serde_json::json;

use crate::story::{Story, calls, completes, passes, project, says};

const ONE: &str = "
- id: one
  name: One
  task: Count.
  agents: [a]
  summary: none
  result_schema: { type: object, properties: { owls: { type: integer, minimum: 0 } }, required: [owls] }
";

fn gives(result: serde_json::Value) -> crate::story::Reply {
    calls("complete", json!({ "result": result }))
}

#[test]
fn a_result_that_fits_is_the_result_of_the_stage_as_json() {
    let mut story = Story::of(ONE);
    let complete = story.request("a").tools.into_iter().find(|tool| tool.name == "complete").unwrap();
    assert_eq!(complete.parameters["properties"]["result"]["properties"]["owls"]["type"], "integer");
    story.skip().answers("a", gives(json!({ "owls": 3 }))).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 agent_completed a: {"owls":3}
        1 turn_ended 1 completed
        1 stage_completed one: {"owls":3}
        - run_completed {"owls":3}
    "#]]);
}

#[test]
fn a_result_that_is_given_as_a_text_or_within_a_fence_is_understood() {
    for result in ["{\"owls\": 3}", "```json\n{\"owls\": 3}\n```", " ```\n{\"owls\": 3}\n``` "] {
        let mut story = Story::of(ONE);
        story.answers("a", gives(json!(result)));
        assert_eq!(story.run.result(), Some("{\"owls\": 3}"), "{result}");
        let mut story = Story::of(ONE);
        story.answers("a", says(result));
        assert_eq!(story.run.result(), Some("{\"owls\": 3}"), "{result}");
    }
}

#[test]
fn a_result_that_does_not_fit_is_mended_once() {
    let mut story = Story::of(ONE);
    story.skip().answers("a", gives(json!({ "owls": -1 }))).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 agent_completed a: {"owls":-1}
        1 turn_ended 1 completed
        1 turn_started 2 a default 1 asks {"for":"mend","mistakes":["owls: This should be 0 or more."]}
        1 model_call_started 10.1 a main
    "#]]);
    expect![[r#"
        Your result is not what it has to be:
        - owls: This should be 0 or more.
        Call complete again with a result that fits, and do nothing else."#]]
    .assert_eq(&story.told("a"));
    let request = story.request("a");
    assert_eq!(request.must_call.as_deref(), Some("complete"));
    story.answers("a", gives(json!({ "owls": 1 }))).shows(expect![[r#"
        1 model_call_finished 10.1 a
        1 agent_completed a: {"owls":1}
        1 turn_ended 2 completed
        1 stage_completed one: {"owls":1}
        - run_completed {"owls":1}
    "#]]);
}

#[test]
fn a_result_that_does_not_fit_even_when_mended_ends_the_stage_in_error() {
    let mut story = Story::of(ONE);
    story.answers("a", completes("Three.")).skip().answers("a", completes("3 owls")).ends(expect!["error: [result_invalid] one/1 a while checking the result: The result of a does not fit the stage's schema, even when mended: it is not JSON: trailing characters at line 1 column 3."]);
    let mut story = Story::of(ONE);
    story.answers("a", completes("Three.")).answers("a", passes()).ends(expect!["error: [result_invalid] one/1 a while checking the result: The result of a does not fit the stage's schema, even when mended: it is not JSON: expected value at line 1 column 1."]);
}

#[test]
fn the_outcome_that_was_named_stands_when_the_result_is_mended_without_one() {
    let mut story = Story::of(&format!("{ONE}  outcomes: {{ many: end, few: one }}\n"));
    story.answers("a", calls("complete", json!({ "result": "Three.", "outcome": "many" })));
    story.skip().answers("a", gives(json!({ "owls": 3 }))).shows(expect![[r#"
        1 model_call_finished 10.1 a
        1 agent_completed a: {"owls":3} outcome many
        1 turn_ended 2 completed
        1 outcome_chosen a many
        1 stage_completed one: {"owls":3} outcome many
        - run_completed {"owls":3}
    "#]]);
}

#[test]
fn whoever_mends_a_result_may_change_the_outcome() {
    let mut story = Story::of(&format!("{ONE}  outcomes: {{ many: end, few: next }}\n"));
    story.answers("a", calls("complete", json!({ "result": "Three.", "outcome": "many" })));
    story.answers("a", calls("complete", json!({ "result": { "owls": 1 }, "outcome": "few" })));
    assert_eq!(story.path(), "one:few");
}

#[test]
fn a_model_that_cannot_call_tools_answers_with_json() {
    let file = project(ONE).replace("a: { role: First }", "a: { role: First, model: plain }");
    let mut story = Story::begun(&file);
    assert!(story.request("a").system.contains("Answer with JSON and nothing else."));
    story.skip().answers("a", says("Three owls.")).answers("a", says("{\"owls\":3}")).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 agent_completed a: Three owls.
        1 turn_ended 1 completed
        1 turn_started 2 a default 1 asks {"for":"mend","mistakes":["it is not JSON: expected value at line 1 column 1"]}
        1 model_call_started 10.1 a plain
        1 model_call_finished 10.1 a
        1 agent_completed a: {"owls":3}
        1 turn_ended 2 completed
        1 stage_completed one: {"owls":3}
        - run_completed {"owls":3}
    "#]]);
}

#[test]
fn only_who_may_give_the_result_of_the_stage_is_told_of_its_schema() {
    let story = Story::of(&ONE.replace("[a]", "[a, { agent: b, phase: completion }]"));
    let complete = story.request("a").tools.into_iter().find(|tool| tool.name == "complete").unwrap();
    assert_eq!(complete.parameters["properties"]["result"]["type"], "string");
}

#[test]
fn a_schema_of_a_text_is_fitted_by_the_text() {
    let text = ONE.replace(
        "{ type: object, properties: { owls: { type: integer, minimum: 0 } }, required: [owls] }",
        "{ type: string, maxLength: 10 }",
    );
    for (given, result) in [("Owls.", "\"Owls.\""), ("\"Owls.\"", "\"Owls.\""), ("7", "\"7\"")] {
        let mut story = Story::of(&text);
        story.answers("a", gives(json!(given)));
        assert_eq!(story.run.result(), Some(result), "{given}");
    }
    let mut story = Story::of(&text);
    story.skip().answers("a", gives(json!("Owls by the hundred."))).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 agent_completed a: Owls by the hundred.
        1 turn_ended 1 completed
        1 turn_started 2 a default 1 asks {"for":"mend","mistakes":["the whole: This should have at most 10 characters."]}
        1 model_call_started 10.1 a main
    "#]]);
}
