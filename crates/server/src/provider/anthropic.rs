//! Anthropic's messages.
//!
//! Thoughts are signed and must come back as they were, in their place among the rest: an answer that
//! has some keeps all its blocks in its echo. The answer is whole once it has its `stop_reason`.

use std::borrow::Cow;

use callboard_engine::call::{Answer, Failure, Finish, Tokens, ToolCall, ToolResult};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

use super::conversation::{self, Offer, Part};
use super::draft::Draft;
use super::http::{Framing, Outgoing, Progress};
use super::refusal::{self, Said};
use super::{Call, http};

const BASE_URL: &str = "https://api.anthropic.com";

/// The version of the format that this module speaks.
const VERSION: &str = "2023-06-01";

/// The longest answer, where the model's parameters do not say: the format demands a number, and all
/// models allow this one.
const MAX_TOKENS: u32 = 8192;

/// Parameters that are this module's to set.
const RESERVED: [&str; 6] = ["model", "system", "messages", "tools", "tool_choice", "stream"];

/// The name of this format's part of an answer's echo.
const ECHO: &str = "anthropic";

/// Puts the question into the format.
pub(super) fn ask(call: Call<'_>) -> Result<Outgoing, Failure> {
    let url = conversation::address(call.model, BASE_URL, "/v1", "/messages");
    let mut outgoing = Outgoing::new(&url, Framing::Events, &Body { call })?;
    outgoing.header("anthropic-version", VERSION);
    outgoing.key("x-api-key", "", call)?;
    Ok(outgoing)
}

struct Body<'a> {
    call: Call<'a>,
}

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let call = self.call;
        let parameters = &call.model.parameters;
        let mut body = serializer.serialize_map(None)?;
        body.serialize_entry("model", &call.model.model)?;
        if !call.request.system.is_empty() {
            body.serialize_entry("system", &call.request.system)?;
        }
        body.serialize_entry("messages", &messages(call))?;
        // A model that thinks must be free in what it calls, so it is offered that one tool alone.
        let thinks = parameters.get("thinking").is_some_and(|thinking| thinking["type"] != "disabled");
        let tools = conversation::tools(call, if thinks { Offer::Forced } else { Offer::All });
        if !tools.is_empty() {
            let tools = tools.into_iter().map(|tool| Tool {
                name: &tool.name,
                description: &tool.description,
                input_schema: &tool.parameters,
            });
            body.serialize_entry("tools", &tools.collect::<Vec<_>>())?;
            if let Some(tool) = conversation::must_call(call).filter(|_| !thinks) {
                body.serialize_entry("tool_choice", &json!({ "type": "tool", "name": tool }))?;
            }
        }
        body.serialize_entry("stream", &true)?;
        let max_tokens = parameters.get("max_tokens").or_else(|| parameters.get("max_completion_tokens"));
        body.serialize_entry("max_tokens", max_tokens.unwrap_or(&Value::from(MAX_TOKENS)))?;
        for (name, value) in parameters {
            match (name.as_str(), value) {
                ("max_tokens" | "max_completion_tokens", _) => {}
                ("stop", Value::String(_)) => body.serialize_entry("stop_sequences", &[value])?,
                ("stop", _) => body.serialize_entry("stop_sequences", value)?,
                (name, _) if RESERVED.contains(&name) => {}
                (name, _) => body.serialize_entry(name, value)?,
            }
        }
        body.end()
    }
}

#[derive(Serialize)]
struct Tool<'a> {
    name: &'a str,
    description: &'a str,
    input_schema: &'a Value,
}

#[derive(Serialize)]
struct Outbound<'a> {
    role: &'static str,
    content: Vec<OutboundBlock<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum OutboundBlock<'a> {
    Text {
        text: Cow<'a, str>,
    },
    ToolUse {
        id: &'a str,
        name: &'a str,
        input: Cow<'a, Value>,
    },
    ToolResult {
        tool_use_id: &'a str,
        content: &'a str,
        is_error: bool,
    },
    #[serde(untagged)]
    Echo(&'a Value),
}

/// The conversation, alternating: results of tools are the user's to tell, before anything else.
fn messages<'a>(call: Call<'a>) -> Vec<Outbound<'a>> {
    let mut messages: Vec<Outbound<'a>> = Vec::new();
    for part in conversation::parts(call) {
        let (role, content) = match part {
            Part::User(text) => ("user", text_block(text).into_iter().collect()),
            Part::Answer(answer, calls) => ("assistant", answered(answer, calls)),
            Part::Results(results) => ("user", results.iter().map(result_block).collect()),
        };
        match messages.last_mut() {
            _ if content.is_empty() => {}
            Some(last) if last.role == role => last.content.extend(content),
            Some(_) | None => messages.push(Outbound { role, content }),
        }
    }
    messages
}

fn answered<'a>(answer: &'a Answer, calls: &'a [ToolCall]) -> Vec<OutboundBlock<'a>> {
    let echo = answer.echo.as_ref().and_then(|echo| echo.get(ECHO)).and_then(Value::as_array);
    if let Some(echo) = echo.filter(|_| calls.len() == answer.tool_calls.len()) {
        return echo.iter().map(OutboundBlock::Echo).collect();
    }
    let calls = calls.iter().map(|call| OutboundBlock::ToolUse {
        id: &call.id,
        name: &call.tool,
        input: conversation::object(&call.arguments),
    });
    text_block(Cow::Borrowed(&answer.text)).into_iter().chain(calls).collect()
}

/// A block of text; none where there is nothing to read, which the provider refuses.
fn text_block(text: Cow<'_, str>) -> Option<OutboundBlock<'_>> {
    (!text.trim().is_empty()).then_some(OutboundBlock::Text { text })
}

fn result_block(result: &ToolResult) -> OutboundBlock<'_> {
    OutboundBlock::ToolResult { tool_use_id: &result.id, content: &result.text, is_error: result.failed }
}

#[derive(Deserialize)]
struct Inbound<'a> {
    #[serde(borrow)]
    r#type: Cow<'a, str>,
    #[serde(default)]
    index: u64,
    #[serde(borrow, default)]
    delta: Option<Delta<'a>>,
    #[serde(default)]
    content_block: Option<Value>,
    #[serde(default)]
    message: Option<InboundMessage>,
    #[serde(default)]
    usage: Option<Usage>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Delta<'a> {
    #[serde(borrow, default)]
    text: Cow<'a, str>,
    #[serde(borrow, default)]
    partial_json: Cow<'a, str>,
    #[serde(borrow, default)]
    thinking: Cow<'a, str>,
    #[serde(borrow, default)]
    signature: Cow<'a, str>,
    #[serde(default)]
    stop_reason: Option<String>,
}

#[derive(Deserialize)]
struct InboundMessage {
    #[serde(default)]
    usage: Option<Usage>,
}

/// What is counted; later events repeat only some of it.
#[derive(Clone, Copy, Default, Deserialize)]
struct Usage {
    #[serde(default)]
    input_tokens: Option<u64>,
    #[serde(default)]
    cache_creation_input_tokens: Option<u64>,
    #[serde(default)]
    cache_read_input_tokens: Option<u64>,
    #[serde(default)]
    output_tokens: Option<u64>,
}

/// Reads the events of a message.
#[derive(Default)]
pub(super) struct Reader {
    progress: Progress,
    usage: Option<Usage>,
    /// The blocks so far, as they go into the echo.
    blocks: Vec<Block>,
}

struct Block {
    index: u64,
    /// As it began.
    head: Value,
    /// What deltas added to its text, thought or input.
    body: String,
    signature: String,
}

impl http::Reader for Reader {
    fn take(&mut self, data: &[u8], draft: &mut Draft<'_>) -> Result<(), Failure> {
        let inbound: Inbound<'_> =
            serde_json::from_slice(data).map_err(|error| refusal::unreadable(&error))?;
        if let Some(error) = inbound.error.filter(|error| !error.is_null()) {
            return Err(Said::of(&error).into_failure());
        }
        if let Some(usage) = inbound.message.and_then(|message| message.usage).or(inbound.usage) {
            self.count(usage);
        }
        match &*inbound.r#type {
            "content_block_start" => {
                draft.count(data.len())?;
                self.open(inbound.index, inbound.content_block.unwrap_or_default(), draft)
            }
            "content_block_delta" => match inbound.delta {
                Some(delta) => self.grow(inbound.index, &delta, draft),
                None => Ok(()),
            },
            "message_delta" => {
                if let Some(reason) = inbound.delta.and_then(|delta| delta.stop_reason) {
                    draft.finish = finish_of(&reason);
                    self.progress = Progress::Finished;
                }
                Ok(())
            }
            "message_stop" => {
                self.progress = Progress::Ended;
                Ok(())
            }
            // Pings, ends of blocks, and whatever is invented next.
            _ => Ok(()),
        }
    }

    fn progress(&self) -> Progress {
        self.progress
    }

    fn finish(&mut self, draft: &mut Draft<'_>) {
        draft.tokens = self.usage.map(|usage| Tokens {
            input: usage.input_tokens.unwrap_or(0)
                + usage.cache_creation_input_tokens.unwrap_or(0)
                + usage.cache_read_input_tokens.unwrap_or(0),
            output: usage.output_tokens.unwrap_or(0),
        });
        let plain = |block: &Block| matches!(block.head["type"].as_str(), Some("text" | "tool_use"));
        if !self.blocks.iter().all(plain) {
            let blocks: Vec<_> = self.blocks.drain(..).filter_map(Block::into_echo).collect();
            draft.echo = Some(json!({ ECHO: blocks }));
        }
    }
}

fn finish_of(reason: &str) -> Finish {
    match reason {
        "max_tokens" | "model_context_window_exceeded" => Finish::Length,
        "refusal" => Finish::Filtered,
        _ => Finish::Done,
    }
}

impl Reader {
    fn count(&mut self, newer: Usage) {
        let usage = self.usage.get_or_insert_default();
        usage.input_tokens = newer.input_tokens.or(usage.input_tokens);
        usage.cache_creation_input_tokens =
            newer.cache_creation_input_tokens.or(usage.cache_creation_input_tokens);
        usage.cache_read_input_tokens = newer.cache_read_input_tokens.or(usage.cache_read_input_tokens);
        usage.output_tokens = newer.output_tokens.or(usage.output_tokens);
    }

    fn open(&mut self, index: u64, head: Value, draft: &mut Draft<'_>) -> Result<(), Failure> {
        let text = |name: &str| head[name].as_str().unwrap_or_default();
        match text("type") {
            "tool_use" => draft.open_call(index, text("id"), text("name"))?,
            "text" => draft.words(text("text"))?,
            _ => {}
        }
        let body = match text("type") {
            "text" => text("text").to_owned(),
            "thinking" => text("thinking").to_owned(),
            _ => String::new(),
        };
        let signature = text("signature").to_owned();
        self.blocks.push(Block { index, head, body, signature });
        Ok(())
    }

    fn grow(&mut self, index: u64, delta: &Delta<'_>, draft: &mut Draft<'_>) -> Result<(), Failure> {
        draft.words(&delta.text)?;
        if !delta.partial_json.is_empty() {
            draft.arguments(index, &delta.partial_json)?;
        }
        draft.count(delta.thinking.len() + delta.signature.len())?;
        if let Some(block) = self.blocks.iter_mut().rev().find(|block| block.index == index) {
            block.signature.push_str(&delta.signature);
            for piece in [&delta.text, &delta.partial_json, &delta.thinking] {
                block.body.push_str(piece);
            }
        }
        Ok(())
    }
}

impl Block {
    /// The block as it was written; none where it holds nothing, which the provider refuses.
    fn into_echo(mut self) -> Option<Value> {
        let kind = self.head["type"].as_str().unwrap_or_default();
        match kind {
            "text" if self.body.trim().is_empty() => return None,
            "text" => self.head["text"] = self.body.into(),
            "thinking" => {
                self.head["thinking"] = self.body.into();
                self.head["signature"] = self.signature.into();
            }
            _ if !self.body.is_empty() => {
                let input = serde_json::from_str(&self.body).unwrap_or(Value::String(self.body));
                self.head["input"] = conversation::object(&input).into_owned();
            }
            _ => {}
        }
        Some(self.head)
    }
}
