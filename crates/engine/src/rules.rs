//! The tools that are rules of the engine, not work for the outside: those that every agent has, and
//! those that come with the program and need nothing but the run.

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

/// Asks a person. For agents that may.
pub(crate) const ASK_USER: &str = "ask_user";
/// Has another workflow carried out. For agents that may; a run of its own does it.
pub(crate) const RUN_WORKFLOW: &str = "run_workflow";

/// How often a stage may end the same way, with nothing changed, before its guard trips.
pub const NO_PROGRESS_VISITS: usize = 3;

/// Requests an address of the network.
pub(crate) const HTTP_REQUEST: &str = "http_request";
/// Reads a document of the run; its text comes from outside.
pub(crate) const READ_FILE: &str = "read_file";
/// Writes a document of the run.
pub(crate) const WRITE_FILE: &str = "write_file";
/// Lists the documents of the run.
pub(crate) const LIST_FILES: &str = "list_files";
/// Tells the time.
pub(crate) const CURRENT_TIME: &str = "current_time";

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
    /// The run has no document at that path.
    pub const UNKNOWN_DOCUMENT: &str = "unknown_document";
    /// The run may carry out no workflow of that name.
    pub const UNKNOWN_WORKFLOW: &str = "unknown_workflow";
    /// A run that a run that a run … started may start no further ones.
    pub const TOO_DEEP: &str = "too_deep";
    /// The path of a document is not one.
    pub const INVALID_PATH: &str = "invalid_path";
    /// A value, a document or a question is longer than is kept.
    pub const TOO_LARGE: &str = "too_large";
    /// There are as many keys, documents or calls as there may be.
    pub const TOO_MANY: &str = "too_many";
    /// What was asked for in this turn is something else.
    pub const NOT_NOW: &str = "not_now";
    /// A tool call of the same answer failed, which is to be looked at first.
    pub const NOT_COMPLETED: &str = "not_completed";
    /// It was cut off because the run is ending.
    pub const ABORTED: &str = crate::call::failure::ABORTED;
    /// A crash cut it off, and it is not known whether it took effect.
    pub const INTERRUPTED: &str = "interrupted";
    /// A run that was asked for did not complete.
    pub const RUN_FAILED: &str = "run_failed";
    /// A run that was asked for took too long, and was stopped.
    pub const RUN_TIMED_OUT: &str = "run_timed_out";
}

/// A tool call that is understood.
#[derive(Debug, PartialEq)]
pub(crate) enum Rule {
    SendMessage { to: String, text: String },
    ShareResult { key: String, value: Value },
    ReadMemory { key: String, from: usize },
    Pass,
    Complete { result: Option<String>, summary: Option<String>, outcome: Option<String> },
    AskUser { question: String, choices: Vec<String> },
    RunWorkflow { workflow: String },
    WriteFile { path: String, text: String },
    ListFiles,
    CurrentTime,
    ReadFile { path: String },
}

/// A tool call that is not: its code, and what the agent is told.
#[derive(Debug, PartialEq)]
pub(crate) struct RefusedCall {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

/// The longest key of shared memory: it is a name, not a text.
const KEY_CHARS_MAX: usize = 200;

/// Bytes of a value of shared memory, and of a document: more than a model reads at once.
pub const VALUE_BYTES_MAX: usize = 1 << 20;

/// Characters of a question to a person, who has to read it.
const QUESTION_CHARS_MAX: usize = 10_000;

/// Answers to choose from: more are no choice but a list.
const CHOICES_MAX: usize = 20;

/// Characters of a document's path.
const PATH_CHARS_MAX: usize = 200;

/// Understands a call of a tool that is a rule; none where it is another tool.
pub(crate) fn rule(call: &ToolCall) -> Option<Result<Rule, RefusedCall>> {
    let read: fn(&Arguments<'_>) -> Result<Rule, RefusedCall> = match call.tool.as_str() {
        SEND_MESSAGE => send_message,
        SHARE_RESULT => |arguments| {
            let (key, value) = (arguments.key()?, arguments.value("value")?);
            arguments.fits("value", value.to_string().len()).map(|()| Rule::ShareResult { key, value })
        },
        READ_MEMORY => |arguments| Ok(Rule::ReadMemory { key: arguments.key()?, from: arguments.from()? }),
        PASS => |_| Ok(Rule::Pass),
        COMPLETE => |arguments| {
            Ok(Rule::Complete {
                result: arguments.any_as_text("result"),
                summary: arguments.any_as_text("summary").filter(|text| !text.trim().is_empty()),
                outcome: arguments.any_as_text("outcome").filter(|text| !text.trim().is_empty()),
            })
        },
        ASK_USER => ask_user,
        RUN_WORKFLOW => |arguments| Ok(Rule::RunWorkflow { workflow: arguments.text("workflow")? }),
        WRITE_FILE => |arguments| {
            let (path, text) = (arguments.path()?, arguments.text("text")?);
            arguments.fits("text", text.len()).map(|()| Rule::WriteFile { path, text })
        },
        LIST_FILES => |_| Ok(Rule::ListFiles),
        CURRENT_TIME => |_| Ok(Rule::CurrentTime),
        READ_FILE => |arguments| Ok(Rule::ReadFile { path: arguments.path()? }),
        _ => return None,
    };
    Some(Arguments::of(call).and_then(|arguments| read(&arguments)))
}

fn send_message(arguments: &Arguments<'_>) -> Result<Rule, RefusedCall> {
    let to = arguments.text_or_none("to")?.unwrap_or_else(|| TEAM.to_owned());
    Ok(Rule::SendMessage { to, text: arguments.text("text")? })
}

fn ask_user(arguments: &Arguments<'_>) -> Result<Rule, RefusedCall> {
    let question = arguments.text("question")?;
    if question.trim().is_empty() || question.chars().count() > QUESTION_CHARS_MAX {
        let why = format!("`question` must have 1 to {QUESTION_CHARS_MAX} characters");
        return Err(invalid(arguments.tool, &why));
    }
    let choices = match arguments.map.get("choices") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(choices)) => {
            let texts = choices.iter().map(|choice| choice.as_str().map(str::to_owned));
            texts
                .collect::<Option<Vec<_>>>()
                .ok_or_else(|| invalid(arguments.tool, "`choices` must be texts"))?
        }
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
            return Err(invalid(arguments.tool, "`choices` must be a list of texts"));
        }
    };
    if choices.len() > CHOICES_MAX {
        return Err(invalid(arguments.tool, &format!("`choices` has more than {CHOICES_MAX} answers")));
    }
    Ok(Rule::AskUser { question, choices })
}

/// What is said of a call of a tool that there is not.
pub(crate) fn unknown_tool<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> RefusedCall {
    RefusedCall {
        code: codes::UNKNOWN_TOOL,
        message: format!(
            "There is no tool called {:?}. There are: {}.",
            cut(name),
            known.collect::<Vec<_>>().join(", ")
        ),
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

    /// Where reading begins, in characters.
    fn from(&self) -> Result<usize, RefusedCall> {
        match self.map.get("from") {
            None | Some(Value::Null) => Ok(0),
            Some(from) => from
                .as_u64()
                .and_then(|from| usize::try_from(from).ok())
                .ok_or_else(|| invalid(self.tool, "`from` must be a whole number, 0 or more")),
        }
    }

    fn fits(&self, name: &str, bytes: usize) -> Result<(), RefusedCall> {
        if bytes <= VALUE_BYTES_MAX {
            return Ok(());
        }
        let message = format!(
            "{} was not carried out: `{name}` has {bytes} bytes, and at most {VALUE_BYTES_MAX} are kept.",
            self.tool
        );
        Err(RefusedCall { code: codes::TOO_LARGE, message })
    }

    /// The path of a document: names parted by slashes, which lead nowhere but down.
    fn path(&self) -> Result<String, RefusedCall> {
        let path = self.text("path")?;
        let path = path.trim().trim_start_matches("./");
        let odd = |name: &str| name.is_empty() || name == "." || name == "..";
        let is_odd = path.starts_with('/')
            || path.split('/').any(odd)
            || path.chars().any(|c| c.is_control() || c == '\\')
            || path.chars().count() > PATH_CHARS_MAX;
        if is_odd {
            let message = format!(
                "{} was not carried out: `path` must be one such as notes/draft.md, of at most {PATH_CHARS_MAX} characters.",
                self.tool
            );
            return Err(RefusedCall { code: codes::INVALID_PATH, message });
        }
        Ok(path.to_owned())
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

pub(crate) fn invalid(tool: &str, why: &str) -> RefusedCall {
    RefusedCall {
        code: codes::INVALID_ARGUMENTS,
        message: format!("{tool} was not carried out: {why}. Call it again with arguments that fit."),
    }
}

/// What is said of a call whose arguments do not fit the tool's schema.
pub(crate) fn invalid_for(tool: &str, mistakes: &[String]) -> RefusedCall {
    invalid(tool, &told(mistakes))
}

/// Mistakes in the middle of a sentence: each is one of its own, with its full stop.
pub(crate) fn told(mistakes: &[String]) -> String {
    let without_stop: Vec<&str> = mistakes.iter().map(|mistake| mistake.trim_end_matches('.')).collect();
    without_stop.join("; ")
}

/// What is said of a call whose arguments are not whole because the answer reached its largest length.
pub(crate) fn cut_off(call: &ToolCall) -> RefusedCall {
    invalid(&cut(&call.tool), "your answer reached its largest length and was cut off. Write less")
}

/// A name that a model made up, at a length that can be shown.
fn cut(name: &str) -> String {
    name.chars().take(80).collect()
}
