//! What happens when the server dies and comes back.

use expect_test::expect;

use crate::story::{Story, bad_key, completes, hiccup};

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
