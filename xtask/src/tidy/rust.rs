//! As much of Rust's grammar as the rules need: what is code, comment, literal or test.
//!
//! It does not parse. A file that rustc accepts is divided rightly; any other is rustc's to refuse.

use std::ops::Range;

/// What a stretch of a file is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Code,
    Comment,
    Literal,
}

/// The text with comments and literals blanked; every byte and line keeps its place.
pub(super) fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    for (kind, range) in stretches(text) {
        if kind == Kind::Code {
            code.push_str(&text[range]);
        } else {
            code.push_str(&blank(&text[range]));
        }
    }
    code
}

/// As many bytes, and only the line ends left of them.
fn blank(text: &str) -> String {
    text.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect()
}

/// Comments, with the byte where each begins.
pub(super) fn comments(text: &str) -> impl Iterator<Item = (usize, &str)> {
    of_kind(text, Kind::Comment)
}

/// String and character literals with their quotes, with the byte where each begins.
pub(super) fn literals(text: &str) -> impl Iterator<Item = (usize, &str)> {
    of_kind(text, Kind::Literal)
}

fn of_kind(text: &str, kind: Kind) -> impl Iterator<Item = (usize, &str)> {
    let stretches = stretches(text).into_iter().filter(move |(other, _)| *other == kind);
    stretches.map(|(_, range)| (range.start, &text[range]))
}

/// Where blanked code is a test: the items and modules under `#[cfg(test)]` and `#[test]`.
pub(super) fn tests(code: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = next_test(code, from) {
        let end = end_of_item(code, start);
        found.push(start..end);
        from = end;
    }
    found
}

/// The code without its tests, blanked like the rest.
pub(super) fn without_tests(code: &str) -> String {
    let mut left = code.to_owned();
    for range in tests(code) {
        let blank = blank(&code[range.clone()]);
        left.replace_range(range, &blank);
    }
    left
}

/// Whether a byte belongs to a word of code.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// The words of blanked code, with the byte where each begins.
pub(super) fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    code.split(|c: char| c.is_ascii() && !is_word(c as u8))
        .filter(|word| !word.is_empty())
        .map(move |word| (word.as_ptr() as usize - code.as_ptr() as usize, word))
}

fn next_test(code: &str, from: usize) -> Option<usize> {
    let marks = ["#[cfg(test)]", "#[test]", "#[tokio::test"];
    marks.iter().filter_map(|mark| code[from..].find(mark)).min().map(|at| from + at)
}

/// The end of the item that begins at a byte: its closing brace, or the semicolon of one without a body.
fn end_of_item(code: &str, start: usize) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in code.bytes().enumerate().skip(start) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth <= 1 => return at + 1,
            b'}' => depth -= 1,
            b';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}

fn stretches(text: &str) -> Vec<(Kind, Range<usize>)> {
    let mut found: Vec<(Kind, Range<usize>)> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let (kind, length) = stretch(text, at);
        match found.last_mut() {
            Some((Kind::Code, range)) if kind == Kind::Code => range.end = at + length,
            _ => found.push((kind, at..at + length)),
        }
        at += length;
    }
    found
}

/// What begins at a byte, and how long it is.
fn stretch(text: &str, at: usize) -> (Kind, usize) {
    let rest = &text[at..];
    let after_word = text[..at].bytes().next_back().is_some_and(is_word);
    if rest.starts_with("//") {
        return (Kind::Comment, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (Kind::Comment, block_comment(rest));
    }
    if rest.starts_with('"') {
        return (Kind::Literal, quoted(rest, '"'));
    }
    let raw = ["r\"", "r#", "br\"", "br#", "cr\"", "cr#"].iter().any(|prefix| rest.starts_with(prefix));
    if raw
        && !after_word
        && let Some(length) = raw_string(rest)
    {
        return (Kind::Literal, length);
    }
    if rest.starts_with('\'') && is_character(rest) {
        return (Kind::Literal, quoted(rest, '\''));
    }
    (Kind::Code, rest.chars().next().map_or(1, char::len_utf8))
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0;
    let bytes = rest.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if bytes[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if character == '\\' {
            escaped = true;
        } else if character == quote {
            return at + 1;
        }
    }
    rest.len()
}

/// The length of a raw string, or nothing for a raw name like `r#type`.
fn raw_string(rest: &str) -> Option<usize> {
    let open = rest.find('r')? + 1;
    let hashes = rest[open..].bytes().take_while(|byte| *byte == b'#').count();
    let body = open + hashes + 1;
    if !rest[open + hashes..].starts_with('"') {
        return None;
    }
    let close = format!("\"{}", "#".repeat(hashes));
    Some(rest[body..].find(&close).map_or(rest.len(), |at| body + at + close.len()))
}

/// Whether a quote begins a character and not a lifetime.
fn is_character(rest: &str) -> bool {
    let mut characters = rest.chars().skip(1);
    match characters.next() {
        Some('\\') => true,
        Some(_) => characters.next() == Some('\''),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blanked_and_every_byte_keeps_its_place() {
        let text = "let a = \"é//\\\"\"; // b\nlet c = r#\"d\"e\"#; /* f /* g */ h */ let i = '\\''; x::<'j>('k');\n";
        let blanked = code(text);
        assert_eq!(blanked.len(), text.len());
        let words: Vec<&str> = words(&blanked).map(|(_, word)| word).collect();
        assert_eq!(words, ["let", "a", "let", "c", "let", "i", "x", "j"]);
    }

    #[test]
    fn a_raw_name_is_code() {
        assert_eq!(code("fn r#type() {}"), "fn r#type() {}");
    }

    #[test]
    fn tests_are_found_with_their_bodies() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n#[test]\nfn d() {}\n";
        let left = without_tests(&code(text));
        let words: Vec<&str> = words(&left).map(|(_, word)| word).collect();
        assert_eq!(words, ["fn", "a", "fn", "c"]);
        assert_eq!(left.lines().count(), text.lines().count());
    }

    #[test]
    fn literals_come_with_their_place() {
        let found: Vec<(usize, &str)> = literals("f(\"a\", 'b')").collect();
        assert_eq!(found, [(2, "\"a\""), (7, "'b'")]);
    }
}
