//! Limits begin anew: a run pays for what it does itself.

use callboard_engine::definition::Limits;
use callboard_engine::money::Usd;
use expect_test::expect;

use super::{THREE, again_same, from_visit, three};
use crate::story::{Story, completes, with_limits};

#[test]
fn what_was_inherited_was_paid_for() {
    let mut story = again_same(&three(), &from_visit(3));
    assert_eq!(story.run.usage().model_calls, 0);
    assert_eq!(story.run.usage().cost_usd, Usd::ZERO);
    let calls: Vec<u64> = story.run.visits().map(|visit| visit.usage.model_calls).collect();
    assert_eq!(calls, [1, 1, 0], "what the visits used is told where they are shown");
    story.answers("c", completes("O"));
    assert_eq!(story.run.usage().model_calls, 1);
}

#[test]
fn a_limit_that_the_source_reached_is_there_anew() {
    let mut source = Story::begun(&with_limits("{ model_calls: 2, on_limit: stop }", THREE));
    source.answers("a", completes("P")).answers("b", completes("D"));
    source.ends(expect!["stopped"]);
    let mut story = again_same(&source, &from_visit(2));
    story.answers("b", completes("D2")).answers("c", completes("O"));
    story.ends(expect!["completed"]);
}

#[test]
fn what_people_had_raised_in_the_source_is_not_raised() {
    let mut source = Story::begun(&with_limits("{ model_calls: 2 }", THREE));
    source.answers("a", completes("P")).answers("b", completes("D"));
    source.owes(expect![[r#"
        limit model_calls
    "#]]);
    source.raises(Limits { model_calls: Some(9), ..Limits::default() });
    source.answers("c", completes("O"));
    let story = again_same(&source, &from_visit(2));
    assert_eq!(story.run.limits().model_calls, Some(2));
}

#[test]
fn the_time_of_a_run_begins_when_it_does() {
    let mut source = Story::begun(&with_limits("{ wall_s: 100, on_limit: stop }", THREE));
    source.answers("a", completes("P")).later_s(200).looks().aborts();
    source.ends(expect!["stopped"]);
    let mut story = again_same(&source, &from_visit(2));
    story.later_s(90).answers("b", completes("D")).answers("c", completes("O"));
    story.ends(expect!["completed"]);
    let times = |story: &Story| -> Vec<_> { story.run.visits().map(|visit| visit.started_at).collect() };
    assert_eq!(times(&story)[0], times(&source)[0], "inherited visits keep their times");
    let own = story.run.visits().nth(1).unwrap();
    assert_eq!(own.started_at, story.run.started_at().unwrap());
}
