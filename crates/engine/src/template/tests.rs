//! What a template shows, and what it may not do.

use indexmap::IndexMap;
use serde_json::{Value, json};

use super::{Known, Names, OUTPUT_BYTES_MAX, TAG_BYTES_MAX, check, render};

/// Renders a template with a few values, and compares.
fn shows(text: &str, expected: &str) {
    assert_eq!(rendered(text), expected, "{text}");
}

fn rendered(text: &str) -> String {
    let input = json!({ "topic": "<AI> & news", "list": [1, 2.0, null, "x"], "n": 5 });
    let facts = json!({ "b": [true], "a": "é" });
    let note = json!("as it is");
    let names = Names {
        input: &input,
        results: IndexMap::from([("research", "Found \"it\"."), ("fact-check", "Right.")]),
        memory: IndexMap::from([("facts", &facts), ("note", &note)]),
    };
    match render(text, &names) {
        Ok(text) => text,
        Err(error) => {
            let line = error.line.map(|line| format!(" in line {line}")).unwrap_or_default();
            format!("{}{line}: {error}", error.code)
        }
    }
}

/// The codes of a template's mistakes.
fn codes(text: &str) -> Vec<&'static str> {
    let known = Known {
        open: &["input"],
        closed: &[("results", &["research", "fact-check"]), ("memory", &["facts"])],
    };
    check(text, &known).iter().map(|mistake| mistake.code).collect()
}

#[test]
fn texts_stand_as_they_are_and_other_values_as_compact_json() {
    shows("No { braces } to fill.", "No { braces } to fill.");
    shows("On {{ input.topic }}.", "On <AI> & news.");
    shows("{{ input.list }} {{ input.n }}", r#"[1,2.0,null,"x"] 5"#);
    shows("{{ memory.facts }} {{ memory.note }}", r#"{"b":[true],"a":"é"} as it is"#);
    shows("{{ results.research }} {{ results[\"fact-check\"] }}", "Found \"it\". Right.");
    shows("{% for item in input.list %}{{ item }};{% endfor %}", "1;2.0;null;x;");
    shows("{# unseen #}{% raw %}{{ input }}{% endraw %}", "{{ input }}");
}

#[test]
fn what_is_not_there_yet_shows_as_nothing() {
    shows("[{{ results.review }}{{ memory.later.deep.deeper }}]", "[]");
    shows("{{ memory.later | default('none') }} {{ memory.later | upper }}", "none ");
    shows("{% if memory.later %}yes{% else %}no{% endif %}", "no");
    shows("{% if memory.later is defined %}yes{% else %}no{% endif %}", "no");
    shows("{% for item in memory.later %}{{ item }}{% endfor %}", "");
}

#[test]
fn all_results_can_be_gone_through() {
    shows(
        "{% for id in results %}{{ id }}: {{ results[id] }} {% endfor %}",
        "fact-check: Right. research: Found \"it\". ",
    );
    shows("{% set all = results %}{{ all.research }}", "Found \"it\".");
}

#[test]
fn what_the_input_lacks_is_named() {
    shows(
        "Mind\n{{ input.tone }}",
        "template_value_missing in line 2: The template names \"input.tone\", and the input has no \"tone\".",
    );
    shows("{{ input.tone | default('calm') }}", "calm");
}

#[test]
fn a_template_cannot_work_or_write_without_end() {
    for text in [
        "{% for a in range(9999) %}{% for b in range(9999) %}{{ a }}{% endfor %}{% endfor %}",
        "{{ 'x' * 999999999 }}",
        "{{ [1] * 999999999 }}",
        "{% set x = 'xxxxxxxxxx' * 100000 %}{{ x }}{{ x }}{{ x }}",
        "{% for a in range(9999) %}{% set x = 'x' * 100000 %}{% endfor %}",
    ] {
        let out = rendered(text);
        assert!(out.starts_with("template_"), "{text}: {:.100}", out);
        assert!(out.len() < OUTPUT_BYTES_MAX);
    }
}

#[test]
fn a_template_cannot_need_more_stack_than_there_is() {
    for (piece, between) in [
        ("1", "+"),
        ("x", "."),
        ("x", "|"),
        ("not 1", " and "),
        ("1", " if 1 else "),
        ("", "-"),
        ("", "not "),
        ("", "("),
        ("", "["),
    ] {
        let long = [piece; TAG_BYTES_MAX].join(between);
        assert_eq!(codes(&format!("{{{{ {long} }}}}")), ["template_too_large"]);
        let mut most = String::new();
        while most.len() + piece.len() + between.len() + 10 < TAG_BYTES_MAX {
            most.push_str(piece);
            most.push_str(between);
        }
        // Whatever it says, it is said, by the check and by the rendering.
        let text = format!("{{{{ {most}1 }}}}");
        let _ = (codes(&text), rendered(&text));
    }
    let nested = |count: usize| "{% if 1 %}".repeat(count) + &"{% endif %}".repeat(count);
    let _ = (codes(&nested(100)), rendered(&nested(100)));
    assert_eq!(codes(&nested(500)), ["template_too_large"]);
    let _ = rendered(&format!("{{% if 0 %}}{}{{% endif %}}", "{% elif 0 %}x".repeat(190)));
}

#[test]
fn names_that_a_template_makes_itself_are_known() {
    assert!(
        codes("{% for x in input %}{{ x }}{{ loop.index }}{% endfor %}{% set y = 1 %}{{ y }}").is_empty()
    );
    assert!(
        codes("{{ input | default(value='results', other=5) }}{{ range(3) }}{{ {'a': input}.a }}").is_empty()
    );
    assert_eq!(
        codes("{{ results.reserch }} {{ memory['fact'] }}"),
        ["template_unknown_stage", "template_unknown_key"]
    );
    assert_eq!(codes("{{ input is not odd }} {{ input | nope }}"), ["template_unknown_filter"]);
}

#[test]
fn a_template_reaches_nothing_outside_of_itself() {
    for text in
        ["{% include 'x' %}", "{% extends 'x' %}", "{% import 'x' as y %}", "{% macro x() %}{% endmacro %}"]
    {
        assert_eq!(codes(text), ["template_syntax"], "{text}");
    }
}

#[test]
fn an_input_that_is_text_or_nothing_is_shown_whole() {
    for (input, shown) in [(json!("AI news"), "AI news"), (Value::Null, "null"), (json!([1]), "[1]")] {
        let names = Names { input: &input, results: IndexMap::new(), memory: IndexMap::new() };
        assert_eq!(render("{{ input }}", &names).unwrap(), shown);
    }
}
