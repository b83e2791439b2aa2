//! Histories that are played again: to the same events, wherever they were cut off, and to another where
//! something in them was changed.

use std::cell::Cell;
use std::sync::Arc;

use callboard_engine::definition::Definition;
use callboard_engine::event::Event;
use callboard_engine::money::Usd;
use callboard_engine::replay::{Messages, Replayed};
use serde_json::Value;

use crate::for_each_history;

#[test]
fn a_recorded_history_plays_to_the_same_events() {
    for_each_history(|definition, world| {
        let mut ends = vec![world.history.len()];
        world.carry_out(|world, _| ends.push(world.history.len()));
        plays(definition, &world.history);
        // A run that goes on has a history that ends with any of its appends.
        for end in ends.iter().step_by(29) {
            plays(definition, &world.history[..*end]);
        }
    });
}

/// The account of the day is in no event, and has to be found for each decision.
#[test]
fn a_history_under_a_limit_of_the_day_plays_to_the_same_events() {
    for_each_history(|definition, world| {
        world.day = Some(Usd::of_dollars(0.1));
        world.carry_out(|_, _| {});
        plays(definition, &world.history);
    });
}

fn replay(definition: &Arc<Definition>, history: &[Event]) -> Replayed {
    callboard_engine::replay::replay(Arc::clone(definition), history, &Messages::default())
}

fn plays(definition: &Arc<Definition>, history: &[Event]) {
    let played = replay(definition, history);
    assert!(played.is_same(), "{:#?}\n{}", played.differences, told(history));
    assert_eq!(played.events, history.len() as u64);
}

/// A history as text, for whoever reads why it did not play.
fn told(history: &[Event]) -> String {
    let lines = history.iter().map(|event| serde_json::to_string(event).expect("events are written"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn what_the_engine_would_not_have_decided_is_found_where_it_stands() {
    let found = Cell::new(0);
    for_each_history(|definition, world| {
        world.carry_out(|_, _| {});
        for place in (1..world.history.len()).step_by(19) {
            let Some(history) = changed(&world.history, place) else { continue };
            let played = replay(definition, &history);
            let seq = place as u64 + 1;
            let first = played.differences.first().map(|difference| difference.seq);
            assert_eq!(first, Some(seq), "{:#?}\n{}", played.differences, told(&history));
            found.set(found.get() + 1);
        }
    });
    assert!(found.get() > 300, "{}", found.get());
}

/// The history with another duration, result or outcome in one event; nothing where it has none of what
/// the engine alone says.
fn changed(history: &[Event], place: usize) -> Option<Vec<Event>> {
    let mut event = serde_json::to_value(&history[place]).expect("events are written");
    let field = ["duration_ms", "nth", "cycle"].into_iter().find(|field| event.get(field).is_some())?;
    event[field] = Value::from(event[field].as_u64()? + 1);
    // What comes after it is played no more, or says no more than that it is not there.
    let mut history = history[..=place].to_vec();
    history[place] = serde_json::from_value(event).expect("events are read");
    Some(history)
}

#[test]
fn no_history_however_it_was_changed_brings_the_engine_down() {
    for_each_history(|definition, world| {
        world.carry_out(|_, _| {});
        let length = world.history.len();
        for place in (1..length).step_by(45) {
            for other in [place / 2, length - 1 - place / 3] {
                // Another fact, or the same one again, or none.
                let mut history = world.history.clone();
                history[place].fact = history[other].fact.clone();
                let played = replay(definition, &history);
                assert!(played.events as usize <= history.len());
                let mut history = world.history.clone();
                history.remove(place);
                let played = replay(definition, &history);
                assert!(!played.is_same() || place == length - 1, "{}", told(&history));
            }
        }
    });
}
