//! A value that a JSON Schema asks for.
//!
//! Enough of the language for the schemas that people write for results: types, properties, items,
//! choices and the smallest numbers and lengths. Patterns, formats and references are not followed.

use serde_json::{Map, Value};

/// How deep a value goes: deeper than results that people read, and an end for schemas without one.
const DEPTH_MAX: u32 = 8;

/// The longest list: one that asks for a million items asks in vain.
const ITEMS_MAX: u64 = 8;

/// A value of that schema, with that text where text is asked for.
pub(super) fn example(schema: &Value, text: &str) -> Value {
    at_depth(schema, text, 0)
}

fn at_depth(schema: &Value, text: &str, depth: u32) -> Value {
    if let Some(value) = schema.get("const").or_else(|| schema["enum"].get(0)) {
        return value.clone();
    }
    for choice in ["anyOf", "oneOf", "allOf"] {
        if let Some(first) = schema[choice].get(0).filter(|_| depth < DEPTH_MAX) {
            return at_depth(first, text, depth + 1);
        }
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"].get(0)?.as_str());
    let shape = if schema["properties"].is_object() { "object" } else { "string" };
    match kind.unwrap_or(shape) {
        "object" => object(schema, text, depth),
        "array" if depth < DEPTH_MAX => {
            let items = schema["minItems"].as_u64().unwrap_or(1).min(ITEMS_MAX);
            (0..items).map(|_| at_depth(&schema["items"], text, depth + 1)).collect()
        }
        "array" => Value::Array(Vec::new()),
        "integer" => schema["minimum"].as_i64().unwrap_or(1).into(),
        "number" => schema.get("minimum").cloned().unwrap_or(Value::from(1)),
        "boolean" => true.into(),
        "null" => Value::Null,
        _ => match schema["maxLength"].as_u64() {
            Some(longest) => {
                text.chars().take(usize::try_from(longest).unwrap_or(usize::MAX)).collect::<String>().into()
            }
            None => text.into(),
        },
    }
}

fn object(schema: &Value, text: &str, depth: u32) -> Value {
    let mut object = Map::new();
    if depth < DEPTH_MAX {
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            // A whole text in every field would be long to read; its first sentence will do there.
            let sentence = text.split_inclusive(". ").next().unwrap_or(text).trim();
            object.insert(name.clone(), at_depth(property, sentence, depth + 1));
        }
    }
    object.into()
}
