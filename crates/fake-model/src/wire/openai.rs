//! OpenAI's chat completions.

use serde_json::{Value, json};

use super::{Frames, event};
use crate::behaviour::{Behaviour, Finish, Usage, pieces};

pub(super) fn frames(behaviour: &Behaviour) -> Frames {
    let mut content = vec![chunk(json!({ "role": "assistant", "content": "" }), Value::Null)];
    for piece in behaviour.text_pieces() {
        content.push(chunk(json!({ "content": piece }), Value::Null));
    }
    for (index, call) in behaviour.tool_calls.iter().enumerate() {
        let mut head =
            json!({ "index": index, "type": "function", "function": { "name": call.tool, "arguments": "" } });
        if let Some(id) = call.id(index + 1) {
            head["id"] = id.into();
        }
        content.push(chunk(json!({ "tool_calls": [head] }), Value::Null));
        for piece in pieces(&call.text(), behaviour.pieces) {
            let piece = json!({ "index": index, "function": { "arguments": piece } });
            content.push(chunk(json!({ "tool_calls": [piece] }), Value::Null));
        }
    }
    let mut finish = vec![chunk(json!({}), reason(behaviour).into())];
    if let Some(counted) = behaviour.usage {
        finish.push(event(&json!({ "id": "chatcmpl-1", "choices": [], "usage": usage(counted) })));
    }
    Frames { content, finish, last: Some(b"data: [DONE]\n\n".to_vec()) }
}

pub(super) fn whole(behaviour: &Behaviour) -> Vec<u8> {
    let calls: Vec<_> = behaviour
        .tool_calls
        .iter()
        .enumerate()
        .map(|(index, call)| {
            let function = json!({ "name": call.tool, "arguments": call.text() });
            json!({ "id": call.id(index + 1), "type": "function", "function": function })
        })
        .collect();
    let mut message = json!({ "role": "assistant", "content": behaviour.text_pieces().concat() });
    if !calls.is_empty() {
        message["tool_calls"] = calls.into();
    }
    let choice = json!({ "index": 0, "message": message, "finish_reason": reason(behaviour) });
    let usage = behaviour.usage.map(usage);
    json!({ "id": "chatcmpl-1", "object": "chat.completion", "choices": [choice], "usage": usage })
        .to_string()
        .into_bytes()
}

pub(super) fn error(kind: &str, message: &str) -> Vec<u8> {
    event(&json!({ "error": { "message": message, "type": kind, "code": null } }))
}

fn chunk(delta: Value, finish_reason: Value) -> Vec<u8> {
    let choice = json!({ "index": 0, "delta": delta, "finish_reason": finish_reason });
    event(&json!({ "id": "chatcmpl-1", "object": "chat.completion.chunk", "choices": [choice] }))
}

fn usage(usage: Usage) -> Value {
    let Usage { input, output } = usage;
    json!({ "prompt_tokens": input, "completion_tokens": output, "total_tokens": input + output })
}

fn reason(behaviour: &Behaviour) -> &'static str {
    match behaviour.finish {
        Finish::Done if behaviour.tool_calls.is_empty() => "stop",
        Finish::Done => "tool_calls",
        Finish::Length => "length",
        Finish::Filtered => "content_filter",
    }
}
