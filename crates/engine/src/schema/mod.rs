//! JSON Schema: whether a schema is one, and what is wrong with a value.
//!
//! Schemas come from project files and from the servers of tools, and values from models, so that all
//! of them are bounded before they are followed. Nothing is ever fetched: a schema refers to its own
//! parts alone. Formats say what is meant and are not checked, as the specification has it.

mod bounds;
#[cfg(test)]
mod tests;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{PatternOptions, ValidationError, Validator};
use serde_json::{Map, Value, json};

/// Mistakes of a value that are told at once. Whoever mends them asks again.
pub const MISTAKES_MAX: usize = 10;

/// Mistakes that are looked at to find those that are told: a value of a megabyte can have as many.
const MISTAKES_SEEN_MAX: usize = 1_000;

/// Letters of one sentence. A model reads it, and the schema is at hand for the rest.
const SENTENCE_CHARS_MAX: usize = 400;

/// Steps back that a pattern may take on one text, so that a careless one fails instead of standing
/// still.
const BACKTRACK_MAX: usize = 100_000;

/// Bytes of a pattern once it is compiled; a careless repetition would take gigabytes.
const PATTERN_BYTES_MAX: usize = 1 << 20;

/// Whether something is a valid JSON Schema that can be followed here; what is wrong if it is not.
pub fn check_schema(schema: &Value) -> Result<(), String> {
    compile(schema).map(|_| ())
}

/// What is wrong with a value: at most [`MISTAKES_MAX`] sentences, each with the path in the value and
/// what was expected there. None for a value that fits.
pub fn mistakes(schema: &Value, value: &Value) -> Vec<String> {
    let validator = match compile(schema) {
        Ok(validator) => validator,
        Err(why) => return vec![format!("The schema cannot be followed: {why}")],
    };
    if !bounds::is_shallow(value) {
        return vec![format!("The value is nested deeper than {} levels.", bounds::DEPTH_MAX)];
    }
    let mut found: Vec<(String, String)> = validator
        .iter_errors(value)
        .take(MISTAKES_SEEN_MAX)
        .map(|error| (path_text(error.instance_path().as_str()), sentence(&error)))
        .collect();
    // The order in which parts of a schema are looked at is not promised.
    found.sort();
    found.dedup();
    found.into_iter().take(MISTAKES_MAX).map(|(path, what)| cut(&format!("{path}: {what}"))).collect()
}

/// The schema of the arguments that a tool takes: an object with these parameters and no others, all of
/// them needed unless they have a default.
pub fn of_parameters(parameters: &Map<String, Value>) -> Value {
    let needed = parameters.iter().filter(|(_, schema)| schema.get("default").is_none());
    let needed: Vec<&String> = needed.map(|(name, _)| name).collect();
    json!({ "type": "object", "properties": parameters, "required": needed, "additionalProperties": false })
}

fn compile(schema: &Value) -> Result<Validator, String> {
    if !schema.is_object() && !schema.is_boolean() {
        return Err("A schema is a map.".to_owned());
    }
    bounds::check(schema)?;
    let patterns = PatternOptions::fancy_regex().backtrack_limit(BACKTRACK_MAX).size_limit(PATTERN_BYTES_MAX);
    let options = jsonschema::options().offline().with_pattern_options(patterns);
    options.build(schema).map_err(|error| {
        let (path, what) = (path_text(error.instance_path().as_str()), sentence(&error));
        cut(&format!("{path}: {what}"))
    })
}

/// A JSON Pointer as people read it, such as `items[1].name`.
fn path_text(pointer: &str) -> String {
    let mut text = String::new();
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        if !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit()) {
            text.push_str(&format!("[{step}]"));
        } else {
            if !text.is_empty() {
                text.push('.');
            }
            text.push_str(&step);
        }
    }
    if text.is_empty() { "the whole".to_owned() } else { text }
}

/// What was expected, in a sentence that does not repeat the value: it may be long.
fn sentence(error: &ValidationError<'_>) -> String {
    match error.kind() {
        ValidationErrorKind::Type { kind } => format!("This should be {}.", types(kind)),
        ValidationErrorKind::Required { property } => format!("The key {property} is missing."),
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            format!("These keys are not known here: {}.", unexpected.join(", "))
        }
        ValidationErrorKind::Enum { options } => format!("This should be one of {options}."),
        ValidationErrorKind::Constant { expected_value } => format!("This should be {expected_value}."),
        ValidationErrorKind::Pattern { pattern } => format!("This should fit the pattern {pattern}."),
        ValidationErrorKind::AnyOf { .. } | ValidationErrorKind::OneOfNotValid { .. } => {
            "This fits none of the schemas that it may fit.".to_owned()
        }
        ValidationErrorKind::OneOfMultipleValid { .. } => {
            "This fits more than one of the schemas of which it may fit one.".to_owned()
        }
        ValidationErrorKind::Not { .. } => "This fits a schema that it must not fit.".to_owned(),
        ValidationErrorKind::FalseSchema => "Nothing may stand here.".to_owned(),
        ValidationErrorKind::Contains => "None of the items is what is looked for.".to_owned(),
        ValidationErrorKind::UniqueItems => "No item may stand here twice.".to_owned(),
        ValidationErrorKind::MinItems { limit } => format!("There should be at least {limit} items."),
        ValidationErrorKind::MaxItems { limit } => format!("There should be at most {limit} items."),
        ValidationErrorKind::AdditionalItems { limit } => format!("There should be at most {limit} items."),
        ValidationErrorKind::UnevaluatedItems { .. } => "There are more items than there may be.".to_owned(),
        ValidationErrorKind::MinLength { limit } => format!("This should have at least {limit} characters."),
        ValidationErrorKind::MaxLength { limit } => format!("This should have at most {limit} characters."),
        ValidationErrorKind::MinProperties { limit } => format!("There should be at least {limit} keys."),
        ValidationErrorKind::MaxProperties { limit } => format!("There should be at most {limit} keys."),
        ValidationErrorKind::Minimum { limit } => format!("This should be {limit} or more."),
        ValidationErrorKind::Maximum { limit } => format!("This should be {limit} or less."),
        ValidationErrorKind::ExclusiveMinimum { limit } => format!("This should be more than {limit}."),
        ValidationErrorKind::ExclusiveMaximum { limit } => format!("This should be less than {limit}."),
        ValidationErrorKind::MultipleOf { multiple_of } => {
            format!("This should be a multiple of {multiple_of}.")
        }
        ValidationErrorKind::PropertyNames { error } => {
            format!("A key cannot be called so: {}", sentence(error))
        }
        ValidationErrorKind::Format { format } => format!("This should be of the format {format}."),
        ValidationErrorKind::BacktrackLimitExceeded { .. }
        | ValidationErrorKind::RegexEngineFailure { .. } => {
            "The pattern takes too long on this text.".to_owned()
        }
        ValidationErrorKind::ContentEncoding { .. }
        | ValidationErrorKind::ContentMediaType { .. }
        | ValidationErrorKind::Custom { .. }
        | ValidationErrorKind::FromUtf8 { .. }
        | ValidationErrorKind::Referencing(_) => format!("{}.", error.masked_with("this")),
    }
}

/// The types that a value may have.
fn types(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(one) => format!("of the type {one}"),
        TypeKind::Multiple(several) => {
            let several: Vec<String> = several.iter().map(|one| one.to_string()).collect();
            format!("of one of the types {}", several.join(", "))
        }
    }
}

/// A sentence without what is beyond its bound.
fn cut(sentence: &str) -> String {
    match sentence.char_indices().nth(SENTENCE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &sentence[..end]),
        None => sentence.to_owned(),
    }
}
