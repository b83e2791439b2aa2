//! Hooks: tools that run at a stage's entry and exit, and cost no turn.

use callboard_engine::command::Command;
use expect_test::expect;
use serde_json::json;

use crate::story::{Story, bad_key, completes, with_tools};

const TOOLS: &str = "
weather: { command: [./weather.sh], parameters: { city: { type: string } } }
tidy: { command: [./tidy.sh] }
files: { mcp: { command: [files-server] } }
";

/// A stage with these hooks.
fn stage(hooks: &str) -> String {
    with_tools(
        TOOLS,
        &format!(
            "
- id: one
  name: One
  task: Look.
  agents: [a]
  summary: none
  {hooks}
"
        ),
    )
}

#[test]
fn entry_hooks_run_in_order_and_their_results_are_there_when_the_task_is_filled_in() {
    let file =
        stage("entry: [{ tool: weather, arguments: { city: '{{ input }}' }, key: weather }, { tool: tidy }]");
    let mut story = Story::begun(&file.replace("task: Look.", "task: 'It is {{ memory.weather.sky }}.'"));
    story.shows(expect![[r#"
        - run_created work
        - run_started
        1 stage_entered one nth=1
        1 tool_call_started 4.1 hook weather {"city":"owls"}
    "#]]);
    story.owes(expect![[r#"
        tool 4.1 weather {"city":"owls"}
    "#]]);
    story.gives("weather", r#"{"sky": "clear"}"#).shows(expect![[r#"
        1 tool_call_finished 4.1 weather worked: {"sky": "clear"}
        1 hook_finished entry 0 weather worked as weather
        1 tool_call_started 7.1 hook tidy {}
    "#]]);
    story.gives("tidy", "").shows(expect![[r#"
        1 tool_call_finished 7.1 tidy worked: 
        1 hook_finished entry 1 tidy worked
        1 turn_started 1 a default 1
        1 model_call_started 11.1 a main
    "#]]);
    assert!(story.told("a").contains("It is clear."));
    let shared = &story.run.memory()["weather"];
    assert_eq!((shared.value.as_ref(), shared.agent.as_str()), (&json!({ "sky": "clear" }), "entry hook"));
}

#[test]
fn a_hook_without_a_key_leaves_nothing_in_memory() {
    let mut story = Story::begun(&stage("entry: [{ tool: tidy }]"));
    story.gives("tidy", "done");
    assert!(story.run.memory().is_empty());
}

#[test]
fn a_result_that_is_merely_a_word_or_a_number_stays_a_text() {
    for (text, value) in [("7", json!("7")), ("[7]", json!([7])), ("{ broken", json!("{ broken"))] {
        let mut story = Story::begun(&stage("entry: [{ tool: tidy, key: k }]"));
        story.gives("tidy", text);
        assert_eq!(*story.run.memory()["k"].value, value);
    }
}

#[test]
fn a_hook_that_fails_ends_the_stage_in_error() {
    let mut story =
        Story::begun(&stage("entry: [{ tool: tidy, key: k }, { tool: weather, arguments: { city: x } }]"));
    story.skip().breaks("tidy", "no broom").shows(expect![[r#"
        1 tool_call_finished 4.1 tidy tool_failed: no broom
        1 hook_finished entry 0 tidy tool_failed
        1 stage_failed hook_failed
        - run_failed hook_failed
    "#]]);
    story.ends(expect!["error: [hook_failed] one/1 - while running the entry hook tidy: The hook tidy failed: no broom [tool_failed]"]);
    assert!(story.run.memory().is_empty());
}

#[test]
fn a_hook_that_may_fail_leaves_no_value_and_the_stage_goes_on() {
    let mut story = Story::begun(&stage("entry: [{ tool: tidy, key: k, on_failure: continue }]"));
    story.skip().breaks("tidy", "no broom").shows(expect![[r#"
        1 tool_call_finished 4.1 tidy tool_failed: no broom
        1 hook_finished entry 0 tidy tool_failed
        1 turn_started 1 a default 1
        1 model_call_started 8.1 a main
    "#]]);
    assert!(story.run.memory().is_empty());
}

#[test]
fn exit_hooks_run_once_the_work_is_done_and_before_the_stage_is_left() {
    let file =
        stage("exit: [{ tool: weather, arguments: { city: '{{ input }}' }, key: after }, { tool: tidy }]");
    let mut story = Story::begun(&file);
    story.skip().answers("a", completes("Done.")).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 agent_completed a: Done.
        1 turn_ended 1 completed
        1 tool_call_started 9.1 hook weather {"city":"owls"}
    "#]]);
    story.gives("weather", "rain").gives("tidy", "").shows(expect![[r#"
        1 tool_call_finished 9.1 weather worked: rain
        1 hook_finished exit 0 weather worked as after
        1 tool_call_started 12.1 hook tidy {}
        1 tool_call_finished 12.1 tidy worked: 
        1 hook_finished exit 1 tidy worked
        1 stage_completed one: Done.
        - run_completed Done.
    "#]]);
    assert_eq!(story.run.memory()["after"].agent, "exit hook");
}

#[test]
fn an_exit_hook_that_fails_ends_the_stage_in_error_although_its_work_was_done() {
    let mut story = Story::begun(&stage("exit: [{ tool: tidy }]"));
    story.answers("a", completes("Done.")).breaks("tidy", "no broom").ends(expect!["error: [hook_failed] one/1 - while running the exit hook tidy: The hook tidy failed: no broom [tool_failed]"]);
}

#[test]
fn arguments_that_cannot_be_filled_in_or_do_not_fit_are_a_failure_of_the_hook() {
    let file = stage(
        "entry: [{ tool: weather, arguments: { city: '{{ input.city }}' }, on_failure: continue }, { tool: weather, arguments: { city: '{{ input }}', day: 3 } }]",
    );
    let mut story = Story::begun(&file);
    story.skip();
    story.shows(expect![[""]]);
    let file = stage("entry: [{ tool: weather, arguments: { city: '{{ input.city }}' } }]");
    let mut story = Story::started(&file, |new| new.input = json!({ "town": "Oslo" }));
    story.shows(expect![[r#"
        - run_created work
        - run_started
        1 stage_entered one nth=1
        1 hook_finished entry 0 weather template_failed
        1 stage_failed hook_failed
        - run_failed hook_failed
    "#]]);
    story.ends(expect![[r#"error: [hook_failed] one/1 - while running the entry hook weather: The hook weather failed: Its arguments could not be filled in: The template names "input.city", and the input has no "city". [template_failed]"#]]);
}

#[test]
fn texts_deep_in_the_arguments_are_filled_in_and_nothing_else_is() {
    let file = stage(
        "entry: [{ tool: files.put, arguments: { all: [{ name: 'a {{ input }}', n: 3 }], '{{ input }}': true } }]",
    );
    Story::begun(&file).owes(expect![[r#"
        tool 4.1 files.put {"all":[{"name":"a owls","n":3}],"{{ input }}":true}
    "#]]);
}

#[test]
fn a_hook_calls_what_comes_with_the_program_and_what_the_run_itself_can_do() {
    let file = stage(
        "entry: [{ tool: current_time, key: now }, { tool: write_file, arguments: { path: in.md, text: '{{ input }}' } }, { tool: list_files, key: files }, { tool: read_file, arguments: { path: in.md }, key: text }, { tool: http_request, arguments: { url: 'https://example.org' } }]",
    );
    let mut story = Story::begun(&file);
    story.shows(expect![[r#"
        - run_created work
        - run_started
        1 stage_entered one nth=1
        1 tool_call_started 4.1 hook current_time {}
        1 tool_call_finished 4.1 current_time worked: 2026-11-18T11:06:41.000Z (Wednesday)
        1 hook_finished entry 0 current_time worked as now
        1 tool_call_started 7.1 hook write_file {"path":"in.md","text":"owls"}
        1 document_written hook in.md 4
        1 tool_call_finished 7.1 write_file worked: in.md
        1 hook_finished entry 1 write_file worked
        1 tool_call_started 11.1 hook list_files {}
        1 tool_call_finished 11.1 list_files worked: Documents:
        - in.md (4 bytes)
        1 hook_finished entry 2 list_files worked as files
        1 tool_call_started 14.1 hook read_file {"path":"in.md"}
    "#]]);
    story.gives("read_file", "owls").shows(expect![[r#"
        1 tool_call_finished 14.1 read_file worked: owls
        1 hook_finished entry 3 read_file worked as text
        1 tool_call_started 17.1 hook http_request {"url":"https://example.org"}
    "#]]);
    story.owes(expect![[r#"
        tool 17.1 http_request {"url":"https://example.org"}
    "#]]);
    assert_eq!(story.run.documents()["in.md"].agent, None);
}

#[test]
fn a_hook_that_reads_a_document_that_there_is_not_fails() {
    let mut story = Story::begun(&stage("entry: [{ tool: read_file, arguments: { path: in.md } }]"));
    story.skip();
    story.ends(expect!["error: [hook_failed] one/1 - while running the entry hook read_file: The hook read_file failed: The run has no such document. There are no documents yet. [unknown_document]"]);
}

#[test]
fn an_exit_hook_that_always_runs_does_so_when_the_stage_fails() {
    let mut story = Story::begun(&stage(
        "exit: [{ tool: weather, arguments: { city: x } }, { tool: tidy, always: true, key: k }]",
    ));
    story.skip().fails("a", bad_key()).shows(expect![[r#"
        1 model_call_failed 5.1 a model_unauthorized
        1 stage_failed model_unauthorized
        1 tool_call_started 8.1 hook tidy {}
    "#]]);
    story.owes(expect![[r#"
        tool 8.1 tidy {}
    "#]]);
    story.gives("tidy", "swept").shows(expect![[r#"
        1 tool_call_finished 8.1 tidy worked: swept
        1 hook_finished exit 1 tidy worked as k
        - run_failed model_unauthorized
    "#]]);
    assert_eq!(*story.run.memory()["k"].value, json!("swept"));
}

#[test]
fn a_hook_that_always_runs_and_fails_leaves_the_error_of_the_stage_as_it_is() {
    let mut story = Story::begun(&stage(
        "exit: [{ tool: tidy, always: true }, { tool: weather, arguments: { city: x }, always: true }]",
    ));
    story.fails("a", bad_key()).skip().breaks("tidy", "no broom").shows(expect![[r#"
        1 tool_call_finished 8.1 tidy tool_failed: no broom
        1 hook_finished exit 0 tidy tool_failed
        1 tool_call_started 11.1 hook weather {"city":"x"}
    "#]]);
    story.gives("weather", "rain").ends(expect![
        "error: [model_unauthorized] one/1 a while calling the model main: The provider answered 401."
    ]);
}

#[test]
fn hooks_that_always_run_do_so_once() {
    let mut story = Story::begun(&stage(
        "exit: [{ tool: tidy, always: true }, { tool: weather, arguments: { city: x } }]",
    ));
    story.answers("a", completes("Done.")).gives("tidy", "").skip();
    story.breaks("weather", "no sky").shows(expect![[r#"
        1 tool_call_finished 12.1 weather tool_failed: no sky
        1 hook_finished exit 1 weather tool_failed
        1 stage_failed hook_failed
        - run_failed hook_failed
    "#]]);
}

#[test]
fn a_stop_waits_for_hooks_that_always_run_and_does_not_count_their_time() {
    let mut story = Story::begun(&stage("exit: [{ tool: tidy, always: true }]"));
    story.skip().stops().aborts().shows(expect![[r#"
        1 stop_requested ana: enough
        1 model_call_failed 5.1 a aborted partial "Ow"
        1 tool_call_started 8.1 hook tidy {}
    "#]]);
    story.later_s(30).gives("tidy", "").shows(expect![[r#"
        1 tool_call_finished 8.1 tidy worked: 
        1 hook_finished exit 0 tidy worked
        - run_stopped ana after 1000 ms, cut off: 1
    "#]]);
}

#[test]
fn a_hook_that_runs_when_a_stop_comes_is_cut_off_unless_it_always_runs() {
    let mut story = Story::begun(&stage("entry: [{ tool: tidy }]"));
    story.skip().stops().owes(expect![[r#"
        abort 4.1
    "#]]);
    story.aborts().shows(expect![[r#"
        1 stop_requested ana: enough
        1 tool_call_finished 4.1 tidy aborted: The call was cut off because the run is ending.
        - run_stopped ana after 1000 ms, cut off: 1
    "#]]);

    let mut story = Story::begun(&stage("exit: [{ tool: tidy, always: true }]"));
    story.answers("a", completes("Done.")).skip().stops().owes(expect![[r#"
        tool 9.1 tidy {}
    "#]]);
    story.later_s(30).gives("tidy", "").shows(expect![[r#"
        1 stop_requested ana: enough
        1 tool_call_finished 9.1 tidy worked: 
        1 hook_finished exit 0 tidy worked
        - run_stopped ana after 0 ms, cut off: 0
    "#]]);
}

#[test]
fn a_rejection_runs_the_hooks_that_always_run_too() {
    let file = stage(
        "approval: { when: after }\n  exit: [{ tool: weather, arguments: { city: x } }, { tool: tidy, always: true }]",
    );
    let mut story = Story::begun(&file);
    story.answers("a", completes("Done.")).skip().person_decides(false, None).shows(expect![[r#"
        1 approval_decided 9 no by ana
        1 tool_call_started 11.1 hook tidy {}
    "#]]);
    story.gives("tidy", "").shows(expect![[r#"
        1 tool_call_finished 11.1 tidy worked: 
        1 hook_finished exit 1 tidy worked
        1 stage_failed rejected
        - run_failed rejected
    "#]]);
}

#[test]
fn a_hook_that_came_back_while_the_run_was_stopping_is_recorded_and_no_other_follows() {
    let mut story =
        Story::begun(&stage("entry: [{ tool: tidy, key: k }, { tool: weather, arguments: { city: x } }]"));
    story.skip().stops().command(Command::Look).unwrap();
    let (call, attempt) = (4, 1);
    let outcome = callboard_engine::command::ToolOutcome { text: "swept".into(), code: None };
    story.command(Command::TakeTool { call, attempt, outcome }).unwrap();
    story.shows(expect![[r#"
        1 stop_requested ana: enough
        1 tool_call_finished 4.1 tidy worked: swept
        1 hook_finished entry 0 tidy worked as k
        - run_stopped ana after 2000 ms, cut off: 0
    "#]]);
}
