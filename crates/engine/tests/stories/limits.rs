//! The limits that people set: model calls, tokens, time and money, of a run and of a project's day.

use callboard_engine::call::{Failure, failure};
use callboard_engine::command::{Command, Day};
use callboard_engine::definition::{Limits, OnLimit};
use callboard_engine::event::{Source, SourceKind};
use callboard_engine::money::Usd;
use expect_test::expect;
use serde_json::json;

use crate::story::{Story, bad_key, calls, completes, hiccup, passes, with_limits};

const ONE: &str = "
- { id: one, name: One, task: Do it., agents: [{ agent: a, asks_user: true }], summary: none }
";

const AT_ONCE: &str = "
- { id: one, name: One, task: Talk., agents: [a, b], turns: at_once, summary: none }
";

fn limited(limits: &str) -> Story {
    let mut story = Story::begun(&with_limits(limits, ONE));
    story.skip();
    story
}

/// The same, started by a program.
fn limited_by_program(limits: &str, stages: &str) -> Story {
    let mut story = Story::started(&with_limits(limits, stages), |new| {
        new.source = Source { kind: SourceKind::Api, ..Source::manual("script") };
    });
    story.skip();
    story
}

fn day(limit: u64, spent: u64, reserved: u64) -> Option<Day> {
    let cents = |cents: u64| Usd::from_nanos(cents * 10_000_000);
    Some(Day { limit: cents(limit), spent: cents(spent), reserved: cents(reserved) })
}

#[test]
fn a_run_that_a_person_started_waits_at_a_limit_until_it_is_raised() {
    let mut story = limited("{ model_calls: 2 }");
    story.answers("a", passes()).answers("a", passes()).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 turn_ended 1 passed
        1 turn_started 2 a default 2
        1 model_call_started 9.1 a main
        1 model_call_finished 9.1 a
        1 turn_ended 2 passed
        1 turn_started 3 a default 3
        1 limit_reached model_calls 2 of 2: wait
    "#]]);
    story.owes(expect![[r#"
        limit model_calls
    "#]]);
    story.looks().shows(expect![[""]]);
    story.raises(Limits { model_calls: Some(3), ..Limits::default() }).shows(expect![[r#"
        1 limit_raised ana {"model_calls":3}
        1 model_call_started 15.1 a main
    "#]]);
    story.answers("a", passes()).shows(expect![[r#"
        1 model_call_finished 15.1 a
        1 turn_ended 3 passed
        1 turn_started 4 a default 4
        1 limit_reached model_calls 3 of 3: wait
    "#]]);
}

#[test]
fn a_limit_that_is_raised_too_little_goes_on_being_waited_at() {
    let mut story = limited("{ model_calls: 1 }");
    story.answers("a", passes()).skip().raises(Limits { model_calls: Some(1), ..Limits::default() });
    story.shows(expect![[r#"
        1 limit_raised ana {"model_calls":1}
    "#]]);
    story.owes(expect![[r#"
        limit model_calls
    "#]]);
}

#[test]
fn a_run_that_no_person_started_stops_at_a_limit() {
    let mut story = limited_by_program("{ model_calls: 1 }", ONE);
    story.answers("a", passes()).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 turn_ended 1 passed
        1 turn_started 2 a default 2
        1 limit_reached model_calls 1 of 1: stop
        1 stop_requested limit: The limit model_calls of 1 was reached.
        - run_stopped limit after 0 ms, cut off: 0
    "#]]);
}

#[test]
fn a_workflow_says_itself_what_its_runs_do_at_a_limit() {
    let mut story = limited("{ model_calls: 1, on_limit: stop }");
    story.answers("a", passes()).ends(expect!["stopped"]);
    let mut story = limited_by_program("{ model_calls: 1, on_limit: wait }", ONE);
    story.answers("a", passes()).owes(expect![[r#"
        limit model_calls
    "#]]);
}

#[test]
fn only_runs_that_a_person_started_wait_by_default() {
    for (kind, waits) in [
        (SourceKind::Manual, true),
        (SourceKind::Rerun, true),
        (SourceKind::Schedule, false),
        (SourceKind::Webhook, false),
        (SourceKind::Api, false),
        (SourceKind::Workflow, false),
    ] {
        let mut story = Story::started(&with_limits("{ model_calls: 1 }", ONE), |new| {
            new.source = Source { kind, ..Source::manual("ana") };
        });
        story.answers("a", passes());
        assert_eq!(story.run.status().name(), if waits { "running" } else { "stopped" }, "{kind:?}");
    }
}

#[test]
fn limits_of_a_run_stand_in_place_of_those_of_its_workflow() {
    let mut story = Story::started(&with_limits("{ model_calls: 1, tokens: 220 }", ONE), |new| {
        new.limits = Limits { model_calls: Some(5), ..Limits::default() };
    });
    story.skip().answers("a", passes()).answers("a", passes()).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 turn_ended 1 passed
        1 turn_started 2 a default 2
        1 model_call_started 9.1 a main at most 110
        1 model_call_finished 9.1 a
        1 turn_ended 2 passed
        1 turn_started 3 a default 3
        1 limit_reached tokens 220 of 220: wait
    "#]]);
}

#[test]
fn calls_that_are_under_way_count_towards_the_limit_on_calls() {
    let mut story = Story::begun(&with_limits("{ model_calls: 1 }", AT_ONCE));
    story.shows(expect![[r#"
        - run_created work
        - run_started
        1 stage_entered one nth=1
        1 turn_started 1 a default 1
        1 model_call_started 5.1 a main
        1 turn_started 2 b default 1
        1 limit_reached model_calls 1 of 1: wait
    "#]]);
    story.answers("a", completes("A.")).skip();
    story.raises(Limits { model_calls: Some(9), ..Limits::default() }).shows(expect![[r#"
        1 limit_raised ana {"model_calls":9}
        1 model_call_started 12.1 b main
    "#]]);
}

#[test]
fn tokens_that_are_left_lower_the_largest_answer() {
    let mut story = limited("{ tokens: 300 }");
    assert_eq!(story.request("a").max_tokens, Some(300));
    story.answers("a", passes()).answers("a", passes()).answers("a", passes()).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 turn_ended 1 passed
        1 turn_started 2 a default 2
        1 model_call_started 9.1 a main at most 190
        1 model_call_finished 9.1 a
        1 turn_ended 2 passed
        1 turn_started 3 a default 3
        1 model_call_started 13.1 a main at most 80
        1 model_call_finished 13.1 a
        1 turn_ended 3 passed
        1 turn_started 4 a default 4
        1 limit_reached tokens 330 of 300: wait
    "#]]);
}

#[test]
fn a_parameter_that_is_lower_already_stays_as_it_is() {
    let file = with_limits("{ tokens: 300, cost_usd: 1 }", ONE)
        .replace("model: m, price", "model: m, parameters: { max_tokens: 50 }, price");
    let story = Story::begun(&file);
    assert_eq!(story.request("a").max_tokens, None);
}

#[test]
fn the_time_that_a_run_takes_is_limited() {
    let mut story = limited("{ wall_s: 60 }");
    story.later_s(58).answers("a", passes());
    assert_eq!(story.run.status().name(), "running");
    story.later_s(1).answers("a", passes()).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 turn_ended 1 passed
        1 turn_started 2 a default 2
        1 model_call_started 9.1 a main
        1 model_call_finished 9.1 a
        1 turn_ended 2 passed
        1 turn_started 3 a default 3
        1 limit_reached wall_s 61 of 60: wait
    "#]]);
}

#[test]
fn a_run_that_stops_at_its_time_stops_whatever_is_under_way() {
    let mut story = limited_by_program("{ wall_s: 60 }", ONE);
    story.owes(expect![[r#"
        model 5.1 a
        alarm 2026-11-18T11:07:41.000Z
    "#]]);
    story.later_s(59).looks().shows(expect![[r#"
        1 limit_reached wall_s 60 of 60: stop
        1 stop_requested limit: The limit wall_s of 60 was reached.
    "#]]);
    story.aborts().ends(expect!["stopped"]);
}

#[test]
fn waiting_for_people_takes_no_time() {
    let mut story = limited_by_program("{ wall_s: 60 }", ONE);
    story.later_s(9).answers("a", calls("ask_user", json!({ "question": "Which?" })));
    story.owes(expect![[r#"
        person 7 within 86400000 ms
    "#]]);
    story.later_s(3599).person_answers("All.");
    story.owes(expect![[r#"
        model 9.1 a
        alarm 2026-11-18T12:07:41.000Z
    "#]]);
    story.skip().later_s(49).looks().shows(expect![[r#"
        1 limit_reached wall_s 60 of 60: stop
        1 stop_requested limit: The limit wall_s of 60 was reached.
    "#]]);
}

#[test]
fn waiting_for_a_person_while_another_agent_works_takes_time() {
    let stages = AT_ONCE.replace("[a, b]", "[{ agent: a, asks_user: true }, b]");
    let mut story = limited_by_program("{ wall_s: 60 }", &stages);
    story.answers("a", calls("ask_user", json!({ "question": "Which?" }))).later_s(57);
    story.looks();
    assert!(!story.run.stop_requested());
    story.looks();
    assert!(story.run.stop_requested());
}

#[test]
fn waiting_at_a_limit_for_a_person_takes_no_time_either() {
    let mut story = limited("{ wall_s: 60, model_calls: 1 }");
    story.answers("a", passes()).skip().later_s(3600);
    story.raises(Limits { model_calls: Some(9), ..Limits::default() }).shows(expect![[r#"
        1 limit_raised ana {"model_calls":9}
        1 model_call_started 11.1 a main
    "#]]);
}

#[test]
fn money_is_set_aside_before_a_call_by_the_largest_price_that_it_can_have() {
    let mut story = Story::begun(&with_limits("{ cost_usd: 1.0 }", ONE));
    let bytes = story.request("a").bytes();
    let reserved = Usd::of_tokens(bytes, 1.0).plus(Usd::of_tokens(8_192, 10.0));
    assert_eq!(story.run.reserved(), reserved);
    assert_eq!(story.request("a").max_tokens, Some(8_192), "what was set aside is enough");
    story.answers("a", completes("Done."));
    assert_eq!((story.run.reserved(), story.run.usage().cost_usd), (Usd::ZERO, Usd::from_nanos(200_000)));
}

#[test]
fn the_largest_answer_is_lowered_to_what_is_left() {
    let mut story = limited("{ cost_usd: 0.01 }");
    let max_tokens = story.request("a").max_tokens.unwrap();
    assert!((256..1_000).contains(&max_tokens), "{max_tokens}");
    let left = Usd::of_dollars(0.01).minus(story.run.reserved());
    assert!(left < Usd::of_tokens(1, 10.0), "all is set aside but for less than a token: {left:?}");
    for _ in 0..30 {
        if story
            .run
            .pending()
            .iter()
            .any(|pending| matches!(pending, callboard_engine::run::Pending::CallModel(_)))
        {
            story.answers("a", passes());
        }
    }
    story.owes(expect![[r#"
        limit cost_usd
    "#]]);
    assert!(story.run.usage().cost_usd < Usd::of_dollars(0.01));
    story.skip().raises(Limits { cost_usd: Some(1.0), ..Limits::default() });
    assert_eq!(story.request("a").max_tokens, Some(8_192));
}

#[test]
fn a_limit_that_not_even_the_first_call_fits_in_is_reached_at_once() {
    let mut story = Story::begun(&with_limits("{ cost_usd: 0.001 }", ONE));
    story.shows(expect![[r#"
        - run_created work
        - run_started
        1 stage_entered one nth=1
        1 turn_started 1 a default 1
        1 limit_reached cost_usd 0 of 0.001: wait
    "#]]);
    story.owes(expect![[r#"
        limit cost_usd
    "#]]);
}

#[test]
fn calls_of_other_agents_of_the_run_are_waited_for_where_their_reservations_are_in_the_way() {
    let mut story = Story::begun(&with_limits("{ cost_usd: 0.01 }", AT_ONCE));
    story.owes(expect![[r#"
        model 5.1 a
        room
    "#]]);
    story.skip().looks().shows(expect![[""]]);
    story.answers("a", completes("A.")).owes(expect![[r#"
        model 10.1 b
    "#]]);
}

#[test]
fn a_failed_call_that_may_have_cost_something_counts_as_spent_and_one_that_was_refused_does_not() {
    let timed_out = Failure { code: failure::TIMED_OUT.to_owned(), ..hiccup() };
    for (failure, costs) in [(hiccup(), false), (timed_out, true)] {
        let mut story = limited("{ cost_usd: 1.0 }");
        let reserved = story.run.reserved();
        story.fails("a", failure);
        assert_eq!(story.run.reserved(), Usd::ZERO);
        assert_eq!(story.run.usage().cost_usd, if costs { reserved } else { Usd::ZERO });
    }
}

#[test]
fn a_call_that_a_crash_or_a_stop_cut_off_counts_as_spent() {
    let mut story = limited("{ cost_usd: 1.0 }");
    let reserved = story.run.reserved();
    story.crashes();
    assert_eq!((story.run.usage().cost_usd, story.run.reserved()), (reserved, reserved));
    story.stops().aborts();
    assert_eq!((story.run.usage().cost_usd, story.run.reserved()), (reserved.plus(reserved), Usd::ZERO));
}

#[test]
fn a_fallback_that_waits_at_a_limit_is_called_when_it_is_raised() {
    let models = "models:\n  other: { provider: openai, model: n, price: { input: 1.0, output: 10.0 } }";
    let file = with_limits("{ model_calls: 1 }", AT_ONCE)
        .replace("models:", models)
        .replace("model: m, price", "model: m, fallback: other, price");
    let mut story = Story::begun(&file);
    story.raises(Limits { model_calls: Some(2), ..Limits::default() });
    story.answers("b", passes()).skip().fails("a", bad_key()).shows(expect![[r#"
        1 model_call_failed 5.1 a model_unauthorized
        1 model_call_started 5.2 a other
    "#]]);
    story.raises(Limits { model_calls: Some(1), ..Limits::default() });
    story.answers("a", passes()).skip();
    story.raises(Limits { model_calls: Some(9), ..Limits::default() }).shows(expect![[r#"
        1 limit_raised ana {"model_calls":9}
        1 model_call_started 22.1 a main
        1 model_call_started 23.1 b main
    "#]]);
}

#[test]
fn the_day_of_the_project_is_limited_for_all_its_runs_together() {
    let mut story = Story::pending(&crate::story::project(ONE), json!("owls"));
    story.day = day(10, 10, 0);
    story.command(Command::Start).unwrap();
    story.shows(expect![[r#"
        - run_created work
        - run_started
        1 stage_entered one nth=1
        1 turn_started 1 a default 1
        1 limit_reached cost_usd_per_day 0.1 of 0.1: wait
    "#]]);
    story.owes(expect![[r#"
        limit cost_usd_per_day
    "#]]);
    story.later_s(3600).looks().shows(expect![[""]]);
    story.day = day(10, 0, 0);
    story.looks().shows(expect![[r#"
        1 model_call_started 6.1 a main at most 8192 for 0.083939
    "#]]);
}

#[test]
fn reservations_of_other_runs_are_waited_for_and_no_limit_is_reached() {
    let mut story = Story::pending(&crate::story::project(ONE), json!("owls"));
    story.day = day(10, 5, 5);
    story.command(Command::Start).unwrap();
    story.shows(expect![[r#"
        - run_created work
        - run_started
        1 stage_entered one nth=1
        1 turn_started 1 a default 1
    "#]]);
    story.owes(expect![[r#"
        room
    "#]]);
    story.day = day(10, 5, 2);
    story.looks().shows(expect![[r#"
        1 model_call_started 5.1 a main at most 2798 for 0.029999
    "#]]);
}

#[test]
fn calls_that_one_decision_begins_count_what_each_of_them_sets_aside() {
    let mut story = Story::pending(&crate::story::project(AT_ONCE), json!("owls"));
    story.day = day(1, 0, 0);
    story.command(Command::Start).unwrap();
    story.owes(expect![[r#"
        model 5.1 a
        room
    "#]]);
    assert!(story.run.reserved() <= Usd::of_dollars(0.01));
}

#[test]
fn a_call_that_is_to_be_tried_again_looks_for_room_every_five_seconds() {
    let mut story = Story::pending(&crate::story::project(ONE), json!("owls"));
    story.day = day(10, 0, 0);
    story.command(Command::Start).unwrap();
    story.fails("a", hiccup()).skip();
    story.day = day(10, 0, 10);
    story.retries().shows(expect![[r#"
        1 retry_scheduled 5.2 in 5000 ms
    "#]]);
    story.day = day(10, 0, 0);
    story.retries().shows(expect![[r#"
        1 model_call_started 5.2 a main at most 8192 for 0.083939
    "#]]);
}

#[test]
fn a_limit_may_be_lowered_and_what_it_does_may_be_changed() {
    let mut story = limited("{ model_calls: 9 }");
    story.raises(Limits { model_calls: Some(1), on_limit: Some(OnLimit::Stop), ..Limits::default() });
    story.answers("a", passes()).shows(expect![[r#"
        1 limit_raised ana {"model_calls":1,"on_limit":"stop"}
        1 model_call_finished 5.1 a
        1 turn_ended 1 passed
        1 turn_started 2 a default 2
        1 limit_reached model_calls 1 of 1: stop
        1 stop_requested limit: The limit model_calls of 1 was reached.
        - run_stopped limit after 0 ms, cut off: 0
    "#]]);
}

#[test]
fn a_limit_that_nobody_is_there_to_raise_ends_the_run_in_error() {
    let mut story = limited("{ model_calls: 1 }");
    story.answers("a", passes()).command(Command::NobodyThere).unwrap();
    story.ends(expect!["error: [needs_person] one/1 - while going on past a limit: A limit was reached, and there is nobody to raise it."]);
}

#[test]
fn a_call_that_is_to_be_tried_again_waits_at_a_limit_and_goes_on_when_it_is_raised() {
    let timed_out = Failure { code: failure::TIMED_OUT.to_owned(), ..hiccup() };
    let mut story = limited("{ cost_usd: 0.01 }");
    story.fails("a", timed_out).retries().shows(expect![[r#"
        1 model_call_failed 5.1 a model_timed_out
        1 retry_scheduled 5.2 in 500 ms
        1 limit_reached cost_usd 0.009999 of 0.01: wait
    "#]]);
    story.owes(expect![[r#"
        limit cost_usd
    "#]]);
    story.later_s(3600).raises(Limits { cost_usd: Some(1.0), ..Limits::default() }).shows(expect![[r#"
        1 limit_raised ana {"cost_usd":1.0}
        1 model_call_started 5.2 a main at most 8192 for 0.083939
    "#]]);
}

#[test]
fn time_at_a_limit_is_no_time_in_which_a_model_failed() {
    let timed_out = Failure { code: failure::TIMED_OUT.to_owned(), ..hiccup() };
    let mut story = limited("{ cost_usd: 0.01 }");
    story.fails("a", timed_out).retries().later_s(3600);
    story.raises(Limits { cost_usd: Some(1.0), ..Limits::default() }).skip();
    story.fails("a", hiccup()).shows(expect![[r#"
        1 model_call_failed 5.2 a model_unavailable
        1 retry_scheduled 5.3 in 1000 ms
    "#]]);
}

#[test]
fn a_fallback_that_finds_no_room_is_called_once_there_is() {
    let models = "models:\n  other: { provider: openai, model: n, price: { input: 1.0, output: 10.0 } }";
    let file = crate::story::project(ONE)
        .replace("models:", models)
        .replace("model: m, price", "model: m, fallback: other, price");
    let mut story = Story::pending(&file, json!("owls"));
    story.day = day(10, 0, 0);
    story.command(Command::Start).unwrap();
    story.skip();
    story.day = day(10, 0, 10);
    story.fails("a", bad_key()).shows(expect![[r#"
        1 model_call_failed 5.1 a model_unauthorized
        1 retry_scheduled 5.2 in 5000 ms
    "#]]);
    story.owes(expect![[r#"
        wait 5.2 for 5000 ms
    "#]]);
    story.day = day(10, 0, 0);
    story.retries().shows(expect![[r#"
        1 model_call_started 5.2 a other at most 8192 for 0.083939
    "#]]);
}

#[test]
fn a_summary_that_finds_no_room_does_not_end_the_stage() {
    let file = crate::story::project(ONE).replace("model: m, price", "model: m, context_tokens: 3000, price");
    let mut story = Story::pending(&file, json!("owls ".repeat(320)));
    story.day = day(100, 0, 0);
    story.command(Command::Start).unwrap();
    for _ in 0..2 {
        story.answers("a", calls("read_memory", json!({ "key": "input" })));
    }
    story.day = day(100, 0, 100);
    let too_long = Failure { code: failure::TOO_LONG.to_owned(), ..bad_key() };
    story.skip().fails("a", too_long).shows(expect![[r#"
        1 model_call_failed 11.1 a model_context_exceeded
    "#]]);
    story.owes(expect![[r#"
        room
    "#]]);
}

#[test]
fn a_run_that_stops_at_a_limit_begins_nothing_more() {
    let stages = AT_ONCE.replace("[a, b]", "[a, b, c]");
    let mut story = Story::started(&with_limits("{ model_calls: 1, on_limit: stop }", &stages), |_| {});
    story.shows(expect![[r#"
        - run_created work
        - run_started
        1 stage_entered one nth=1
        1 turn_started 1 a default 1
        1 model_call_started 5.1 a main
        1 turn_started 2 b default 1
        1 limit_reached model_calls 1 of 1: stop
        1 stop_requested limit: The limit model_calls of 1 was reached.
    "#]]);
    let mut story = Story::begun(&with_limits("{ model_calls: 1 }", &stages));
    story.answers("a", passes()).skip();
    story.raises(Limits { on_limit: Some(OnLimit::Stop), ..Limits::default() }).shows(expect![[r#"
        1 limit_raised ana {"on_limit":"stop"}
        1 limit_reached model_calls 1 of 1: stop
        1 stop_requested limit: The limit model_calls of 1 was reached.
        - run_stopped limit after 0 ms, cut off: 0
    "#]]);
}

#[test]
fn a_run_that_waited_for_a_person_and_now_waits_for_other_runs_says_so() {
    let mut story = Story::begun(&with_limits("{ model_calls: 1 }", ONE));
    story.answers("a", passes()).skip();
    story.day = day(10, 5, 5);
    story.raises(Limits { model_calls: Some(9), ..Limits::default() }).shows(expect![[r#"
        1 limit_raised ana {"model_calls":9}
        1 limit_reached cost_usd_per_day 0.1 of 0.1: wait
    "#]]);
    story.owes(expect![[r#"
        limit cost_usd_per_day
    "#]]);
    story.day = day(10, 5, 0);
    story.looks().shows(expect![[r#"
        1 model_call_started 12.1 a main at most 4778 for 0.049991
    "#]]);
}
