//! What each provider is sent.

use std::sync::Arc;

use callboard_engine::call::{Answer, Finish, Message, ToolCall, ToolResult};
use callboard_engine::definition::ProviderKind;
use callboard_fake_model::Behaviour;
use serde_json::{Value, json};

use crate::bench::{Bench, KEY, each, parameters, question, with_tools};

/// Checks what is sent against a table.
fn check(bench: &Bench, sent: &Value, expected: impl Fn(ProviderKind) -> Value) {
    assert_eq!(*sent, expected(bench.kind), "{:?} sent\n{sent:#}", bench.kind);
}

/// The conversation, where each format puts it.
fn conversation(bench: &Bench) -> Value {
    let sent = bench.sent();
    sent.get("messages").or_else(|| sent.get("contents")).unwrap().clone()
}

#[tokio::test]
async fn a_question_is_sent_in_the_provider_s_shape() {
    each(async |bench| {
        bench.answer(&with_tools("Weather?", &["lookup"])).await;
        check(&bench, &bench.sent(), |kind| match kind {
            ProviderKind::Openai | ProviderKind::OpenaiCompatible => json!({
                "model": "fake",
                "messages": [
                    { "role": "system", "content": "You are the editor." },
                    { "role": "user", "content": "Weather?" },
                ],
                "tools": [{ "type": "function", "function": {
                    "name": "lookup", "description": "Does lookup.", "parameters": parameters(),
                } }],
                "stream": true,
                "stream_options": { "include_usage": true },
            }),
            ProviderKind::Anthropic => json!({
                "model": "fake",
                "system": "You are the editor.",
                "messages": [{ "role": "user", "content": [{ "type": "text", "text": "Weather?" }] }],
                "tools": [{ "name": "lookup", "description": "Does lookup.", "input_schema": parameters() }],
                "stream": true,
                "max_tokens": 8192,
            }),
            ProviderKind::Gemini => json!({
                "systemInstruction": { "parts": [{ "text": "You are the editor." }] },
                "contents": [{ "role": "user", "parts": [{ "text": "Weather?" }] }],
                "tools": [{ "functionDeclarations": [{
                    "name": "lookup", "description": "Does lookup.", "parametersJsonSchema": parameters(),
                }] }],
            }),
            ProviderKind::Ollama => json!({
                "model": "fake",
                "messages": [
                    { "role": "system", "content": "You are the editor." },
                    { "role": "user", "content": "Weather?" },
                ],
                "tools": [{ "type": "function", "function": {
                    "name": "lookup", "description": "Does lookup.", "parameters": parameters(),
                } }],
                "stream": true,
            }),
            ProviderKind::Simulated => panic!("it is sent nothing"),
        });
    })
    .await;
}

#[tokio::test]
async fn the_key_travels_in_the_provider_s_own_header_and_not_in_the_address() {
    each(async |bench| {
        bench.answer(&question("Well?")).await;
        let sent = bench.fake.requests().pop().unwrap();
        let (header, before, path) = match bench.kind {
            ProviderKind::Openai | ProviderKind::OpenaiCompatible => {
                ("authorization", "Bearer ", "/v1/chat/completions")
            }
            ProviderKind::Ollama => ("authorization", "Bearer ", "/api/chat"),
            ProviderKind::Anthropic => ("x-api-key", "", "/v1/messages"),
            ProviderKind::Gemini => {
                ("x-goog-api-key", "", "/v1beta/models/fake:streamGenerateContent?alt=sse")
            }
            ProviderKind::Simulated => panic!("it is sent nothing"),
        };
        assert_eq!(sent.header(header), format!("{before}{KEY}"));
        assert_eq!(sent.path, path);
        assert_eq!(sent.header("content-type"), "application/json");
        assert_eq!(sent.header("anthropic-version").is_empty(), bench.kind != ProviderKind::Anthropic);
        assert!(!String::from_utf8_lossy(&sent.body).contains(KEY));
    })
    .await;
}

#[tokio::test]
async fn an_address_may_end_where_people_end_it() {
    each(async |mut bench| {
        let at = format!("http://{}", bench.fake.address());
        let ends: &[&str] = match bench.kind {
            ProviderKind::Openai | ProviderKind::OpenaiCompatible => &["/v1", "/v1/"],
            ProviderKind::Anthropic => &["", "/", "/v1", "/v1/"],
            ProviderKind::Gemini => &["", "/", "/v1beta", "/v1beta/"],
            ProviderKind::Ollama => &["", "/", "/api", "/api/"],
            ProviderKind::Simulated => panic!("it has no address"),
        };
        for end in ends {
            bench.model.base_url = Some(format!("{at}{end}"));
            bench.answer(&question("Well?")).await;
        }
    })
    .await;
}

/// A conversation in which two tools were called, one of them wrongly, and something was said after.
async fn converse(bench: &Bench, thinking: Option<&str>) {
    let mut request = with_tools("Weather?", &["lookup"]);
    let first = Behaviour::text("Let me see.")
        .and_call("lookup", json!({ "city": "Paris" }))
        .and_raw_call("lookup", "Łódź");
    bench.fake.push(Behaviour { thinking: thinking.map(str::to_owned), ..first });
    let answer = bench.answer(&request).await.answer;
    let result = |call: &ToolCall, text: &str, failed| ToolResult {
        id: call.id.clone(),
        tool: call.tool.clone(),
        text: text.into(),
        failed,
    };
    let [good, bad] = answer.tool_calls.as_slice() else { panic!("two calls, not {answer:?}") };
    let results = vec![result(good, "Sun", false), result(bad, "Not an object", true)];
    request.messages.push(Message::Answer(Arc::new(answer)));
    request.messages.push(Message::ToolResults(results));
    request.messages.push(Message::User("Go on.".into()));
    request.messages.push(Message::User("Soon.".into()));
    bench.answer(&request).await;
}

#[tokio::test]
async fn a_conversation_goes_on_with_what_the_tools_gave() {
    each(async |bench| {
        converse(&bench, None).await;
        check(&bench, &conversation(&bench), conversed);
    })
    .await;
}

fn conversed(kind: ProviderKind) -> Value {
    let (sun, wrong, more) = ("Sun", "Not an object", "Go on.\n\nSoon.");
    let (paris, bad) = (json!({ "city": "Paris" }), json!({ "not_an_object": "Łódź" }));
    match kind {
        ProviderKind::Openai | ProviderKind::OpenaiCompatible => {
            let call = |id, arguments: &Value| {
                let function = json!({ "name": "lookup", "arguments": arguments.to_string() });
                json!({ "id": id, "type": "function", "function": function })
            };
            json!([
                { "role": "system", "content": "You are the editor." },
                { "role": "user", "content": "Weather?" },
                { "role": "assistant", "content": "Let me see.",
                  "tool_calls": [call("call_1", &paris), call("call_2", &bad)] },
                { "role": "tool", "content": sun, "tool_call_id": "call_1" },
                { "role": "tool", "content": wrong, "tool_call_id": "call_2" },
                { "role": "user", "content": more },
            ])
        }
        ProviderKind::Anthropic => json!([
            { "role": "user", "content": [{ "type": "text", "text": "Weather?" }] },
            { "role": "assistant", "content": [
                { "type": "text", "text": "Let me see." },
                { "type": "tool_use", "id": "call_1", "name": "lookup", "input": paris },
                { "type": "tool_use", "id": "call_2", "name": "lookup", "input": bad },
            ] },
            { "role": "user", "content": [
                { "type": "tool_result", "tool_use_id": "call_1", "content": sun, "is_error": false },
                { "type": "tool_result", "tool_use_id": "call_2", "content": wrong, "is_error": true },
                { "type": "text", "text": more },
            ] },
        ]),
        ProviderKind::Gemini => json!([
            { "role": "user", "parts": [{ "text": "Weather?" }] },
            { "role": "model", "parts": [
                { "text": "Let me see." },
                { "functionCall": { "name": "lookup", "args": paris } },
                { "functionCall": { "name": "lookup", "args": bad } },
            ] },
            { "role": "user", "parts": [
                { "functionResponse": { "name": "lookup", "response": { "output": sun } } },
                { "functionResponse": { "name": "lookup", "response": { "error": wrong } } },
                { "text": more },
            ] },
        ]),
        ProviderKind::Ollama => json!([
            { "role": "system", "content": "You are the editor." },
            { "role": "user", "content": "Weather?" },
            { "role": "assistant", "content": "Let me see.", "tool_calls": [
                { "function": { "name": "lookup", "arguments": paris } },
                { "function": { "name": "lookup", "arguments": bad } },
            ] },
            { "role": "tool", "content": sun, "tool_name": "lookup" },
            { "role": "tool", "content": wrong, "tool_name": "lookup" },
            { "role": "user", "content": more },
        ]),
        ProviderKind::Simulated => panic!("it is sent nothing"),
    }
}

#[tokio::test]
async fn signed_thoughts_come_back_where_they_were() {
    each(async |bench| {
        converse(&bench, Some("Hm.")).await;
        let said = conversation(&bench)[1].clone();
        match bench.kind {
            ProviderKind::Anthropic => {
                assert_eq!(
                    said["content"][0],
                    json!({ "type": "thinking", "thinking": "Hm.", "signature": "signed" })
                );
                assert_eq!(said["content"][1], json!({ "type": "text", "text": "Let me see." }));
                assert_eq!(said["content"][2]["input"], json!({ "city": "Paris" }));
                assert_eq!(said["content"][3]["input"], json!({ "not_an_object": "Łódź" }));
            }
            ProviderKind::Gemini => {
                assert_eq!(said["parts"][0], json!({ "text": "Let me see." }));
                assert_eq!(said["parts"][1]["thoughtSignature"], "signed");
                assert_eq!(said["parts"][2].get("thoughtSignature"), None);
            }
            ProviderKind::Openai | ProviderKind::OpenaiCompatible | ProviderKind::Ollama => {
                check(&bench, &conversation(&bench), conversed);
            }
            ProviderKind::Simulated => panic!("it thinks nothing"),
        }
    })
    .await;
}

#[tokio::test]
async fn another_provider_s_thoughts_are_not_passed_on() {
    each(async |bench| {
        let echo = match bench.kind {
            ProviderKind::Gemini => json!({ "anthropic": [{ "type": "thinking" }] }),
            ProviderKind::Anthropic
            | ProviderKind::Openai
            | ProviderKind::OpenaiCompatible
            | ProviderKind::Ollama
            | ProviderKind::Simulated => json!({ "gemini": [{ "text": "", "thoughtSignature": "signed" }] }),
        };
        let answer =
            Answer { text: "Sun".into(), tool_calls: Vec::new(), finish: Finish::Done, echo: Some(echo) };
        let mut request = question("Weather?");
        request.messages.push(Message::Answer(Arc::new(answer)));
        request.messages.push(Message::User("Sure?".into()));
        bench.answer(&request).await;
        let sent = bench.sent().to_string();
        assert!(sent.contains("Sun") && !sent.contains("signed") && !sent.contains("thinking"), "{sent}");
    })
    .await;
}

#[tokio::test]
async fn a_tool_that_must_be_called_is_demanded() {
    each(async |bench| {
        let mut request = with_tools("Finish.", &["lookup", "complete"]);
        request.must_call = Some("complete".into());
        bench.answer(&request).await;
        let sent = bench.sent();
        let demanded = json!([sent["tool_choice"], sent["toolConfig"]]);
        check(&bench, &demanded, |kind| match kind {
            ProviderKind::Openai => json!([{ "type": "function", "function": { "name": "complete" } }, null]),
            ProviderKind::OpenaiCompatible => json!(["required", null]),
            ProviderKind::Anthropic => json!([{ "type": "tool", "name": "complete" }, null]),
            ProviderKind::Gemini => {
                json!([null, { "functionCallingConfig": { "mode": "ANY", "allowedFunctionNames": ["complete"] } }])
            }
            ProviderKind::Ollama | ProviderKind::Simulated => json!([null, null]),
        });
        let alone = !sent.to_string().contains("Does lookup.");
        assert_eq!(alone, matches!(bench.kind, ProviderKind::OpenaiCompatible | ProviderKind::Ollama));
    })
    .await;
}

#[tokio::test]
async fn a_model_without_tools_is_sent_none() {
    each(async |mut bench| {
        bench.model.tools = false;
        let mut request = with_tools("Weather?", &["lookup"]);
        request.must_call = Some("lookup".into());
        let call = ToolCall { id: "a".into(), tool: "lookup".into(), arguments: json!({ "city": "Rome" }) };
        let echo = json!({ "anthropic": [{ "type": "tool_use" }], "gemini": [{ "functionCall": {} }] });
        let answer = Answer { tool_calls: vec![call], echo: Some(echo), ..Answer::default() };
        request.messages.push(Message::Answer(Arc::new(answer)));
        let result = ToolResult { id: "a".into(), tool: "lookup".into(), text: "Sun".into(), failed: false };
        request.messages.push(Message::ToolResults(vec![result]));
        bench.answer(&request).await;
        let sent = bench.sent().to_string();
        assert!(!sent.contains("tool") && !sent.contains("function"), "{sent}");
        assert!(sent.contains("lookup gave:\\nSun"), "{sent}");
    })
    .await;
}

#[tokio::test]
async fn parameters_go_by_the_provider_s_own_names() {
    each(async |mut bench| {
        let parameters = json!({ "max_tokens": 100, "temperature": 0.5, "top_p": 0.9, "stop": "END", "seed": 4, "model": "x" });
        bench.model.parameters = parameters.as_object().unwrap().clone();
        bench.answer(&question("Well?")).await;
        let mut sent = bench.sent();
        for name in ["model", "messages", "contents", "system", "systemInstruction", "stream", "stream_options"] {
            sent.as_object_mut().unwrap().shift_remove(name);
        }
        check(&bench, &sent, |kind| match kind {
            ProviderKind::Openai => {
                json!({ "max_completion_tokens": 100, "temperature": 0.5, "top_p": 0.9, "stop": "END", "seed": 4 })
            }
            ProviderKind::OpenaiCompatible => {
                json!({ "max_tokens": 100, "temperature": 0.5, "top_p": 0.9, "stop": "END", "seed": 4 })
            }
            ProviderKind::Anthropic => {
                json!({ "max_tokens": 100, "temperature": 0.5, "top_p": 0.9, "stop_sequences": ["END"], "seed": 4 })
            }
            ProviderKind::Gemini => json!({ "generationConfig": {
                "maxOutputTokens": 100, "temperature": 0.5, "topP": 0.9, "stopSequences": ["END"], "seed": 4,
            } }),
            ProviderKind::Ollama => json!({ "options": {
                "num_predict": 100, "temperature": 0.5, "top_p": 0.9, "stop": "END", "seed": 4,
            } }),
            ProviderKind::Simulated => panic!("it is sent nothing"),
        });
    })
    .await;
}
