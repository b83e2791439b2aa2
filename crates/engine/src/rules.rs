//! The tools that every agent has. They are rules of the engine, not work for the outside.

use serde_json::{Map, Value};

use crate::call::ToolCall;

/// Sends a message to the team or to one agent.
pub(crate) const SEND_MESSAGE: &str = "send_message";
/// Writes a value to shared memory.
pub(crate) const SHARE_RESULT: &str = "share_result";
/// Reads a value of shared memory.
pub(crate) const READ_MEMORY: &str = "read_memory";
/// Has nothing to add.
pub(crate) const PASS: &str = "pass";
/// Completes the agent's part of the stage.
pub(crate) const COMPLETE: &str = "complete";

/// What `send_message` calls everyone.
pub(crate) const TEAM: &str = "team";

/// The codes of refused tool calls.
pub mod codes {
    /// No tool of that name.
    pub const UNKNOWN_TOOL: &str = "unknown_tool";
    /// The arguments are not what the tool takes.
    pub const INVALID_ARGUMENTS: &str = "invalid_arguments";
    /// Shared memory has no such key.
    pub const UNKNOWN_KEY: &str = "unknown_key";
    /// No agent of that name sits at the table.
    pub const UNKNOWN_AGENT: &str = "unknown_agent";
}

/// A tool call that is understood.
#[derive(Debug, PartialEq)]
pub(crate) enum Rule {
    SendMessage { to: String, text: String },
    ShareResult { key: String, value: Value },
    ReadMemory { key: String },
    Pass,
    Complete { result: Option<String>, summary: Option<String>, outcome: Option<String> },
}

/// A tool call that is not: its code, and what the agent is told.
#[derive(Debug, PartialEq)]
pub(crate) struct RefusedCall {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

/// The longest key of shared memory: it is a name, not a text.
const KEY_CHARS_MAX: usize = 200;

/// Understands a tool call.
pub(crate) fn rule(call: &ToolCall) -> Result<Rule, RefusedCall> {
    let known = [SEND_MESSAGE, SHARE_RESULT, READ_MEMORY, PASS, COMPLETE];
    if !known.contains(&call.tool.as_str()) {
        return Err(RefusedCall {
            code: codes::UNKNOWN_TOOL,
            message: format!(
                "There is no tool called {:?}. There are: {}.",
                cut(&call.tool),
                known.join(", ")
            ),
        });
    }
    let arguments = Arguments::of(call)?;
    match call.tool.as_str() {
        SEND_MESSAGE => Ok(Rule::SendMessage {
            to: arguments.text_or_none("to")?.unwrap_or_else(|| TEAM.to_owned()),
            text: arguments.text("text")?,
        }),
        SHARE_RESULT => Ok(Rule::ShareResult { key: arguments.key()?, value: arguments.value("value")? }),
        READ_MEMORY => Ok(Rule::ReadMemory { key: arguments.key()? }),
        PASS => Ok(Rule::Pass),
        _ => Ok(Rule::Complete {
            result: arguments.any_as_text("result"),
            summary: arguments.any_as_text("summary").filter(|text| !text.trim().is_empty()),
            outcome: arguments.any_as_text("outcome").filter(|text| !text.trim().is_empty()),
        }),
    }
}

/// The arguments of a call, with the tool's name for what is said about them.
struct Arguments<'c> {
    tool: &'c str,
    map: &'c Map<String, Value>,
}

impl<'c> Arguments<'c> {
    fn of(call: &'c ToolCall) -> Result<Self, RefusedCall> {
        static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
        match &call.arguments {
            Value::Object(map) => Ok(Self { tool: &call.tool, map }),
            Value::Null => Ok(Self { tool: &call.tool, map: &EMPTY }),
            Value::String(text) if text.trim().is_empty() => Ok(Self { tool: &call.tool, map: &EMPTY }),
            Value::String(_) => Err(invalid(&call.tool, "the arguments are not valid JSON")),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
                Err(invalid(&call.tool, "the arguments must be a JSON object"))
            }
        }
    }

    fn value(&self, name: &str) -> Result<Value, RefusedCall> {
        self.map.get(name).cloned().ok_or_else(|| invalid(self.tool, &format!("`{name}` is missing")))
    }

    fn text(&self, name: &str) -> Result<String, RefusedCall> {
        self.text_or_none(name)?.ok_or_else(|| invalid(self.tool, &format!("`{name}` is missing")))
    }

    fn text_or_none(&self, name: &str) -> Result<Option<String>, RefusedCall> {
        match self.map.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                Err(invalid(self.tool, &format!("`{name}` must be a text")))
            }
        }
    }

    /// Models that are asked for a text sometimes give an object; its JSON is the text then.
    fn any_as_text(&self, name: &str) -> Option<String> {
        match self.map.get(name) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(value) => Some(value.to_string()),
        }
    }

    fn key(&self) -> Result<String, RefusedCall> {
        let key = self.text("key")?.trim().to_owned();
        if key.is_empty() {
            return Err(invalid(self.tool, "`key` is empty"));
        }
        if key.chars().count() > KEY_CHARS_MAX {
            return Err(invalid(self.tool, "`key` is longer than 200 characters"));
        }
        Ok(key)
    }
}

fn invalid(tool: &str, why: &str) -> RefusedCall {
    RefusedCall {
        code: codes::INVALID_ARGUMENTS,
        message: format!("{tool} was not carried out: {why}. Call it again with arguments that fit."),
    }
}

/// What is said of a call whose arguments are not whole because the answer reached its largest length.
pub(crate) fn cut_off(call: &ToolCall) -> RefusedCall {
    invalid(&cut(&call.tool), "your answer reached its largest length and was cut off. Write less")
}

/// A name that a model made up, at a length that can be shown.
fn cut(name: &str) -> String {
    name.chars().take(80).collect()
}
