//! What the fake does when it is asked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One way to answer. The first that matches a request and is not used up is taken.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    /// Only requests whose body has this text in it.
    pub when: Option<String>,
    /// Only requests whose system prompt has this text in it: an agent's name, for one.
    pub agent: Option<String>,
    /// How often it is taken: once by default, and without end where it says which requests it is for.
    pub times: Option<u32>,
    /// The words of the answer.
    pub text: String,
    /// How often the words are said.
    pub repeat: usize,
    /// Thoughts that come before the words, in the formats that have signed ones.
    pub thinking: Option<String>,
    /// The tools that it calls.
    pub tool_calls: Vec<ToolCall>,
    /// What it says it used.
    pub usage: Option<Usage>,
    /// Why it says it ended.
    pub finish: Finish,
    /// How many events the words and each call's arguments are spread over.
    pub pieces: usize,
    /// How many bytes are written at a time, characters cut in the middle included; by event if absent.
    pub write_bytes: Option<usize>,
    /// How long it waits before it answers, in milliseconds.
    pub delay_ms: u64,
    /// How long it waits between writes, in milliseconds.
    pub pause_ms: u64,
    /// How the answer ends.
    pub end: End,
    /// A plain HTTP answer instead of a model's.
    pub status: Option<Status>,
}

/// A tool call.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ToolCall {
    /// Its id; made if absent, left out of the answer if empty.
    pub id: Option<String>,
    /// The tool's name.
    pub tool: String,
    /// Its arguments.
    pub arguments: Value,
    /// The text that stands where arguments should, JSON or not.
    pub raw: Option<String>,
}

/// What an answer used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Usage {
    /// Tokens of the question.
    pub input: u64,
    /// Tokens of the answer.
    pub output: u64,
}

/// Why an answer says it ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// It was done, or wants its tools called.
    #[default]
    Done,
    /// It reached its largest length.
    Length,
    /// The rest was withheld.
    Filtered,
}

/// How an answer really ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// As the format says.
    #[default]
    Whole,
    /// With the reason that it finished, but without the stream's own last event.
    Unmarked,
    /// Cleanly, in the middle: everything was said but that it is finished.
    Cut,
    /// The connection breaks in the middle.
    Break,
    /// Nothing comes, not even a head, until the client goes away.
    Hang,
    /// The words come and then nothing, until the client goes away.
    Stall,
    /// The provider reports an error in the middle.
    Error {
        /// What it calls the error.
        kind: String,
        /// What it says.
        message: String,
    },
}

/// An HTTP answer as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Status {
    /// The status.
    pub code: u16,
    /// Its headers.
    pub headers: BTreeMap<String, String>,
    /// Its body.
    pub body: String,
}

impl Behaviour {
    /// Answers with words.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Answers with a tool call.
    pub fn call(tool: impl Into<String>, arguments: Value) -> Self {
        Self::default().and_call(tool, arguments)
    }

    /// Answers with a status and a body instead of a model's answer.
    pub fn status(code: u16, body: impl Into<String>) -> Self {
        let status = Status { code, headers: BTreeMap::new(), body: body.into() };
        Self { status: Some(status), ..Self::default() }
    }

    /// Never answers.
    pub fn hang() -> Self {
        Self::default().ends(End::Hang)
    }

    /// Only for requests whose body has this text in it.
    #[must_use]
    pub fn when(mut self, part: impl Into<String>) -> Self {
        self.when = Some(part.into());
        self
    }

    /// Only for requests whose system prompt has this text in it.
    #[must_use]
    pub fn agent(mut self, name: impl Into<String>) -> Self {
        self.agent = Some(name.into());
        self
    }

    /// As often as this.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// With one more tool call.
    #[must_use]
    pub fn and_call(mut self, tool: impl Into<String>, arguments: Value) -> Self {
        self.tool_calls.push(ToolCall { tool: tool.into(), arguments, ..ToolCall::default() });
        self
    }

    /// With one more tool call, whose arguments are this text.
    #[must_use]
    pub fn and_raw_call(mut self, tool: impl Into<String>, raw: impl Into<String>) -> Self {
        let raw = Some(raw.into());
        self.tool_calls.push(ToolCall { tool: tool.into(), raw, ..ToolCall::default() });
        self
    }

    /// With what it used.
    #[must_use]
    pub fn usage(mut self, input: u64, output: u64) -> Self {
        self.usage = Some(Usage { input, output });
        self
    }

    /// In that many pieces.
    #[must_use]
    pub fn pieces(mut self, pieces: usize) -> Self {
        self.pieces = pieces;
        self
    }

    /// Written that many bytes at a time.
    #[must_use]
    pub fn write_bytes(mut self, bytes: usize) -> Self {
        self.write_bytes = Some(bytes);
        self
    }

    /// Ending that way.
    #[must_use]
    pub fn ends(mut self, end: End) -> Self {
        self.end = end;
        self
    }

    /// With a header, beside a status.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.status.get_or_insert_default().headers.insert(name.into(), value.into());
        self
    }

    /// The words in as many pieces as was asked for, cut between characters, as often as was asked for.
    pub(crate) fn text_pieces(&self) -> Vec<String> {
        let once = pieces(&self.text, self.pieces);
        let repeated = once.len() * self.repeat.max(1);
        once.into_iter().cycle().take(repeated).collect()
    }
}

/// A text in about that many pieces, cut between characters; none of an empty text.
pub(crate) fn pieces(text: &str, pieces: usize) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let size = characters.len().div_ceil(pieces.max(1)).max(1);
    characters.chunks(size).map(|piece| piece.iter().collect()).collect()
}

impl ToolCall {
    /// The text of its arguments.
    pub(crate) fn text(&self) -> String {
        self.raw.clone().unwrap_or_else(|| self.arguments.to_string())
    }

    /// Its arguments, where the format has them as JSON.
    pub(crate) fn json(&self) -> Value {
        self.raw.clone().map_or_else(|| self.arguments.clone(), Value::String)
    }

    /// Its id, where the format needs one.
    pub(crate) fn id(&self, number: usize) -> Option<String> {
        match &self.id {
            None => Some(format!("call_{number}")),
            Some(id) if id.is_empty() => None,
            Some(id) => Some(id.clone()),
        }
    }
}
