//! Putting the values into a template.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;

use indexmap::IndexMap;
use minijinja::value::{Enumerator, Object, ObjectRepr, Rest, Serde};
use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value, filters,
};

use super::check::too_much;
use super::scan::{self, Scan};
use super::{FUEL, OUTPUT_BYTES_MAX, detail, environment, is_plain};

/// The values that a template sees. What is known and not there yet renders as nothing, so that a
/// stage may name one that comes later and leads back to it.
#[derive(Clone, Debug)]
pub struct Names<'a> {
    /// The input of the run.
    pub input: &'a serde_json::Value,
    /// The latest result of each stage, by its id.
    pub results: IndexMap<&'a str, &'a str>,
    /// Shared memory.
    pub memory: IndexMap<&'a str, &'a serde_json::Value>,
}

/// Why a template did not render.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TemplateError {
    /// What kind of failure it is.
    pub code: &'static str,
    /// The line within the template, from 1, where it is known.
    pub line: Option<u32>,
    /// What went wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// Renders a template. Texts stand as they are, all other values as compact JSON, and nothing is
/// escaped.
pub fn render(text: &str, names: &Names<'_>) -> Result<String, TemplateError> {
    if is_plain(text) {
        return Ok(text.to_owned());
    }
    let scan = scan::template(text);
    if let Some((_, allowed)) = too_much(text, &scan) {
        return Err(too_large(format!("The template is too large: {allowed}.")));
    }
    let environment = environment();
    let values = values(names, &scan);
    let mut out = Bounded::default();
    let rendered = environment
        .template_from_str(text)
        .and_then(|template| template.render_captured_to(values, &mut out).map(|_| ()));
    match rendered {
        Ok(()) => Ok(out.into_text()),
        Err(_) if out.is_full => {
            Err(too_large(format!("The template renders to more than {OUTPUT_BYTES_MAX} bytes.")))
        }
        Err(error) => Err(failure(&error, names, &scan)),
    }
}

pub(super) fn too_large(message: String) -> TemplateError {
    let hint = Some("Make the template shorter, or let it loop over less.".to_owned());
    TemplateError { code: "template_too_large", line: None, message, hint }
}

fn failure(error: &Error, names: &Names<'_>, scan: &Scan<'_>) -> TemplateError {
    let line = error.line().and_then(|line| u32::try_from(line).ok());
    if error.kind() == ErrorKind::OutOfFuel {
        return TemplateError { line, ..too_large("The template takes too long to render.".to_owned()) };
    }
    if error.kind() == ErrorKind::UndefinedError {
        let message = match missing_in_input(names, scan) {
            Some(part) => format!("The template names \"input.{part}\", and the input has no \"{part}\"."),
            None => "The template names a value that is not there.".to_owned(),
        };
        let hint = "Give it with the input, or write {{ input.name | default(\"…\") }}.".to_owned();
        return TemplateError { code: "template_value_missing", line, message, hint: Some(hint) };
    }
    let message = format!("The template cannot be rendered: {}.", detail(error));
    TemplateError { code: "template_failed", line, message, hint: None }
}

/// The first part of the input that the template names and that is not there. The engine's own
/// error does not say which it was.
fn missing_in_input<'t>(names: &Names<'_>, scan: &Scan<'t>) -> Option<&'t str> {
    let of_input = scan.names.iter().filter(|mention| mention.name.text == "input");
    of_input
        .filter_map(|mention| mention.part)
        .map(|part| part.text)
        .find(|part| names.input.get(part).is_none())
}

/// Sets up what every template finds: nothing is escaped, names must exist, work is bounded.
pub(super) fn prepare(environment: &mut Environment<'_>) {
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_fuel(Some(FUEL));
    environment.set_formatter(write_value);
    for name in ["default", "d"] {
        environment.add_filter(name, default);
    }
    environment.add_test("defined", |value: &Value| !value.is_undefined() && !is_absent(value));
    environment.add_test("undefined", |value: &Value| value.is_undefined() || is_absent(value));
}

/// The values that the template mentions; copying the others would be for nothing.
fn values(names: &Names<'_>, scan: &Scan<'_>) -> Value {
    let mentions = |name: &str| scan.names.iter().any(|mention| mention.name.text == name);
    let input = if mentions("input") { from_json(names.input) } else { Value::from(()) };
    let results = keyed(scan, "results", &names.results, |text| Value::from(*text));
    let memory = keyed(scan, "memory", &names.memory, |value| from_json(value));
    Value::from(BTreeMap::from([("input", input), ("results", results), ("memory", memory)]))
}

fn from_json(value: &serde_json::Value) -> Value {
    match value {
        serde_json::Value::String(text) => Value::from(text.as_str()),
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::Array(_)
        | serde_json::Value::Object(_) => Value::from(Serde(value)),
    }
}

/// The values under one name: those whose keys are written out, or all where the template goes
/// through them.
fn keyed<T>(scan: &Scan<'_>, name: &str, all: &IndexMap<&str, T>, value: impl Fn(&T) -> Value) -> Value {
    let mentions: Vec<_> = scan.names.iter().filter(|mention| mention.name.text == name).collect();
    let takes_all = mentions.iter().any(|mention| mention.part.is_none());
    let is_taken = |key: &str| {
        takes_all || mentions.iter().any(|mention| mention.part.is_some_and(|part| part.text == key))
    };
    let taken = all.iter().filter(|(key, _)| is_taken(key));
    Value::from_object(Keyed(taken.map(|(key, of)| ((*key).to_owned(), value(of))).collect()))
}

/// Values by key; a key that is not there yet gives [`Absent`].
#[derive(Debug)]
struct Keyed(BTreeMap<String, Value>);

impl Object for Keyed {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        Some(self.0.get(key).cloned().unwrap_or_else(|| Value::from_object(Absent)))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.0.keys().map(|key| Value::from(key.as_str())).collect())
    }
}

/// A value that is known and not there yet: empty however it is looked at.
#[derive(Debug)]
struct Absent;

impl Object for Absent {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Iterable
    }

    fn get_value(self: &Arc<Self>, _: &Value) -> Option<Value> {
        Some(Value::from_object(Self))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Empty
    }

    fn render(self: &Arc<Self>, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

fn is_absent(value: &Value) -> bool {
    value.downcast_object_ref::<Absent>().is_some()
}

/// The engine's own filter, for which what is not there yet counts as undefined.
fn default(state: &State<'_, '_>, value: &Value, rest: Rest<Value>) -> Result<Value, Error> {
    let value = if is_absent(value) { &Value::UNDEFINED } else { value };
    filters::default(state, value, rest)
}

/// Writes a value: text as it is, nothing for what is not there yet, JSON for all else.
fn write_value(out: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    if value.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    if is_absent(value) {
        return Ok(());
    }
    if let Some(text) = value.as_str() {
        return Ok(out.write_str(text)?);
    }
    let mut json = Bounded::default();
    serde_json::to_writer(&mut json, value).map_err(|error| {
        Error::new(ErrorKind::BadSerialization, "a value cannot be written as JSON").with_source(error)
    })?;
    Ok(out.write_str(&json.into_text())?)
}

/// Bytes up to [`OUTPUT_BYTES_MAX`].
#[derive(Default)]
pub(super) struct Bounded {
    bytes: Vec<u8>,
    pub(super) is_full: bool,
}

impl Bounded {
    pub(super) fn into_text(self) -> String {
        // The engine writes whole texts, so that no character is cut.
        String::from_utf8(self.bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > OUTPUT_BYTES_MAX {
            self.is_full = true;
            return Err(io::Error::other("the text is too long"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
