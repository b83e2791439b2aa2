//! Histories that earlier versions wrote must fold for ever, to the same end.
//!
//! Each file in `recorded` is a run as it was stored: its definition, its events, and how it ended
//! by the rows that were written with them. Files are added when the engine learns something, and
//! never changed.

#![expect(clippy::unwrap_used, reason = "a history that cannot be read fails the test")]

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use callboard_engine::definition::{Definition, DefinitionHash};
use callboard_engine::event::{Event, Fact};
use callboard_engine::run::Run;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Recorded {
    ends: Ends,
    definition: Box<RawValue>,
    events: Box<RawValue>,
}

/// What the rows of the run said when it was recorded.
#[derive(Debug, PartialEq, Deserialize)]
struct Ends {
    status: String,
    path: Vec<String>,
    model_calls: u64,
    cost_nanos: u64,
}

#[test]
fn recorded_histories_fold_to_the_end_that_they_had() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded");
    let mut count = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let recorded: Recorded = serde_json::from_reader(File::open(&path).unwrap()).unwrap();
        check(&path, recorded);
        count += 1;
    }
    assert!(count >= 9, "{count}");
}

fn check(path: &Path, recorded: Recorded) {
    let definition: Definition = serde_json::from_str(recorded.definition.get()).unwrap();
    let events: Vec<Event> = serde_json::from_str(recorded.events.get()).unwrap();
    let run = Run::fold(Arc::new(definition), &events).unwrap();
    let visit = |visit: &callboard_engine::run::Visit| match &visit.outcome {
        Some(outcome) => format!("{}:{outcome}", visit.stage),
        None => visit.stage.clone(),
    };
    let ends = Ends {
        status: run.status().name().to_owned(),
        path: run.visits().map(visit).collect(),
        model_calls: run.usage().model_calls,
        cost_nanos: run.usage().cost_usd.as_nanos(),
    };
    assert_eq!(ends, recorded.ends, "{}", path.display());

    // Neither the definition nor an event loses anything on its way through this version: a definition
    // is known by the hash of its text as it is stored, and what is served of a history is what was stored.
    let Fact::RunCreated(created) = &events[0].fact else { unreachable!("a run begins by being created") };
    assert_eq!(DefinitionHash::of(recorded.definition.get()), created.definition, "{}", path.display());
    let written = as_written_now(recorded.definition.get());
    assert_eq!(serde_json::to_value(&**run.definition()).unwrap(), written, "{}", path.display());
    assert_eq!(
        &serde_json::from_value::<Definition>(written).unwrap(),
        &**run.definition(),
        "{}",
        path.display()
    );
    let again: Vec<Value> = events.iter().map(|event| serde_json::to_value(event).unwrap()).collect();
    let stored: Vec<Value> = serde_json::from_str(recorded.events.get()).unwrap();
    assert_eq!(again, stored, "{}", path.display());
}

/// A stored definition as this version writes it: the ways that lead to stages by the id alone, where
/// the first versions wrote `{ "stage": ID }`, and with the fields that came later.
fn as_written_now(text: &str) -> Value {
    let mut definition: Value = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&definition).unwrap(), text);
    for model in definition["models"].as_object_mut().unwrap().values_mut() {
        add(model, "context_tokens", 128_000);
    }
    for stage in definition["workflow"]["stages"].as_array_mut().unwrap() {
        for assignment in stage["agents"].as_array_mut().unwrap() {
            add(assignment, "ask_timeout_s", 86_400);
            add(assignment, "run_timeout_s", 300);
        }
        let Some(outcomes) = stage.get_mut("outcomes") else { continue };
        for target in outcomes.as_object_mut().unwrap().values_mut() {
            if let Some(id) = target.get("stage").cloned() {
                *target = id;
            }
        }
    }
    definition
}

/// Adds a field that was not there when the definition was stored.
fn add(thing: &mut Value, field: &str, default: u64) {
    let fields = thing.as_object_mut().unwrap();
    fields.entry(field).or_insert_with(|| default.into());
}
