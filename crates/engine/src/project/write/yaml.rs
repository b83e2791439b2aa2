//! JSON as YAML that people like to read: blocks of lines, short lists and maps in one line.
//!
//! `saphyr` has an emitter too. It cannot hold whole numbers above `i64::MAX`, leaves control
//! characters from U+0080 on as they are, which no file may hold, writes `1e300` with all its digits,
//! and gives each argument of a command a line of its own.

use serde_json::{Map, Value};

use super::scalar::{Among, block, line};

/// Letters of a line that holds a whole list or map. Longer ones have a line for each thing in them.
const LINE_CHARS_MAX: usize = 100;

/// Bytes of a key that can stand before its colon. YAML allows 1,024 characters, quotes included, and
/// counts them differently in different readers; a longer one is written as a question.
const KEY_BYTES_MAX: usize = 500;

/// Spaces by which what is inside stands further right.
const INDENT: usize = 2;

/// A project file as YAML.
pub(super) fn text(file: &Value) -> String {
    let mut writer = Writer { out: String::new() };
    match file {
        Value::Object(fields) => {
            for (key, value) in fields {
                // The sections of a file stand apart.
                if value.is_object() && writer.short(value).is_none() {
                    writer.out.push('\n');
                }
                writer.entry(key, value, 0);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            writer.value(file, 0);
        }
    }
    writer.out
}

struct Writer {
    out: String,
}

impl Writer {
    fn indent(&mut self, indent: usize) {
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    /// Writes a key and its value, where the line is already indented.
    fn entry(&mut self, key: &str, value: &Value, indent: usize) {
        let key = line(key, Among::Lines);
        if key.len() > KEY_BYTES_MAX {
            self.out.push_str("? ");
            self.out.push_str(&key);
            self.out.push('\n');
            self.indent(indent);
        } else {
            self.out.push_str(&key);
        }
        self.out.push(':');
        self.value(value, indent);
    }

    /// Writes what stands after a colon or a dash, and ends its line.
    fn value(&mut self, value: &Value, indent: usize) {
        match value {
            Value::String(text) => match block(text) {
                Some(header) => self.block(header, text, indent + INDENT),
                None => self.rest_of_line(&line(text, Among::Lines)),
            },
            Value::Null | Value::Bool(_) | Value::Number(_) => self.rest_of_line(&value.to_string()),
            Value::Array(items) => match self.short(value) {
                Some(short) => self.rest_of_line(&short),
                None => {
                    self.out.push('\n');
                    self.list(items, indent + INDENT);
                }
            },
            Value::Object(fields) => match self.short(value) {
                Some(short) => self.rest_of_line(&short),
                None => {
                    self.out.push('\n');
                    self.indent(indent + INDENT);
                    self.map(fields, indent + INDENT);
                }
            },
        }
    }

    fn rest_of_line(&mut self, text: &str) {
        self.out.push(' ');
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn block(&mut self, header: &str, text: &str, indent: usize) {
        self.rest_of_line(header);
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            if !line.is_empty() {
                self.indent(indent);
                self.out.push_str(line);
            }
            self.out.push('\n');
        }
    }

    fn list(&mut self, items: &[Value], indent: usize) {
        for item in items {
            self.indent(indent);
            self.out.push('-');
            match item {
                // The first field stands beside the dash.
                Value::Object(fields) if self.short(item).is_none() => {
                    self.out.push(' ');
                    self.map(fields, indent + INDENT);
                }
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::String(_)
                | Value::Array(_)
                | Value::Object(_) => self.value(item, indent),
            }
        }
    }

    /// Writes the fields of a map, where the first line is already indented.
    fn map(&mut self, fields: &Map<String, Value>, indent: usize) {
        for (index, (key, value)) in fields.iter().enumerate() {
            if index > 0 {
                self.indent(indent);
            }
            self.entry(key, value, indent);
        }
    }

    /// A list or map in one line, if nothing in it has parts of its own and it fits into this line.
    fn short(&self, value: &Value) -> Option<String> {
        let short = match value {
            Value::Array(items) => {
                let items: Option<Vec<String>> = items.iter().map(leaf).collect();
                format!("[{}]", items?.join(", "))
            }
            Value::Object(fields) if fields.is_empty() => "{}".to_owned(),
            Value::Object(fields) => {
                let entry = |(key, value): (&String, &Value)| {
                    Some(format!("{}: {}", line(key, Among::Brackets), leaf(value)?))
                };
                let entries: Option<Vec<String>> = fields.iter().map(entry).collect();
                format!("{{ {} }}", entries?.join(", "))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return None,
        };
        let before = self.out.rsplit('\n').next().unwrap_or("").chars().count();
        (before + 1 + short.chars().count() <= LINE_CHARS_MAX).then_some(short)
    }
}

/// A value without parts, as it stands in brackets.
fn leaf(value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::String(text) if text.contains('\n') => None,
        Value::String(text) => Some(line(text, Among::Brackets)),
        Value::Array(_) | Value::Object(_) => None,
    }
}
