//! Loops: what was visited is counted as it was, so that guards trip when they would have.

use expect_test::expect;

use super::{after, again, again_same, from_visit, origins};
use crate::story::{Story, completes, completes_as, project};

const LOOP: &str = "
- { id: draft, name: Draft, task: Write., agents: [a] }
- { id: review, name: Review, task: Judge., agents: [b], outcomes: { revise: draft, done: end, on: next } }
- { id: print, name: Print, task: Print., agents: [c] }
";

/// The loop whose guard lets the run go on.
fn forgiving(visits: u32) -> String {
    LOOP.replace("id: draft,", &format!("id: draft, max_visits: {visits}, on_max_visits: continue,"))
}

/// Goes round the loop until the run has ended or the rounds are made.
fn go_round(story: &mut Story, rounds: usize) {
    for round in 0..rounds {
        story.answers("a", completes(&format!("D{round}")));
        story.answers("b", completes_as(&format!("No {round}."), "revise"));
    }
}

/// Five rounds: the sixth visit to the draft is refused.
fn in_circles() -> Story {
    let mut source = Story::of(LOOP);
    go_round(&mut source, 5);
    source.ends(expect!["error: [loop_guard] review/10 - while going on to the next stage: Draft was visited 5 times, which is its max_visits."]);
    source
}

#[test]
fn the_second_visit_of_a_loop_is_made_again_as_the_second() {
    let mut source = Story::of(LOOP);
    go_round(&mut source, 1);
    let asked = source.request("a");
    source.answers("a", completes("D")).answers("b", completes_as("Yes.", "done"));
    let mut story = again_same(&source, &from_visit(3));
    assert_eq!(origins(&story), "1 draft inherited of 40.1, 2 review inherited of 40.2, 3 draft running");
    assert_eq!(story.request("a"), asked);
    assert_eq!(story.run.visits().last().map(|visit| visit.nth), Some(2));
    // Three more rounds are left, as they were.
    go_round(&mut story, 4);
    assert_eq!(story.run.visits().len(), 10);
    story.ends(expect!["error: [loop_guard] review/10 - while going on to the next stage: Draft was visited 5 times, which is its max_visits."]);
}

#[test]
fn a_guard_trips_exactly_when_it_would_have_wherever_the_run_goes_on() {
    let source = in_circles();
    for visit in [2, 5, 9] {
        let mut story = again_same(&source, &from_visit(visit));
        if visit % 2 == 0 {
            story.answers("b", completes_as("Not yet.", "revise"));
        }
        let rounds = 5 - story.run.visits().filter(|visit| visit.stage == "draft").count() + 1;
        go_round(&mut story, rounds);
        assert_eq!(story.run.visits().len(), 10, "from visit {visit}");
        assert_eq!(story.run.error().map(|error| error.code.as_str()), Some("loop_guard"));
    }
}

#[test]
fn a_cap_on_all_visits_counts_those_that_were_inherited() {
    let file = project(LOOP).replace("    team: desk\n", "    team: desk\n    max_visits: 6\n");
    let source = in_circles();
    let mut story = again(&source, &file, &from_visit(5));
    go_round(&mut story, 1);
    story.ends(expect!["error: [loop_guard] review/6 - while going on to the next stage: The run made 6 visits, which is the workflow's max_visits."]);
}

#[test]
fn a_run_that_ended_at_a_guard_goes_on_by_another_outcome() {
    let mut story = again_same(&in_circles(), &after(10, Some("on")));
    assert_eq!(story.run.visits().last().map(|visit| visit.stage.as_str()), Some("print"));
    assert!(story.path().ends_with("review:revise draft review:on print"), "{}", story.path());
    story.answers("c", completes("Printed."));
    story.ends(expect!["completed"]);
}

#[test]
fn a_guard_against_standing_still_counts_inherited_visits() {
    let same = |story: &mut Story| {
        story.answers("a", completes("D")).answers("b", completes_as("No.", "revise"));
    };
    let mut source = Story::of(LOOP);
    (0..3).for_each(|_| same(&mut source));
    source.ends(expect!["error: [loop_guard] review/6 - while going on to the next stage: Review ended 3 times running with the same outcome, the same result and an unchanged shared memory."]);

    // Two the same are inherited: the third that is the same trips it.
    let mut story = again_same(&source, &from_visit(5));
    same(&mut story);
    assert_eq!(story.run.error().map(|error| error.code.as_str()), Some("loop_guard"));
    // One that differs does not.
    let mut story = again_same(&source, &from_visit(6));
    story.answers("b", completes_as("Not yet.", "revise"));
    assert_eq!(story.run.error(), None);
    // And what tripped it goes on by another outcome.
    let story = again_same(&source, &after(6, Some("on")));
    assert!(story.path().ends_with("review:on print"));
}

#[test]
fn values_that_changed_in_between_are_progress_for_inherited_visits_too() {
    let shares =
        |value: &str| crate::story::calls("share_result", serde_json::json!({ "key": "n", "value": value }));
    let round = |story: &mut Story, value: &str| {
        story.answers("a", shares(value)).answers("a", completes("D"));
        story.answers("b", completes_as("No.", "revise"));
    };
    let mut source = Story::of(LOOP);
    ["1", "2", "2"].iter().for_each(|value| round(&mut source, value));
    source.stops().aborts();
    assert_eq!(source.run.visits().len(), 7);

    // 1 and 2 differ; 2, 2 and 2 do not.
    let mut story = again_same(&source, &from_visit(5));
    round(&mut story, "2");
    assert_eq!(story.run.error(), None);
    round(&mut story, "2");
    assert_eq!(story.run.error().map(|error| error.code.as_str()), Some("loop_guard"));
}

#[test]
fn a_visit_that_was_forced_is_forced_again() {
    let mut source = Story::of(&forgiving(1));
    go_round(&mut source, 1);
    let forced = source.run.visits().last().cloned().unwrap();
    assert_eq!((forced.stage.as_str(), forced.forced), ("print", true));
    let asked = source.request("c");
    source.answers("c", completes("Printed."));

    let mut story = again_same(&source, &from_visit(3));
    assert!(story.run.visits().last().unwrap().forced);
    assert_eq!(story.request("c"), asked);
    story.answers("c", completes("Printed."));
    story.ends(expect!["completed"]);
    // One that was inherited stays marked.
    let longer = format!("{}- {{ id: more, name: More, task: More., agents: [a] }}\n", forgiving(1));
    let story = again(&source, &project(&longer), &after(3, None));
    let forced: Vec<bool> = story.run.visits().map(|visit| visit.forced).collect();
    assert_eq!(forced, [false, false, true, false]);
}

#[test]
fn a_guard_that_forces_on_does_so_after_inherited_visits() {
    let mut source = Story::of(&forgiving(2));
    go_round(&mut source, 2);
    source.answers("c", completes("Printed."));
    // The draft was visited twice: a visit that is left again cannot lead there.
    let story = again_same(&source, &after(4, Some("revise")));
    let last = story.run.visits().last().unwrap();
    assert_eq!((last.stage.as_str(), last.forced), ("print", true));
    let story = again_same(&source, &after(2, Some("revise")));
    let last = story.run.visits().last().unwrap();
    assert_eq!((last.stage.as_str(), last.nth, last.forced), ("draft", 2, false));
}
