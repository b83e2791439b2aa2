//! The formats: how each writes what a behaviour says.

mod anthropic;
mod gemini;
mod ollama;
mod openai;

use serde_json::Value;

use crate::behaviour::Behaviour;

/// A wire format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// OpenAI's chat completions.
    Openai,
    /// Anthropic's messages.
    Anthropic,
    /// Google's Gemini.
    Gemini,
    /// Ollama's chat.
    Ollama,
}

/// An answer, event by event, as bytes on the wire.
#[derive(Default)]
pub(crate) struct Frames {
    /// What is said.
    pub(crate) content: Vec<Vec<u8>>,
    /// That it is finished, and what it used.
    pub(crate) finish: Vec<Vec<u8>>,
    /// The last event of the stream, where the format has one besides.
    pub(crate) last: Option<Vec<u8>>,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Openai, Self::Anthropic, Self::Gemini, Self::Ollama];

    /// The format that is spoken at a path.
    pub(crate) fn at(path: &str) -> Option<Self> {
        match path {
            "/v1/chat/completions" => Some(Self::Openai),
            "/v1/messages" => Some(Self::Anthropic),
            "/api/chat" => Some(Self::Ollama),
            path if path.starts_with("/v1beta/") && path.ends_with(":streamGenerateContent") => {
                Some(Self::Gemini)
            }
            _ => None,
        }
    }

    /// What its base URL ends with.
    pub(crate) fn base(self) -> &'static str {
        match self {
            Self::Openai => "/v1",
            Self::Anthropic | Self::Gemini | Self::Ollama => "",
        }
    }

    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Openai | Self::Anthropic | Self::Gemini => "text/event-stream",
            Self::Ollama => "application/x-ndjson",
        }
    }

    /// The events of an answer.
    pub(crate) fn frames(self, behaviour: &Behaviour) -> Frames {
        match self {
            Self::Openai => openai::frames(behaviour),
            Self::Anthropic => anthropic::frames(behaviour),
            Self::Gemini => gemini::frames(behaviour),
            Self::Ollama => ollama::frames(behaviour),
        }
    }

    /// An answer in one piece, for who does not ask for a stream; none where the format is not
    /// spoken so here.
    pub(crate) fn whole(self, behaviour: &Behaviour) -> Option<Vec<u8>> {
        match self {
            Self::Openai => Some(openai::whole(behaviour)),
            Self::Anthropic | Self::Gemini | Self::Ollama => None,
        }
    }

    /// An error in the middle of a stream.
    pub(crate) fn error(self, kind: &str, message: &str) -> Vec<u8> {
        match self {
            Self::Openai => openai::error(kind, message),
            Self::Anthropic => anthropic::error(kind, message),
            Self::Gemini => gemini::error(kind, message),
            Self::Ollama => ollama::error(message),
        }
    }

    /// The system prompt of a request.
    pub(crate) fn system(self, body: &Value) -> &str {
        let system = match self {
            Self::Openai | Self::Ollama => &body["messages"][0]["content"],
            Self::Anthropic => &body["system"],
            Self::Gemini => &body["systemInstruction"]["parts"][0]["text"],
        };
        system.as_str().unwrap_or_default()
    }

    /// The schema of the arguments of a tool that a request offers.
    pub(crate) fn schema<'a>(self, body: &'a Value, tool: &str) -> Option<&'a Value> {
        let (tools, path, parameters) = match self {
            Self::Openai | Self::Ollama => (&body["tools"], "function", "parameters"),
            Self::Anthropic => (&body["tools"], "", "input_schema"),
            Self::Gemini => (&body["tools"][0]["functionDeclarations"], "", "parametersJsonSchema"),
        };
        let described = |offered: &'a Value| if path.is_empty() { offered } else { &offered[path] };
        let offered = tools.as_array()?.iter().map(described).find(|offered| offered["name"] == tool)?;
        Some(&offered[parameters])
    }
}

/// A server-sent event.
fn event(data: &Value) -> Vec<u8> {
    format!("data: {data}\n\n").into_bytes()
}
