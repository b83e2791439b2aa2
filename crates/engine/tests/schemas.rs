//! The schemas that outside programs are given say exactly what is written.
//!
//! Each schema is closed before it is used here: what it does not name is refused too, so that a
//! field that is written and not described fails the test, like one that is described and not
//! written.

#![expect(clippy::unwrap_used, reason = "an example that cannot be read fails the test")]

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

use callboard_engine::definition::{Definition, Rejection, Target};
use callboard_engine::event::{Event, Fact, SourceKind};
use callboard_engine::project::{self, Mistake, Project};
use callboard_engine::run::{Status, VisitStatus};
use jsonschema::Validator;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

/// The kinds of events that no recorded history has, and fields that are seldom there.
const SELDOM: &str = r#"[
  {"seq":1,"at":"2026-11-18T11:06:40.000Z","kind":"run_created","definition":"sha256:0000000000000000000000000000000000000000000000000000000000000000",
   "workflow":"w","source":{"kind":"schedule","by":null,"trigger_id":3,"slot":"2026-11-18T11:00:00.000Z","run_id":null,"from_visit":null},
   "input":null,"metadata":[1,{"a":"b"}]},
  {"seq":2,"at":"2026-11-18T11:06:40.000Z","visit":1,"kind":"stage_entered","stage":"s","name":"S","nth":2,"forced":true},
  {"seq":3,"at":"2026-11-18T11:06:40.000Z","visit":1,"kind":"turn_started","turn":1,"agent":"a","phase":"completion","cycle":1,"asks":{"for":"shares","keys":["k"]}},
  {"seq":4,"at":"2026-11-18T11:06:40.000Z","visit":1,"kind":"turn_started","turn":2,"agent":"a","phase":"start","cycle":1,"asks":{"for":"result"}},
  {"seq":5,"at":"2026-11-18T11:06:40.000Z","visit":1,"kind":"model_call_finished","call":4,"attempt":1,"turn":2,"agent":"a","model":"m",
   "answer":{"tool_calls":[{"id":"1","tool":"t","arguments":"not json"},{"id":"2","tool":"t","arguments":{}}],"finish":"length","echo":{"x":[null]}},
   "usage":{"input_tokens":1,"output_tokens":2,"cost_usd":0.000465},"duration_ms":5},
  {"seq":6,"at":"2026-11-18T11:06:40.000Z","visit":1,"kind":"model_call_failed","call":4,"attempt":1,"turn":2,"agent":"a","model":"m",
   "code":"model_rate_limited","message":"Too many.","provider_message":"slow down","status":429,"transient":true,"retry_after_ms":2000,
   "partial":"I th","duration_ms":5},
  {"seq":7,"at":"2026-11-18T11:06:40.000Z","visit":1,"kind":"model_call_failed","call":4,"attempt":2,"turn":2,"agent":"a","model":"m",
   "code":"model_unreachable","message":"No.","transient":false,"duration_ms":5},
  {"seq":8,"at":"2026-11-18T11:06:40.000Z","visit":1,"kind":"memory_read","agent":"a","key":"k","text":"v","tool_call":"1"},
  {"seq":9,"at":"2026-11-18T11:06:40.000Z","visit":1,"kind":"result_shared","agent":"a","key":"k","value":null},
  {"seq":10,"at":"2026-11-18T11:06:40.000Z","visit":1,"kind":"message_sent","agent":"a","to":"team","text":"hi","tool_call":"1"},
  {"seq":11,"at":"2026-11-18T11:06:40.000Z","visit":1,"kind":"turn_capped","turn":2,"agent":"a","model_calls":20},
  {"seq":12,"at":"2026-11-18T11:06:40.000Z","visit":1,"kind":"agent_completed","turn":2,"agent":"a","result":"r","summary":"s","outcome":"o","tool_call":"1"},
  {"seq":13,"at":"2026-11-18T11:06:40.000Z","visit":1,"kind":"loop_guard_tripped","stage":"s","guard":"max_visits_in_all","visits":5,"forced":false},
  {"seq":14,"at":"2026-11-18T11:06:40.000Z","visit":1,"kind":"run_failed","error":{"stage":null,"visit":null,"agent":null,"doing":"d","code":"c","message":"m",
   "provider_message":null,"hint":null},"usage":{"model_calls":1,"input_tokens":1,"output_tokens":1,"cost_usd":0.0},"duration_ms":1},
  {"seq":15,"at":"2026-11-18T11:06:40.000Z","visit":1,"kind":"stop_requested","by":"ana"},
  {"seq":16,"at":"2026-11-18T11:06:40.000Z","visit":1,"kind":"run_stopped","by":"ana","reason":"enough","took_ms":1,
   "aborted":[{"what":"model call","call":4,"attempt":1,"agent":"a","model":"m"},{"what":"tool call","call":5,"attempt":1,"agent":"a"}],
   "usage":{"model_calls":1,"input_tokens":1,"output_tokens":1,"cost_usd":0.0},"duration_ms":1}
]"#;

/// The schema of a type, in a document with all that it refers to.
fn document<T: ToSchema>() -> Value {
    let mut schemas = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut schemas);
    let mut components: Map<String, Value> = Map::new();
    for (name, schema) in schemas {
        let schema = serde_json::to_value(schema).unwrap();
        if let Some(known) = components.insert(name.clone(), schema.clone()) {
            assert_eq!(known, schema, "two types are called {name}");
        }
    }
    json!({ "$ref": format!("#/components/schemas/{}", T::name()), "components": { "schemas": components } })
}

/// What checks values of a type, and refuses fields that its schema does not name.
fn closed<T: ToSchema>() -> Validator {
    let mut document = document::<T>();
    for schema in document["components"]["schemas"].as_object_mut().unwrap().values_mut() {
        close_within(schema);
    }
    document["unevaluatedProperties"] = json!(false);
    jsonschema::draft202012::options().should_validate_formats(true).build(&document).unwrap()
}

/// Closes what stands in a schema. The parts of one value (`allOf`, `oneOf`) stay open: each names only
/// its own fields.
fn close_within(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else { return };
    for (keyword, value) in schema.iter_mut() {
        match (keyword.as_str(), value) {
            ("properties", Value::Object(properties)) => properties.values_mut().for_each(close),
            ("items" | "additionalProperties", within) => close(within),
            ("allOf" | "oneOf", Value::Array(parts)) => parts.iter_mut().for_each(close_within),
            _ => {}
        }
    }
}

fn close(schema: &mut Value) {
    close_within(schema);
    let Some(schema) = schema.as_object_mut() else { return };
    // What says nothing of its value lets any be.
    let says_something =
        ["type", "$ref", "allOf", "oneOf"].iter().any(|keyword| schema.contains_key(*keyword));
    if says_something {
        schema.insert("unevaluatedProperties".to_owned(), json!(false));
    }
}

fn check(validator: &Validator, value: &Value) {
    let errors: Vec<String> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{value:#}\n{}", errors.join("\n"));
}

fn check_each<T: ToSchema + Serialize>(values: impl IntoIterator<Item = T>) {
    let validator = closed::<T>();
    for value in values {
        check(&validator, &serde_json::to_value(value).unwrap());
    }
}

/// The recorded histories and their definitions.
fn recorded() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded");
    let files = std::fs::read_dir(folder).unwrap();
    files.map(|file| serde_json::from_reader(File::open(file.unwrap().path()).unwrap()).unwrap()).collect()
}

/// The project file with everything in it, and the examples.
fn projects() -> Vec<Project> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = vec![root.join("src/project/tests/newsroom.yaml")];
    let examples = std::fs::read_dir(root.join("../../examples")).unwrap();
    paths.extend(
        examples
            .map(|file| file.unwrap().path())
            .filter(|path| path.extension().is_some_and(|it| it == "yaml")),
    );
    paths
        .iter()
        .map(|path| {
            project::read(&std::io::read_to_string(File::open(path).unwrap()).unwrap()).project.unwrap()
        })
        .collect()
}

/// The kinds that the schema of a fact tells apart.
fn kinds() -> BTreeSet<String> {
    let document = document::<Fact>();
    let facts = document["components"]["schemas"]["Fact"]["oneOf"].as_array().unwrap();
    let kind = |fact: &Value| {
        let parts = fact["allOf"].as_array().cloned().unwrap_or_else(|| vec![fact.clone()]);
        let kind = parts.iter().find_map(|part| part.pointer("/properties/kind/enum/0").cloned());
        kind.unwrap().as_str().unwrap().to_owned()
    };
    facts.iter().map(kind).collect()
}

#[test]
fn every_event_is_as_its_schema_says() {
    let validator = closed::<Event>();
    let mut seen = BTreeSet::new();
    let histories = recorded().into_iter().map(|recorded| recorded["events"].clone());
    for history in histories.chain([serde_json::from_str(SELDOM).unwrap()]) {
        for stored in history.as_array().unwrap() {
            let event: Event = serde_json::from_value(stored.clone()).unwrap();
            let served = serde_json::to_value(&event).unwrap();
            assert_eq!(&served, stored);
            check(&validator, &served);
            seen.insert(served["kind"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(seen, kinds(), "there is an example of every kind");
}

#[test]
fn an_event_with_a_field_too_many_or_too_few_is_not_as_its_schema_says() {
    let validator = closed::<Event>();
    let mut checked = 0;
    for stored in serde_json::from_str::<Vec<Value>>(SELDOM).unwrap() {
        let mut more = stored.clone();
        more["unheard_of"] = json!(1);
        assert!(!validator.is_valid(&more), "{more}");
        let mut other = stored.clone();
        other["kind"] = json!("unheard_of");
        assert!(!validator.is_valid(&other), "{other}");
        for field in stored.as_object().unwrap().keys() {
            let mut less = stored.clone();
            less.as_object_mut().unwrap().remove(field);
            // What can be read without the field must be valid without it, and is written without it.
            let written = serde_json::from_value::<Event>(less.clone()).ok();
            let written = written.map(|event| serde_json::to_value(event).unwrap());
            assert_eq!(validator.is_valid(&less), written.as_ref() == Some(&less), "{field} of {stored:#}");
            checked += 1;
        }
    }
    assert!(checked > 100, "{checked}");
}

#[test]
fn every_definition_is_as_its_schema_says() {
    let stored = recorded().into_iter().map(|recorded| recorded["definition"].clone());
    let stored = stored.map(|definition| serde_json::from_value::<Definition>(definition).unwrap());
    let projects = projects();
    let compiled = projects.iter().flat_map(|project| {
        project.workflows.keys().map(|workflow| project::compile(project, workflow).unwrap())
    });
    check_each(stored.chain(compiled).collect::<Vec<_>>());
    check_each([Target::Next, Target::End, Target::Stage("s".into()), Target::Workflow("w".into())]);
    check_each([Rejection::Error, Rejection::Next, Rejection::End, Rejection::Stage("s".into())]);
}

#[test]
fn every_project_is_as_its_schema_says() {
    check_each(projects());
    let reading =
        project::read("project: p\nmodel: {}\nworkflows: { w: { team: t, stages: [{ name: S }] } }");
    assert!(reading.mistakes.len() > 2);
    check_each::<Mistake>(reading.mistakes);
}

#[test]
fn every_word_is_as_its_schema_says() {
    check_each(Status::ALL);
    check_each(SourceKind::ALL);
    check_each([
        VisitStatus::Running,
        VisitStatus::Completed,
        VisitStatus::Stopped,
        VisitStatus::Error,
        VisitStatus::Inherited,
    ]);
    assert!(!closed::<Status>().is_valid(&json!("paused")));
    for status in Status::ALL {
        assert_eq!(json!(status), json!(status.name()));
        assert_eq!(Status::parse(status.name()), Some(status));
    }
    for kind in SourceKind::ALL {
        assert_eq!(json!(kind), json!(kind.name()));
        assert_eq!(SourceKind::parse(kind.name()), Some(kind));
    }
    assert_eq!((Status::parse("paused"), SourceKind::parse("")), (None, None));
}

#[test]
fn a_schema_says_nothing_of_values_that_can_be_anything() {
    let document = document::<Event>();
    for pointer in
        ["/RunCreated/properties/input", "/RunCreated/properties/metadata", "/ToolCall/properties/arguments"]
    {
        let schema = document["components"]["schemas"].pointer(pointer).unwrap();
        assert!(schema.get("type").is_none(), "{pointer}: {schema}");
    }
}
