//! What YAML may say, and how much of it.

use super::super::{BYTES_MAX, DEPTH_MAX, MISTAKES_MAX, VALUES_MAX, read, read_bytes};
use super::{NEWSROOM, SMALL, check, small_with};

/// The codes of a file's mistakes.
fn codes(file: &str) -> Vec<&'static str> {
    read(file).mistakes.iter().map(|mistake| mistake.code).collect()
}

#[test]
fn json_is_read_as_yaml_is() {
    let project = read(SMALL).project.unwrap();
    let json = r#"{
	"project": "small",
	"models": { "main": { "provider": "simulated" } },
	"teams": { "desk": { "model": "main", "agents": { "writer": { "role": "Writer" }, "editor": { "role": "Editor" } } } },
	"workflows": { "digest": { "team": "desk", "stages": [
		{ "id": "write", "task": "Write about it.", "agents": ["writer"] },
		{ "id": "review", "task": "Review it.", "agents": ["editor"], "outcomes": { "good": "end", "bad": "write" } }
	] } }
}"#;
    assert_eq!(read(json).project, Some(project));
}

#[test]
fn an_emoji_that_json_writes_as_two_escapes_is_one_character_and_moves_no_column() {
    check(
        r#"{ "project": "\ud83d\ude00 \\ud83d", "timezone": 5, "max_running": 1 }"#,
        r#"1:50: error: timezone: This is a number. Expected text. Put it in quotes. [wrong_type]"#,
    );
    let project = read(r#"{ "project": "\ud83d\ude00 \\ud83d" }"#).project.unwrap();
    assert_eq!(project.name, "😀 \\ud83d");
}

#[test]
fn anchors_and_aliases_repeat_a_value() {
    let file = small_with("      editor: { role: Editor }", "      editor: *writer")
        .replace("writer: { role: Writer }", "writer: &writer { role: Writer }");
    let project = read(&file).project.unwrap();
    assert_eq!(project.teams["desk"].agents["editor"].role, "Writer");
}

#[test]
fn a_few_aliases_cannot_become_a_great_many_values() {
    let mut bomb = "project: small\nmodels:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let before = format!("*a{}, ", level - 1).repeat(10);
        bomb.push_str(&format!("  a{level}: &a{level} [{before}]\n"));
    }
    assert_eq!(codes(&bomb), ["too_many_values"]);

    let long = "x".repeat(BYTES_MAX / 2);
    let bomb = format!("project: &a {long}\nlist: [{}]", "*a, ".repeat(1_000));
    assert_eq!(codes(&bomb), ["too_many_values"]);

    // Each value is shallow where it is written, and deep where it is repeated.
    let mut bomb = "project: small\nmodels:\n  a0: &a0 [x]\n".to_owned();
    for level in 1..1_000 {
        bomb.push_str(&format!("  a{level}: &a{level} [*a{}]\n", level - 1));
    }
    assert_eq!(codes(&bomb), ["too_deep"]);
}

#[test]
fn a_file_has_bounds() {
    assert_eq!(codes(&"#".repeat(BYTES_MAX + 1)), ["file_too_large"]);
    assert_eq!(codes(&format!("project: small\nlist: [{}]", "1,".repeat(VALUES_MAX))), ["too_many_values"]);
    for deep in ["[", "{a: ", "- ", "? "] {
        assert_eq!(codes(&deep.repeat(DEPTH_MAX * 100)).last(), Some(&"too_deep"), "{deep}");
    }
}

#[test]
fn a_file_with_very_many_mistakes_shows_the_first_ones() {
    let keys: String = (0..10_000).map(|key| format!("key{key}: 1\n")).collect();
    let mistakes = read(&format!("project: small\n{keys}")).mistakes;
    assert_eq!(mistakes.len(), MISTAKES_MAX + 1);
    assert_eq!(mistakes.last().unwrap().code, "too_many_mistakes");
}

#[test]
fn lines_may_end_as_on_any_machine_and_a_mark_may_stand_first() {
    assert_eq!(read(&NEWSROOM.replace('\n', "\r\n")).project, read(NEWSROOM).project);
    assert_eq!(read(&format!("\u{feff}{SMALL}")).project, read(SMALL).project);
}

#[test]
fn bytes_that_are_no_text_are_refused_with_their_place() {
    let mistakes = read_bytes(b"project: small\n# caf\xe9\n", &|_, _| Ok(())).mistakes;
    let shown: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["2:6: error: The file is not text in UTF-8. Save it in UTF-8. [not_utf8]"]);
}

#[test]
fn an_empty_file_is_no_project() {
    check(
        "",
        r#"
1:1: error: The file is empty. Begin with "project: NAME". [no_project]
"#,
    );
}

#[test]
fn a_file_of_comments_is_no_project() {
    check(
        "# nothing yet\n",
        r#"
1:1: error: The file is empty. Begin with "project: NAME". [no_project]
"#,
    );
}

#[test]
fn a_list_is_no_project() {
    check(
        "- project: small",
        r#"
1:1: error: This is not a project file. Expected a map with the key "project". Begin with "project: NAME". [no_project]
"#,
    );
}

#[test]
fn a_tab_cannot_indent() {
    check(
        "project: small\nmodels:\n	main: {}\n",
        "
3:2: error: A tab cannot indent a line in YAML. Indent with spaces. [tab_indentation]
",
    );
}

#[test]
fn a_character_that_yaml_forbids_is_named_with_its_place() {
    check(
        "project: sma\0ll",
        "
1:13: error: The character U+0000 cannot stand in a project file. Save the file as text in UTF-8 without control characters. [unreadable_character]
",
    );
}

#[test]
fn an_escaped_null_character_is_refused() {
    check(
        r#"project: "sma\0ll""#,
        r#"
1:10: error: A text cannot hold the character U+0000. Remove the escape "\0" or "\u0000". [unreadable_character]
"#,
    );
}

#[test]
fn an_unclosed_quote_is_shown_where_it_opens() {
    check(
        r#"project: "small
"#,
        "
1:10: error: This is not YAML: while scanning a quoted scalar, found unexpected end of stream. Close what is open: a quote, a bracket or a brace. [not_yaml]
",
    );
}

#[test]
fn a_colon_in_a_text_wants_quotes() {
    check(
        "project: a: b\n",
        r#"
1:11: error: This is not YAML: mapping values are not allowed in this context. Put a text that has ": " in it in quotes, and let the keys of one map begin in the same column. [not_yaml]
"#,
    );
}

#[test]
fn a_sign_that_yaml_keeps_for_itself_wants_quotes() {
    check(
        "project: @small\n",
        "
1:10: error: This is not YAML: unexpected character: `@'. Put a text that begins with this character in quotes. [not_yaml]
",
    );
}

#[test]
fn a_template_without_quotes_is_no_text() {
    check(
        &small_with("task: Write about it.", "task: {{ input }}"),
        r#"
14:28: error: workflows.digest.stages[0].task: This is a map. Expected text. Put a text that begins with "{" or "[" in quotes. [wrong_type]
14:29: error: A key must be text, and not empty. Put a text that begins with "{" or "[" in quotes, such as "{{ input }}". [key_is_no_text]
"#,
    );
}

#[test]
fn a_key_stands_once_in_a_map() {
    check(
        "project: small\ntimezone: UTC\nproject: other\n",
        r#"
3:1: error: The key "project" stands twice in this map. It first stands in line 1. Remove one of them. [duplicate_key]
"#,
    );
}

#[test]
fn a_key_is_text() {
    check(
        "project: small\n[a, b]: 1\n{ c: d }: 2\n? \n: 3\n",
        r#"
2:1: error: A key must be text, and not empty. Put a text that begins with "{" or "[" in quotes, such as "{{ input }}". [key_is_no_text]
3:1: error: A key must be text, and not empty. Put a text that begins with "{" or "[" in quotes, such as "{{ input }}". [key_is_no_text]
5:1: error: A key must be text, and not empty. Put a text that begins with "{" or "[" in quotes, such as "{{ input }}". [key_is_no_text]
"#,
    );
}

#[test]
fn a_file_is_one_document() {
    check(
        "project: small\n---\nproject: other\n",
        r#"
2:1: error: A second document begins here; a project file is one. Remove the line "---", or make two files. [several_documents]
"#,
    );
}

#[test]
fn an_unknown_anchor_is_a_mistake() {
    check(
        "project: *small\n",
        r#"
1:10: error: This alias names an anchor that does not stand before it. Put a text that begins with "*" in quotes. [unknown_anchor]
"#,
    );
}

#[test]
fn an_alias_cannot_stand_in_its_own_value() {
    check(
        "project: small\nmodels: &all { main: *all }\n",
        "
2:22: error: This alias repeats the value that it stands in. Write the value out. [alias_within_itself]
",
    );
}

#[test]
fn tags_other_than_text_are_not_known() {
    check(
        "project: !!str small\ntimezone: !zone UTC\nmodels: !!set {}\nmax_running: !!int 5\n",
        r#"
2:11: error: The tag "!zone" is not known here. Remove it; put a text that begins with "!" in quotes. [unknown_tag]
3:9: error: The tag "!!set" is not known here. Remove it; put a text that begins with "!" in quotes. [unknown_tag]
4:14: error: The tag "!!int" is not known here. Remove it; put a text that begins with "!" in quotes. [unknown_tag]
"#,
    );
}

#[test]
fn a_number_too_large_to_hold_is_not_rounded() {
    check(
        "project: small\nmax_running: 99999999999999999999\nlimits: { cost_usd_per_day: .inf }\n",
        "
2:14: error: This number cannot be held exactly. Put it in quotes if it is meant as text. [number_not_holdable]
3:29: error: This number cannot be held exactly. Put it in quotes if it is meant as text. [number_not_holdable]
",
    );
}
