//! Runs that were exported as files must be played again for ever: to the same events, or to others that
//! are known here.
//!
//! Each file in `replayed` is what `callboard runs export` wrote of a run that a server carried out. Files
//! are added when a run can take a way that none of them took, and never changed. What a newer engine
//! decides otherwise on purpose, such as better words to an agent, is written down in [`OTHERWISE`] with the
//! change that makes it so: the course of a run must never be among it.

#![expect(clippy::unwrap_used, reason = "a run that cannot be read fails the test")]

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use callboard_engine::definition::Definition;
use callboard_engine::event::Event;
use callboard_engine::replay::{Difference, Messages, Recorded, Replayed, replay};
use serde::Deserialize;

/// What this engine decides otherwise, by file: kinds of events, and the fields that differ.
const OTHERWISE: [(&str, &[&str]); 0] = [];

/// The same for the histories in `recorded`, which are older than exports: an agent was told otherwise of
/// what was cut, and counted by the length of that.
const OTHERWISE_BEFORE: [(&str, &[&str]); 1] = [(
    "errands.json",
    &["context_compacted/tokens_after", "context_compacted/tokens_before", "model_call_started/sent"],
)];

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

fn text(path: &Path) -> String {
    std::io::read_to_string(File::open(path).unwrap()).unwrap()
}

#[test]
fn exported_runs_play_to_the_events_that_they_had() {
    let files = files("replayed");
    let mut kinds = BTreeSet::new();
    for path in &files {
        let recorded = Recorded::read(&text(path)).unwrap();
        let definition = Arc::clone(&recorded.definition);
        let played = replay(definition, &recorded.events, &recorded.messages);
        check(path, &recorded.events, &played, &OTHERWISE);
        kinds.extend(recorded.events.iter().map(kind));
    }
    assert!(files.len() >= 9, "{}", files.len());
    // What happens to runs has happened to these.
    for kind in
        ["retry_scheduled", "run_recovered", "run_stopped", "run_failed", "child_ended", "limit_raised"]
    {
        assert!(kinds.contains(kind), "{kind} is in none of them");
    }
}

/// A run as it was recorded before there were exports.
#[derive(Deserialize)]
struct Before {
    definition: Definition,
    events: Vec<Event>,
}

#[test]
fn older_histories_play_on_the_course_that_they_took() {
    let files = files("recorded");
    for path in &files {
        let Before { definition, events } = serde_json::from_str(&text(path)).unwrap();
        let played = replay(Arc::new(definition), &events, &Messages::default());
        check(path, &events, &played, &OTHERWISE_BEFORE);
    }
    assert!(files.len() >= 8, "{}", files.len());
}

/// The whole of it was played, and only what is known differs.
fn check(path: &Path, events: &[Event], played: &Replayed, otherwise: &[(&str, &[&str])]) {
    let name = path.file_name().unwrap().to_str().unwrap();
    let known = otherwise.iter().find(|(file, _)| *file == name).map_or(&[][..], |(_, known)| known);
    let found: BTreeSet<String> = played.differences.iter().flat_map(places).collect();
    let found: Vec<&str> = found.iter().map(String::as_str).collect();
    assert_eq!(found, known, "{name}: {:#?}", played.differences.first());
    assert_eq!(played.events, events.len() as u64, "{name}");
}

/// Where an event differs.
fn places(difference: &Difference) -> Vec<String> {
    let kind = difference.recorded.as_ref().and_then(|event| event["kind"].as_str()).unwrap_or("nothing");
    match difference.fields.as_slice() {
        [] => vec![format!("{kind}: {}", difference.why)],
        fields => fields.iter().map(|field| format!("{kind}{}", field.path)).collect(),
    }
}

fn kind(event: &Event) -> String {
    serde_json::to_value(event).unwrap()["kind"].as_str().unwrap().to_owned()
}
