//! The documents of a run: each write is an event with the hash of its text, so that every moment of a
//! run has exactly the documents that it had.

use callboard_engine::content::ContentHash;
use callboard_engine::run::{Pending, ToolKey};
use expect_test::expect;
use serde_json::json;

use crate::story::{Story, calls, completes, project};

const TWO: &str = "
- { id: one, name: One, task: Write., agents: [{ agent: a, tools: [write_file, read_file, list_files] }], summary: none }
- { id: two, name: Two, task: Read., agents: [{ agent: b, tools: [read_file, list_files] }], summary: none }
";

fn story() -> Story {
    let mut story = Story::begun(&project(TWO));
    story.skip();
    story
}

fn write(path: &str, text: &str) -> crate::story::Reply {
    calls("write_file", json!({ "path": path, "text": text }))
}

#[test]
fn a_document_that_is_written_is_kept_under_the_hash_of_its_text() {
    let mut story = story();
    story.answers("a", write("notes/owls.md", "Owls häunt.")).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 document_written a notes/owls.md 12
        1 model_call_started 8.1 a main
    "#]]);
    story.given("a").is(expect![[r#"
        write_file: Written.
    "#]]);
    assert_eq!(story.documents, ["Owls häunt."]);
    let document = &story.run.documents()["notes/owls.md"];
    assert_eq!(document.hash, ContentHash::of("Owls häunt."));
    assert_eq!((document.bytes, document.agent.as_deref(), document.visit), (12, Some("a"), 1));
}

#[test]
fn a_document_is_written_in_place_of_what_was_there_and_keeps_its_place_in_the_list() {
    let mut story = story();
    let all = write("a.md", "one")
        .and("write_file", json!({ "path": "./b.md", "text": "two" }))
        .and("write_file", json!({ "path": "a.md", "text": "three" }))
        .and("list_files", json!({}));
    story.answers("a", all).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 document_written a a.md 3
        1 document_written a b.md 3
        1 document_written a a.md 5
        1 tool_call_started 10.1 a list_files {}
        1 tool_call_finished 10.1 list_files worked: Documents:
        - a.md (5 bytes)
        - b.md (3 bytes)
        1 model_call_started 12.1 a main
    "#]]);
    assert_eq!(story.documents, ["one", "two", "three"], "texts are kept, also those that were replaced");
}

#[test]
fn a_document_is_read_from_where_its_text_is_kept() {
    let mut story = story();
    story.answers("a", write("a.md", "one")).answers("a", completes("Written."));
    story.skip().answers("b", calls("read_file", json!({ "path": "a.md" }))).shows(expect![[r#"
        2 model_call_finished 15.1 b
        2 tool_call_started 17.1 b read_file {"path":"a.md"}
    "#]]);
    let pending = story.run.pending();
    let [Pending::CallTool(work)] = pending.as_slice() else { panic!("{pending:?}") };
    assert_eq!(work.tool, ToolKey::Document { hash: &ContentHash::of("one") });
    story.gives("read_file", "one").shows(expect![[r#"
        2 tool_call_finished 17.1 read_file worked: one
        2 model_call_started 19.1 b main
    "#]]);
    story.given("b").is(expect![[r#"
        read_file: one
    "#]]);
}

#[test]
fn an_agent_reads_in_the_same_answer_what_it_wrote() {
    let mut story = story();
    story.answers("a", write("a.md", "one").and("read_file", json!({ "path": "a.md" })));
    story.owes(expect![[r#"
        tool 8.1 read_file {"path":"a.md"}
    "#]]);
}

#[test]
fn a_document_that_there_is_not_is_refused_with_those_that_there_are() {
    let mut story = story();
    story.answers("a", calls("read_file", json!({ "path": "a.md" }))).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 tool_call_refused a unknown_document: The run has no such document. There are no documents yet.
        1 model_call_started 8.1 a main
    "#]]);
    story.answers("a", write("b.md", "two").and("read_file", json!({ "path": "a.md" }))).shows(expect![[
        r#"
        1 model_call_finished 8.1 a
        1 document_written a b.md 3
        1 tool_call_refused a unknown_document: The run has no such document. Documents:
        - b.md (3 bytes)
        1 model_call_started 12.1 a main
    "#
    ]]);
}

#[test]
fn a_path_leads_nowhere_but_down() {
    let mut story = story();
    for path in ["", "/etc/passwd", "../a", "a/../b", "a//b", "a/", "a\\b", "a\nb", &"a".repeat(201)] {
        story.answers("a", write(path, "x"));
        let last = story.history.iter().rev().nth(1).unwrap();
        let last = serde_json::to_value(last).unwrap();
        assert_eq!(
            (&last["kind"], &last["code"]),
            (&json!("tool_call_refused"), &json!("invalid_path")),
            "{path:?}"
        );
    }
    assert!(story.run.documents().is_empty());
}

#[test]
fn a_document_is_at_most_a_mebibyte_long() {
    let mut story = story();
    story.answers("a", write("a.md", &"x".repeat((1 << 20) + 1))).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 tool_call_refused a too_large: write_file was not carried out: `text` has 1048577 bytes, and at most 1048576 are kept.
        1 model_call_started 8.1 a main
    "#]]);
}

#[test]
fn a_run_has_at_most_a_thousand_documents() {
    let mut story = story();
    for n in 0..50 {
        let many = (0..20).fold(crate::story::says(""), |answer, m| {
            answer.and("write_file", json!({ "path": format!("{n}/{m}"), "text": "x" }))
        });
        story.answers("a", many);
    }
    assert_eq!(story.run.documents().len(), 1_000);
    story
        .skip()
        .answers("a", write("one-more", "x").and("write_file", json!({ "path": "0/0", "text": "y" })));
    story.shows(expect![[r#"
        1 model_call_finished 1111.1 a
        1 tool_call_refused a too_many: The run has 1000 documents, which is as many as it may. Write one that is there.
        1 document_written a 0/0 1
        1 model_call_started 1115.1 a main
    "#]]);
}
