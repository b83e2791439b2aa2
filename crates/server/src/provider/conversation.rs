//! A question's conversation as every format needs it: roles that alternate, arguments that are
//! objects, and no tools for a model that has none.

use std::borrow::Cow;

use callboard_engine::call::{Answer, Message, ToolCall, ToolResult, ToolSpec};
use callboard_engine::definition::Model;
use serde_json::{Map, Value, json};

use super::Call;

/// What ids begin with that were made here because the provider gave none.
pub(super) const MADE: &str = "made-";

/// One side's turn to speak.
pub(super) enum Part<'a> {
    /// What the agent is told.
    User(Cow<'a, str>),
    /// What it answered, and the tools that it called then.
    Answer(&'a Answer, &'a [ToolCall]),
    /// What those gave.
    Results(&'a [ToolResult]),
}

/// The conversation, with what is told in several messages told in one.
pub(super) fn parts<'a>(call: Call<'a>) -> Vec<Part<'a>> {
    let mut parts = Vec::with_capacity(call.request.messages.len());
    for message in &call.request.messages {
        match message {
            Message::User(text) => tell(&mut parts, Cow::Borrowed(text)),
            Message::Answer(answer) if call.model.tools => {
                parts.push(Part::Answer(answer, &answer.tool_calls));
            }
            Message::Answer(answer) => parts.push(Part::Answer(answer, &[])),
            Message::ToolResults(results) if call.model.tools => parts.push(Part::Results(results)),
            // A fallback without tools takes over from a model that had some: it is told in words.
            Message::ToolResults(results) => {
                for result in results {
                    tell(&mut parts, Cow::Owned(format!("{} gave:\n{}", result.tool, result.text)));
                }
            }
        }
    }
    parts
}

fn tell<'a>(parts: &mut Vec<Part<'a>>, text: Cow<'a, str>) {
    if let Some(Part::User(told)) = parts.last_mut() {
        let told = told.to_mut();
        told.push_str("\n\n");
        told.push_str(&text);
    } else {
        parts.push(Part::User(text));
    }
}

/// Which tools are offered where one of them must be called.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Offer {
    /// All: the format can name the one.
    All,
    /// That one alone: the format cannot.
    Forced,
}

/// The tools that are offered.
pub(super) fn tools<'a>(call: Call<'a>, offer: Offer) -> Vec<&'a ToolSpec> {
    let forced = call.request.must_call.as_deref().filter(|_| offer == Offer::Forced);
    let offered = |tool: &&ToolSpec| call.model.tools && forced.is_none_or(|name| name == tool.name);
    call.request.tools.iter().filter(offered).collect()
}

/// The tool that must be called, where the model can call tools at all.
pub(super) fn must_call<'a>(call: Call<'a>) -> Option<&'a str> {
    call.request.must_call.as_deref().filter(|_| call.model.tools)
}

/// Arguments as an object. What a model wrote instead is shown to it as it was: a provider that
/// parses what it is sent would refuse the whole conversation for it.
pub(super) fn object(arguments: &Value) -> Cow<'_, Value> {
    match arguments {
        Value::Object(_) => Cow::Borrowed(arguments),
        Value::Null => Cow::Owned(Value::Object(Map::new())),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Cow::Owned(json!({ "not_an_object": arguments }))
        }
    }
}

/// The address of an endpoint: the model's own base or the usual one, with the version that the
/// endpoint needs said exactly once.
pub(super) fn address(model: &Model, usual: &str, version: &str, endpoint: &str) -> String {
    let base = model.base_url.as_deref().unwrap_or(usual).trim_end_matches('/');
    let version = if base.ends_with(version) { "" } else { version };
    format!("{base}{version}{endpoint}")
}
