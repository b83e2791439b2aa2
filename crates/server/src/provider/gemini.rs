//! Google's Gemini.
//!
//! Its parts may carry a signature of the thought behind them, which must come back in the part that
//! it came with: an answer that has some keeps its parts in its echo. Tool calls mostly have no ids;
//! theirs are made here, and are not shown to the provider. The answer is whole once a candidate has
//! its `finishReason`.

use std::borrow::Cow;

use callboard_engine::call::{Answer, Failure, Finish, Tokens, ToolCall, ToolResult, failure};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::conversation::{self, MADE, Offer, Part};
use super::draft::Draft;
use super::http::{Framing, Outgoing, Progress};
use super::refusal::{self, Said};
use super::{Call, http};

const BASE_URL: &str = "https://generativelanguage.googleapis.com";

/// Parameters that stand beside the generation's settings, not among them.
const OUTER: [&str; 3] = ["safetySettings", "cachedContent", "labels"];

/// Parameters that are this module's to set.
const RESERVED: [&str; 7] =
    ["model", "contents", "messages", "systemInstruction", "tools", "toolConfig", "stream"];

/// The name of this format's part of an answer's echo.
const ECHO: &str = "gemini";

/// Puts the question into the format.
pub(super) fn ask(call: Call<'_>) -> Result<Outgoing, Failure> {
    let model = call.model.model.strip_prefix("models/").unwrap_or(&call.model.model);
    // A model of someone's own is not under `models`, and its name says where it is.
    let folder = if model.contains('/') { "" } else { "models/" };
    let endpoint = format!("/{folder}{}:streamGenerateContent?alt=sse", in_path(model));
    let url = conversation::address(call.model, BASE_URL, "/v1beta", &endpoint);
    let mut outgoing = Outgoing::new(&url, Framing::Events, &Body { call })?;
    outgoing.key("x-goog-api-key", "", call)?;
    Ok(outgoing)
}

/// A model's name where it cannot be taken for a part of the address.
fn in_path(model: &str) -> String {
    let mut name = String::with_capacity(model.len());
    for byte in model.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/@".contains(&byte) {
            name.push(char::from(byte));
        } else {
            name.push_str(&format!("%{byte:02X}"));
        }
    }
    name
}

struct Body<'a> {
    call: Call<'a>,
}

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let call = self.call;
        let mut body = serializer.serialize_map(None)?;
        if !call.request.system.is_empty() {
            body.serialize_entry(
                "systemInstruction",
                &json!({ "parts": [{ "text": call.request.system }] }),
            )?;
        }
        body.serialize_entry("contents", &contents(call))?;
        let tools = conversation::tools(call, Offer::All);
        if !tools.is_empty() {
            let declared = tools.into_iter().map(|tool| Declaration {
                name: &tool.name,
                description: &tool.description,
                parameters_json_schema: &tool.parameters,
            });
            body.serialize_entry("tools", &[Tools { function_declarations: declared.collect() }])?;
            if let Some(tool) = conversation::must_call(call) {
                let choice = json!({ "mode": "ANY", "allowedFunctionNames": [tool] });
                body.serialize_entry("toolConfig", &json!({ "functionCallingConfig": choice }))?;
            }
        }
        let mut settings = Map::new();
        for (name, value) in &call.model.parameters {
            match (name.as_str(), value) {
                ("generationConfig", Value::Object(more)) => settings.extend(more.clone()),
                (name, _) if OUTER.contains(&name) => body.serialize_entry(name, value)?,
                (name, _) if RESERVED.contains(&name) => {}
                ("stop", Value::String(_)) => {
                    settings.insert("stopSequences".to_owned(), json!([value]));
                }
                (name, _) => {
                    settings.insert(setting(name).to_owned(), value.clone());
                }
            }
        }
        if !settings.is_empty() {
            body.serialize_entry("generationConfig", &settings)?;
        }
        body.end()
    }
}

/// What Gemini calls a parameter.
fn setting(name: &str) -> &str {
    match name {
        "max_tokens" | "max_completion_tokens" => "maxOutputTokens",
        "top_p" => "topP",
        "top_k" => "topK",
        "stop" => "stopSequences",
        "presence_penalty" => "presencePenalty",
        "frequency_penalty" => "frequencyPenalty",
        name => name,
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tools<'a> {
    function_declarations: Vec<Declaration<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Declaration<'a> {
    name: &'a str,
    description: &'a str,
    parameters_json_schema: &'a Value,
}

#[derive(Serialize)]
struct Content<'a> {
    role: &'static str,
    parts: Vec<OutboundPart<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum OutboundPart<'a> {
    Text(Cow<'a, str>),
    FunctionCall {
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a str>,
        name: &'a str,
        args: Cow<'a, Value>,
    },
    FunctionResponse {
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a str>,
        name: &'a str,
        response: Response<'a>,
    },
    #[serde(untagged)]
    Echo(&'a Value),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Response<'a> {
    Output(&'a str),
    Error(&'a str),
}

/// The conversation, alternating: results of tools are the user's to tell.
fn contents<'a>(call: Call<'a>) -> Vec<Content<'a>> {
    let mut contents: Vec<Content<'a>> = Vec::new();
    for part in conversation::parts(call) {
        let (role, parts) = match part {
            Part::User(text) => ("user", vec![OutboundPart::Text(text)]),
            Part::Answer(answer, calls) => ("model", answered(answer, calls)),
            Part::Results(results) => ("user", results.iter().map(responded).collect()),
        };
        match contents.last_mut() {
            _ if parts.is_empty() => {}
            Some(last) if last.role == role => last.parts.extend(parts),
            Some(_) | None => contents.push(Content { role, parts }),
        }
    }
    contents
}

fn answered<'a>(answer: &'a Answer, calls: &'a [ToolCall]) -> Vec<OutboundPart<'a>> {
    let echo = answer.echo.as_ref().and_then(|echo| echo.get(ECHO)).and_then(Value::as_array);
    if let Some(echo) = echo.filter(|_| calls.len() == answer.tool_calls.len()) {
        return echo.iter().map(OutboundPart::Echo).collect();
    }
    let text = (!answer.text.is_empty()).then(|| OutboundPart::Text(Cow::Borrowed(&answer.text)));
    let calls = calls.iter().map(|call| OutboundPart::FunctionCall {
        id: given(&call.id),
        name: &call.tool,
        args: conversation::object(&call.arguments),
    });
    text.into_iter().chain(calls).collect()
}

fn responded(result: &ToolResult) -> OutboundPart<'_> {
    let response = if result.failed { Response::Error(&result.text) } else { Response::Output(&result.text) };
    OutboundPart::FunctionResponse { id: given(&result.id), name: &result.tool, response }
}

/// An id that the provider gave, and not one that was made here.
fn given(id: &str) -> Option<&str> {
    (!id.starts_with(MADE)).then_some(id)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Inbound {
    #[serde(default)]
    candidates: Vec<Candidate>,
    #[serde(default)]
    prompt_feedback: Option<Feedback>,
    #[serde(default)]
    usage_metadata: Option<Usage>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate {
    #[serde(default)]
    index: u64,
    #[serde(default)]
    content: Option<InboundContent>,
    #[serde(default)]
    finish_reason: Option<String>,
    #[serde(default)]
    finish_message: Option<String>,
}

#[derive(Deserialize)]
struct InboundContent {
    /// Kept as they are, since some must come back as they are. There is one to an event, mostly.
    #[serde(default)]
    parts: Vec<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Feedback {
    #[serde(default)]
    block_reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Usage {
    #[serde(default)]
    prompt_token_count: u64,
    #[serde(default)]
    tool_use_prompt_token_count: u64,
    #[serde(default)]
    candidates_token_count: u64,
    #[serde(default)]
    thoughts_token_count: u64,
}

/// Reads the chunks of a candidate.
#[derive(Default)]
pub(super) struct Reader {
    progress: Progress,
    parts: Vec<Map<String, Value>>,
    signed: bool,
}

impl http::Reader for Reader {
    fn take(&mut self, data: &[u8], draft: &mut Draft<'_>) -> Result<(), Failure> {
        let inbound: Inbound = serde_json::from_slice(data).map_err(|error| refusal::unreadable(&error))?;
        if let Some(error) = inbound.error.filter(|error| !error.is_null()) {
            return Err(Said::of(&error).into_failure());
        }
        if let Some(reason) = inbound.prompt_feedback.and_then(|feedback| feedback.block_reason) {
            let message = format!("The provider does not take up the question: {reason}.");
            return Err(refusal::failed(failure::REFUSED, false, message));
        }
        if let Some(usage) = inbound.usage_metadata {
            // Each event counts anew from the beginning.
            draft.tokens = Some(Tokens {
                input: usage.prompt_token_count + usage.tool_use_prompt_token_count,
                output: usage.candidates_token_count + usage.thoughts_token_count,
            });
        }
        for candidate in inbound.candidates.into_iter().filter(|candidate| candidate.index == 0) {
            for part in candidate.content.into_iter().flat_map(|content| content.parts) {
                self.part(part, data.len(), draft)?;
            }
            if let Some(reason) = candidate.finish_reason {
                draft.finish = finish_of(&reason, candidate.finish_message.as_deref())?;
                self.progress = Progress::Finished;
            }
        }
        Ok(())
    }

    fn progress(&self) -> Progress {
        self.progress
    }

    fn finish(&mut self, draft: &mut Draft<'_>) {
        if self.signed {
            draft.echo = Some(json!({ ECHO: self.parts }));
        }
    }
}

fn finish_of(reason: &str, message: Option<&str>) -> Result<Finish, Failure> {
    match reason {
        "MAX_TOKENS" => Ok(Finish::Length),
        "SAFETY" | "RECITATION" | "LANGUAGE" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII"
        | "IMAGE_SAFETY" => Ok(Finish::Filtered),
        // The model wrote a call that the provider itself cannot read. Asked again, it mostly writes
        // a better one.
        "MALFORMED_FUNCTION_CALL" | "UNEXPECTED_TOOL_CALL" => {
            Err(Failure { provider_message: message.map(refusal::plain), ..refusal::bad_answer(reason) })
        }
        _ => Ok(Finish::Done),
    }
}

impl Reader {
    fn part(&mut self, part: Map<String, Value>, bytes: usize, draft: &mut Draft<'_>) -> Result<(), Failure> {
        let thought = part.get("thought") == Some(&Value::Bool(true));
        let text = part.get("text").and_then(Value::as_str);
        if let Some(text) = text.filter(|_| !thought) {
            draft.words(text)?;
        }
        if let Some(call) = part.get("functionCall") {
            draft.count(bytes)?;
            let said = |name: &str| call[name].as_str().unwrap_or_default();
            draft.whole_call(said("id"), said("name"), call["args"].clone())?;
        }
        let signed = part.contains_key("thoughtSignature");
        self.signed |= signed;
        if thought && !signed {
            return Ok(());
        }
        // Plain text goes on where plain text ended; anything signed stays apart.
        let plain = |part: &Map<String, Value>| part.len() == 1 && part.contains_key("text");
        if let Some(text) = text
            && plain(&part)
            && let Some(last) = self.parts.last_mut().filter(|last| plain(last))
            && let Some(Value::String(before)) = last.get_mut("text")
        {
            before.push_str(text);
            return Ok(());
        }
        draft.count(
            size_of::<Value>() + part.get("thoughtSignature").and_then(Value::as_str).map_or(0, str::len),
        )?;
        self.parts.push(part);
        Ok(())
    }
}
