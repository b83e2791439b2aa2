//! Anthropic's messages.

use serde_json::{Value, json};

use super::Frames;
use crate::behaviour::{Behaviour, Finish, pieces};

pub(super) fn frames(behaviour: &Behaviour) -> Frames {
    let usage = behaviour.usage.unwrap_or_default();
    let message = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "content": [],
        "usage": { "input_tokens": usage.input, "output_tokens": 1 },
    });
    let mut content = vec![event("message_start", json!({ "message": message })), event("ping", json!({}))];
    let mut blocks = Blocks { content: &mut content, count: 0 };
    if let Some(thought) = &behaviour.thinking {
        let deltas = [
            json!({ "type": "thinking_delta", "thinking": thought }),
            json!({ "type": "signature_delta", "signature": "signed" }),
        ];
        blocks.add(json!({ "type": "thinking", "thinking": "", "signature": "" }), deltas);
    }
    let text = behaviour.text_pieces();
    if !text.is_empty() {
        let deltas = text.into_iter().map(|piece| json!({ "type": "text_delta", "text": piece }));
        blocks.add(json!({ "type": "text", "text": "" }), deltas);
    }
    for (index, call) in behaviour.tool_calls.iter().enumerate() {
        let id = call.id(index + 1).unwrap_or_default();
        let deltas = pieces(&call.text(), behaviour.pieces)
            .into_iter()
            .map(|piece| json!({ "type": "input_json_delta", "partial_json": piece }));
        blocks.add(json!({ "type": "tool_use", "id": id, "name": call.tool, "input": {} }), deltas);
    }
    let delta = json!({ "stop_reason": reason(behaviour), "stop_sequence": null });
    let finish =
        event("message_delta", json!({ "delta": delta, "usage": { "output_tokens": usage.output } }));
    Frames { content, finish: vec![finish], last: Some(event("message_stop", json!({}))) }
}

struct Blocks<'a> {
    content: &'a mut Vec<Vec<u8>>,
    count: usize,
}

impl Blocks<'_> {
    fn add(&mut self, block: Value, deltas: impl IntoIterator<Item = Value>) {
        let index = self.count;
        self.count += 1;
        self.content.push(event("content_block_start", json!({ "index": index, "content_block": block })));
        for delta in deltas {
            self.content.push(event("content_block_delta", json!({ "index": index, "delta": delta })));
        }
        self.content.push(event("content_block_stop", json!({ "index": index })));
    }
}

pub(super) fn error(kind: &str, message: &str) -> Vec<u8> {
    event("error", json!({ "error": { "type": kind, "message": message } }))
}

fn event(name: &str, mut data: Value) -> Vec<u8> {
    data["type"] = name.into();
    format!("event: {name}\ndata: {data}\n\n").into_bytes()
}

fn reason(behaviour: &Behaviour) -> &'static str {
    match behaviour.finish {
        Finish::Done if behaviour.tool_calls.is_empty() => "end_turn",
        Finish::Done => "tool_use",
        Finish::Length => "max_tokens",
        Finish::Filtered => "refusal",
    }
}
