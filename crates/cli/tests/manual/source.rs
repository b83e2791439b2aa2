//! What the program's own source says: its codes, its fields, the kinds of its events.
//!
//! It is read as text. Each way of writing a code down has its pattern in [`codes`]; one that is
//! written in a new way is missed until it has one too.

use std::collections::BTreeSet;
use std::path::Path;

use crate::page::root;

/// The sources under a folder, without what only tests see.
pub(crate) fn texts(folder: &str) -> Vec<String> {
    let mut texts = Vec::new();
    collect(&root().join(folder), &mut texts);
    texts
}

fn collect(folder: &Path, texts: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name() != Some("tests".as_ref()) {
            collect(&path, texts);
        } else if path.extension() == Some("rs".as_ref()) && path.file_stem() != Some("tests".as_ref()) {
            let text = std::fs::read_to_string(&path).unwrap();
            let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
            texts.push(text[..end].to_owned());
        }
    }
}

/// Every code that the program prints or puts into a record.
pub(crate) fn codes() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for text in ["crates/engine/src", "crates/server/src", "crates/cli/src"].into_iter().flat_map(texts) {
        for (call, place) in [
            ("Mistake::error(", 1),
            ("Mistake::warning(", 1),
            ("Failure::wrong_use(", 0),
            ("Failure::failed(", 0),
            (".error(", 2),
            ("ToolFailure::new(", 0),
        ] {
            codes.extend(after(&text, call).filter_map(|rest| literal(arguments(rest).get(place)?)));
        }
        codes.extend(refusals(&text).iter().filter_map(|code| literal(code)));
        // Of a part that is not there, the code is made of its noun.
        let nouns = after(&text, "const NOUN: &'static str = ").filter_map(literal);
        codes.extend(nouns.map(|noun| format!("{noun}_not_found")));
        codes.extend(after(&text, " code: ").filter_map(literal));
        codes.extend(after(&text, "TimedOut { .. } => ").filter_map(literal));
        codes.extend(after(&text, "ABORTED: &str = ").filter_map(literal));
        for function in after(&text, "fn code(&self)") {
            let body = &function[..function.find("\n    }\n").unwrap()];
            codes.extend(body.split("=> ").skip(1).filter_map(literal));
            codes.extend(body.split("=> {").skip(1).filter_map(|arm| literal(arm.trim_start())));
        }
        for module in ["pub mod failure {", "pub mod codes {"].iter().flat_map(|module| after(&text, module))
        {
            let body = &module[..module.find("\n}").unwrap()];
            codes.extend(after(body, ": &str = ").filter_map(literal));
        }
        codes.extend(after(&text, "\"template_").filter_map(|rest| literal(&format!("\"template_{rest}"))));
    }
    codes
}

/// What the refusals of HTTP calls give as their code, as it is written there.
fn refusals(text: &str) -> Vec<String> {
    let ways = [("new(", 1), ("bad_request(", 0), ("not_found(", 0), ("conflict(", 0), ("unprocessable(", 0)];
    let mut codes = Vec::new();
    for of in ["Refusal::", "Self::"].into_iter().filter(|_| text.contains("Refusal")) {
        for (way, place) in ways {
            let call = format!("{of}{way}");
            let given = after(text, &call).filter_map(|rest| arguments(rest).get(place).cloned());
            codes.extend(given.map(|code| code.trim().to_owned()));
        }
    }
    codes
}

/// The keys that the project file is read by.
pub(crate) fn fields() -> BTreeSet<String> {
    let mut fields = BTreeSet::new();
    for text in texts("crates/engine/src/project/read") {
        for call in ["required(", "optional(", "choice("] {
            fields.extend(after(&text, call).filter_map(|rest| literal(arguments(rest).get(1)?)));
        }
    }
    fields
}

/// The kinds of events, each with its fields.
pub(crate) fn events() -> Vec<(String, Vec<String>)> {
    let text = texts("crates/engine/src/event").concat();
    let fact = body(&text, "pub enum Fact {");
    let mut kinds: Vec<(String, Vec<String>)> = Vec::new();
    for line in fact.lines() {
        if let Some(variant) = line.strip_prefix("    ").filter(|line| line.starts_with(char::is_uppercase)) {
            let name = variant.split(['(', ' ', ',']).next().unwrap();
            let inner = variant.split_once('(').map(|(_, inner)| inner.trim_end_matches("),"));
            // What is large is shared, and has the same fields.
            let inner = inner.map(|inner| inner.trim_start_matches("Arc<").trim_end_matches('>'));
            let fields = inner.map(|inner| body(&text, &format!("pub struct {inner} {{")));
            kinds.push((snake(name), fields.map(|body| names(body, "    pub ")).unwrap_or_default()));
        } else if let Some((_, fields)) = kinds.last_mut() {
            fields.extend(names(line, "        "));
        }
    }
    kinds
}

fn names(body: &str, indent: &str) -> Vec<String> {
    let fields = body.lines().filter_map(|line| line.strip_prefix(indent)?.split_once(": "));
    let fields = fields.map(|(name, _)| name);
    fields
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'))
        .map(str::to_owned)
        .collect()
}

fn body<'t>(text: &'t str, start: &str) -> &'t str {
    let body = after(text, start).next().unwrap();
    &body[..body.find("\n}\n").unwrap()]
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for character in name.chars() {
        if character.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
    }
    snake
}

/// What follows each place where a pattern stands.
fn after<'t>(text: &'t str, pattern: &str) -> impl Iterator<Item = &'t str> {
    text.match_indices(pattern).map(move |(at, found)| &text[at + found.len()..])
}

/// The code that a text begins with in quotes.
fn literal(text: &str) -> Option<String> {
    let inner = text.trim_start().strip_prefix('"')?.split('"').next()?;
    let is_code =
        !inner.is_empty() && inner.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b == b'8');
    is_code.then(|| inner.to_owned())
}

/// The arguments of a call, from behind its opening bracket.
fn arguments(rest: &str) -> Vec<String> {
    let mut arguments = vec![String::new()];
    let (mut depth, mut quoted, mut escaped) = (0_u32, false, false);
    for character in rest.chars() {
        if quoted {
            quoted = escaped || character != '"';
            escaped = !escaped && character == '\\';
        } else {
            match character {
                '"' => quoted = true,
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' if depth == 0 => break,
                ')' | ']' | '}' => depth -= 1,
                ',' if depth == 0 => {
                    arguments.push(String::new());
                    continue;
                }
                _ => {}
            }
        }
        if let Some(argument) = arguments.last_mut() {
            argument.push(character);
        }
    }
    arguments
}

#[test]
fn codes_are_found_however_they_are_written() {
    let codes = codes();
    for code in
        ["wrong_type", "not_utf8", "no_agents", "stage_without_id", "store_missing", "internal", "loop_guard"]
    {
        assert!(codes.contains(code), "{code} in {codes:?}");
    }
    for code in
        ["aborted", "crashed_repeatedly", "run_changed", "database_full", "model_timed_out", "unknown_key"]
    {
        assert!(codes.contains(code), "{code} in {codes:?}");
    }
    assert!(!codes.contains("agents"), "an argument before the code is not one");
}

#[test]
fn a_refusal_that_does_not_write_its_code_down_takes_it_from_a_place_that_is_known() {
    let refusals: BTreeSet<String> =
        texts("crates/server/src").iter().flat_map(|text| refusals(text)).collect();
    let elsewhere: Vec<&str> =
        refusals.iter().map(String::as_str).filter(|code| literal(code).is_none()).collect();
    // The codes of errors stand in their `code`, and those of parts are made of their nouns.
    let places = ["&failure.code", "&format!(\"{noun}_not_found\")", "code", "error.code", "error.code()"];
    assert_eq!(elsewhere, [&places[..], &["refused.code()"]].concat());
    assert!(refusals.len() >= 30, "{refusals:?}");
    assert!(["team_not_found", "origin_refused"].iter().all(|code| codes().contains(*code)));
}
