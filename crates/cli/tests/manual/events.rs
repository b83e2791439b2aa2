//! Every kind of event has its entry with its fields, and an example that the engine reads; so has the
//! run object.

use std::collections::BTreeSet;

use callboard_api::run::Run;
use callboard_engine::event::Event;
use serde_json::Value;

use crate::page::{Page, has, root};
use crate::source;

#[test]
fn every_event_has_its_entry_and_every_entry_its_event() {
    let page = Page::read("docs/reference/events.md");
    let headings: BTreeSet<&str> = page.text.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    let kinds = source::events();
    for (kind, fields) in &kinds {
        let section = page.section(&format!("### {kind}"));
        let section = section.unwrap_or_else(|| panic!("{kind} has no entry"));
        // The fields of a failure stand beside the others.
        for field in fields.iter().filter(|field| *field != "failure") {
            assert!(section.contains(&format!("\n| `{field}` | ")), "{kind} has no row for {field}");
        }
    }
    let known: BTreeSet<&str> =
        kinds.iter().map(|(kind, _)| kind.as_str()).chain(["usage", "error"]).collect();
    assert_eq!(headings, known);
    assert!(kinds.len() >= 25, "{kinds:?}");
}

#[test]
fn the_example_of_an_event_is_one() {
    let page = Page::read("docs/reference/events.md");
    let mut kinds = BTreeSet::new();
    for block in page.blocks().iter().filter(|block| block.info == "json") {
        let value: Value = serde_json::from_str(&block.text).unwrap();
        let event: Event = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(serde_json::to_value(&event).unwrap(), value, "line {}", block.line);
        let kind = value["kind"].as_str().unwrap().to_owned();
        assert!(page.section(&format!("### {kind}")).unwrap().contains(block.text.as_str()), "{kind}");
        kinds.insert(kind);
    }
    assert_eq!(kinds.len(), source::events().len(), "{kinds:?}");
}

#[test]
fn what_was_recorded_of_runs_is_described() {
    let page = Page::read("docs/reference/events.md");
    let everywhere = ["seq", "at", "visit", "kind"];
    for file in std::fs::read_dir(root().join("crates/engine/tests/recorded")).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let recorded: Value = serde_json::from_str(&text).unwrap();
        for event in recorded["events"].as_array().unwrap() {
            let kind = event["kind"].as_str().unwrap();
            let section = page.section(&format!("### {kind}")).unwrap();
            for field in
                event.as_object().unwrap().keys().filter(|field| !everywhere.contains(&field.as_str()))
            {
                assert!(section.contains(&format!("\n| `{field}` | ")), "{kind} has no row for {field}");
            }
        }
    }
}

#[test]
fn the_run_object_is_described_and_its_example_is_one() {
    let page = Page::read("docs/reference/run-object.md");
    let block = page.blocks().into_iter().find(|block| block.info == "json").unwrap();
    let value: Value = serde_json::from_str(&block.text).unwrap();
    let run: Run = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(serde_json::to_value(&run).unwrap(), value);
    let parts = [
        ("Run", &value),
        ("Visits", &value["visits"][0]),
        ("Memory", &value["memory"]["facts"]),
        ("Usage", &value["usage"]),
    ];
    for (heading, part) in parts {
        let section = page.section(&format!("## {heading}")).unwrap();
        for field in part.as_object().unwrap().keys() {
            assert!(has(section, field), "{heading} does not say what {field} is");
        }
    }
}
