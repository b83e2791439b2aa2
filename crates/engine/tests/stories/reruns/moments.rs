//! What an agent of the new run finds is what was there just before that visit: values, documents,
//! results, summaries and what people had said.

use callboard_engine::event::{Event, Fact};
use callboard_engine::money::Usd;
use callboard_engine::run::Pending;
use expect_test::expect;
use serde_json::{Value, json};

use super::{after, again_same, from_visit};
use crate::story::{Reply, Story, bad_key, calls, completes, completes_as, project};

const FOUR: &str = "
- { id: one, name: One, task: Begin., agents: [{ agent: a, tools: [write_file, read_file, list_files] }] }
- { id: two, name: Two, task: Go on., agents: [{ agent: b, tools: [write_file, read_file, list_files] }] }
- { id: three, name: Three, task: Go on., agents: [{ agent: c, tools: [list_files, read_file] }] }
";

fn shares(key: &str, value: Value) -> Reply {
    calls("share_result", json!({ "key": key, "value": value }))
}

fn writes(path: &str, text: &str) -> Reply {
    calls("write_file", json!({ "path": path, "text": text }))
}

/// The values of shared memory, in their order.
fn memory(story: &Story) -> Vec<(String, Value, u32)> {
    let values = story.run.memory().iter();
    values.map(|(key, shared)| (key.clone(), shared.value.as_ref().clone(), shared.visit)).collect()
}

#[test]
fn values_are_those_of_their_moment_and_in_their_order() {
    let mut source = Story::of(FOUR);
    source
        .answers("a", shares("z", json!(1)).and("share_result", json!({ "key": "a", "value": { "n": 1 } })));
    source.answers("a", shares("z", json!(2))).answers("a", completes("1"));
    let (before, asked) = (memory(&source), source.request("b"));
    source.answers("b", shares("z", json!("late")).and("share_result", json!({ "key": "m", "value": 5 })));
    source.answers("b", completes("2"));
    let (then, asked_then) = (memory(&source), source.request("c"));
    source.answers("c", shares("a", json!("last"))).answers("c", completes("3"));

    let story = again_same(&source, &from_visit(2));
    assert_eq!(memory(&story), before);
    assert_eq!(memory(&story), [("z".to_owned(), json!(2), 1), ("a".to_owned(), json!({ "n": 1 }), 1)]);
    assert_eq!(story.request("b"), asked);
    let story = again_same(&source, &from_visit(3));
    assert_eq!(memory(&story), then);
    assert_eq!(story.request("c"), asked_then);
}

#[test]
fn a_value_of_a_visit_that_is_not_inherited_is_not_there() {
    let mut source = Story::of(FOUR);
    source.answers("a", completes("1"));
    source.answers("b", shares("half", json!("made"))).fails("b", bad_key());
    assert!(source.run.memory().contains_key("half"));
    let story = again_same(&source, &from_visit(2));
    assert!(story.run.memory().is_empty());
}

#[test]
fn documents_are_those_of_their_moment() {
    let mut source = Story::of(FOUR);
    source.answers("a", writes("b.md", "first").and("write_file", json!({ "path": "a.md", "text": "A" })));
    source.answers("a", writes("b.md", "second")).answers("a", completes("1"));
    let (before, asked) = (source.run.documents().clone(), source.request("b"));
    source.answers("b", writes("b.md", "third").and("write_file", json!({ "path": "c.md", "text": "C" })));
    source.answers("b", completes("2")).answers("c", completes("3"));

    let mut story = again_same(&source, &from_visit(2));
    assert_eq!(story.run.documents(), &before);
    assert_eq!(story.run.documents().keys().collect::<Vec<_>>(), ["b.md", "a.md"]);
    assert_eq!(story.request("b"), asked);
    story.answers("b", calls("list_files", json!({})));
    story.given("b").is(expect![[r#"
        list_files: Documents:
        - b.md (6 bytes)
        - a.md (1 bytes)
    "#]]);
    // The text that is read is that of the moment.
    story.answers("b", calls("read_file", json!({ "path": "b.md" })));
    let read = story.run.pending().into_iter().find_map(|pending| {
        if let Pending::CallTool(work) = pending { Some(format!("{:?}", work.tool)) } else { None }
    });
    assert!(read.unwrap().contains(before["b.md"].hash.as_str()));
}

#[test]
fn what_people_had_said_and_nobody_had_heard_is_heard_again() {
    let mut source = Story::of(FOUR);
    source.person_says("Mind the mice.").answers("a", completes("1"));
    let asked = source.request("b");
    assert!(source.told("b").contains("Mind the mice."));
    source.person_says("And the cats.").answers("b", completes("2"));
    let asked_then = source.request("c");
    source.answers("c", completes("3"));

    let story = again_same(&source, &from_visit(2));
    assert_eq!(story.request("b"), asked);
    let story = again_same(&source, &from_visit(3));
    assert_eq!(story.request("c"), asked_then);
    assert!(!story.told("c").contains("mice"), "someone had heard it");
    // As it was when the visit ended: the same.
    let story = again_same(&source, &after(1, None));
    assert_eq!(story.request("b"), asked);
    // And so for whatever goes on from there.
    let mut second = again_same(&source, &from_visit(2));
    second.stops().aborts();
    assert_eq!(again_same(&second, &from_visit(2)).request("b"), asked);
    assert_eq!(again_same(&second, &after(1, None)).request("b"), asked);
}

#[test]
fn nobody_speaks_into_a_run_that_has_not_begun() {
    let source = super::three();
    let asked = super::planned(&source, &project(super::THREE), &from_visit(2)).unwrap();
    let new = callboard_engine::decide::NewRun {
        hash: callboard_engine::definition::DefinitionHash::of("x"),
        definition: std::sync::Arc::clone(source.run.definition()),
        source: asked.source,
        input: json!("owls"),
        metadata: None,
        limits: Default::default(),
        depth: 0,
        inherited: Some(asked.inherited),
    };
    let moment = callboard_engine::command::Moment::default();
    let pending = callboard_engine::decide::create(new, moment).run;
    let says = callboard_engine::command::Command::Say { text: "Hm.".into(), by: "ana".into() };
    let refused = callboard_engine::decide::decide(&pending, says, moment).err();
    assert_eq!(refused, Some(callboard_engine::command::Refused::NotBegun));
}

#[test]
fn summaries_are_told_to_those_that_come_later() {
    let stages = "
- { id: one, name: One, task: Begin., agents: [a, b], summary: individual }
- { id: two, name: Two, task: Go on., agents: [c], summary: shared }
- { id: three, name: Three, task: End., agents: [a], summary: none }
";
    let mut source = Story::of(stages);
    source.answers("a", completes("A")).answers("b", completes("B"));
    let asked = source.request("c");
    source.answers("c", completes("C"));
    let asked_then = source.request("a");
    source.answers("a", completes("E"));
    let story = again_same(&source, &from_visit(2));
    assert_eq!(story.request("c"), asked);
    assert!(story.told("c").contains("A (short)") && story.told("c").contains("B (short)"));
    assert_eq!(again_same(&source, &from_visit(3)).request("a"), asked_then);
}

/// A whole run of several agents, loops, values, documents and people, compared at each of its visits.
#[test]
fn the_first_to_speak_is_sent_what_it_would_have_been_sent_at_every_visit() {
    let stages = "
- { id: plan, name: Plan, task: \"Plan {{ input }}.\", agents: [{ agent: a, shares: [facts] }, { agent: b, directive: \"Doubt {{ input }}.\" }], summary: individual }
- { id: draft, name: Draft, task: \"Write by {{ results.plan }} and {{ memory.facts }}.\", agents: [{ agent: c, tools: [write_file, list_files] }], turns: at_once }
- { id: review, name: Review, task: Judge., agents: [b, { agent: a, phase: completion }], outcomes: { revise: draft, fine: next } }
- { id: print, name: Print, task: Print., agents: [c, a], turns: at_once }
";
    let mut source = Story::of(stages);
    source.answers("a", shares("facts", json!(["owls fly"]))).answers("a", completes("P1"));
    source.answers("b", calls("send_message", json!({ "to": "a", "text": "Really?" })));
    source.answers("b", completes("P2"));
    source.person_says("Shorter.").answers("c", writes("d.md", "one")).answers("c", completes("D1"));
    source.answers("b", completes("Hm.")).answers("a", completes_as("No.", "revise"));
    source.person_says("Longer.").answers("c", writes("d.md", "two")).answers("c", completes("D2"));
    source.answers("b", shares("facts", json!(["owls sleep"]))).answers("b", completes("Well."));
    source.answers("a", completes_as("Yes.", "fine"));
    source.answers("c", completes("O1")).answers("a", completes("O2"));
    source.ends(expect!["completed"]);

    for visit in 1..=6 {
        let story = again_same(&source, &from_visit(visit));
        let first_calls = |story: &Story| {
            let entered =
                |event: &Event| event.visit == Some(visit) && matches!(event.fact, Fact::StageEntered { .. });
            let entered = story.history.iter().position(entered).unwrap();
            let mut sent = Vec::new();
            for event in &story.history[entered + 1..] {
                if let Fact::ModelCallStarted { agent, model, sent: hash, .. } = &event.fact {
                    sent.push((agent.clone(), model.clone(), hash.clone()));
                } else if !matches!(event.fact, Fact::TurnStarted { .. }) {
                    break;
                }
            }
            sent
        };
        let calls = first_calls(&story);
        assert!(!calls.is_empty());
        assert_eq!(calls, first_calls(&source), "at visit {visit}");
        assert_eq!(story.run.usage().cost_usd, Usd::ZERO);
    }
}
