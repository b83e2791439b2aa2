//! An answer while it comes in.
//!
//! It grows by appending only, and never beyond [`ANSWER_BYTES_MAX`]. The formats' readers write it;
//! what they have in common, unique ids and arguments that may not be JSON, is seen to here.

use std::collections::HashSet;

use callboard_engine::call::{Answer, Failure, Finish, Message, Request, Tokens, ToolCall};
use serde_json::{Map, Value};

use super::conversation::MADE;
use super::{Answered, refusal};

/// The longest answer, thoughts and arguments included. The largest models write some 500 kB in one
/// go, so more is a server out of control.
pub const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The most tool calls in one answer: each is carried out and becomes events.
const TOOL_CALLS_MAX: usize = 256;

/// An answer that is not whole yet.
pub(super) struct Draft<'a> {
    deltas: &'a mut (dyn FnMut(&str) + Send),
    bytes: usize,
    text: String,
    calls: Vec<DraftCall>,
    /// How many ids this conversation may have used up already.
    ids: usize,
    pub(super) finish: Finish,
    pub(super) tokens: Option<Tokens>,
    pub(super) echo: Option<Value>,
}

/// A tool call that is not whole yet.
struct DraftCall {
    /// Where the provider puts it.
    slot: u64,
    id: String,
    tool: String,
    arguments: Arguments,
}

/// The arguments of a tool call: some providers send JSON, others its text, piece by piece.
enum Arguments {
    Text(String),
    Whole(Value),
}

/// How many ids a conversation may have used up.
pub(super) fn ids(request: &Request) -> usize {
    let calls_of = |message: &Message| match message {
        Message::Answer(answer) => answer.tool_calls.len(),
        Message::User(_) | Message::ToolResults(_) => 0,
    };
    request.messages.iter().map(calls_of).sum()
}

impl<'a> Draft<'a> {
    /// An empty answer, whose words go to `deltas` as they come. So many ids may be used up already.
    pub(super) fn new(ids: usize, deltas: &'a mut (dyn FnMut(&str) + Send)) -> Self {
        Self {
            deltas,
            bytes: 0,
            text: String::new(),
            calls: Vec::new(),
            ids,
            finish: Finish::Done,
            tokens: None,
            echo: None,
        }
    }

    /// Counts what is kept of the answer, here or by a reader.
    pub(super) fn count(&mut self, bytes: usize) -> Result<(), Failure> {
        self.bytes += bytes;
        if self.bytes > ANSWER_BYTES_MAX { Err(refusal::too_large()) } else { Ok(()) }
    }

    /// Adds words.
    pub(super) fn words(&mut self, words: &str) -> Result<(), Failure> {
        if words.is_empty() {
            return Ok(());
        }
        self.count(words.len())?;
        self.text.push_str(words);
        (self.deltas)(words);
        Ok(())
    }

    /// Adds a tool call whose arguments follow in pieces.
    pub(super) fn open_call(&mut self, slot: u64, id: &str, tool: &str) -> Result<(), Failure> {
        self.add_call(slot, id, tool, Arguments::Text(String::new()))
    }

    /// Adds a tool call in one go. Its arguments are counted by the reader, which knows their text.
    pub(super) fn whole_call(&mut self, id: &str, tool: &str, arguments: Value) -> Result<(), Failure> {
        self.add_call(u64::MAX, id, tool, Arguments::Whole(arguments))
    }

    fn add_call(&mut self, slot: u64, id: &str, tool: &str, arguments: Arguments) -> Result<(), Failure> {
        if self.calls.len() >= TOOL_CALLS_MAX {
            return Err(refusal::too_large());
        }
        self.count(id.len() + tool.len())?;
        self.calls.push(DraftCall { slot, id: id.to_owned(), tool: tool.to_owned(), arguments });
        Ok(())
    }

    /// The id of the newest call in that slot.
    pub(super) fn id_in(&self, slot: u64) -> Option<&str> {
        self.calls.iter().rev().find(|call| call.slot == slot).map(|call| call.id.as_str())
    }

    /// Adds a piece of arguments to the newest call in that slot. A piece of no call is passed over.
    pub(super) fn arguments(&mut self, slot: u64, piece: &str) -> Result<(), Failure> {
        self.count(piece.len())?;
        if let Some(call) = self.calls.iter_mut().rev().find(|call| call.slot == slot)
            && let Arguments::Text(text) = &mut call.arguments
        {
            text.push_str(piece);
        }
        Ok(())
    }

    /// The whole answer.
    pub(super) fn into_answered(self) -> Answered {
        let mut used = HashSet::new();
        let mut next = self.ids;
        let mut tool_calls = Vec::with_capacity(self.calls.len());
        for call in self.calls {
            let mut id = call.id;
            while id.is_empty() || used.contains(&id) {
                next += 1;
                id = format!("{MADE}{next}");
            }
            used.insert(id.clone());
            tool_calls.push(ToolCall { id, tool: call.tool, arguments: call.arguments.into_value() });
        }
        Answered {
            answer: Answer { text: self.text, tool_calls, finish: self.finish, echo: self.echo },
            tokens: self.tokens,
        }
    }
}

impl Arguments {
    fn into_value(self) -> Value {
        match self {
            Self::Whole(Value::Null) => Value::Object(Map::new()),
            Self::Whole(value) => value,
            // A tool without parameters is often called with nothing at all.
            Self::Text(text) if text.trim().is_empty() => Value::Object(Map::new()),
            Self::Text(text) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        }
    }
}
