//! What a model is asked, and what it answers: in our own words, whatever the provider's are.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// One question to a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Who the agent is, who else is at the table, and the rules: the system prompt.
    pub system: String,
    /// The conversation so far. It begins with what the user says and never holds two answers in a row.
    pub messages: Vec<Message>,
    /// What the agent may call; none for a model that cannot call tools.
    pub tools: Vec<ToolSpec>,
    /// The name of the one tool that must be called now, where nothing else will do.
    pub must_call: Option<String>,
    /// The largest answer in tokens, where a limit lowers it.
    pub max_tokens: Option<u64>,
    /// Where in the run this is asked. Only the simulated model looks at it.
    pub scene: Scene,
}

impl Request {
    /// Bytes of everything that the model reads. A token is at least one of them, so that it has no
    /// more tokens than bytes, but for the few that a provider puts around each message.
    pub fn bytes(&self) -> u64 {
        let tool = |tool: &ToolSpec| {
            tool.name.len() + tool.description.len() + tool.parameters.to_string().len() + AROUND_BYTES
        };
        let tools: usize = self.tools.iter().map(tool).sum();
        let messages: usize = self.messages.iter().map(|message| message.bytes() + AROUND_BYTES).sum();
        (self.system.len() + AROUND_BYTES + tools + messages) as u64
    }
}

/// What a provider puts around a message or a tool, generously.
const AROUND_BYTES: usize = 32;

impl Message {
    fn bytes(&self) -> usize {
        let calls = |answer: &Answer| {
            let call = |call: &ToolCall| {
                call.id.len() + call.tool.len() + call.arguments.to_string().len() + AROUND_BYTES
            };
            answer.tool_calls.iter().map(call).sum::<usize>()
        };
        match self {
            Self::User(text) => text.len(),
            Self::Answer(answer) => {
                let echo = answer.echo.as_ref().map_or(0, |echo| echo.to_string().len());
                answer.text.len() + calls(answer) + echo
            }
            Self::ToolResults(results) => {
                results.iter().map(|result| result.id.len() + result.text.len() + AROUND_BYTES).sum()
            }
        }
    }
}

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// What the agent is told.
    User(String),
    /// What the agent answered earlier.
    Answer(Arc<Answer>),
    /// What its tool calls gave: every call of the answer before, in its order.
    ToolResults(Vec<ToolResult>),
}

/// What one tool call gave.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolResult {
    /// The call's id.
    pub id: String,
    /// The tool's name.
    pub tool: String,
    /// What it gave.
    pub text: String,
    /// Whether it failed.
    pub failed: bool,
}

/// A tool, as a model is told of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolSpec {
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// The JSON Schema of its arguments: an object.
    pub parameters: Value,
}

/// What a model answered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Answer {
    /// Its words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// The tools that it calls, in its order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall>,
    /// Why it ended.
    pub finish: Finish,
    /// What the provider wants to see again, untouched, when the conversation goes on (signed
    /// thoughts, for one). Only the provider that made it reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub echo: Option<Value>,
}

/// A tool call that a model asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ToolCall {
    /// Its id, unique within the answer.
    pub id: String,
    /// The tool's name, as the model wrote it.
    pub tool: String,
    /// Its arguments. Where the model wrote something that is not JSON, that text as a JSON string.
    pub arguments: Value,
}

/// Why an answer ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// The model was done, or wants its tools called.
    #[default]
    Done,
    /// It reached the largest length of an answer.
    Length,
    /// The provider withheld the rest.
    Filtered,
}

/// What a call used, as the provider counted it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tokens {
    /// Tokens of the question, cached ones included.
    pub input: u64,
    /// Tokens of the answer, thoughts included.
    pub output: u64,
}

/// Why a call to a model gave no answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Failure {
    /// The stable code: one of [`failure`].
    pub code: String,
    /// What happened, in our words.
    pub message: String,
    /// What the provider said, in its own words, cut to a readable length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub provider_message: Option<String>,
    /// The HTTP status, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub status: Option<u16>,
    /// Whether the same call may succeed later.
    pub transient: bool,
    /// How long the provider asks to wait, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub retry_after_ms: Option<u64>,
}

impl Failure {
    /// Whether a provider may have counted a call that gave no answer: one that it refused costs nothing,
    /// one that was cut off in the middle may.
    pub fn may_be_billed(&self) -> bool {
        let cut_off = [
            failure::TIMED_OUT,
            failure::STREAM_BROKEN,
            failure::BAD_ANSWER,
            failure::ANSWER_TOO_LARGE,
            failure::ABORTED,
        ];
        cut_off.contains(&self.code.as_str())
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self.code.as_str() {
            failure::RATE_LIMITED => "Lower the model's per_minute or max_at_once, or raise its retry_for_s.",
            failure::UNAVAILABLE | failure::STREAM_BROKEN | failure::BAD_ANSWER => {
                "The provider has trouble. Run it again later, or name a fallback for the model."
            }
            failure::UNREACHABLE => "Check that the model's base_url is right and that its server is up.",
            failure::TIMED_OUT => "Raise the model's timeout_s, or name a fallback for it.",
            failure::UNAUTHORIZED => {
                "Check the model's api_key: the key is missing, wrong, or not allowed to use it."
            }
            failure::NOT_FOUND => "Check the model's name and base_url.",
            failure::QUOTA => {
                "The account at the provider has no quota left. Raise it there, or use another model."
            }
            failure::TOO_LONG => {
                "Shorten the input or the results that the stage reads, or use a model that reads more."
            }
            failure::ANSWER_TOO_LARGE => "Set max_tokens in the model's parameters.",
            _ => "Read what the provider said, mend the model's settings, and run it again.",
        }
    }
}

/// The codes of [`Failure`].
pub mod failure {
    /// 429: too many calls. Transient.
    pub const RATE_LIMITED: &str = "model_rate_limited";
    /// 5xx, 408, 409 and 425: the provider has trouble. Transient.
    pub const UNAVAILABLE: &str = "model_unavailable";
    /// The connection could not be made or broke. Transient.
    pub const UNREACHABLE: &str = "model_unreachable";
    /// Silence for longer than the model's `timeout_s`. Transient.
    pub const TIMED_OUT: &str = "model_timed_out";
    /// The stream ended without its finish mark. Transient.
    pub const STREAM_BROKEN: &str = "model_stream_broken";
    /// What came was not what the provider's format promises. Transient.
    pub const BAD_ANSWER: &str = "model_bad_answer";
    /// 401 and 403: the key is missing, wrong or not allowed.
    pub const UNAUTHORIZED: &str = "model_unauthorized";
    /// 404: no such model or address.
    pub const NOT_FOUND: &str = "model_not_found";
    /// 402, or a 429 that says that the account's quota is used up: waiting does not help.
    pub const QUOTA: &str = "model_quota_exceeded";
    /// The question is longer than the model can read.
    pub const TOO_LONG: &str = "model_context_exceeded";
    /// Other 4xx: the provider does not accept the question.
    pub const REFUSED: &str = "model_refused_request";
    /// The answer is longer than Callboard keeps.
    pub const ANSWER_TOO_LARGE: &str = "model_answer_too_large";
    /// It was cut off because its run is ending.
    pub const ABORTED: &str = "aborted";
}

/// Where in a run a question is asked, and what could come of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    /// The workflow's name.
    pub workflow: String,
    /// The stage's id.
    pub stage: String,
    /// The stage's name.
    pub stage_name: String,
    /// The visit to that stage, from 1.
    pub nth: u32,
    /// The agent that asks.
    pub agent: String,
    /// Its role.
    pub role: String,
    /// The stage's task, filled in.
    pub task: String,
    /// The run's input, as text.
    pub input: String,
    /// How many calls of this agent at this visit came before, failed attempts included.
    pub calls_before: u32,
    /// How many visits this run may look back on, this one included.
    pub visit: u32,
    /// The keys that it still has to share.
    pub to_share: Vec<String>,
    /// The outcomes of the stage, in the order of the definition.
    pub outcomes: Vec<SceneOutcome>,
    /// Whether only a summary is asked for.
    pub asks_summary: bool,
}

/// An outcome that could be chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct SceneOutcome {
    /// Its name.
    pub name: String,
    /// Whether it leads to this stage or one before it.
    pub back: bool,
    /// How often this run took it at this stage.
    pub taken: u32,
}
