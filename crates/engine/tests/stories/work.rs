//! How the agents of a stage take turns, and what the stage's result is.

use expect_test::expect;
use serde_json::json;

use crate::story::{Story, calls, completes, passes, says};

const ONE: &str = "
- { id: one, name: One, task: 'Look at {{ input }}.', agents: [a] }
";

const TWO: &str = "
- { id: one, name: One, task: Talk., agents: [a, b], summary: none }
";

#[test]
fn an_agent_that_completes_ends_its_stage_and_the_run_goes_on_to_the_next() {
    let mut story = Story::of(
        "
- { id: one, name: One, task: Do it., agents: [a] }
- { id: two, name: Two, task: Do more., agents: [b] }
",
    );
    story.shows(expect![[r#"
        - run_created work
        - run_started
        1 stage_entered one nth=1
        1 turn_started 1 a default 1
        1 model_call_started 5.1 a main
    "#]]);
    story.answers("a", completes("First.")).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 agent_completed a: First.
        1 turn_ended 1 completed
        1 summary_written a: First. (short)
        1 stage_completed one: First.
        2 stage_entered two nth=1
        2 turn_started 2 b default 1
        2 model_call_started 13.1 b main
    "#]]);
    story.answers("b", completes("Second.")).shows(expect![[r#"
        2 model_call_finished 13.1 b
        2 agent_completed b: Second.
        2 turn_ended 2 completed
        2 summary_written b: Second. (short)
        2 stage_completed two: Second.
        - run_completed Second.
    "#]]);
    story.ends(expect!["completed"]);
    assert_eq!(story.run.result(), Some("Second."));
}

#[test]
fn a_plain_answer_of_the_only_agent_completes_and_the_missing_summary_is_asked_for() {
    let mut story = Story::of(ONE);
    story.skip().answers("a", says("Owls hunt at night.")).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 agent_completed a: Owls hunt at night.
        1 turn_ended 1 completed
        1 turn_started 2 a default 1 asks {"for":"summary"}
        1 model_call_started 10.1 a main
    "#]]);
    story.answers("a", says("Owls: night.")).shows(expect![[r#"
        1 model_call_finished 10.1 a
        1 summary_written a: Owls: night.
        1 turn_ended 2 answered
        1 stage_completed one: Owls hunt at night.
        - run_completed Owls hunt at night.
    "#]]);
}

#[test]
fn a_plain_answer_of_one_of_several_is_a_message_to_the_team() {
    let mut story = Story::of(TWO);
    story.skip().answers("a", says("What do we know?")).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 message_sent a to team: What do we know?
        1 turn_ended 1 yielded
        1 turn_started 2 b default 1
        1 model_call_started 10.1 b main
    "#]]);
}

#[test]
fn a_plain_answer_of_a_model_that_cannot_call_tools_completes() {
    let file = crate::story::project(TWO).replace("b: { role: Second }", "b: { role: Second, model: plain }");
    let mut story = Story::pending(&file, json!("owls"));
    story.command(callboard_engine::command::Command::Start).unwrap();
    story.answers("a", passes()).skip().answers("b", says("Done.")).shows(expect![[r#"
        1 model_call_finished 9.1 b
        1 agent_completed b: Done.
        1 turn_ended 2 completed
        1 turn_started 3 a default 2
        1 model_call_started 14.1 a main
    "#]]);
    assert!(story.request("a").tools.iter().any(|tool| tool.name == "complete"));
}

#[test]
fn a_plain_answer_of_a_fallback_that_cannot_call_tools_completes_too() {
    let file = crate::story::project(TWO).replace("model: m, price", "model: m, fallback: plain, price");
    let mut story = Story::pending(&file, json!("owls"));
    story.command(callboard_engine::command::Command::Start).unwrap();
    story.fails("a", crate::story::bad_key()).skip().answers("a", says("Done.")).shows(expect![[r#"
        1 model_call_finished 5.2 a
        1 agent_completed a: Done.
        1 turn_ended 1 completed
        1 turn_started 2 b default 1
        1 model_call_started 12.1 b main
    "#]]);
}

#[test]
fn agents_take_turns_in_order_until_each_has_completed() {
    let mut story = Story::of(TWO);
    story
        .answers("a", says("Shall we?"))
        .answers("b", completes("B is done."))
        .answers("a", completes("A is done."));
    story.shows(expect![[r#"
        - run_created work
        - run_started
        1 stage_entered one nth=1
        1 turn_started 1 a default 1
        1 model_call_started 5.1 a main
        1 model_call_finished 5.1 a
        1 message_sent a to team: Shall we?
        1 turn_ended 1 yielded
        1 turn_started 2 b default 1
        1 model_call_started 10.1 b main
        1 model_call_finished 10.1 b
        1 agent_completed b: B is done.
        1 turn_ended 2 completed
        1 turn_started 3 a default 2
        1 model_call_started 15.1 a main
        1 model_call_finished 15.1 a
        1 agent_completed a: A is done.
        1 turn_ended 3 completed
        1 stage_completed one: A is done.
        - run_completed A is done.
    "#]]);
    assert_eq!(story.run.result(), Some("A is done."), "the last agent to complete gives the result");
}

#[test]
fn each_agent_hears_what_those_before_it_said() {
    let mut story = Story::of(TWO);
    story.answers("a", says("Shall we?"));
    assert!(story.told("b").contains("Shall we?"));
    story.answers("b", calls("send_message", json!({ "to": "a", "text": "Yes, you." })));
    story.answers("b", passes());
    assert!(story.told("a").contains("Yes, you."));
    assert!(!story.told("a").contains("Shall we?"), "its own words are in its own answers");
}

#[test]
fn agents_that_go_at_once_work_on_what_was_there_when_the_cycle_began() {
    let mut story = Story::of(
        "
- { id: one, name: One, task: Talk., agents: [a, b], turns: at_once, summary: none }
",
    );
    story.shows(expect![[r#"
        - run_created work
        - run_started
        1 stage_entered one nth=1
        1 turn_started 1 a default 1
        1 model_call_started 5.1 a main
        1 turn_started 2 b default 1
        1 model_call_started 7.1 b main
    "#]]);
    story.answers("b", says("I am first."));
    story.shows(expect![[r#"
        1 model_call_finished 7.1 b
        1 message_sent b to team: I am first.
        1 turn_ended 2 yielded
    "#]]);
    story.answers("a", calls("send_message", json!({ "to": "b", "text": "Hello." })));
    assert!(!format!("{:?}", story.request("a").messages).contains("I am first."));
    story.skip().answers("a", passes()).shows(expect![[r#"
        1 model_call_finished 13.1 a
        1 turn_ended 1 passed
        1 turn_started 3 a default 2
        1 model_call_started 17.1 a main
        1 turn_started 4 b default 2
        1 model_call_started 19.1 b main
    "#]]);
    assert!(story.told("a").contains("I am first."));
    assert!(story.told("b").contains("Hello."));
}

#[test]
fn agents_of_the_start_phase_have_one_turn_before_the_others_and_those_of_completion_come_last() {
    let mut story = Story::of(
        "
- id: one
  name: One
  task: Talk.
  summary: none
  agents: [{ agent: c, phase: completion }, b, { agent: a, phase: start }]
",
    );
    story.answers("a", says("Good morning."));
    story.answers("b", passes()).answers("b", completes("Worked."));
    story.answers("c", completes("Checked."));
    story.shows(expect![[r#"
        - run_created work
        - run_started
        1 stage_entered one nth=1
        1 turn_started 1 a start 1
        1 model_call_started 5.1 a main
        1 model_call_finished 5.1 a
        1 agent_completed a: Good morning.
        1 turn_ended 1 completed
        1 turn_started 2 b default 1
        1 model_call_started 10.1 b main
        1 model_call_finished 10.1 b
        1 turn_ended 2 passed
        1 turn_started 3 b default 2
        1 model_call_started 14.1 b main
        1 model_call_finished 14.1 b
        1 agent_completed b: Worked.
        1 turn_ended 3 completed
        1 turn_started 4 c completion 1
        1 model_call_started 19.1 c main
        1 model_call_finished 19.1 c
        1 agent_completed c: Checked.
        1 turn_ended 4 completed
        1 stage_completed one: Checked.
        - run_completed Checked.
    "#]]);
}

#[test]
fn an_agent_that_has_nothing_to_add_passes_and_so_does_one_that_says_nothing() {
    let mut story = Story::of(ONE);
    story.skip().answers("a", passes()).answers("a", says("  ")).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 turn_ended 1 passed
        1 turn_started 2 a default 2
        1 model_call_started 9.1 a main
        1 model_call_finished 9.1 a
        1 turn_ended 2 passed
        1 turn_started 3 a default 3
        1 model_call_started 13.1 a main
    "#]]);
}

#[test]
fn a_stage_whose_cycles_are_used_up_ends_in_error() {
    let mut story = Story::of(
        "
- { id: one, name: One, task: Talk., agents: [a, b], max_cycles: 2 }
",
    );
    story.answers("a", passes()).answers("b", completes("B.")).answers("a", passes());
    story.ends(expect!["error: [max_cycles] one/1 - while taking turns: After 2 cycles of the default phase, 1 of its agents had not completed."]);
}

#[test]
fn a_stage_that_finishes_at_max_cycles_asks_the_last_that_spoke_for_what_is_missing() {
    let mut story = Story::of(
        "
- { id: one, name: One, task: Talk., agents: [a, b], max_cycles: 1, on_max_cycles: finish, summary: none }
",
    );
    story.answers("a", says("Hm.")).skip().answers("b", passes()).shows(expect![[r#"
        1 model_call_finished 10.1 b
        1 turn_ended 2 passed
        1 turn_started 3 b default 1 asks {"for":"result"}
        1 model_call_started 14.1 b main
    "#]]);
    assert!(story.told("b").contains("Give the result of this stage now"));
    story.answers("b", completes("As far as we got.")).shows(expect![[r#"
        1 model_call_finished 14.1 b
        1 agent_completed b: As far as we got.
        1 turn_ended 3 completed
        1 stage_completed one: As far as we got.
        - run_completed As far as we got.
    "#]]);
}

#[test]
fn a_stage_that_finishes_at_max_cycles_ends_with_what_there_is() {
    let mut story = Story::of(
        "
- { id: one, name: One, task: Talk., agents: [a, b], max_cycles: 1, on_max_cycles: finish, summary: none }
",
    );
    story.answers("a", completes("A's part.")).skip().answers("b", passes()).shows(expect![[r#"
        1 model_call_finished 10.1 b
        1 turn_ended 2 passed
        1 stage_completed one: A's part.
        - run_completed A's part.
    "#]]);
}

#[test]
fn a_stage_that_nobody_completed_asks_for_its_result() {
    let mut story = Story::of("
- { id: one, name: One, task: Talk., agents: [{ agent: a, phase: start }, { agent: b, phase: start }], summary: none }
");
    story.answers("a", says("Hello.")).skip().answers("b", says("Hi.")).shows(expect![[r#"
        1 model_call_finished 10.1 b
        1 message_sent b to team: Hi.
        1 turn_ended 2 yielded
        1 turn_started 3 b start 1 asks {"for":"result"}
        1 model_call_started 15.1 b main
    "#]]);
}

#[test]
fn a_turn_that_calls_tools_for_ever_is_capped_and_counts_as_a_pass() {
    let mut story = Story::of(ONE);
    for _ in 0..24 {
        story.answers("a", calls("read_memory", json!({ "key": "none" })));
    }
    story.skip().answers("a", calls("read_memory", json!({ "key": "none" }))).shows(expect![[r#"
        1 model_call_finished 77.1 a
        1 tool_call_refused a unknown_key: Shared memory has no such key. It is empty.
        1 turn_capped 1 after 25 calls
        1 turn_ended 1 capped
        1 turn_started 2 a default 2
        1 model_call_started 83.1 a main
    "#]]);
}

#[test]
fn a_tool_call_that_makes_no_sense_is_refused_and_the_agent_is_told_why() {
    let mut story = Story::of(ONE);
    let nonsense = calls("fly", json!({}))
        .and("send_message", json!("{\"to\": \"te"))
        .and("send_message", json!({ "to": "zoe", "text": "Hi." }))
        .and("share_result", json!({ "key": "k" }))
        .and("complete", json!({}));
    story.skip().answers("a", nonsense).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 tool_call_refused a unknown_tool: There is no tool called "fly". There are: send_message, share_result, read_memory, pass, complete.
        1 tool_call_refused a invalid_arguments: send_message was not carried out: the arguments are not valid JSON. Call it again with arguments that fit.
        1 tool_call_refused a unknown_agent: Nobody at the table has that name. Send to team, or to one of: a.
        1 tool_call_refused a invalid_arguments: share_result was not carried out: `value` is missing. Call it again with arguments that fit.
        1 tool_call_refused a invalid_arguments: complete was not carried out: `result` is missing. Call it again with it.
        1 model_call_started 12.1 a main
    "#]]);
}

#[test]
fn an_agent_whose_answer_was_cut_off_in_a_tool_call_is_told_to_write_less() {
    let mut story = Story::of(ONE);
    let mut answer = callboard_engine::call::Answer::from(calls("complete", json!("{\"result\": \"Owls a")));
    answer.finish = callboard_engine::call::Finish::Length;
    story.skip().answers("a", answer).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 tool_call_refused a invalid_arguments: complete was not carried out: your answer reached its largest length and was cut off. Write less. Call it again with arguments that fit.
        1 model_call_started 8.1 a main
    "#]]);
}

#[test]
fn an_answer_that_says_its_result_and_then_completes_without_it_is_understood() {
    for arguments in [json!({ "summary": "Short." }), json!({ "result": " ", "summary": "Short." })] {
        let mut story = Story::of(ONE);
        let mut answer = callboard_engine::call::Answer::from(calls("complete", arguments));
        answer.text = "The whole result.".to_owned();
        story.answers("a", answer);
        assert_eq!(story.run.result(), Some("The whole result."));
    }
}

#[test]
fn a_task_that_cannot_be_filled_in_ends_the_run_before_anyone_works_on_it() {
    let file = crate::story::project(
        "
- { id: one, name: One, task: 'Look at {{ input.missing }}.', agents: [a] }
",
    );
    let mut story = Story::pending(&file, json!({ "topic": "owls" }));
    story.command(callboard_engine::command::Command::Start).unwrap();
    story.shows(expect![[r#"
        - run_created work
        - run_started
        1 stage_entered one nth=1
        1 stage_failed template_failed
        - run_failed template_failed
    "#]]);
    story.ends(expect![[r#"error: [template_failed] one/1 - while filling in the task: The task could not be filled in: The template names "input.missing", and the input has no "missing"."#]]);
}

#[test]
fn usage_and_cost_are_counted_per_visit_and_per_run() {
    let mut story = Story::of(
        "
- { id: one, name: One, task: Do it., agents: [a] }
- { id: two, name: Two, task: Do more., agents: [b] }
",
    );
    story.answers("a", passes()).answers("a", completes("First.")).answers("b", completes("Second."));
    // 100 tokens in at a dollar and 10 out at ten dollars per million.
    let usage = serde_json::to_string(&story.run.usage()).unwrap();
    expect![[r#"{"model_calls":3,"input_tokens":300,"output_tokens":30,"cost_usd":0.0006}"#]]
        .assert_eq(&usage);
    let visits: Vec<u64> = story.run.visits().map(|visit| visit.usage.model_calls).collect();
    assert_eq!(visits, [2, 1]);
}

#[test]
fn an_answer_that_completes_twice_and_does_more_besides_completes_once_with_the_first() {
    let mut story = Story::of(TWO);
    let all = calls("pass", json!({}))
        .and("complete", json!({ "result": "First." }))
        .and("complete", json!({ "result": "Second." }))
        .and("send_message", json!({ "to": "b", "text": "Over to you." }));
    story.skip().answers("a", all).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 message_sent a to b: Over to you.
        1 agent_completed a: First.
        1 turn_ended 1 completed
        1 turn_started 2 b default 1
        1 model_call_started 11.1 b main
    "#]]);
    assert!(story.told("b").contains("Over to you."));
}

#[test]
fn agents_that_go_at_once_are_reminded_when_their_cycle_is_over() {
    let mut story = Story::of(
        "
- { id: one, name: One, task: Talk., agents: [{ agent: a, shares: [facts] }, b], turns: at_once, summary: none }
",
    );
    story.skip().answers("a", completes("A.")).answers("b", completes("B.")).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 agent_completed a: A.
        1 turn_ended 1 completed
        1 model_call_finished 7.1 b
        1 agent_completed b: B.
        1 turn_ended 2 completed
        1 turn_started 3 a default 1 asks {"for":"shares","keys":["facts"]}
        1 model_call_started 15.1 a main
    "#]]);
    story.answers("a", calls("share_result", json!({ "key": "facts", "value": 1 }))).shows(expect![[r#"
        1 model_call_finished 15.1 a
        1 result_shared a facts=1
        1 turn_ended 3 answered
        1 stage_completed one: B.
        - run_completed B.
    "#]]);
}
