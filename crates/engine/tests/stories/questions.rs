//! What people are asked by agents, and what they say of themselves.

use callboard_engine::command::{Command, Refused};
use expect_test::expect;
use serde_json::json;

use crate::story::{Story, calls, completes, passes, project, says};

const ONE: &str = "
- { id: one, name: One, task: Ask., agents: [{ agent: a, asks_user: true }], summary: none }
";

const AT_ONCE: &str = "
- { id: one, name: One, task: Ask., agents: [{ agent: a, asks_user: true }, { agent: b, asks_user: true }], turns: at_once, summary: none }
";

fn asks(question: &str) -> crate::story::Reply {
    calls("ask_user", json!({ "question": question }))
}

#[test]
fn an_agent_asks_a_person_and_goes_on_with_the_answer() {
    let mut story = Story::of(ONE);
    story.skip().answers("a", asks("Which owls?")).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 question_asked 7 a: Which owls? []
    "#]]);
    story.owes(expect![[r#"
        person 7 within 86400000 ms
    "#]]);
    story.person_answers("Barn owls.").shows(expect![[r#"
        1 question_answered 7 ana: Barn owls.
        1 model_call_started 9.1 a main
    "#]]);
    story.given("a").is(expect![[r#"
        ask_user: Barn owls.
    "#]]);
}

#[test]
fn an_agent_offers_answers_to_choose_from_and_another_one_may_be_given() {
    let mut story = Story::of(ONE);
    let choices = json!({ "question": "Which?", "choices": ["barn owls", "all owls"] });
    story.skip().answers("a", calls("ask_user", choices)).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 question_asked 7 a: Which? ["barn owls", "all owls"]
    "#]]);
    story.person_answers("Neither.").shows(expect![[r#"
        1 question_answered 7 ana: Neither.
        1 model_call_started 9.1 a main
    "#]]);
}

#[test]
fn a_question_that_cannot_be_asked_is_refused() {
    let mut story = Story::of(ONE);
    let many: Vec<String> = (0..21).map(|n| n.to_string()).collect();
    let wrong = asks(" ")
        .and("ask_user", json!({ "question": "x".repeat(10_001) }))
        .and("ask_user", json!({ "question": "Which?", "choices": "barn owls" }))
        .and("ask_user", json!({ "question": "Which?", "choices": [1] }))
        .and("ask_user", json!({ "question": "Which?", "choices": many }));
    story.skip().answers("a", wrong).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 tool_call_refused a invalid_arguments: ask_user was not carried out: `question` must have 1 to 10000 characters. Call it again with arguments that fit.
        1 tool_call_refused a invalid_arguments: ask_user was not carried out: `question` must have 1 to 10000 characters. Call it again with arguments that fit.
        1 tool_call_refused a invalid_arguments: ask_user was not carried out: `choices` must be a list of texts. Call it again with arguments that fit.
        1 tool_call_refused a invalid_arguments: ask_user was not carried out: `choices` must be texts. Call it again with arguments that fit.
        1 tool_call_refused a invalid_arguments: ask_user was not carried out: `choices` has more than 20 answers. Call it again with arguments that fit.
        1 model_call_started 12.1 a main
    "#]]);
}

#[test]
fn a_question_that_nobody_answers_is_given_up_after_a_day() {
    let mut story = Story::of(ONE);
    story.answers("a", asks("Which owls?")).skip();
    story.later_s(86_398).looks().shows(expect![[""]]);
    story.looks().shows(expect![[r#"
        1 question_answered 7 nobody: Nobody answered within 86400 seconds. Go on without the answer.
        1 model_call_started 9.1 a main
    "#]]);
    story.given("a").is(expect![[r#"
        ask_user: Nobody answered within 86400 seconds. Go on without the answer.
    "#]]);
    let late = Command::Answer { question: 7, text: "Barn owls.".to_owned(), by: "ana".to_owned() };
    assert_eq!(story.command(late), Err(Refused::NotAsked));
}

#[test]
fn an_assignment_says_how_long_its_questions_wait() {
    let mut story = Story::of(&ONE.replace("asks_user: true", "asks_user: true, ask_timeout_s: 60"));
    story.answers("a", asks("Which owls?")).owes(expect![[r#"
        person 7 within 60000 ms
    "#]]);
    story.skip().later_s(60).looks().shows(expect![[r#"
        1 question_answered 7 nobody: Nobody answered within 61 seconds. Go on without the answer.
        1 model_call_started 9.1 a main
    "#]]);
}

#[test]
fn completing_waits_for_the_answer_to_a_question_of_the_same_answer() {
    let mut story = Story::of(ONE);
    story.answers("a", asks("Is that all?").and("complete", json!({ "result": "All." }))).skip();
    story.person_answers("Yes.").shows(expect![[r#"
        1 question_answered 7 ana: Yes.
        1 agent_completed a: All.
        1 turn_ended 1 completed
        1 stage_completed one: All.
        - run_completed All.
    "#]]);
}

#[test]
fn agents_ask_while_others_work_and_each_goes_on_with_its_own_answer() {
    let mut story = Story::of(AT_ONCE);
    story.answers("a", asks("Which owls?")).owes(expect![[r#"
        model 7.1 b
        person 9 within 86400000 ms
    "#]]);
    story.answers("b", asks("How many?")).skip();
    story.owes(expect![[r#"
        person 9 within 86400000 ms
        person 11 within 86400000 ms
    "#]]);
    let [first, second] = [0, 1].map(|place| story.run.asked()[place].number);
    let answer =
        |question, text: &str| Command::Answer { question, text: text.to_owned(), by: "ana".to_owned() };
    story.command(answer(second, "Seven.")).unwrap();
    story.given("b").is(expect![[r#"
        ask_user: Seven.
    "#]]);
    story.command(answer(first, "Barn owls.")).unwrap();
    story.given("a").is(expect![[r#"
        ask_user: Barn owls.
    "#]]);
    story.shows(expect![[r#"
        1 question_answered 11 ana: Seven.
        1 model_call_started 13.1 b main
        1 question_answered 9 ana: Barn owls.
        1 model_call_started 15.1 a main
    "#]]);
}

#[test]
fn a_question_outlives_a_crash() {
    let mut story = Story::of(ONE);
    story.answers("a", asks("Which owls?")).skip().crashes().shows(expect![[""]]);
    story.person_answers("Barn owls.");
    story.in_flight("a");
}

#[test]
fn a_run_that_waits_for_an_answer_is_stopped_at_once_and_takes_none_any_more() {
    let mut story = Story::of(AT_ONCE);
    story.answers("a", asks("Which owls?")).skip().stops();
    let question = story.asked();
    let answer = Command::Answer { question, text: "Barn owls.".to_owned(), by: "ana".to_owned() };
    assert_eq!(story.command(answer), Err(Refused::Stopping));
    story.aborts().shows(expect![[r#"
        1 stop_requested ana: enough
        1 model_call_failed 7.1 b aborted partial "Ow"
        - run_stopped ana after 2000 ms, cut off: 1
    "#]]);
}

#[test]
fn a_question_that_nobody_can_answer_ends_the_run_in_error() {
    let mut story = Story::of(ONE);
    story.command(Command::NobodyThere).unwrap();
    assert_eq!(story.run.status().name(), "running", "nothing was asked");
    story.answers("a", asks("Which owls?")).command(Command::NobodyThere).unwrap();
    story.ends(expect![
        "error: [needs_person] one/1 a while asking a person: There is nobody to answer: Which owls?"
    ]);
}

#[test]
fn what_a_person_says_is_heard_by_each_agent_of_the_stage_at_its_next_turn() {
    let mut story = Story::of(
        "
- { id: one, name: One, task: Talk., agents: [a, b], summary: none }
- { id: two, name: Two, task: Talk., agents: [c], summary: none }
",
    );
    story.skip().person_says("Mind the mice.").shows(expect![[r#"
        1 user_message ana: Mind the mice.
    "#]]);
    assert!(!story.told("a").contains("Mind the mice."), "its turn has begun");
    story.answers("a", passes());
    assert!(story.told("b").contains("<data kind=\"person\" name=\"ana\">\nMind the mice.\n</data>"));
    story.answers("b", completes("B."));
    assert!(story.told("a").contains("Mind the mice."));
    story.answers("a", completes("A."));
    assert!(!story.told("c").contains("Mind the mice."), "it was heard at the stage before");
}

#[test]
fn what_no_agent_heard_at_its_stage_is_heard_at_the_next() {
    let mut story = Story::of(
        "
- { id: one, name: One, task: Talk., agents: [a], summary: none }
- { id: two, name: Two, task: Talk., agents: [b], summary: none }
",
    );
    story.person_says("Mind the mice.").answers("a", completes("A."));
    assert!(story.told("b").contains("Mind the mice."));
}

#[test]
fn a_run_that_has_not_begun_or_is_ending_hears_nobody() {
    let say = || Command::Say { text: "Hello.".to_owned(), by: "ana".to_owned() };
    let mut story = Story::pending(&project(ONE), json!("owls"));
    assert_eq!(story.command(say()), Err(Refused::NotBegun));
    let mut story = Story::of(ONE);
    story.stops();
    assert_eq!(story.command(say()), Err(Refused::Stopping));
}

#[test]
fn an_answer_asks_no_more_people_at_once_than_it_may_call_tools() {
    let mut story = Story::of(ONE);
    let many =
        (0..40).fold(says(""), |answer, n| answer.and("ask_user", json!({ "question": format!("{n}?") })));
    story.answers("a", many);
    assert_eq!(story.run.asked().len(), 32);
}
