//! Models, their keys and their scripts.

use indexmap::IndexMap;

use super::fields::{Fields, Reader};
use super::values::{self, COUNT_MAX};
use crate::definition::{
    KeyRef, Model, Price, ProviderKind, Script, ScriptFail, ScriptReply, ScriptToolCall, ScriptWhen,
};
use crate::project::mistake::Mistake;
use crate::project::yaml::{Kind, Node};

const KEYS: &[&str] = &[
    "provider",
    "model",
    "base_url",
    "api_key",
    "parameters",
    "price",
    "timeout_s",
    "retry_for_s",
    "tools",
    "context_tokens",
    "max_at_once",
    "per_minute",
    "fallback",
    "script",
];

/// Reads a model.
pub(super) fn model(reader: &mut Reader<'_>, node: &Node) -> Option<Model> {
    let fields = reader.fields(node, KEYS)?;
    let providers = ProviderKind::ALL.map(|provider| (provider.name(), provider));
    let provider = fields.required(reader, "provider", values::one_of(&providers));
    if let Some(provider) = provider {
        fits_provider(reader, &fields, provider);
    }
    Some(Model {
        provider: provider.unwrap_or(ProviderKind::Simulated),
        model: fields.optional(reader, "model", model_name(provider)).unwrap_or_default(),
        base_url: fields.optional(reader, "base_url", values::address),
        api_key: fields.optional(reader, "api_key", key),
        parameters: fields.optional(reader, "parameters", values::object).unwrap_or_default(),
        price: fields.optional(reader, "price", price),
        timeout_s: fields.optional(reader, "timeout_s", values::seconds).unwrap_or(Model::TIMEOUT_S),
        retry_for_s: fields
            .optional(reader, "retry_for_s", values::whole(0, values::SECONDS_MAX))
            .unwrap_or(Model::RETRY_FOR_S),
        tools: fields.optional(reader, "tools", values::boolean).unwrap_or(true),
        context_tokens: fields
            .optional(reader, "context_tokens", values::whole(Model::CONTEXT_TOKENS_MIN, COUNT_MAX))
            .unwrap_or(Model::CONTEXT_TOKENS),
        max_at_once: fields.optional(reader, "max_at_once", values::count).unwrap_or(Model::MAX_AT_ONCE),
        per_minute: fields.optional(reader, "per_minute", values::count),
        fallback: fields.optional(reader, "fallback", values::name),
        script: fields
            .optional(
                reader,
                "script",
                values::list("entries with \"when\" and \"reply\" or \"fail\"", script),
            )
            .unwrap_or_default(),
    })
}

/// How the provider's name for the model is read. The simulated model has none, and the empty name
/// that stands for it in a frozen definition may be written too.
fn model_name(provider: Option<ProviderKind>) -> impl FnOnce(&mut Reader<'_>, &Node) -> Option<String> {
    if provider == Some(ProviderKind::Simulated) { values::text } else { values::words }
}

/// Notes what a provider needs and the model lacks, or the other way round.
fn fits_provider(reader: &mut Reader<'_>, fields: &Fields<'_>, provider: ProviderKind) {
    let is_simulated = provider == ProviderKind::Simulated;
    if !is_simulated && !fields.has("model") {
        let message = format!("A model of the provider {} needs its name.", provider.name());
        let mistake = Mistake::error(fields.at, "model_needed", message);
        reader.add(mistake.hint("Add \"model: …\" with the provider's own name for the model."));
    }
    if provider == ProviderKind::OpenaiCompatible && !fields.has("base_url") {
        let mistake = Mistake::error(
            fields.at,
            "base_url_needed",
            "A model of the provider openai-compatible needs an address.",
        );
        reader.add(mistake.hint("Add \"base_url: …\", such as http://127.0.0.1:8000/v1."));
    }
    if !is_simulated && fields.has("script") {
        let at = fields.key_at("script");
        let mistake = Mistake::error(at, "script_not_simulated", "Only a simulated model has a script.")
            .hint("Remove it, or write \"provider: simulated\".");
        reader.within("script", |reader| reader.add(mistake));
    }
}

/// Reads where a key comes from. What stands there is never repeated: it may be the key itself.
fn key(reader: &mut Reader<'_>, node: &Node) -> Option<KeyRef> {
    if matches!(node.kind, Kind::Text(_) | Kind::Number(_)) {
        reader.add(
            Mistake::error(node.at, "key_in_file", "Never write a key into the file.")
                .expected("{ env: NAME } or { secret: NAME }")
                .hint("If this was a real key, withdraw it: it has been written down."),
        );
        return None;
    }
    source(reader, node)
}

/// Reads where something that is not written into the file comes from.
pub(super) fn source(reader: &mut Reader<'_>, node: &Node) -> Option<KeyRef> {
    let fields = reader.fields(node, &["env", "secret"])?;
    match (fields.has("env"), fields.has("secret")) {
        (true, false) => fields.optional(reader, "env", variable).map(KeyRef::Env),
        (false, true) => fields.optional(reader, "secret", secret_name).map(KeyRef::Secret),
        (true, true) | (false, false) => {
            let mistake = Mistake::error(node.at, "choose_one", "This comes from one place.");
            reader.add(mistake.expected("either \"env\" or \"secret\""));
            None
        }
    }
}

/// Whether a text can be the name of an environment variable.
pub(super) fn is_variable(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn variable(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let text = values::text(reader, node)?;
    if is_variable(&text) {
        return Some(text);
    }
    reader.add(
        Mistake::error(node.at, "bad_name", "This cannot be the name of an environment variable.")
            .expected("letters, digits and \"_\", such as OPENAI_API_KEY")
            .hint("Write the variable's name, never the key itself."),
    );
    None
}

/// Reads the name of a project's secret.
pub(super) fn secret_name(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let text = values::text(reader, node)?;
    if values::is_name(&text) {
        return Some(text);
    }
    reader.add(
        Mistake::error(node.at, "bad_name", "This cannot be the name of a secret.")
            .expected(format!("letters, digits, \"-\" and \"_\", at most {}", values::NAME_CHARS_MAX))
            .hint("Write the secret's name, never the secret itself."),
    );
    None
}

/// Reads a price. A broken one still counts as one, so that it is not also reported as missing.
fn price(reader: &mut Reader<'_>, node: &Node) -> Option<Price> {
    let mut price = Price { input: 0.0, output: 0.0 };
    if let Some(fields) = reader.fields(node, &["input", "output"]) {
        price.input = fields.required(reader, "input", values::dollars).unwrap_or_default();
        price.output = fields.required(reader, "output", values::dollars).unwrap_or_default();
    }
    Some(price)
}

fn script(reader: &mut Reader<'_>, node: &Node) -> Option<Script> {
    let fields = reader.fields(node, &["when", "reply", "fail"])?;
    if fields.has("reply") == fields.has("fail") {
        let mistake = Mistake::error(node.at, "choose_one", "An entry of a script answers in one way.");
        reader.add(mistake.expected("either \"reply\" or \"fail\""));
    }
    Some(Script {
        when: fields.optional(reader, "when", script_when).unwrap_or_default(),
        reply: fields.optional(reader, "reply", script_reply),
        fail: fields.optional(reader, "fail", script_fail),
    })
}

fn script_when(reader: &mut Reader<'_>, node: &Node) -> Option<ScriptWhen> {
    let fields = reader.fields(node, &["agent", "stage", "nth"])?;
    Some(ScriptWhen {
        agent: fields.optional(reader, "agent", values::name),
        stage: fields.optional(reader, "stage", values::name),
        nth: fields.optional(reader, "nth", values::count),
    })
}

fn script_reply(reader: &mut Reader<'_>, node: &Node) -> Option<ScriptReply> {
    if let Kind::Text(text) = &node.kind {
        return Some(ScriptReply { text: text.text.to_string(), ..ScriptReply::default() });
    }
    let fields = reader.fields(node, &["text", "tool_calls", "delay_ms", "usage"])?;
    Some(ScriptReply {
        text: fields.optional(reader, "text", values::text).unwrap_or_default(),
        tool_calls: fields
            .optional(
                reader,
                "tool_calls",
                values::list("calls with \"tool\" and \"arguments\"", script_call),
            )
            .unwrap_or_default(),
        delay_ms: fields.optional(reader, "delay_ms", values::whole(0, COUNT_MAX)).unwrap_or_default(),
        usage: fields.optional(reader, "usage", script_usage).unwrap_or_default(),
    })
}

fn script_call(reader: &mut Reader<'_>, node: &Node) -> Option<ScriptToolCall> {
    let fields = reader.fields(node, &["tool", "arguments"])?;
    Some(ScriptToolCall {
        tool: fields.required(reader, "tool", values::words)?,
        arguments: fields
            .optional(reader, "arguments", values::json)
            .unwrap_or_else(|| serde_json::Value::Object(serde_json::Map::new())),
    })
}

fn script_usage(reader: &mut Reader<'_>, node: &Node) -> Option<IndexMap<String, u64>> {
    let known = &["input_tokens", "output_tokens"];
    let fields = reader.fields(node, known)?;
    let mut usage = IndexMap::new();
    for key in known {
        if let Some(tokens) = fields.optional(reader, key, values::whole(0, COUNT_MAX)) {
            usage.insert((*key).to_owned(), tokens);
        }
    }
    Some(usage)
}

fn script_fail(reader: &mut Reader<'_>, node: &Node) -> Option<ScriptFail> {
    let fields = reader.fields(node, &["status", "retry_after_s"])?;
    let status = fields.required(reader, "status", values::whole(100, 599))?;
    Some(ScriptFail {
        status: u16::try_from(status).unwrap_or_default(),
        retry_after_s: fields.optional(reader, "retry_after_s", values::whole(0, values::SECONDS_MAX)),
    })
}
