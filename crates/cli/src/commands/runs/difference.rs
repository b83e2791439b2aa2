//! How definitions and texts differ, for a person: a sign before each line, so that nothing depends on
//! colour.

use std::time::Duration;

use callboard_api::compare::{LineDifference, LineSide};
use callboard_engine::definition::{Change, Difference, FieldChange, PartChange};
use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use crate::view::{folded, given_width};

/// Lines of one difference that are shown: more is read in an editor, of what --json gives.
const LINES_MAX: usize = 200;

/// Lines that are alike and shown around those that differ.
const CONTEXT_LINES: usize = 1;

/// How long lines that belong together are looked for: after that more of them are shown as differing.
const COMPARE_MAX: Duration = Duration::from_millis(500);

/// How a definition differs, part by part and field by field.
pub(super) fn definition(difference: &Difference) -> Vec<String> {
    difference.stages.iter().chain(&difference.parts).flat_map(part).collect()
}

/// The parts that differ, in one line.
pub(super) fn parts(difference: &Difference) -> String {
    let parts = difference.stages.iter().chain(&difference.parts);
    parts.map(|part| part.part.as_str()).collect::<Vec<_>>().join(", ")
}

fn part(change: &PartChange) -> Vec<String> {
    let sign = match change.change {
        Change::Added => '+',
        Change::Removed => '-',
        Change::Changed => '~',
    };
    let is_named = change.part.rsplit('/').next() == Some(change.name.as_str());
    let name = if is_named { String::new() } else { format!(" ({})", change.name) };
    let moved = if change.moved { ", at another place" } else { "" };
    let first = folded(&format!("{sign} "), &format!("{}{name}{moved}", change.part));
    first.into_iter().chain(change.fields.iter().flat_map(field)).collect()
}

/// A field: in one line where there is room, else line by line.
fn field(change: &FieldChange) -> Vec<String> {
    let (before, after) = (text(&change.before), text(&change.after));
    let is_short = |value: &Value, text: &str| !text.contains('\n') && (value.is_null() || !text.is_empty());
    if is_short(&change.before, &before) && is_short(&change.after, &after) {
        let shown = |value: &Value, text: String| if value.is_null() { "nothing".to_owned() } else { text };
        let both = [shown(&change.before, before.clone()), shown(&change.after, after.clone())];
        let line = format!("    {}: {} -> {}", change.field, both[0], both[1]);
        if line.chars().count() <= given_width() {
            return folded("", &line);
        }
    }
    let head = format!("    {}:", change.field);
    std::iter::once(head).chain(texts(&lines(&before, &after), "      ")).collect()
}

/// A value as a text that can be compared line by line.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.trim_end().to_owned(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(_) | Value::Object(_) => {
            let short = value.to_string();
            let is_short = short.chars().count() <= given_width() / 2;
            if is_short { short } else { serde_json::to_string_pretty(value).unwrap_or(short) }
        }
    }
}

/// How one text differs from another, line by line.
fn lines(before: &str, after: &str) -> Vec<LineDifference> {
    let (before, after): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let difference = TextDiff::configure().timeout(COMPARE_MAX).diff_slices(&before, &after);
    let mut lines = Vec::new();
    for (place, group) in difference.grouped_ops(CONTEXT_LINES).iter().enumerate() {
        if place > 0 {
            lines.push(LineDifference { side: LineSide::Gap, text: String::new() });
        }
        for change in group.iter().flat_map(|op| difference.iter_changes(op)) {
            let side = match change.tag() {
                ChangeTag::Equal => LineSide::Both,
                ChangeTag::Delete => LineSide::A,
                ChangeTag::Insert => LineSide::B,
            };
            lines.push(LineDifference { side, text: change.value().to_owned() });
        }
    }
    lines
}

/// Lines that differ, each behind its sign.
pub(super) fn texts(lines: &[LineDifference], indent: &str) -> Vec<String> {
    let mut shown: Vec<String> = lines
        .iter()
        .flat_map(|line| match line.side {
            LineSide::Both => folded(&format!("{indent}  "), &line.text),
            LineSide::A => folded(&format!("{indent}- "), &line.text),
            LineSide::B => folded(&format!("{indent}+ "), &line.text),
            LineSide::Gap => vec![format!("{indent}…")],
        })
        .collect();
    // An empty line that is alike shows nothing at the end.
    while shown.last().is_some_and(String::is_empty) {
        shown.pop();
    }
    let more = shown.len().saturating_sub(LINES_MAX);
    if more > 0 {
        shown.truncate(LINES_MAX);
        shown.push(format!("{indent}… {more} more lines, which --json has"));
    }
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(before: Value, after: Value) -> Vec<String> {
        field(&FieldChange { field: "task".to_owned(), before, after })
    }

    #[test]
    fn a_short_field_is_one_line_and_a_long_one_shows_the_lines_that_differ() {
        assert_eq!(shown(json!("main"), json!("careful")), ["    task: main -> careful"]);
        assert_eq!(shown(json!(null), json!(["a"])), [r#"    task: nothing -> ["a"]"#]);
        assert_eq!(
            shown(json!("Write.\nBe brief.\nBe kind.\n"), json!("Write.\nBe long.\nBe kind.\n")),
            ["    task:", "        Write.", "      - Be brief.", "      + Be long.", "        Be kind."]
        );
        assert_eq!(shown(json!(""), json!("x")), ["    task:", "      + x"]);
    }

    #[test]
    fn nothing_is_wider_than_the_page_and_nothing_drives_the_terminal() {
        let lines = shown(json!("word ".repeat(60)), json!("\u{1b}[2J".repeat(40)));
        assert!(lines.iter().all(|line| line.chars().count() <= 80), "{lines:#?}");
        assert!(lines.iter().all(|line| !line.contains('\u{1b}')), "{lines:#?}");
        let many: Vec<LineDifference> =
            (0..500).map(|number| LineDifference { side: LineSide::B, text: number.to_string() }).collect();
        assert_eq!(texts(&many, "").last().unwrap(), "… 300 more lines, which --json has");
    }
}
