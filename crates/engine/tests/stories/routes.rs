//! Where an outcome leads, and the guards against going in circles.

use expect_test::expect;

use crate::story::{Story, completes, completes_as};

const LOOP: &str = "
- { id: draft, name: Draft, task: Write., agents: [a] }
- { id: review, name: Review, task: Judge., agents: [b], outcomes: { revise: draft, done: end, on: next } }
- { id: print, name: Print, task: Print., agents: [c] }
";

#[test]
fn an_outcome_leads_back_to_a_stage_on_to_the_next_or_to_the_end() {
    let mut story = Story::of(LOOP);
    story.answers("a", completes("D1")).answers("b", completes_as("No.", "revise"));
    story.answers("a", completes("D2")).answers("b", completes_as("Yes.", "on"));
    story.answers("c", completes("Printed."));
    assert_eq!(story.path(), "draft review:revise draft review:on print");
    let nths: Vec<u32> = story.run.visits().map(|visit| visit.nth).collect();
    assert_eq!(nths, [1, 1, 2, 2, 1]);

    let mut story = Story::of(LOOP);
    story.answers("a", completes("D1")).answers("b", completes_as("Enough.", "done"));
    story.ends(expect!["completed"]);
    assert_eq!(story.run.result(), Some("Enough."));
}

/// Goes round the loop until the run has ended or the visits are made.
fn go_round(story: &mut Story, rounds: usize) {
    for round in 0..rounds {
        story.answers("a", completes(&format!("D{round}")));
        story.answers("b", completes_as(&format!("No {round}."), "revise"));
    }
}

#[test]
fn a_stage_that_was_visited_too_often_trips_its_guard() {
    let mut story = Story::of(LOOP);
    go_round(&mut story, 4);
    story.answers("a", completes("D")).skip().answers("b", completes_as("No.", "revise")).shows(expect![[
        r#"
            10 model_call_finished 81.1 b
            10 agent_completed b: No. outcome revise
            10 turn_ended 10 completed
            10 outcome_chosen b revise
            10 summary_written b: No. (short)
            10 stage_completed review: No. outcome revise
            10 loop_guard_tripped draft max_visits at 5
            - run_failed loop_guard
        "#
    ]]);
    story.ends(expect!["error: [loop_guard] review/10 - while going on to the next stage: Draft was visited 5 times, which is its max_visits."]);
}

#[test]
fn a_guard_that_continues_forces_the_run_on_to_the_stage_after_the_one_being_left() {
    let mut story =
        Story::of(&LOOP.replace("id: draft,", "id: draft, max_visits: 1, on_max_visits: continue,"));
    story.answers("a", completes("D")).skip().answers("b", completes_as("No.", "revise")).shows(expect![[
        r#"
            2 model_call_finished 13.1 b
            2 agent_completed b: No. outcome revise
            2 turn_ended 2 completed
            2 outcome_chosen b revise
            2 summary_written b: No. (short)
            2 stage_completed review: No. outcome revise
            2 loop_guard_tripped draft max_visits at 1 forced
            3 stage_entered print nth=1 forced
            3 turn_started 3 c default 1
            3 model_call_started 23.1 c main
        "#
    ]]);
    assert!(story.run.visits().last().unwrap().forced);
}

#[test]
fn one_visit_is_said_to_be_one() {
    let file = crate::story::project(&LOOP.replace("agents: [a]", "agents: [a], max_visits: 1"));
    let mut story = Story::pending(&file, "owls".into());
    story.command(callboard_engine::command::Command::Start).unwrap();
    story.skip().answers("a", completes("D")).skip().answers("b", completes_as("No.", "revise")).skip();
    story.ends(expect!["error: [loop_guard] review/2 - while going on to the next stage: Draft was visited once, and its max_visits is 1."]);
    let file = crate::story::project(LOOP).replace("    team: desk\n", "    team: desk\n    max_visits: 1\n");
    let mut story = Story::pending(&file, "owls".into());
    story.command(callboard_engine::command::Command::Start).unwrap();
    story.skip().answers("a", completes("D")).skip();
    story.ends(expect!["error: [loop_guard] draft/1 - while going on to the next stage: The run made one visit, and the workflow's max_visits is 1."]);
}

#[test]
fn a_run_has_a_cap_on_its_visits_in_all() {
    let file = crate::story::project(
        &LOOP
            .replace("agents: [a]", "agents: [a], max_visits: 99")
            .replace("agents: [b]", "agents: [b], max_visits: 99"),
    );
    let file = file.replace("    team: desk\n", "    team: desk\n    max_visits: 3\n");
    let mut story = Story::pending(&file, "owls".into());
    story.command(callboard_engine::command::Command::Start).unwrap();
    go_round(&mut story, 1);
    story.skip().answers("a", completes("D")).shows(expect![[r#"
        3 model_call_finished 22.1 a
        3 agent_completed a: D
        3 turn_ended 3 completed
        3 summary_written a: D (short)
        3 stage_completed draft: D
        3 loop_guard_tripped review max_visits_in_all at 3
        - run_failed loop_guard
    "#]]);
    story.ends(expect!["error: [loop_guard] draft/3 - while going on to the next stage: The run made 3 visits, which is the workflow's max_visits."]);
}

#[test]
fn a_stage_that_ends_the_same_way_three_times_running_trips_its_guard() {
    let mut story = Story::of(LOOP);
    for _ in 0..2 {
        story.answers("a", completes("D")).answers("b", completes_as("No.", "revise"));
    }
    story.answers("a", completes("D")).skip().answers("b", completes_as("No.", "revise")).shows(expect![[
        r#"
            6 model_call_finished 47.1 b
            6 agent_completed b: No. outcome revise
            6 turn_ended 6 completed
            6 outcome_chosen b revise
            6 summary_written b: No. (short)
            6 stage_completed review: No. outcome revise
            6 loop_guard_tripped review no_progress at 3
            - run_failed loop_guard
        "#
    ]]);
    story.ends(expect!["error: [loop_guard] review/6 - while going on to the next stage: Review ended 3 times running with the same outcome, the same result and an unchanged shared memory."]);
}

#[test]
fn a_stage_that_ends_the_same_way_may_be_told_not_to_mind() {
    let mut story = Story::of(&LOOP.replace("agents: [b],", "agents: [b], no_progress: ignore,"));
    for _ in 0..3 {
        story.answers("a", completes("D")).answers("b", completes_as("No.", "revise"));
    }
    assert_eq!(story.run.visits().len(), 7);
}

#[test]
fn a_loop_that_changes_shared_memory_makes_progress() {
    let mut story = Story::of(LOOP);
    for round in 0..3 {
        let share =
            crate::story::calls("share_result", serde_json::json!({ "key": "round", "value": round }))
                .and("complete", serde_json::json!({ "result": "D", "summary": "D" }));
        story.answers("a", share).answers("b", completes_as("No.", "revise"));
    }
    assert_eq!(story.run.visits().len(), 7);
}

#[test]
fn a_run_that_is_forced_on_from_the_last_stage_ends() {
    let mut story = Story::of(
        "
- { id: draft, name: Draft, task: Write., agents: [a], max_visits: 1, on_max_visits: continue }
- { id: review, name: Review, task: Judge., agents: [b], outcomes: { revise: draft } }
",
    );
    story.answers("a", completes("D")).answers("b", completes_as("No.", "revise"));
    story.ends(expect!["completed"]);
    assert_eq!(story.path(), "draft review:revise");
}

#[test]
fn a_guard_that_continues_goes_past_its_own_stage_where_that_is_the_one_after() {
    let mut story =
        Story::of(&LOOP.replace("id: review,", "id: review, max_visits: 1, on_max_visits: continue,"));
    story.answers("a", completes("D1")).answers("b", completes_as("No.", "revise"));
    story.skip().answers("a", completes("D2")).shows(expect![[r#"
        3 model_call_finished 22.1 a
        3 agent_completed a: D2
        3 turn_ended 3 completed
        3 summary_written a: D2 (short)
        3 stage_completed draft: D2
        3 loop_guard_tripped review max_visits at 1 forced
        4 stage_entered print nth=1 forced
        4 turn_started 4 c default 1
        4 model_call_started 31.1 c main
    "#]]);
}
