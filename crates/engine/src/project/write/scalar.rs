//! How a text is written in YAML so that every reader reads the same text, and no other type.

use std::fmt::Write as _;

use crate::project::yaml::Kind;
use crate::project::yaml::{Plain, plain};

/// Where a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Among {
    /// Lines of its own.
    Lines,
    /// Others in brackets or braces, where commas and brackets have a meaning.
    Brackets,
}

/// Words that older readers of YAML take for true or false, for nothing, or for the merging of maps.
const OLD_WORDS: [&str; 10] = ["yes", "no", "on", "off", "y", "n", "null", "true", "false", "~"];

/// A text in one line: as it is, or in quotes where it would be read as something else.
pub(super) fn line(text: &str, among: Among) -> String {
    if is_plain(text, among) {
        return text.to_owned();
    }
    let has_escapes = text.chars().any(needs_escape);
    if !has_escapes && text.contains(['"', '\\']) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    in_double_quotes(text)
}

/// The header of a block of lines, if a text can be one: what stands after the key, before its lines.
pub(super) fn block(text: &str) -> Option<&'static str> {
    let has_odd =
        text.chars().any(|character| character != '\n' && character != '\t' && needs_escape(character));
    // A block of more than one empty line at its end would swallow the empty lines after it.
    if !text.contains('\n') || text.ends_with("\n\n") || text.trim_matches('\n').is_empty() || has_odd {
        return None;
    }
    let starts_with_space = text.trim_start_matches('\n').starts_with([' ', '\t']);
    Some(match (starts_with_space, text.ends_with('\n')) {
        (false, true) => "|",
        (false, false) => "|-",
        (true, true) => "|2",
        (true, false) => "|2-",
    })
}

/// Whether a text can stand without quotes, in this reader's eyes and in those of others.
fn is_plain(text: &str, among: Among) -> bool {
    let first_is_ordinary = text
        .starts_with(|first: char| first.is_alphanumeric() || matches!(first, '_' | '/' | '(' | '$' | '+'));
    let looks_like_date_or_time = text.starts_with(|first: char| first.is_ascii_digit() || first == '+')
        && text.chars().all(|character| {
            character.is_ascii_digit()
                || matches!(character, '-' | ':' | '.' | '+' | '_' | ' ' | ',' | 'T' | 'Z' | 'e' | 'E')
        });
    first_is_ordinary
        && !looks_like_date_or_time
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.chars().any(needs_escape)
        && (among == Among::Lines || is_plain_in_brackets(text))
        && !OLD_WORDS.contains(&text.to_ascii_lowercase().as_str())
        && matches!(plain(text), Plain::Value(Kind::Text(_)))
}

/// Whether a text, among those that can stand without quotes, can do so in brackets as well: readers
/// differ in what they make of most signs there.
fn is_plain_in_brackets(text: &str) -> bool {
    let is_word =
        |character: char| character.is_alphanumeric() || matches!(character, ' ' | '_' | '-' | '.' | '/');
    text.chars().all(is_word) && !text.contains(" -")
}

/// The characters that cannot stand as they are, or that nobody would see: controls, line breaks of
/// every kind, the byte order mark, and what is no character at all.
fn needs_escape(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{FEFF}')
        || u32::from(character) & 0xFFFE == 0xFFFE
}

fn in_double_quotes(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if needs_escape(character) => {
                let code = u32::from(character);
                // Writing into a String does not fail.
                let _ = match code {
                    0..=0xFF => write!(out, "\\x{code:02X}"),
                    0x100..=0xFFFF => write!(out, "\\u{code:04X}"),
                    _ => write!(out, "\\U{code:08X}"),
                };
            }
            _ => out.push(character),
        }
    }
    out.push('"');
    out
}
