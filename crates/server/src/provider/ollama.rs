//! Ollama's chat: a line of JSON per piece.
//!
//! A tool cannot be demanded here, so where one must be called it is the only one offered. Tool calls
//! have no ids and their results are matched by order and name. Thoughts are not kept.

use std::borrow::Cow;

use callboard_engine::call::{Failure, Finish, Tokens};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use super::conversation::{self, Offer, Part};
use super::draft::Draft;
use super::http::{Framing, Outgoing, Progress};
use super::openai::Tool;
use super::refusal::{self, Said};
use super::{Call, http};

const BASE_URL: &str = "http://127.0.0.1:11434";

/// Parameters that stand beside the options, not among them.
const OUTER: [&str; 3] = ["format", "keep_alive", "think"];

/// Parameters that are this module's to set.
const RESERVED: [&str; 4] = ["model", "messages", "tools", "stream"];

/// Puts the question into the format.
pub(super) fn ask(call: Call<'_>) -> Result<Outgoing, Failure> {
    let url = conversation::address(call.model, BASE_URL, "/api", "/chat");
    let mut outgoing = Outgoing::new(&url, Framing::Lines, &Body { call })?;
    outgoing.key("authorization", "Bearer ", call)?;
    Ok(outgoing)
}

struct Body<'a> {
    call: Call<'a>,
}

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let call = self.call;
        let mut body = serializer.serialize_map(None)?;
        body.serialize_entry("model", &call.model.model)?;
        body.serialize_entry("messages", &messages(call))?;
        let tools = conversation::tools(call, Offer::Forced);
        if !tools.is_empty() {
            body.serialize_entry("tools", &tools.into_iter().map(Tool::of).collect::<Vec<_>>())?;
        }
        body.serialize_entry("stream", &true)?;
        let mut options = Map::new();
        for (name, value) in &call.model.parameters {
            match (name.as_str(), value) {
                ("options", Value::Object(more)) => options.extend(more.clone()),
                ("max_tokens" | "max_completion_tokens", _) => {
                    options.insert("num_predict".to_owned(), value.clone());
                }
                (name, _) if OUTER.contains(&name) => body.serialize_entry(name, value)?,
                (name, _) if RESERVED.contains(&name) => {}
                (name, _) => {
                    options.insert(name.to_owned(), value.clone());
                }
            }
        }
        if !options.is_empty() {
            body.serialize_entry("options", &options)?;
        }
        body.end()
    }
}

#[derive(Serialize)]
struct Outbound<'a> {
    role: &'static str,
    content: Cow<'a, str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<OutboundCall<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_name: Option<&'a str>,
}

#[derive(Serialize)]
struct OutboundCall<'a> {
    function: OutboundFunction<'a>,
}

#[derive(Serialize)]
struct OutboundFunction<'a> {
    name: &'a str,
    arguments: Cow<'a, Value>,
}

fn messages<'a>(call: Call<'a>) -> Vec<Outbound<'a>> {
    let says = |role, content| Outbound { role, content, tool_calls: Vec::new(), tool_name: None };
    let mut messages = vec![says("system", Cow::Borrowed(call.request.system.as_str()))];
    for part in conversation::parts(call) {
        match part {
            Part::User(text) => messages.push(says("user", text)),
            Part::Answer(answer, calls) => {
                let tool_calls = calls
                    .iter()
                    .map(|call| (call.tool.as_str(), conversation::object(&call.arguments)))
                    .map(|(name, arguments)| OutboundCall { function: OutboundFunction { name, arguments } })
                    .collect();
                messages.push(Outbound { tool_calls, ..says("assistant", Cow::Borrowed(&answer.text)) });
            }
            Part::Results(results) => messages.extend(results.iter().map(|result| Outbound {
                tool_name: Some(&result.tool),
                ..says("tool", Cow::Borrowed(&result.text))
            })),
        }
    }
    messages
}

#[derive(Deserialize)]
struct Inbound<'a> {
    #[serde(borrow, default)]
    message: Option<InboundMessage<'a>>,
    #[serde(default)]
    done: bool,
    #[serde(default)]
    done_reason: Option<String>,
    #[serde(default)]
    prompt_eval_count: Option<u64>,
    #[serde(default)]
    eval_count: Option<u64>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
struct InboundMessage<'a> {
    #[serde(borrow, default)]
    content: Cow<'a, str>,
    #[serde(default)]
    tool_calls: Option<Vec<InboundCall>>,
}

#[derive(Deserialize)]
struct InboundCall {
    #[serde(default)]
    id: Option<String>,
    function: InboundFunction,
}

#[derive(Deserialize)]
struct InboundFunction {
    name: String,
    #[serde(default)]
    arguments: Value,
}

/// Reads the lines of a chat.
#[derive(Default)]
pub(super) struct Reader {
    progress: Progress,
}

impl http::Reader for Reader {
    fn take(&mut self, data: &[u8], draft: &mut Draft<'_>) -> Result<(), Failure> {
        let inbound: Inbound<'_> =
            serde_json::from_slice(data).map_err(|error| refusal::unreadable(&error))?;
        if let Some(error) = inbound.error.filter(|error| !error.is_null()) {
            return Err(Said::of(&error).into_failure());
        }
        if let Some(message) = inbound.message {
            draft.words(&message.content)?;
            if let Some(calls) = message.tool_calls {
                draft.count(data.len())?;
                for call in calls {
                    let id = call.id.unwrap_or_default();
                    draft.whole_call(&id, &call.function.name, call.function.arguments)?;
                }
            }
        }
        if inbound.done {
            // The question's tokens are left out where all of it was still in memory.
            if inbound.prompt_eval_count.is_some() || inbound.eval_count.is_some() {
                draft.tokens = Some(Tokens {
                    input: inbound.prompt_eval_count.unwrap_or(0),
                    output: inbound.eval_count.unwrap_or(0),
                });
            }
            if inbound.done_reason.as_deref() == Some("length") {
                draft.finish = Finish::Length;
            }
            self.progress = Progress::Ended;
        }
        Ok(())
    }

    fn progress(&self) -> Progress {
        self.progress
    }

    fn finish(&mut self, _: &mut Draft<'_>) {}
}
