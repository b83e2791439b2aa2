//! Values that many fields hold: texts, names, numbers, choices, lists and maps of things.

use indexmap::IndexMap;
use jiff::Timestamp;
use jiff::tz::TimeZoneDatabase;
use serde_json::{Map, Value};

use super::Reader;
use crate::project::mistake::{Mistake, Place};
use crate::project::yaml::{Kind, Node};
use crate::time::Time;

/// Letters of a name. Names stand in addresses, events and on buttons.
pub const NAME_CHARS_MAX: usize = 64;

/// The longest time that a field in seconds can say: a year. A longer one is a slip.
pub(super) const SECONDS_MAX: u64 = 366 * 24 * 60 * 60;

/// The largest count that a field can say; a larger one is a slip, and sums of them stay small.
pub(super) const COUNT_MAX: u64 = 1_000_000_000;

/// Any text.
pub(super) fn text(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    match &node.kind {
        Kind::Text(text) => Some(text.text.to_string()),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) => {
            let message = format!("This is {}.", node.kind.name());
            let mistake = Mistake::error(node.at, "wrong_type", message).expected("text");
            reader.add(mistake.hint("Put it in quotes."));
            None
        }
        Kind::List(_) | Kind::Map(_) => {
            let mistake = Mistake::error(node.at, "wrong_type", format!("This is {}.", node.kind.name()));
            reader
                .add(mistake.expected("text").hint("Put a text that begins with \"{\" or \"[\" in quotes."));
            None
        }
    }
}

/// Text that says something.
pub(super) fn words(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let text = text(reader, node)?;
    if text.trim().is_empty() {
        reader.add(
            Mistake::error(node.at, "empty_text", "This text is empty.")
                .hint("Write something, or remove the key."),
        );
        return None;
    }
    Some(text)
}

/// Whether a text can be a name of a model, tool, team, agent, workflow, trigger, stage or secret:
/// letters, digits, `-` and `_`, at most [`NAME_CHARS_MAX`].
pub fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= NAME_CHARS_MAX
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// The mistake of a text that cannot be a name.
pub(super) fn bad_name(at: Place, text: &str) -> Mistake {
    Mistake::error(at, "bad_name", format!("\"{text}\" cannot be a name."))
        .expected(format!("letters, digits, \"-\" and \"_\", at most {NAME_CHARS_MAX}"))
}

/// A name.
pub(super) fn name(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let name = match &node.kind {
        // A name of digits is still a name, and so is `true`.
        Kind::Number(number) => number.to_string(),
        Kind::Null | Kind::Bool(_) | Kind::Text(_) | Kind::List(_) | Kind::Map(_) => text(reader, node)?,
    };
    if is_name(&name) {
        return Some(name);
    }
    reader.add(bad_name(node.at, &name));
    None
}

/// True or false.
pub(super) fn boolean(reader: &mut Reader<'_>, node: &Node) -> Option<bool> {
    match node.kind {
        Kind::Bool(value) => Some(value),
        Kind::Null | Kind::Number(_) | Kind::Text(_) | Kind::List(_) | Kind::Map(_) => {
            reader.wrong_type(node, "true or false");
            None
        }
    }
}

/// A whole number from `least` to `most`.
pub(super) fn whole(least: u64, most: u64) -> impl FnOnce(&mut Reader<'_>, &Node) -> Option<u64> {
    move |reader, node| {
        let Kind::Number(number) = &node.kind else {
            reader.wrong_type(node, "a whole number");
            return None;
        };
        match number.as_u64() {
            Some(value) if (least..=most).contains(&value) => Some(value),
            Some(_) | None => {
                let mistake = Mistake::error(node.at, "out_of_range", format!("{number} cannot stand here."));
                reader.add(mistake.expected(format!("a whole number from {least} to {most}")));
                None
            }
        }
    }
}

/// A count from 1.
pub(super) fn count(reader: &mut Reader<'_>, node: &Node) -> Option<u32> {
    whole(1, COUNT_MAX)(reader, node).and_then(|value| u32::try_from(value).ok())
}

/// Seconds, at least one.
pub(super) fn seconds(reader: &mut Reader<'_>, node: &Node) -> Option<u64> {
    whole(1, SECONDS_MAX)(reader, node)
}

/// US dollars.
pub(super) fn dollars(reader: &mut Reader<'_>, node: &Node) -> Option<f64> {
    let Kind::Number(number) = &node.kind else {
        reader.wrong_type(node, "a number of US dollars");
        return None;
    };
    match number.as_f64() {
        Some(value) if (0.0..=COUNT_MAX as f64).contains(&value) => Some(value),
        Some(_) | None => {
            let mistake = Mistake::error(node.at, "out_of_range", format!("{number} cannot stand here."));
            reader.add(mistake.expected(format!("a number of US dollars from 0 to {COUNT_MAX}")));
            None
        }
    }
}

/// One of a few words.
pub(super) fn one_of<T: Copy>(choices: &[(&str, T)]) -> impl FnOnce(&mut Reader<'_>, &Node) -> Option<T> {
    move |reader, node| {
        let known = || choices.iter().map(|(word, _)| *word);
        let expected = format!("one of {}", known().collect::<Vec<_>>().join(", "));
        let Kind::Text(text) = &node.kind else {
            reader.wrong_type(node, &expected);
            return None;
        };
        let found = choices.iter().find(|(word, _)| *word == &*text.text);
        if found.is_none() {
            let nearest = reader.mistakes.nearest(&text.text, known());
            let message = format!("\"{}\" is not known here.", text.text);
            reader.add(Mistake::error(node.at, "unknown_value", message).expected(expected).meant(nearest));
        }
        found.map(|(_, value)| *value)
    }
}

/// A list of things; what is broken is left out.
pub(super) fn list<T>(
    what: &str,
    read: impl Fn(&mut Reader<'_>, &Node) -> Option<T>,
) -> impl FnOnce(&mut Reader<'_>, &Node) -> Option<Vec<T>> {
    move |reader, node| {
        let Kind::List(items) = &node.kind else {
            reader.wrong_type(node, &format!("a list of {what}"));
            return None;
        };
        let each = items.iter().enumerate();
        Some(each.filter_map(|(index, item)| reader.within(index, |reader| read(reader, item))).collect())
    }
}

/// A map of named things; what is broken is left out.
pub(super) fn named<T>(
    what: &str,
    read: impl Fn(&mut Reader<'_>, &str, &Node) -> Option<T>,
) -> impl FnOnce(&mut Reader<'_>, &Node) -> Option<IndexMap<String, T>> {
    move |reader, node| {
        let Kind::Map(entries) = &node.kind else {
            reader.wrong_type(node, &format!("a map of {what} by name"));
            return None;
        };
        let mut named = IndexMap::with_capacity(entries.len());
        for (key, value) in entries.iter() {
            let thing = reader.within(&*key.text, |reader| {
                if !is_name(&key.text) {
                    reader.add(bad_name(key.at, &key.text));
                }
                read(reader, &key.text, value)
            });
            if let Some(thing) = thing {
                named.insert(key.text.to_string(), thing);
            }
        }
        Some(named)
    }
}

/// Any map of JSON.
pub(super) fn object(reader: &mut Reader<'_>, node: &Node) -> Option<Map<String, Value>> {
    match node.to_json() {
        Value::Object(map) => Some(map),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            reader.wrong_type(node, "a map");
            None
        }
    }
}

/// Any value.
pub(super) fn json(_: &mut Reader<'_>, node: &Node) -> Option<Value> {
    Some(node.to_json())
}

/// A moment.
pub(super) fn time(reader: &mut Reader<'_>, node: &Node) -> Option<Time> {
    let text = text(reader, node)?;
    match text.parse::<Timestamp>() {
        Ok(timestamp) => Some(Time::from_millis(timestamp.as_millisecond())),
        Err(_) => {
            let mistake = Mistake::error(node.at, "bad_time", format!("\"{text}\" is not a moment."));
            reader.add(mistake.expected("a date, a time and an offset, such as 2026-01-31T09:00:00+01:00"));
            None
        }
    }
}

/// The name of a time zone that there is, written as it is known.
pub(super) fn timezone(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let text = text(reader, node)?;
    let expected = "a name such as Europe/Paris, America/New_York or UTC";
    if !is_timezone(&text) {
        let message = format!("\"{text}\" is not the name of a time zone.");
        reader.add(Mistake::error(node.at, "bad_timezone", message).expected(expected));
        return None;
    }
    // The zones that come with the program, so that a file is right on every machine or on none.
    let zones = TimeZoneDatabase::bundled();
    let names: Vec<_> = zones.available().collect();
    let mut known = names.iter().map(|zone| zone.as_str());
    if known.clone().any(|zone| zone == text) {
        return Some(text);
    }
    let same = known.find(|zone| zone.eq_ignore_ascii_case(&text));
    let nearest = same.or_else(|| reader.mistakes.nearest(&text, names.iter().map(|zone| zone.as_str())));
    let message = format!("There is no time zone \"{text}\".");
    let mistake = Mistake::error(node.at, "unknown_timezone", message).expected(expected);
    reader.add(mistake.meant(nearest));
    None
}

fn is_timezone(text: &str) -> bool {
    // A plus stands in Etc/GMT+5 alone; UTC+2 is not a zone.
    let plus_is_right = !text.contains('+') || text.starts_with("Etc/GMT+");
    let part = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphabetic())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-+".contains(&byte))
    };
    text.len() <= NAME_CHARS_MAX && plus_is_right && text.split('/').all(part)
}

/// An address that begins with `http://` or `https://`, without a slash at its end.
pub(super) fn address(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    url(reader, node).map(|url| url.trim_end_matches('/').to_owned())
}

/// An address that begins with `http://` or `https://`, as it is.
pub(super) fn url(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let text = text(reader, node)?;
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or(""));
    let Some(host) = host.filter(|host| !host.is_empty() && !text.contains(char::is_whitespace)) else {
        let mistake = Mistake::error(node.at, "bad_address", "This is not the address of a server.");
        reader.add(mistake.expected("an address that begins with http:// or https://"));
        return None;
    };
    if host.contains('@') {
        // The address is not repeated: it holds a password.
        let mistake = Mistake::error(node.at, "key_in_file", "This address holds a name or a password.");
        reader.add(
            mistake.hint("Never write keys or passwords into the file. Use \"api_key: { env: NAME }\"."),
        );
        return None;
    }
    Some(text)
}

/// The program to start, with its arguments.
pub(super) fn command(reader: &mut Reader<'_>, node: &Node) -> Option<Vec<String>> {
    let command = list("texts: the program and its arguments", text)(reader, node)?;
    if command.first().is_none_or(|program| program.trim().is_empty()) {
        let mistake = Mistake::error(node.at, "empty_text", "This command names no program.");
        reader
            .add(mistake.hint("Write the program first, then its arguments, such as [./lookup.sh, --fast]."));
        return None;
    }
    Some(command)
}
