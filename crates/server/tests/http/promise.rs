//! What the OpenAPI document promises of an answer, and whether an answer keeps it. The schemas are
//! taken strictly: what an answer says and its schema does not is a fault, since the document is to
//! be complete.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::client::Answer;

const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

/// The document that the server shows.
pub(crate) static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::to_value(callboard_server::serve::openapi()).unwrap());

/// The schemas that others refer to, taken strictly.
static COMPONENTS: LazyLock<Value> = LazyLock::new(|| {
    let schemas = DOCUMENT["components"]["schemas"].as_object().unwrap();
    let strict = schemas.iter().map(|(name, schema)| (name.clone(), within(schema)));
    json!({ "schemas": strict.collect::<Map<_, _>>() })
});

static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

/// A call that the document describes.
#[derive(Clone, Copy)]
pub(crate) struct Operation {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) says: &'static Value,
}

/// Every call of the document.
pub(crate) fn operations() -> Vec<Operation> {
    let paths = DOCUMENT["paths"].as_object().unwrap().iter();
    let of_path = |(path, item): (&'static String, &'static Value)| {
        let known = METHODS.into_iter().filter_map(|method| Some((method, item.get(method)?)));
        known.map(|(method, says)| Operation { method, path, says }).collect::<Vec<_>>()
    };
    paths.flat_map(of_path).collect()
}

/// The call of the document that a request is one of.
pub(crate) fn operation(method: &str, target: &str) -> Option<Operation> {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let fits = |template: &str| {
        let (mut steps, mut wanted) = (path.split('/'), template.split('/'));
        loop {
            match (steps.next(), wanted.next()) {
                (None, None) => return true,
                (Some(step), Some(wanted)) if wanted.starts_with('{') && !step.is_empty() => {}
                (Some(step), Some(wanted)) if step == wanted => {}
                _ => return false,
            }
        }
    };
    let all = operations().into_iter();
    let mut fitting: Vec<Operation> =
        all.filter(|one| one.method.eq_ignore_ascii_case(method) && fits(one.path)).collect();
    // A path that is spelled out goes before one with a name in it.
    fitting.sort_by_key(|one| one.path.matches('{').count());
    fitting.first().copied()
}

/// Holds an answer against the document.
pub(crate) fn hold(method: &str, target: &str, answer: &Answer) {
    let told = || format!("{method} {target} answered {answer}");
    // With 502 this server tells what another one said; every other failure would be its own.
    assert!(answer.status < 500 || answer.status == 502, "{}", told());
    if answer.status >= 400 {
        is_problem(answer, &told);
    }
    let Some(operation) = operation(method, target) else { return };
    let responses = &operation.says["responses"];
    let status = answer.status.to_string();
    let (name, response) = match responses.get(&status) {
        Some(response) => (status.as_str(), response),
        None => ("default", responses.get("default").unwrap_or_else(|| panic!("{}", told()))),
    };
    assert!(name != "default" || answer.status >= 400, "the document has no such status: {}", told());
    let Some(content) = response.get("content").and_then(Value::as_object) else {
        assert!(answer.body.is_empty(), "the document has no content here: {}", told());
        return;
    };
    let kind = answer.kind();
    let schema = content.get(kind).unwrap_or_else(|| panic!("the document has no {kind} here: {}", told()));
    if kind.ends_with("json") {
        let place = format!("{method} {} {name} {kind}", operation.path);
        fits(&place, &schema["schema"], &answer.json(), &told);
    }
}

fn is_problem(answer: &Answer, told: &dyn Fn() -> String) {
    // A page that is not there is answered with a page.
    if answer.kind() == "text/html" {
        return;
    }
    assert_eq!(answer.kind(), "application/problem+json", "{}", told());
    let problem = answer.json();
    fits("a problem", &json!({ "$ref": "#/components/schemas/Problem" }), &problem, told);
    assert_eq!(problem["status"], answer.status, "{}", told());
    assert!(problem["code"].as_str().is_some_and(|code| !code.is_empty()), "{}", told());
}

/// Fails where a value is not as a schema of the document says.
fn fits(place: &str, schema: &Value, value: &Value, told: &dyn Fn() -> String) {
    let faults = faults(place, schema, value);
    assert!(faults.is_empty(), "{place} is not as the document says: {faults:#?}\n{}", told());
}

fn faults(place: &str, schema: &Value, value: &Value) -> Vec<String> {
    let validator = validator(place, schema);
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn validator(place: &str, schema: &Value) -> Arc<Validator> {
    let mut made = VALIDATORS.lock().unwrap();
    let validator = made.entry(place.to_owned()).or_insert_with(|| {
        let mut whole = strict(schema);
        whole["components"] = COMPONENTS.clone();
        let options = jsonschema::draft202012::options().should_validate_formats(true);
        Arc::new(options.build(&whole).unwrap())
    });
    Arc::clone(validator)
}

/// A schema where a value stands: what it does not name may not be there.
fn strict(schema: &Value) -> Value {
    let mut strict = within(schema);
    if names_fields(schema) {
        strict["unevaluatedProperties"] = Value::Bool(false);
    }
    strict
}

/// A schema that may be part of another: only what is inside of its values is taken strictly.
fn within(schema: &Value) -> Value {
    let Value::Object(schema) = schema else { return schema.clone() };
    let inside = |(key, value): (&String, &Value)| {
        let value = match (key.as_str(), value) {
            ("properties", Value::Object(fields)) => {
                fields.iter().map(|(name, field)| (name.clone(), strict(field))).collect()
            }
            ("items" | "additionalProperties", Value::Object(_)) => strict(value),
            ("allOf" | "oneOf" | "anyOf", Value::Array(all)) => all.iter().map(within).collect(),
            _ => value.clone(),
        };
        (key.clone(), value)
    };
    schema.iter().map(inside).collect()
}

/// Whether a schema, or one that it is made of, says which fields an object has.
fn names_fields(schema: &Value) -> bool {
    let made_of = |key: &str| schema.get(key).and_then(Value::as_array).into_iter().flatten();
    let name = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
    schema.get("properties").is_some()
        || name.is_some_and(|name| names_fields(&DOCUMENT["components"]["schemas"][name]))
        || ["allOf", "oneOf", "anyOf"].into_iter().any(|key| made_of(key).any(names_fields))
}

#[test]
fn what_an_answer_says_beyond_its_schema_is_noticed() {
    let usage = json!({ "model_calls": 0, "input_tokens": 0, "output_tokens": 0, "cost_usd": 0.0 });
    let completed = json!({
        "seq": 1, "at": "2026-01-01T00:00:00Z", "kind": "run_completed", "result": "", "usage": usage, "duration_ms": 0,
    });
    let schema = json!({ "$ref": "#/components/schemas/List_Event" });
    let faults = |event: &Value| {
        let list = json!({ "items": [event], "next": null });
        faults("a list of events", &schema, &list).len()
    };
    assert_eq!(faults(&completed), 0);
    for (path, value) in
        [("/more", json!(1)), ("/usage/more", json!(1)), ("/at", json!("today")), ("/result", json!(1))]
    {
        let mut event = completed.clone();
        let (parent, name) = path.rsplit_once('/').unwrap();
        event.pointer_mut(parent).unwrap()[name] = value;
        assert!(faults(&event) > 0, "{path}");
    }
}
