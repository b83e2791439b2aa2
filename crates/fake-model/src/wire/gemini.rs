//! Google's Gemini.

use serde_json::{Value, json};

use super::{Frames, event};
use crate::behaviour::{Behaviour, Finish};

pub(super) fn frames(behaviour: &Behaviour) -> Frames {
    let mut content = Vec::new();
    if let Some(thought) = &behaviour.thinking {
        content.push(part(json!({ "text": thought, "thought": true })));
    }
    for piece in behaviour.text_pieces() {
        content.push(part(json!({ "text": piece })));
    }
    for (index, call) in behaviour.tool_calls.iter().enumerate() {
        let mut function = json!({ "name": call.tool, "args": call.json() });
        if let Some(id) = call.id.as_ref().filter(|id| !id.is_empty()) {
            function["id"] = id.as_str().into();
        }
        let mut called = json!({ "functionCall": function });
        // The thought behind several calls is signed at the first.
        if behaviour.thinking.is_some() && index == 0 {
            called["thoughtSignature"] = "signed".into();
        }
        content.push(part(called));
    }
    let mut finish = json!({
        "candidates": [{ "index": 0, "content": { "role": "model", "parts": [{ "text": "" }] }, "finishReason": reason(behaviour) }],
    });
    if let Some(usage) = behaviour.usage {
        finish["usageMetadata"] =
            json!({ "promptTokenCount": usage.input, "candidatesTokenCount": usage.output });
    }
    Frames { content, finish: vec![event(&finish)], last: None }
}

pub(super) fn error(kind: &str, message: &str) -> Vec<u8> {
    event(&json!({ "error": { "message": message, "status": kind } }))
}

fn part(part: Value) -> Vec<u8> {
    event(&json!({ "candidates": [{ "index": 0, "content": { "role": "model", "parts": [part] } }] }))
}

fn reason(behaviour: &Behaviour) -> &'static str {
    match behaviour.finish {
        Finish::Done => "STOP",
        Finish::Length => "MAX_TOKENS",
        Finish::Filtered => "SAFETY",
    }
}
