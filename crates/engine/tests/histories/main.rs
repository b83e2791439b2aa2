//! What holds for every history, whatever the workflow and whatever models, tools, people and the clock
//! do: over random workflows, answers, failures, crashes and stops.

#![expect(clippy::expect_used, clippy::panic, reason = "a property that cannot be checked should say where")]

mod workflows;

mod begun;
mod outside;

mod played;
mod reruns;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use callboard_engine::command::{Command, Moment, Refused};
use callboard_engine::decide::decide;
use callboard_engine::definition::Definition;
use callboard_engine::event::{Event, Fact};
use callboard_engine::money::Usd;
use callboard_engine::run::{Pending, Run, Status, VisitStatus};
use proptest::prelude::*;
use proptest::test_runner::{TestError, TestRunner};
use utoipa::PartialSchema;

use begun::{Begun, owed};
use outside::World;

/// Histories of each property: all that can happen happens in so many, and often.
const CASES: u32 = 400;

/// Tries at making a history that fails smaller: one that does not end takes long each time.
const SHRINKS: u32 = 100;

fn for_each_history(check: impl Fn(&Arc<Definition>, &mut World)) {
    let config = ProptestConfig {
        cases: CASES,
        failure_persistence: None,
        max_shrink_iters: SHRINKS,
        ..ProptestConfig::default()
    };
    let strategy = (workflows::definition(), any::<u64>());
    let checked = TestRunner::new(config).run(&strategy, |(definition, seed)| {
        let definition = Arc::new(definition);
        check(&definition, &mut World::of(&definition, seed));
        Ok(())
    });
    match checked {
        Ok(()) => {}
        Err(TestError::Fail(why, (definition, seed))) => panic!("{why}\nseed {seed}\n{definition:#?}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}

#[test]
fn every_run_ends_and_its_history_folds() {
    let counts: RefCell<BTreeMap<String, u32>> = RefCell::default();
    for_each_history(|definition, world| {
        let mut count = |event: &Event| *counts.borrow_mut().entry(kind(event)).or_default() += 1;
        carry_out(definition, world);
        world.history.iter().for_each(&mut count);
        // A run goes on from it, and one from that.
        let Some(mut second) = reruns::any(world, 1) else { return };
        carry_out(definition, &mut second);
        second.history.iter().for_each(&mut count);
        let Some(mut third) = reruns::any(&mut second, 2) else { return };
        carry_out(definition, &mut third);
    });
    let counts = counts.into_inner();
    let missing: Vec<String> = kinds().into_iter().filter(|kind| !counts.contains_key(kind)).collect();
    assert!(missing.is_empty(), "nothing of these happened: {missing:?}; {counts:#?}");
}

/// Carries a run out to its end, and checks what holds of every history.
fn carry_out(definition: &Arc<Definition>, world: &mut World) {
    let mut begun = Begun::default();
    world.history.iter().for_each(|event| begun.note(definition, event));
    world.carry_out(|world, events| {
        events.iter().for_each(|event| begun.note(definition, event));
        stands(world, &begun);
    });
    folds(definition, &world.run, &world.history);
    has_ended(&world.run, &begun);
}

#[test]
fn a_question_can_be_asked_again_for_as_long_as_it_is_owed() {
    for_each_history(|_, world| {
        world.carry_out(|world, _| {
            for pending in world.run.pending() {
                if let Pending::CallModel(call) = pending {
                    let request = world.run.request(call.call).expect("what is owed can be asked");
                    assert!(!request.messages.is_empty() && !request.system.is_empty());
                    assert_eq!(
                        request,
                        world.asked[&(call.call, call.attempt)],
                        "asking again asks the same"
                    );
                }
            }
        });
    });
}

/// What holds after every step.
fn stands(world: &World, begun: &Begun) {
    let run = &world.run;
    assert_eq!(owed(run), begun.in_flight, "what is in flight is what is owed");
    let taken = run.usage().cost_usd.plus(run.reserved());
    if let Some(limit) = run.limits().cost_usd {
        assert!(taken <= Usd::of_dollars(limit), "{taken:?} of {limit}");
    }
    if let Some(limit) = world.day {
        assert!(taken <= limit, "{taken:?} of {limit:?} in a day");
    }
    // The alarm stands later than the limit by as long as people were waited for.
    for pending in run.pending() {
        if let (Pending::Alarm { until }, Some(started), Some(limit_s)) =
            (pending, run.started_at(), run.limits().wall_s)
        {
            let waited_ms = until.millis_since(started.plus_millis(limit_s * 1000));
            let elapsed_ms = world.now.millis_since(started);
            assert!(waited_ms <= elapsed_ms, "{waited_ms} of {elapsed_ms}");
        }
    }
}

/// Numbers have no holes; replay gives the same, through the text that is stored as well; any prefix
/// folds, and only the last event ends the run.
fn folds(definition: &Arc<Definition>, run: &Run, history: &[Event]) {
    for (place, event) in history.iter().enumerate() {
        assert_eq!(event.seq, place as u64 + 1);
    }
    let text = serde_json::to_string(history).expect("events are written");
    let read: Vec<Event> = serde_json::from_str(&text).expect("what was written is read");
    assert_eq!(read, history);
    assert_eq!(&Run::fold(Arc::clone(definition), &read).expect("the history folds"), run);
    let mut prefix = Run::fold(Arc::clone(definition), &history[..1]).expect("a prefix folds");
    for event in &history[1..] {
        assert!(!prefix.status().is_final());
        prefix.apply(event).expect("a prefix folds");
    }
}

/// What holds at the end.
fn has_ended(run: &Run, begun: &Begun) {
    assert!(run.pending().is_empty(), "a final run owes nothing");
    assert!(refuses_all(run), "a final run accepts nothing");
    assert!(begun.closing || begun.turns.is_empty(), "a turn did not end");
    assert_eq!(begun.visits as usize, run.visits().len());
    assert!(run.visits().all(|visit| visit.ended_at.is_some()), "every visit has ended");
    assert_eq!(run.error().is_some(), run.status() == Status::Error, "an error says why");
    // What the run used is what its own visits used.
    let own = || run.visits().filter(|visit| visit.status != VisitStatus::Inherited);
    let calls: u64 = own().map(|visit| visit.usage.model_calls).sum();
    let cost = own().map(|visit| visit.usage.cost_usd).fold(Usd::ZERO, Usd::plus);
    assert_eq!((calls, cost), (run.usage().model_calls, run.usage().cost_usd));
    assert_eq!(run.reserved(), Usd::ZERO);
}

/// What a final run is asked in vain.
fn refuses_all(run: &Run) -> bool {
    let by = || "x".to_owned();
    let commands = [
        Command::Start,
        Command::Recover,
        Command::Look,
        Command::NobodyThere,
        Command::Stop { by: by(), reason: None },
        Command::Say { text: by(), by: by() },
        Command::Raise { limits: run.limits().clone(), by: by() },
        Command::Answer { question: 1, text: by(), by: by() },
        Command::Retry { call: 1, attempt: 1 },
        Command::TakeAbort { call: 1, attempt: 1, partial: None, sent: true },
        Command::TakeChild { call: 1, run_id: 1 },
    ];
    commands.into_iter().all(|command| decide(run, command, Moment::default()).err() == Some(Refused::Ended))
}

/// The word for a fact.
fn kind(event: &Event) -> String {
    let event = serde_json::to_value(event).expect("events are written");
    event["kind"].as_str().expect("a kind is a word").to_owned()
}

/// The kinds that there are.
fn kinds() -> BTreeSet<String> {
    let schema = serde_json::to_value(Fact::schema()).expect("schemas are written");
    let facts = schema["oneOf"].as_array().cloned().unwrap_or_default();
    let kind = |fact: &serde_json::Value| {
        let parts = fact["allOf"].as_array().cloned().unwrap_or_else(|| vec![fact.clone()]);
        let kind = parts.iter().find_map(|part| part.pointer("/properties/kind/enum/0").cloned());
        kind.and_then(|kind| Some(kind.as_str()?.to_owned())).expect("every fact has a kind")
    };
    let kinds: BTreeSet<String> = facts.iter().map(kind).collect();
    assert!(kinds.len() > 40);
    kinds
}
