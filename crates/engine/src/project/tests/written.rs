//! Projects that are written and read again: nothing is lost, and a person likes what comes out.

use expect_test::expect_file;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::super::{Project, Trigger, document, read, yaml};
use super::anything::{project, text, value};
use super::{NEWSROOM, SMALL};

/// Reads back what is written of a project, in each of its forms.
fn comes_back(project: &Project) {
    let whole = serde_json::to_string(project).unwrap();
    for file in [yaml(project), document(project).to_string(), whole] {
        let reading = read(&file);
        // Two projects side by side are too much to read.
        assert!(reading.project.as_ref() == Some(project), "{file}\n{:#?}", reading.mistakes);
    }
    for trigger in project.triggers.values() {
        let served = serde_json::to_value(trigger).unwrap();
        assert_eq!(&serde_json::from_value::<Trigger>(served).unwrap(), trigger);
    }
}

/// A project whose only model has these parameters.
fn with_parameters(parameters: &Map<String, Value>) -> Project {
    let mut project = read(SMALL).project.unwrap();
    project.models["main"].parameters = parameters.clone();
    project
}

proptest! {
    // A project has hundreds of values.
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn any_project_comes_back(project in project()) {
        comes_back(&project);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text_comes_back(text in text(), other in any::<String>()) {
        let other = other.replace('\0', "0");
        comes_back(&with_parameters(json!({
            "alone": text, "short": [text, other], "long": [[text], { "deep": [other, [text]] }],
        }).as_object().unwrap()));
    }

    #[test]
    fn any_value_comes_back(value in value(), key in text().prop_filter("a key says something", |key| !key.is_empty())) {
        let mut parameters = Map::new();
        parameters.insert(key, value);
        comes_back(&with_parameters(&parameters));
    }
}

/// Texts that YAML would read as something else, or not at all, and others.
const ODD_SHORT: &[&str] = &[
    "", " ", "true", "True", "no", "Off", "null", "~", "y", "1", "-1", "+1", "0x1F", "0o17", "017", "1_000",
    "1.5", ".5", "1.", "1e3", ".inf", ".nan", "-.inf", "12:30", "12:30:45", "<<", "=", "---", "...", "- a",
    "-", "--fast", "?", "? a", ":", "a: b", "a:", ":a", "a #b", "#a", "a#b", "&a", "*a", "!a", "!!str a",
    "|", ">", "%a", "@a", "`a", "'", "''", "\"", "\\", "it's", "a, b", "[a", "{a", "a]", "a}", " a", "a ",
    "\ta", "a\t", "a\tb", "a\n", "\na", "a\nb", "a\n\nb\n", "a\n\n", "\n", "\n\n", " a\nb", "a\n b", "  \na",
    "\ta\nb", "a\n ", "a \nb", "a\rb", "a\r\nb", "\r", "\u{85}", "a\u{85}b", "\u{2028}", "\u{feff}",
    "\u{7f}", "\u{80}", "\u{9f}\n", "\u{a0}", "\u{1}", "\u{fffe}", "\u{ffff}", "\u{e000}", "é", "e\u{301}",
    "日本", "😀", "---\na", "a\n...\n", "# a\nb", "a\n# b\n", "Don't", "Über", "$HOME", "/usr/bin", "a:b",
];

/// The longer ones.
const ODD_LONG: &[&str] = &[
    "2026-01-31",
    "2026-01-31T09:00:00Z",
    "say \"hi\"",
    "say \"it's\" \\n",
    "{{ input }}",
    "\n  a\n b\n",
    "a\u{2029}b\nc",
    "a\u{feff}",
    "a\u{a0}\nb",
    "\u{1b}[0m",
    "\u{1fffe}",
    "\u{10ffff}",
    "\u{10fffd}",
    "👩\u{200d}💻",
    "\u{202e}abc",
    "a\n---\nb",
    "a: b\nc: d\n",
    "- a\n- b\n",
    "https://example.com/a?b=c#d",
];

#[test]
fn what_yaml_would_read_as_something_else_comes_back() {
    for text in ODD_SHORT.iter().chain(ODD_LONG) {
        let parameters = json!({
            "alone": text,
            "short": [text],
            "key": { format!("{text}."): 1, format!("{text}"): 2 },
            "deep": [[[text, { "k": text }]]],
            "last": text,
        });
        comes_back(&with_parameters(&without_empty_keys(parameters.as_object().unwrap())));
    }
}

/// No key of a file is empty.
fn without_empty_keys(parameters: &Map<String, Value>) -> Map<String, Value> {
    let mut parameters = parameters.clone();
    parameters["key"].as_object_mut().unwrap().shift_remove("");
    parameters
}

#[test]
fn numbers_come_back_exactly() {
    comes_back(&with_parameters(
        json!({ "most": u64::MAX, "least": i64::MIN, "huge": 1e300, "tiny": 5e-324, "whole": 2.0, "third": 1.0 / 3.0,
                "big": 1e16, "zero": 0, "minus": -0.5, "all": [u64::MAX, f64::MAX, f64::MIN_POSITIVE] })
        .as_object()
        .unwrap(),
    ));
}

#[test]
fn a_very_long_key_comes_back() {
    for length in [400, 600, 1_100, 3_000] {
        let mut parameters = Map::new();
        parameters.insert(
            "k".repeat(length),
            json!({ "\u{1}".repeat(length): [1], "a b".repeat(length): { "x": { "y": 1 } } }),
        );
        comes_back(&with_parameters(&parameters));
    }
}

#[test]
fn a_file_is_written_in_the_order_of_the_manual_and_without_what_has_its_default() {
    let project = read(NEWSROOM).project.unwrap();
    comes_back(&project);
    expect_file!["newsroom.written.yaml"].assert_eq(&yaml(&project));
}

#[test]
fn a_project_without_anything_is_one_line() {
    let project = read("project: \"1\"").project.unwrap();
    assert_eq!(yaml(&project), "project: \"1\"\n");
    assert_eq!(document(&project), json!({ "project": "1" }));
    comes_back(&project);
}
