//! What JSON can write and YAML cannot: a character as two surrogate escapes, and as they are some
//! characters that a YAML file must escape.
//!
//! Programs that write JSON in ASCII write every emoji so. Such a pair becomes YAML's `\U` escape,
//! which is two characters shorter; the columns after it are put right again.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use crate::project::mistake::Place;

/// Characters by which YAML's escape is shorter than JSON's pair.
const SHORTER: u32 = 2;

/// A text that YAML can read, and where it became shorter.
pub(super) struct Readable<'a> {
    /// The text.
    pub(super) text: Cow<'a, str>,
    /// The places just after each pair, in the text as it is now, in order.
    shortened: Vec<Place>,
}

impl<'a> Readable<'a> {
    /// Rewrites the surrogate pairs of a text, if it is JSON and has any.
    pub(super) fn of(text: &'a str) -> Self {
        let as_it_is = Self { text: Cow::Borrowed(text), shortened: Vec::new() };
        let may_have_pairs = text.contains("\\uD") || text.contains("\\ud");
        if !may_have_pairs || !is_json(text) {
            return as_it_is;
        }
        rewrite(text)
    }

    /// Where something is in the file, by where it is in the text.
    pub(super) fn in_file(&self, at: Place) -> Place {
        let before = self.shortened.partition_point(|pair| *pair <= at);
        let on_lines_before = self.shortened.partition_point(|pair| pair.line < at.line);
        let pairs = u32::try_from(before - on_lines_before).unwrap_or(0);
        Place { column: at.column + pairs * SHORTER, ..at }
    }
}

/// Whether a text is JSON. Programs that write JSON escape only what it forbids, so that every other
/// character may stand in its texts as it is, however odd.
pub(super) fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Rewrites every surrogate pair. In JSON a backslash is always the first of an escape.
fn rewrite(text: &str) -> Readable<'_> {
    let mut out = String::with_capacity(text.len());
    let mut shortened = Vec::new();
    let (mut line, mut column) = (1, 1);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (piece, length) = match pair(rest) {
            Some(character) => (Cow::Owned(format!("\\U{:08X}", u32::from(character))), PAIR_LENGTH),
            // An escape goes over whole, so that an escaped backslash does not begin another.
            None if first == '\\' => (Cow::Borrowed(&rest[..2]), 2),
            None => (Cow::Borrowed(&rest[..first.len_utf8()]), first.len_utf8()),
        };
        out.push_str(&piece);
        rest = &rest[length..];
        if first == '\n' {
            (line, column) = (line + 1, 1);
        } else {
            column += u32::try_from(piece.chars().count()).unwrap_or(0);
        }
        if length == PAIR_LENGTH {
            shortened.push(Place { line, column });
        }
    }
    Readable { text: Cow::Owned(out), shortened }
}

/// The length of `\uD83D\uDE00`.
const PAIR_LENGTH: usize = 12;

/// The character that the surrogate pair at the start of `text` stands for.
fn pair(text: &str) -> Option<char> {
    let escapes = text.get(..PAIR_LENGTH)?;
    let high = escapes.strip_prefix("\\u")?.get(..4)?;
    let low = escapes.get(6..)?.strip_prefix("\\u")?;
    let units = [u16::from_str_radix(high, 16).ok()?, u16::from_str_radix(low, 16).ok()?];
    let mut decoded = char::decode_utf16(units);
    match (decoded.next(), decoded.next()) {
        (Some(Ok(character)), None) => Some(character),
        _ => None,
    }
}
