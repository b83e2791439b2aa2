//! What happens when a model call fails.

use callboard_engine::call::Failure;
use expect_test::expect;
use serde_json::json;

use crate::story::{Story, bad_key, completes, hiccup, project};

const ONE: &str = "
- { id: one, name: One, task: Do it., agents: [a] }
";

#[test]
fn a_transient_failure_is_tried_again_with_growing_waits() {
    let mut story = Story::of(ONE);
    story.skip().fails("a", hiccup()).shows(expect![[r#"
        1 model_call_failed 5.1 a model_unavailable
        1 retry_scheduled 5.2 in 500 ms
    "#]]);
    story.retries().fails("a", hiccup()).retries().fails("a", hiccup()).shows(expect![[r#"
        1 model_call_started 5.2 a main
        1 model_call_failed 5.2 a model_unavailable
        1 retry_scheduled 5.3 in 1000 ms
        1 model_call_started 5.3 a main
        1 model_call_failed 5.3 a model_unavailable
        1 retry_scheduled 5.4 in 2000 ms
    "#]]);
    story.retries().answers("a", completes("Done."));
    story.ends(expect!["completed"]);
}

#[test]
fn a_wait_that_the_provider_asks_for_is_honoured() {
    let mut story = Story::of(ONE);
    story.skip().fails("a", Failure { retry_after_ms: Some(42_000), ..hiccup() }).shows(expect![[r#"
        1 model_call_failed 5.1 a model_unavailable
        1 retry_scheduled 5.2 in 42000 ms
    "#]]);
}

#[test]
fn a_model_that_does_not_recover_in_time_ends_the_stage() {
    let mut story = Story::of(ONE);
    for _ in 0..100 {
        if story.run.status().is_final() {
            break;
        }
        story.fails("a", hiccup());
        if !story.run.status().is_final() {
            story.retries();
        }
    }
    story.ends(expect!["error: [model_unavailable] one/1 a while calling the model main: The provider answered 503. It was tried 17 times in 601 s."]);
}

#[test]
fn a_long_answer_that_breaks_off_is_tried_again_like_a_short_one() {
    let mut story = Story::of(ONE);
    story.skip().later_s(900).fails("a", hiccup()).shows(expect![[r#"
        1 model_call_failed 5.1 a model_unavailable
        1 retry_scheduled 5.2 in 500 ms
    "#]]);
}

#[test]
fn time_without_a_server_is_not_time_of_trying_again() {
    let mut story = Story::of(ONE);
    story.fails("a", hiccup()).later_s(3600).skip().crashes();
    story.retries_late_s(3600).fails("a", hiccup()).shows(expect![[r#"
        1 model_call_started 5.2 a main
        1 model_call_failed 5.2 a model_unavailable
        1 retry_scheduled 5.3 in 1000 ms
    "#]]);
}

#[test]
fn a_wait_that_is_longer_than_the_time_for_trying_again_is_not_begun() {
    let mut story = Story::of(ONE);
    story.fails("a", Failure { retry_after_ms: Some(3_600_000), ..hiccup() });
    story.ends(expect![
        "error: [model_unavailable] one/1 a while calling the model main: The provider answered 503."
    ]);
}

#[test]
fn a_failure_that_stays_ends_the_stage_at_once_with_the_providers_words() {
    let mut story = Story::of(ONE);
    story.skip().fails("a", bad_key()).shows(expect![[r#"
        1 model_call_failed 5.1 a model_unauthorized
        1 stage_failed model_unauthorized
        - run_failed model_unauthorized
    "#]]);
    story.ends(expect![
        "error: [model_unauthorized] one/1 a while calling the model main: The provider answered 401."
    ]);
    let error = story.run.error().unwrap();
    assert_eq!(error.provider_message.as_deref(), Some("invalid key"));
    assert!(error.hint.as_deref().unwrap().contains("api_key"));
    assert_eq!(story.run.visits().last().unwrap().status.name(), "error");
}

fn with_fallback() -> Story {
    let file = project(ONE).replace("model: m, price", "model: m, fallback: plain, retry_for_s: 60, price");
    let mut story = Story::pending(&file, json!("owls"));
    story.command(callboard_engine::command::Command::Start).unwrap();
    story
}

#[test]
fn a_failure_that_stays_goes_to_the_fallback_where_one_is_named() {
    let mut story = with_fallback();
    story.skip().fails("a", bad_key()).shows(expect![[r#"
        1 model_call_failed 5.1 a model_unauthorized
        1 model_call_started 5.2 a plain
    "#]]);
    assert!(story.request("a").tools.is_empty(), "the fallback is asked as it can be asked");
}

#[test]
fn a_fallback_has_all_of_its_own_time_for_trying_again() {
    let mut story = with_fallback();
    story.later_s(30).fails("a", hiccup()).retries().later_s(60).skip().fails("a", hiccup()).shows(expect![
        [r#"
            1 model_call_failed 5.2 a model_unavailable
            1 model_call_started 5.3 a plain
        "#]
    ]);
    story.fails("a", hiccup()).shows(expect![[r#"
        1 model_call_failed 5.3 a model_unavailable
        1 retry_scheduled 5.4 in 500 ms
    "#]]);
}

#[test]
fn when_one_of_several_agents_fails_the_others_are_cut_off_before_the_run_ends() {
    let mut story = Story::of(
        "
- { id: one, name: One, task: Talk., agents: [a, b], turns: at_once }
",
    );
    story.skip().fails("a", bad_key()).shows(expect![[r#"
        1 model_call_failed 5.1 a model_unauthorized
        1 stage_failed model_unauthorized
    "#]]);
    assert_eq!(story.run.status().name(), "running");
    story.aborts().shows(expect![[r#"
        1 model_call_failed 7.1 b aborted partial "Ow"
        - run_failed model_unauthorized
    "#]]);
}
