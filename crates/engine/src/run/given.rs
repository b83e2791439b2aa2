//! What templates see of a run: nothing that is too long for a prompt.

use std::borrow::Cow;

use serde_json::Value;

use super::Run;
use crate::template::Names;
use crate::text::{TEXT_CHARS_MAX, cut};

/// What a template sees where a run has no input: a text that shows as nothing.
static NO_INPUT: Value = Value::String(String::new());

/// The values that a template sees.
pub(crate) struct Given<'r> {
    input: Cow<'r, Value>,
    results: Vec<(&'r str, Cow<'r, str>)>,
    memory: Vec<(&'r str, Cow<'r, Value>)>,
}

impl<'r> Given<'r> {
    /// Those of a run as it is now.
    pub(crate) fn of(run: &'r Run) -> Self {
        let input = if run.input().is_null() { &NO_INPUT } else { run.input() };
        let results = run.visits().filter_map(|visit| Some((visit.stage.as_str(), visit.result.as_deref()?)));
        // Hooks at the exit see what the stage is about to end with.
        let ending = run.stage().zip(run.work.as_ref().and_then(|work| work.completed_last.as_ref()));
        let ending = ending.map(|(stage, last)| (stage.id.as_str(), &*last.result));
        let results = results.chain(ending).map(|(stage, result)| (stage, cut(result, TEXT_CHARS_MAX, None)));
        let memory =
            run.memory().iter().map(|(key, shared)| (key.as_str(), short(shared.value.as_ref(), Some(key))));
        Self { input: short(input, Some("input")), results: results.collect(), memory: memory.collect() }
    }

    /// The same, as templates take it.
    pub(crate) fn names(&self) -> Names<'_> {
        Names {
            input: &self.input,
            results: self.results.iter().map(|(stage, result)| (*stage, result.as_ref())).collect(),
            memory: self.memory.iter().map(|(key, value)| (*key, value.as_ref())).collect(),
        }
    }
}

/// A value whose texts fit a prompt.
fn short<'v>(value: &'v Value, whole: Option<&str>) -> Cow<'v, Value> {
    match value {
        Value::String(text) => match cut(text, TEXT_CHARS_MAX, whole) {
            Cow::Borrowed(_) => Cow::Borrowed(value),
            Cow::Owned(text) => Cow::Owned(Value::String(text)),
        },
        Value::Array(_) | Value::Object(_) if has_long_text(value) => {
            let mut value = value.clone();
            shorten(&mut value);
            Cow::Owned(value)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Cow::Borrowed(value)
        }
    }
}

fn has_long_text(value: &Value) -> bool {
    match value {
        Value::String(text) => text.len() > TEXT_CHARS_MAX,
        Value::Array(items) => items.iter().any(has_long_text),
        Value::Object(fields) => fields.values().any(has_long_text),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn shorten(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(short) = cut(text, TEXT_CHARS_MAX, None) {
                *text = short;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(shorten),
        Value::Object(fields) => fields.values_mut().for_each(shorten),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
