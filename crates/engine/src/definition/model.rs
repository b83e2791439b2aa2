//! A model: provider, address, parameters, credential, prices.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A named configuration under which agents speak to a language model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ModelFields)]
pub struct Model {
    /// Whose wire format it speaks.
    pub provider: ProviderKind,
    /// The provider's name for the model. The simulated model has none of its own.
    pub model: String,
    /// Where it is, if not at the provider's usual address; without a slash at its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub base_url: Option<String>,
    /// Where the key comes from; never the key itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub api_key: Option<KeyRef>,
    /// Passed on to the provider as they are, `max_tokens` and `temperature` under its own names.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub parameters: Map<String, Value>,
    /// What tokens cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub price: Option<Price>,
    /// The longest silence before a call counts as timed out, in seconds.
    pub timeout_s: u64,
    /// For how long a transient failure is tried again, in seconds.
    pub retry_for_s: u64,
    /// Whether the model can call tools.
    pub tools: bool,
    /// Tokens that the model can read at once.
    #[serde(default = "context_tokens")]
    #[schema(required)]
    pub context_tokens: u64,
    /// Calls at once, over all runs.
    pub max_at_once: u32,
    /// Calls per minute, over all runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub per_minute: Option<u32>,
    /// The model that is called instead when this one fails for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub fallback: Option<String>,
    /// What the simulated model says, entry by entry; other providers have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub script: Vec<Script>,
}

impl Model {
    /// The longest silence before a call counts as timed out: models that think before they speak
    /// are often quiet for a minute.
    pub const TIMEOUT_S: u64 = 120;
    /// An outage of minutes must not end a thousand runs.
    pub const RETRY_FOR_S: u64 = 600;
    /// Below what the providers' smallest plans allow at once.
    pub const MAX_AT_ONCE: u32 = 50;
    /// What most models can read at once.
    pub const CONTEXT_TOKENS: u64 = 128_000;
    /// The least that a model can be said to read: instructions and a task must fit.
    pub const CONTEXT_TOKENS_MIN: u64 = 1_000;
}

fn context_tokens() -> u64 {
    Model::CONTEXT_TOKENS
}

/// Whose wire format a model speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProviderKind {
    /// OpenAI's chat completions.
    Openai,
    /// Anthropic's messages.
    Anthropic,
    /// Google's Gemini.
    Gemini,
    /// Ollama's chat.
    Ollama,
    /// Any server that speaks OpenAI's chat completions.
    OpenaiCompatible,
    /// No model at all: plausible answers without a network, for demos and tests.
    Simulated,
}

impl ProviderKind {
    /// Every provider, in the order in which the manual names them.
    pub const ALL: [Self; 6] =
        [Self::Openai, Self::Anthropic, Self::Gemini, Self::Ollama, Self::OpenaiCompatible, Self::Simulated];

    /// Its name in a project file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Openai => "openai",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::Ollama => "ollama",
            Self::OpenaiCompatible => "openai-compatible",
            Self::Simulated => "simulated",
        }
    }
}

/// Where a key comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyRef {
    /// The server's environment variable of that name.
    Env(String),
    /// The project's secret of that name.
    Secret(String),
}

/// What tokens cost, in US dollars per million.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Price {
    /// Per million input tokens.
    pub input: f64,
    /// Per million output tokens.
    pub output: f64,
}

/// One entry of a simulated model's script.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Script {
    /// Which calls it answers.
    #[serde(default)]
    #[schema(required)]
    pub when: ScriptWhen,
    /// What it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reply: Option<ScriptReply>,
    /// How it fails, instead of an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub fail: Option<ScriptFail>,
}

/// Which calls a script entry answers; what is absent matches all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ScriptWhen {
    /// The agent that asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub agent: Option<String>,
    /// The id of the stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub stage: Option<String>,
    /// The visit to that stage, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub nth: Option<u32>,
}

/// A scripted answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ScriptReply {
    /// The text of the answer.
    #[serde(default)]
    #[schema(required)]
    pub text: String,
    /// The tools that it calls.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ScriptToolCall>,
    /// How long it takes, in milliseconds.
    #[serde(default)]
    #[schema(required)]
    pub delay_ms: u64,
    /// What it says it used, as `input_tokens` and `output_tokens`; counted from the words where absent.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub usage: IndexMap<String, u64>,
}

/// A scripted tool call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ScriptToolCall {
    /// The tool's name.
    pub tool: String,
    /// Its arguments; usually an object, and anything else to play a model that errs.
    #[serde(default)]
    #[schema(required)]
    pub arguments: Value,
}

/// A scripted failure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ScriptFail {
    /// The HTTP status that a real provider would have answered with.
    pub status: u16,
    /// What its `Retry-After` would have said, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub retry_after_s: Option<u64>,
}
