//! Ollama's chat.

use serde_json::{Value, json};

use super::Frames;
use crate::behaviour::{Behaviour, Finish};

pub(super) fn frames(behaviour: &Behaviour) -> Frames {
    let mut content: Vec<_> = behaviour.text_pieces().into_iter().map(|piece| said(piece, None)).collect();
    let calls: Vec<_> = behaviour
        .tool_calls
        .iter()
        .map(|call| json!({ "function": { "name": call.tool, "arguments": call.json() } }))
        .collect();
    if !calls.is_empty() {
        content.push(said(String::new(), Some(calls.into())));
    }
    let reason = match behaviour.finish {
        Finish::Done | Finish::Filtered => "stop",
        Finish::Length => "length",
    };
    let mut finish =
        json!({ "message": { "role": "assistant", "content": "" }, "done": true, "done_reason": reason });
    if let Some(usage) = behaviour.usage {
        finish["prompt_eval_count"] = usage.input.into();
        finish["eval_count"] = usage.output.into();
    }
    Frames { content, finish: vec![line(&finish)], last: None }
}

pub(super) fn error(message: &str) -> Vec<u8> {
    line(&json!({ "error": message }))
}

fn said(content: String, tool_calls: Option<Value>) -> Vec<u8> {
    let mut message = json!({ "role": "assistant", "content": content });
    if let Some(tool_calls) = tool_calls {
        message["tool_calls"] = tool_calls;
    }
    line(&json!({ "model": "fake", "message": message, "done": false }))
}

fn line(data: &Value) -> Vec<u8> {
    format!("{data}\n").into_bytes()
}
