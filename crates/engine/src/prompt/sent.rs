//! What a model is sent, as it is kept: each message once, under the hash of itself and of all before
//! it, so that one hash leads to a whole conversation and conversations that begin alike share what
//! they have in common.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::call::{Message, Request, ToolCall};
use crate::content::ContentHash;

/// A message as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Its hash.
    pub hash: ContentHash,
    /// The hash of the message before it. None for the first, which says who the agent is and what it
    /// can do, and is the same for many runs.
    pub before: Option<ContentHash>,
    /// A [`SentMessage`] as JSON.
    pub body: Arc<str>,
}

/// A message that a model was sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "role", rename_all = "snake_case")]
pub enum SentMessage {
    /// Who the agent is, and what it can do.
    System {
        /// The system prompt.
        text: Arc<str>,
        /// The tools that it may call.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        tools: Vec<SentTool>,
        /// The one that it must call now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        must_call: Option<Arc<str>>,
    },
    /// What the agent was told.
    User {
        /// The words.
        text: Arc<str>,
    },
    /// What the agent answered earlier.
    Agent {
        /// The words.
        #[serde(default, skip_serializing_if = "str::is_empty")]
        text: Arc<str>,
        /// The tools that it called.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        tool_calls: Vec<ToolCall>,
    },
    /// What its tool calls gave.
    Tools {
        /// Every one, in the order of the calls.
        results: Vec<SentResult>,
    },
}

/// A tool that an agent was told of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SentTool {
    /// Its name.
    pub name: Arc<str>,
    /// What it does.
    pub description: Arc<str>,
    /// The JSON Schema of its arguments.
    pub parameters: Value,
}

/// What a tool call gave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SentResult {
    /// The tool.
    pub tool: Arc<str>,
    /// What it gave.
    pub text: Arc<str>,
    /// Whether it failed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub failed: bool,
}

/// A message as it is written: the same as a [`SentMessage`], lent, since a question is kept with every
/// call and copying it would cost more than writing it.
#[derive(Serialize)]
#[serde(tag = "role", rename_all = "snake_case")]
enum Lent<'m> {
    System {
        text: &'m str,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        tools: Vec<LentTool<'m>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        must_call: Option<&'m str>,
    },
    User {
        text: &'m str,
    },
    Agent {
        #[serde(skip_serializing_if = "str::is_empty")]
        text: &'m str,
        #[serde(skip_serializing_if = "<[ToolCall]>::is_empty")]
        tool_calls: &'m [ToolCall],
    },
    Tools {
        results: Vec<LentResult<'m>>,
    },
}

#[derive(Serialize)]
struct LentTool<'m> {
    name: &'m str,
    description: &'m str,
    parameters: &'m Value,
}

#[derive(Serialize)]
struct LentResult<'m> {
    tool: &'m str,
    text: &'m str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    failed: bool,
}

/// What a question is kept as, the first message first.
pub(crate) fn record(request: &Request) -> Vec<Sent> {
    let mut sent: Vec<Sent> = Vec::with_capacity(request.messages.len() + 1);
    let messages = request.messages.iter().map(message);
    for message in std::iter::once(system(request)).chain(messages) {
        // What is written here is made of texts and JSON values, which can always be written.
        let body: Arc<str> = serde_json::to_string(&message).unwrap_or_default().into();
        let before = sent.last().map(|sent| sent.hash.clone());
        let hash = match &before {
            None => ContentHash::of(&body),
            Some(before) => ContentHash::of_parts(&[before.as_str(), &body]),
        };
        sent.push(Sent { hash, before, body });
    }
    sent
}

fn system(request: &Request) -> Lent<'_> {
    let tools = request.tools.iter().map(|tool| LentTool {
        name: &tool.name,
        description: &tool.description,
        parameters: &tool.parameters,
    });
    let must_call = request.must_call.as_deref();
    Lent::System { text: &request.system, tools: tools.collect(), must_call }
}

fn message(message: &Message) -> Lent<'_> {
    match message {
        Message::User(text) => Lent::User { text },
        Message::Answer(answer) => Lent::Agent { text: &answer.text, tool_calls: &answer.tool_calls },
        Message::ToolResults(results) => {
            let results = results.iter().map(|result| LentResult {
                tool: &result.tool,
                text: &result.text,
                failed: result.failed,
            });
            Lent::Tools { results: results.collect() }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{SentMessage, record};
    use crate::call::{Answer, Message, Request, Scene, ToolCall, ToolResult, ToolSpec};

    #[test]
    fn what_is_kept_is_read_as_what_was_sent() {
        let call = ToolCall { id: "1".into(), tool: "look".into(), arguments: json!({ "at": "owls" }) };
        let answer = Answer { text: "Let me see.".into(), tool_calls: vec![call], ..Answer::default() };
        let result = ToolResult { id: "1".into(), tool: "look".into(), text: "No.".into(), failed: true };
        let mut request = Request {
            system: "You are a.".into(),
            messages: vec![
                Message::User("Go.".into()),
                Message::Answer(answer.into()),
                Message::ToolResults(vec![result]),
            ],
            tools: vec![ToolSpec {
                name: "look".into(),
                description: "Looks.".into(),
                parameters: json!({}),
            }],
            must_call: None,
            max_tokens: None,
            scene: Scene::default(),
        };
        let sent = record(&request);
        let read: Vec<SentMessage> =
            sent.iter().map(|sent| serde_json::from_str(&sent.body).unwrap()).collect();
        let written: Vec<_> = read.iter().map(|message| serde_json::to_string(message).unwrap()).collect();
        assert_eq!(written, sent.iter().map(|sent| sent.body.to_string()).collect::<Vec<_>>());
        assert!(matches!(&read[3], SentMessage::Tools { results } if results[0].failed));

        request.messages.pop();
        assert_eq!(
            record(&request),
            sent[..3],
            "conversations that begin alike share what they have in common"
        );
    }
}
