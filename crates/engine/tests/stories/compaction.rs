//! A conversation that has grown too long is summed up, and the record says so.

use callboard_engine::call::{Failure, Message, failure};
use expect_test::expect;
use serde_json::json;

use crate::story::{Reply, Story, bad_key, calls, completes, hiccup, says, with_tools};

const TOOLS: &str = "
lookup: { command: [./lookup.sh], parameters: { page: { type: integer } } }
";

/// A stage whose agent's model reads two thousand tokens, some eight thousand bytes.
fn story() -> Story {
    let stages = "
- { id: one, name: One, task: Look., agents: [{ agent: a, tools: [lookup] }], summary: none }
";
    let file = with_tools(TOOLS, stages).replace("model: m, price", "model: m, context_tokens: 2000, price");
    let mut story = Story::begun(&file);
    story.skip();
    story
}

fn looks_up(page: u32) -> Reply {
    calls("lookup", json!({ "page": page }))
}

/// The agent looks pages up, each some 1,200 bytes long.
fn looks_up_pages(story: &mut Story, pages: std::ops::Range<u32>) {
    for page in pages {
        story.answers("a", looks_up(page)).gives("lookup", &format!("page {page} {}", "owl ".repeat(300)));
    }
}

fn too_long() -> Failure {
    let code = failure::TOO_LONG.to_owned();
    Failure { code, message: "Too long.".to_owned(), status: Some(400), ..bad_key() }
}

#[test]
fn a_conversation_that_fills_most_of_what_its_model_reads_is_summed_up_by_that_model() {
    let mut story = story();
    looks_up_pages(&mut story, 1..4);
    story.shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 tool_call_started 7.1 a lookup {"page":1}
        1 tool_call_finished 7.1 lookup worked: page 1 owl owl owl owl owl owl owl owl o… (1207 bytes)
        1 model_call_started 9.1 a main
        1 model_call_finished 9.1 a
        1 tool_call_started 11.1 a lookup {"page":2}
        1 tool_call_finished 11.1 lookup worked: page 2 owl owl owl owl owl owl owl owl o… (1207 bytes)
        1 model_call_started 13.1 a main
        1 model_call_finished 13.1 a
        1 tool_call_started 15.1 a lookup {"page":3}
        1 tool_call_finished 15.1 lookup worked: page 3 owl owl owl owl owl owl owl owl o… (1207 bytes)
        1 model_call_started 17.1 a main compacts
    "#]]);
    let request = story.request("a");
    assert!(request.tools.is_empty() && request.messages.len() == 1);
    let told = story.told("a");
    assert!(told.contains("page 1 owl") && told.ends_with("Answer with the summary alone."));
    story.answers("a", says("Pages 1 and 2 tell of owls.")).shows(expect![[r#"
        1 model_call_finished 17.1 a
        1 context_compacted a 3 messages, 1483 to 830 tokens
        1 model_call_started 20.1 a main
    "#]]);
}

#[test]
fn what_is_summed_up_stands_as_its_summary_and_the_latest_messages_stay() {
    let mut story = story();
    looks_up_pages(&mut story, 1..4);
    story.answers("a", says("Pages 1 and 2 tell of owls."));
    let messages = story.request("a").messages;
    let Message::User(first) = &messages[0] else { panic!("{messages:?}") };
    assert!(first.starts_with("# Task\n\nLook."), "{first}");
    assert!(
        first.contains(
            "<data kind=\"summary\" of=\"your conversation\">\nPages 1 and 2 tell of owls.\n</data>"
        )
    );
    assert!(!format!("{messages:?}").contains("page 1 owl"));
    assert!(format!("{messages:?}").contains("page 3 owl"), "what it has not seen yet stays");
    assert!(story.request("a").tools.iter().any(|tool| tool.name == "lookup"));
    story.answers("a", completes("Owls.")).ends(expect!["completed"]);
}

#[test]
fn a_conversation_is_summed_up_again_with_its_summary() {
    let mut story = story();
    looks_up_pages(&mut story, 1..4);
    story.answers("a", says("Pages 1 and 2 tell of owls.")).skip();
    looks_up_pages(&mut story, 4..6);
    story.shows(expect![[r#"
        1 model_call_finished 20.1 a
        1 tool_call_started 22.1 a lookup {"page":4}
        1 tool_call_finished 22.1 lookup worked: page 4 owl owl owl owl owl owl owl owl o… (1207 bytes)
        1 model_call_started 24.1 a main
        1 model_call_finished 24.1 a
        1 tool_call_started 26.1 a lookup {"page":5}
        1 tool_call_finished 26.1 lookup worked: page 5 owl owl owl owl owl owl owl owl o… (1207 bytes)
        1 model_call_started 28.1 a main compacts
    "#]]);
    assert!(story.told("a").contains("Pages 1 and 2 tell of owls."));
    story.answers("a", says("Pages 1 to 4 tell of owls.")).shows(expect![[r#"
        1 model_call_finished 28.1 a
        1 context_compacted a 2 messages, 1507 to 829 tokens
        1 model_call_started 31.1 a main
    "#]]);
    assert!(!format!("{:?}", story.request("a").messages).contains("Pages 1 and 2"));
}

#[test]
fn a_summary_that_is_empty_leaves_the_older_messages_out_and_says_so() {
    let mut story = story();
    looks_up_pages(&mut story, 1..4);
    story.answers("a", says(" ")).shows(expect![[r#"
        1 model_call_finished 5.1 a
        1 tool_call_started 7.1 a lookup {"page":1}
        1 tool_call_finished 7.1 lookup worked: page 1 owl owl owl owl owl owl owl owl o… (1207 bytes)
        1 model_call_started 9.1 a main
        1 model_call_finished 9.1 a
        1 tool_call_started 11.1 a lookup {"page":2}
        1 tool_call_finished 11.1 lookup worked: page 2 owl owl owl owl owl owl owl owl o… (1207 bytes)
        1 model_call_started 13.1 a main
        1 model_call_finished 13.1 a
        1 tool_call_started 15.1 a lookup {"page":3}
        1 tool_call_finished 15.1 lookup worked: page 3 owl owl owl owl owl owl owl owl o… (1207 bytes)
        1 model_call_started 17.1 a main compacts
        1 model_call_finished 17.1 a
        1 context_compacted a 3 messages, 1483 to 832 tokens
        1 model_call_started 20.1 a main
    "#]]);
    assert!(format!("{:?}", story.request("a").messages).contains("(Older messages were left out here.)"));
}

#[test]
fn a_question_that_was_longer_than_its_model_reads_leads_to_a_summary() {
    let mut story = story();
    looks_up_pages(&mut story, 1..3);
    story.skip().fails("a", too_long()).shows(expect![[r#"
        1 model_call_failed 13.1 a model_context_exceeded
        1 model_call_started 15.1 a main compacts
    "#]]);
}

#[test]
fn a_question_that_is_too_long_and_cannot_be_summed_up_ends_the_stage_in_error() {
    let mut story = story();
    story
        .fails("a", too_long())
        .ends(expect!["error: [model_context_exceeded] one/1 a while calling the model main: Too long."]);
}

#[test]
fn summing_up_is_tried_again_after_a_hiccup_and_after_a_crash() {
    let mut story = story();
    looks_up_pages(&mut story, 1..4);
    story.skip().fails("a", hiccup()).retries().crashes().shows(expect![[r#"
        1 model_call_failed 17.1 a model_unavailable
        1 retry_scheduled 17.2 in 500 ms
        1 model_call_started 17.2 a main compacts
        1 run_recovered 17.2 model_call a
        1 model_call_started 17.3 a main compacts
    "#]]);
    assert!(story.told("a").ends_with("Answer with the summary alone."));
}

#[test]
fn summing_up_does_not_count_towards_the_cap_of_the_turn_and_its_price_counts() {
    let mut story = story();
    looks_up_pages(&mut story, 1..4);
    story.answers("a", says("Owls."));
    assert_eq!(story.run.usage().model_calls, 4);
    for page in 4..25 {
        story.answers("a", looks_up(page)).gives("lookup", "owl");
    }
    story.skip().answers("a", looks_up(25)).gives("lookup", "owl").shows(expect![[r#"
        1 model_call_finished 104.1 a
        1 tool_call_started 106.1 a lookup {"page":25}
        1 tool_call_finished 106.1 lookup worked: owl
        1 turn_capped 1 after 25 calls
        1 turn_ended 1 capped
        1 turn_started 2 a default 2
        1 model_call_started 111.1 a main
    "#]]);
}
