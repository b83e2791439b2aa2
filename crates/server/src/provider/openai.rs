//! OpenAI's chat completions, and the many servers that speak them too.
//!
//! Those differ in what they leave out: the `[DONE]`, the index or the id of a tool call, the stream
//! itself. The answer is whole once a choice has its `finish_reason` or `[DONE]` was read; the tokens
//! come after that, if they come. Thoughts are not kept: the format has no place to send them back.

use std::borrow::Cow;
use std::fmt;

use callboard_engine::call::{Failure, Finish, Tokens, ToolCall, ToolSpec};
use serde::de::{self, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

use super::conversation::{self, Offer, Part};
use super::draft::Draft;
use super::http::{Framing, Outgoing, Progress};
use super::refusal::{self, Said};
use super::{Call, http};

const BASE_URL: &str = "https://api.openai.com/v1";

/// Parameters that are this module's to set.
const RESERVED: [&str; 5] = ["model", "messages", "tools", "tool_choice", "stream"];

/// Whose chat completions.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// OpenAI's own.
    Openai,
    /// Someone else's.
    Compatible,
}

/// Puts the question into the format.
pub(super) fn ask(call: Call<'_>, dialect: Dialect) -> Result<Outgoing, Failure> {
    let url = conversation::address(call.model, BASE_URL, "", "/chat/completions");
    let mut outgoing = Outgoing::new(&url, Framing::Events, &Body { call, dialect })?;
    outgoing.key("authorization", "Bearer ", call)?;
    Ok(outgoing)
}

struct Body<'a> {
    call: Call<'a>,
    dialect: Dialect,
}

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { call, dialect } = *self;
        let mut body = serializer.serialize_map(None)?;
        body.serialize_entry("model", &call.model.model)?;
        body.serialize_entry("messages", &messages(call))?;
        let offer = match dialect {
            Dialect::Openai => Offer::All,
            Dialect::Compatible => Offer::Forced,
        };
        let tools = conversation::tools(call, offer);
        if !tools.is_empty() {
            body.serialize_entry("tools", &tools.into_iter().map(Tool::of).collect::<Vec<_>>())?;
            if let Some(tool) = conversation::must_call(call) {
                body.serialize_entry("tool_choice", &choice(dialect, tool))?;
            }
        }
        body.serialize_entry("stream", &true)?;
        if !call.model.parameters.contains_key("stream_options") {
            body.serialize_entry("stream_options", &json!({ "include_usage": true }))?;
        }
        for (name, value) in &call.model.parameters {
            match name.as_str() {
                // OpenAI's newer models refuse the old name; everyone else knows only that.
                "max_tokens" if dialect == Dialect::Openai => {
                    body.serialize_entry("max_completion_tokens", value)?;
                }
                name if RESERVED.contains(&name) => {}
                name => body.serialize_entry(name, value)?,
            }
        }
        body.end()
    }
}

/// Servers that cannot be told which tool to call can mostly be told that one is to be called.
fn choice(dialect: Dialect, tool: &str) -> Value {
    match dialect {
        Dialect::Openai => json!({ "type": "function", "function": { "name": tool } }),
        Dialect::Compatible => json!("required"),
    }
}

#[derive(Serialize)]
struct Outbound<'a> {
    role: &'static str,
    content: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<OutboundCall<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<&'a str>,
}

#[derive(Serialize)]
struct OutboundCall<'a> {
    id: &'a str,
    r#type: &'static str,
    function: OutboundFunction<'a>,
}

#[derive(Serialize)]
struct OutboundFunction<'a> {
    name: &'a str,
    arguments: String,
}

/// A tool in OpenAI's shape, which Ollama takes too.
#[derive(Serialize)]
pub(super) struct Tool<'a> {
    r#type: &'static str,
    function: Function<'a>,
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    description: &'a str,
    parameters: &'a Value,
}

impl<'a> Tool<'a> {
    /// The tool of that description.
    pub(super) fn of(tool: &'a ToolSpec) -> Self {
        let function =
            Function { name: &tool.name, description: &tool.description, parameters: &tool.parameters };
        Self { r#type: "function", function }
    }
}

fn messages<'a>(call: Call<'a>) -> Vec<Outbound<'a>> {
    let says = |role, content| Outbound { role, content, tool_calls: Vec::new(), tool_call_id: None };
    let mut messages = vec![says("system", Some(Cow::Borrowed(call.request.system.as_str())))];
    for part in conversation::parts(call) {
        match part {
            Part::User(text) => messages.push(says("user", Some(text))),
            Part::Answer(answer, calls) => {
                // Text may be left out only beside tool calls.
                let text = (!answer.text.is_empty() || calls.is_empty()).then_some(answer.text.as_str());
                let tool_calls = calls.iter().map(outbound_call).collect();
                messages.push(Outbound { tool_calls, ..says("assistant", text.map(Cow::Borrowed)) });
            }
            Part::Results(results) => messages.extend(results.iter().map(|result| Outbound {
                tool_call_id: Some(&result.id),
                ..says("tool", Some(Cow::Borrowed(result.text.as_str())))
            })),
        }
    }
    messages
}

fn outbound_call(call: &ToolCall) -> OutboundCall<'_> {
    let arguments = conversation::object(&call.arguments).to_string();
    OutboundCall {
        id: &call.id,
        r#type: "function",
        function: OutboundFunction { name: &call.tool, arguments },
    }
}

#[derive(Deserialize)]
struct Inbound<'a> {
    #[serde(borrow, default)]
    choices: Option<Vec<Choice<'a>>>,
    #[serde(default)]
    usage: Option<Usage>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(default)]
    index: u64,
    #[serde(borrow, default, alias = "message")]
    delta: Option<Delta<'a>>,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Delta<'a> {
    #[serde(borrow, default)]
    content: Words<'a>,
    #[serde(borrow, default)]
    refusal: Words<'a>,
    #[serde(default)]
    tool_calls: Option<Vec<InboundCall>>,
}

#[derive(Deserialize)]
struct InboundCall {
    #[serde(default)]
    index: Option<u64>,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    function: Option<InboundFunction>,
}

#[derive(Default, Deserialize)]
struct InboundFunction {
    #[serde(default)]
    name: Option<String>,
    /// Text, or in some servers JSON.
    #[serde(default)]
    arguments: Value,
}

#[derive(Deserialize)]
struct Usage {
    #[serde(default)]
    prompt_tokens: Option<u64>,
    #[serde(default)]
    completion_tokens: Option<u64>,
}

/// Text, nothing, or a list of parts of which the text counts.
#[derive(Default)]
struct Words<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Words<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WordsVisitor)
    }
}

struct WordsVisitor;

#[derive(Deserialize)]
struct TextPart {
    #[serde(default)]
    text: Option<String>,
}

impl<'de> Visitor<'de> for WordsVisitor {
    type Value = Words<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("text")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Words(Cow::Borrowed(text)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Words(Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Words::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Self::Value, A::Error> {
        let mut text = String::new();
        while let Some(part) = parts.next_element::<TextPart>()? {
            text.push_str(part.text.as_deref().unwrap_or_default());
        }
        Ok(Words(Cow::Owned(text)))
    }
}

/// Reads the chunks of a completion, or a completion in one piece.
#[derive(Default)]
pub(super) struct Reader {
    progress: Progress,
    /// The slot of the tool call that is being written; servers that give no index write one at a time.
    slot: u64,
    /// How many calls were opened.
    calls: u64,
    /// Which call stands at which of the server's indexes.
    slots: Vec<(u64, u64)>,
}

impl http::Reader for Reader {
    fn take(&mut self, data: &[u8], draft: &mut Draft<'_>) -> Result<(), Failure> {
        if data.trim_ascii() == b"[DONE]" {
            self.progress = Progress::Ended;
            return Ok(());
        }
        let inbound: Inbound<'_> =
            serde_json::from_slice(data).map_err(|error| refusal::unreadable(&error))?;
        if let Some(error) = inbound.error.filter(|error| !error.is_null()) {
            return Err(Said::of(&error).into_failure());
        }
        if let Some(usage) = inbound.usage
            && (usage.prompt_tokens.is_some() || usage.completion_tokens.is_some())
        {
            draft.tokens = Some(Tokens {
                input: usage.prompt_tokens.unwrap_or(0),
                output: usage.completion_tokens.unwrap_or(0),
            });
        }
        // Only one choice is asked for.
        for choice in inbound.choices.into_iter().flatten().filter(|choice| choice.index == 0) {
            self.choice(choice, draft)?;
        }
        Ok(())
    }

    fn progress(&self) -> Progress {
        self.progress
    }

    fn finish(&mut self, _: &mut Draft<'_>) {}
}

impl Reader {
    fn choice(&mut self, choice: Choice<'_>, draft: &mut Draft<'_>) -> Result<(), Failure> {
        if let Some(delta) = choice.delta {
            draft.words(&delta.content.0)?;
            draft.words(&delta.refusal.0)?;
            for call in delta.tool_calls.into_iter().flatten() {
                self.call(call, draft)?;
            }
        }
        if let Some(reason) = choice.finish_reason {
            draft.finish = match reason.as_str() {
                "length" => Finish::Length,
                "content_filter" => Finish::Filtered,
                "error" => {
                    return Err(Said::of(&json!({ "type": "server_error", "message": "" })).into_failure());
                }
                _ => Finish::Done,
            };
            self.progress = Progress::Finished;
        }
        Ok(())
    }

    /// A call begins where a new index or a new id does; all else belongs to one that has begun.
    fn call(&mut self, call: InboundCall, draft: &mut Draft<'_>) -> Result<(), Failure> {
        let function = call.function.unwrap_or_default();
        let id = call.id.as_deref().unwrap_or_default();
        let name = function.name.as_deref().unwrap_or_default();
        let known = match call.index {
            Some(index) => self.slots.iter().rev().find(|(at, _)| *at == index).map(|(_, slot)| *slot),
            None => (self.calls > 0).then_some(self.slot),
        };
        let another = |slot: u64| {
            let other_id = !id.is_empty() && draft.id_in(slot).is_some_and(|known| known != id);
            let unnumbered = call.index.is_none() && id.is_empty();
            !name.is_empty() && (other_id || unnumbered)
        };
        match known.filter(|slot| !another(*slot)) {
            Some(slot) => self.slot = slot,
            None => {
                self.slot = self.calls;
                self.calls += 1;
                if let Some(index) = call.index {
                    self.slots.push((index, self.slot));
                }
                draft.open_call(self.slot, id, name)?;
            }
        }
        match function.arguments {
            Value::Null => Ok(()),
            Value::String(piece) => draft.arguments(self.slot, &piece),
            whole @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                draft.arguments(self.slot, &whole.to_string())
            }
        }
    }
}
