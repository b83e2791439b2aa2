//! Answers, whole and in pieces.

use std::collections::HashSet;
use std::mem::size_of_val;

use callboard_engine::call::{Finish, Tokens};
use callboard_engine::definition::ProviderKind;
use callboard_fake_model::{Behaviour, End, Finish as FakeFinish, ToolCall};
use callboard_server::provider::{Call, Secret};
use serde_json::{Value, json};

use crate::bench::{Bench, KEY, each, question, with_tools};

#[tokio::test]
async fn words_are_heard_in_order_as_they_come() {
    each(async |bench| {
        bench.fake.push(Behaviour::text("Night trains are back.").pieces(5).usage(12, 7));
        let heard = bench.hear(&question("Well?")).await;
        let answered = heard.outcome.unwrap();
        assert_eq!(heard.deltas, ["Night", " trai", "ns ar", "e bac", "k."], "{:?}", bench.kind);
        assert_eq!(answered.answer.text, "Night trains are back.");
        assert_eq!(answered.answer.finish, Finish::Done);
        assert_eq!(answered.tokens, Some(Tokens { input: 12, output: 7 }));
    })
    .await;
}

#[tokio::test]
async fn tools_are_called_side_by_side() {
    each(async |bench| {
        let behaviour = Behaviour::text("Let me see.")
            .and_call("lookup", json!({ "city": "Paris" }))
            .and_call("lookup", json!({ "city": "Łódź" }))
            .and_call("other", json!({}))
            .pieces(4);
        bench.fake.push(behaviour);
        let answer = bench.answer(&with_tools("Weather?", &["lookup", "other"])).await.answer;
        assert_eq!(answer.text, "Let me see.");
        let calls: Vec<_> = answer.tool_calls.iter().map(|call| (&*call.tool, &call.arguments)).collect();
        let expected = [
            ("lookup", &json!({ "city": "Paris" })),
            ("lookup", &json!({ "city": "Łódź" })),
            ("other", &json!({})),
        ];
        assert_eq!(calls, expected, "{:?}", bench.kind);
        let ids: HashSet<_> = answer.tool_calls.iter().map(|call| &call.id).collect();
        assert_eq!(ids.len(), 3);
        assert!(answer.tool_calls.iter().all(|call| !call.id.is_empty()));
    })
    .await;
}

#[tokio::test]
async fn calls_without_an_id_or_with_the_same_one_are_told_apart() {
    each(async |bench| {
        let call = |id: &str| ToolCall {
            id: Some(id.into()),
            tool: "lookup".into(),
            arguments: json!({ "city": "Paris" }),
            raw: None,
        };
        let tool_calls = vec![call("same"), call("same"), call(""), call("")];
        bench.fake.push(Behaviour { tool_calls, ..Behaviour::default() });
        let answer = bench.answer(&with_tools("Weather?", &["lookup"])).await.answer;
        let ids: HashSet<_> = answer.tool_calls.iter().map(|call| call.id.as_str()).collect();
        assert_eq!(ids.len(), 4, "{:?}: {ids:?}", bench.kind);
        assert!(!ids.contains(""));
    })
    .await;
}

#[tokio::test]
async fn arguments_that_are_not_json_are_kept_as_they_were_written() {
    each(async |bench| {
        bench.fake.push(Behaviour::default().and_raw_call("lookup", "{\"city\": Par"));
        let answer = bench.answer(&with_tools("Weather?", &["lookup"])).await.answer;
        assert_eq!(answer.tool_calls[0].arguments, Value::from("{\"city\": Par"), "{:?}", bench.kind);
    })
    .await;
}

#[tokio::test]
async fn an_answer_is_the_same_however_its_bytes_are_cut() {
    each(async |bench| {
        for bytes in [1, 2, 3, 7, 64] {
            let behaviour = Behaviour::text("Grüße aus Łódź 🚆, 今日は!")
                .and_call("lookup", json!({ "city": "Łódź 🚆" }));
            bench.fake.push(behaviour.usage(3, 4).write_bytes(bytes));
            let answered = bench.answer(&with_tools("Weather?", &["lookup"])).await;
            assert_eq!(answered.answer.text, "Grüße aus Łódź 🚆, 今日は!", "{:?} in {bytes}", bench.kind);
            assert_eq!(answered.answer.tool_calls[0].arguments, json!({ "city": "Łódź 🚆" }));
            assert_eq!(answered.tokens, Some(Tokens { input: 3, output: 4 }));
        }
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_was_cut_short_or_withheld_says_so() {
    each(async |bench| {
        bench.fake.push(Behaviour { finish: FakeFinish::Length, ..Behaviour::text("Night tr") });
        assert_eq!(bench.answer(&question("Well?")).await.answer.finish, Finish::Length, "{:?}", bench.kind);
        if bench.kind != ProviderKind::Ollama {
            bench.fake.push(Behaviour { finish: FakeFinish::Filtered, ..Behaviour::text("Night tr") });
            assert_eq!(bench.answer(&question("Well?")).await.answer.finish, Finish::Filtered);
        }
    })
    .await;
}

#[tokio::test]
async fn a_stream_that_says_it_is_finished_needs_no_further_mark() {
    each(async |bench| {
        bench.fake.push(Behaviour::text("Done.").usage(3, 4).ends(End::Unmarked));
        let answered = bench.answer(&question("Well?")).await;
        assert_eq!(answered.answer.text, "Done.", "{:?}", bench.kind);
        assert_eq!(answered.tokens, Some(Tokens { input: 3, output: 4 }));
    })
    .await;
}

#[tokio::test]
async fn unprompted_the_fake_completes() {
    each(async |bench| {
        let answered = bench.answer(&with_tools("Do it.", &["lookup", "complete"])).await;
        assert_eq!(answered.answer.tool_calls[0].tool, "complete", "{:?}", bench.kind);
        assert_eq!(answered.tokens, Some(Tokens { input: 100, output: 50 }));
        let mut request = with_tools("Do it.", &["complete"]);
        request.tools[0].parameters["properties"] = json!({ "outcome": { "enum": ["approved", "revise"] } });
        let answered = bench.answer(&request).await;
        assert_eq!(answered.answer.tool_calls[0].arguments["outcome"], "approved");
        assert!(bench.answer(&question("Well?")).await.answer.tool_calls.is_empty());
    })
    .await;
}

#[tokio::test]
async fn dropping_a_call_ends_its_connection() {
    each(async |bench| {
        for end in [End::Hang, End::Stall] {
            let before = bench.fake.count();
            bench.fake.push(Behaviour::text("Night").ends(end));
            let request = question("Well?");
            tokio::select! {
                _ = bench.hear(&request) => panic!("{:?} answered", bench.kind),
                _ = bench.fake.wait_for_requests(before + 1) => {}
            }
            let requests = bench.fake.wait_for_disconnects(before + 1).await;
            assert!(requests.last().unwrap().gone);
        }
    })
    .await;
}

/// Waiting runs are many: what each holds while it waits is a few cache lines here, and the
/// connection.
#[tokio::test]
async fn a_call_that_waits_is_small() {
    let bench = Bench::of(ProviderKind::Openai).await;
    let (request, key) = (question("Well?"), Secret::new(KEY));
    let call = Call { request: &request, model: &bench.model, key: Some(&key) };
    let mut deltas = |_: &str| {};
    let future = bench.providers.answer(call, &mut deltas);
    assert!(size_of_val(&future) <= 2048, "{} bytes", size_of_val(&future));
}

#[tokio::test]
async fn servers_that_keep_to_openai_s_format_only_roughly_are_understood() {
    let bench = Bench::of(ProviderKind::OpenaiCompatible).await;
    let mut request = with_tools("Weather?", &["lookup"]);
    request.messages.clear();
    let raw = |content_type: &str, body: &str| {
        bench.fake.push(Behaviour::status(200, body).header("content-type", content_type));
    };
    raw(
        "text/event-stream; charset=utf-8",
        "\u{feff}: OPENROUTER PROCESSING\r\n\r\nevent: hello\r\ndata: {\"whatever\":1}\r\n\r\n\
         data: {\"choices\":[]}\r\n\r\ndata: {\"choices\":null,\"usage\":null}\r\n\r\n\
         data: {\"choices\":[{\"delta\":{\"content\":[{\"type\":\"text\",\"text\":\"par\"}]}}]}\r\n\r\n\
         data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"not asked for\"}}]}\r\n\r\n\
         data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"ts\",\"tool_calls\":null}}]}\r\n\r\n\
         data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"function\":{\"name\":\"lookup\",\"arguments\":{\"city\":\"Rome\"}}}]}}]}\r\n\r\n\
         data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"b\",\"function\":{\"name\":\"lookup\",\"arguments\":\"\"}}]}}]}\r\n\r\n\
         data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"lookup\",\"arguments\":\"{}\"}}]}}]}\r\n\r\n\
         data: [DONE]",
    );
    let answer = bench.answer(&request).await.answer;
    assert_eq!(answer.text, "parts");
    let calls: Vec<_> =
        answer.tool_calls.iter().map(|call| (&*call.id, call.arguments.to_string())).collect();
    let expected = [("made-1", r#"{"city":"Rome"}"#), ("b", "{}"), ("c", "{}")];
    assert_eq!(calls, expected.map(|(id, arguments)| (id, arguments.to_owned())));
    raw(
        "application/json",
        r#"{"choices":[{"message":{"content":"In one piece."},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#,
    );
    let answered = bench.answer(&request).await;
    assert_eq!((&*answered.answer.text, answered.tokens.unwrap().output), ("In one piece.", 2));
}
