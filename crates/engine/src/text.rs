//! Texts at a length that a model can read: cut with a visible mark, and read on from there.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde_json::Value;

/// The longest text of one kind in a prompt: some 25,000 tokens, so that a handful of them still fits
/// the models of today. A model that reads less gets less.
pub const TEXT_CHARS_MAX: usize = 100_000;

/// The longest task or directive, filled in: its author chose what is in it.
pub const TASK_CHARS_MAX: usize = 2 * TEXT_CHARS_MAX;

/// Longer than the mark of a cut: nothing is cut for as little as the mark takes, and so nothing twice.
const CUT_CHARS_MIN: usize = 200;

/// A text at a length that fits a prompt, with a visible mark where it was cut, and the key under which
/// the whole is read.
pub(crate) fn cut<'t>(text: &'t str, chars_max: usize, whole: Option<&str>) -> Cow<'t, str> {
    // Counting bytes first spares counting the characters of every short text.
    if text.len() <= chars_max {
        return Cow::Borrowed(text);
    }
    let Some((end, _)) = text.char_indices().nth(chars_max) else { return Cow::Borrowed(text) };
    let left_out = text[end..].chars().count();
    if left_out < CUT_CHARS_MIN {
        return Cow::Borrowed(text);
    }
    let mut short = format!("{}\n[cut here: {left_out} more characters are not shown", &text[..end]);
    if let Some(key) = whole {
        // Writing into a String does not fail.
        let _ = write!(short, "; read_memory gives them, with key {key:?} and from {chars_max}");
    }
    short.push(']');
    Cow::Owned(short)
}

/// A part of a text, from so many characters on.
pub(crate) fn part(text: &str, from: usize, chars_max: usize) -> String {
    let Some((begin, _)) = text.char_indices().nth(from).or((from == 0).then_some((0, ' '))) else {
        return format!("[the text has no more than {} characters]", text.chars().count());
    };
    let text = &text[begin..];
    match text.char_indices().nth(chars_max) {
        None => text.to_owned(),
        Some((end, _)) => {
            let left = text[end..].chars().count();
            format!("{}\n[{left} more characters; read on with from {}]", &text[..end], from + chars_max)
        }
    }
}

/// A value as an agent reads it: a text as it is, anything else as JSON.
pub(crate) fn value_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{TEXT_CHARS_MAX, cut, part};

    #[test]
    fn a_long_text_is_cut_with_a_visible_mark() {
        let text = "ä".repeat(TEXT_CHARS_MAX + 300);
        let once = cut(&text, TEXT_CHARS_MAX, None);
        assert!(once.ends_with("[cut here: 300 more characters are not shown]"));
        assert!(once.starts_with(&"ä".repeat(TEXT_CHARS_MAX)));
        assert_eq!(cut(&once, TEXT_CHARS_MAX, None), once, "what was cut is not cut again");
    }

    #[test]
    fn the_rest_of_a_text_that_was_cut_is_read_part_by_part() {
        let text = format!("{}{}", "a".repeat(300), "b".repeat(300));
        assert!(cut(&text, 300, Some("input")).ends_with("key \"input\" and from 300]"));
        assert_eq!(part(&text, 300, 1000), "b".repeat(300));
        assert_eq!(part(&text, 0, 1), "a\n[599 more characters; read on with from 1]");
        assert_eq!(part(&text, 600, 10), "[the text has no more than 600 characters]");
        assert_eq!(part("", 0, 10), "");
    }
}
