//! What models and tools say: mostly something that leads on, often enough something odd.

use callboard_engine::call::{Answer, Failure, Request, Tokens, ToolCall, failure};
use callboard_engine::command::ToolOutcome;
use callboard_server::provider::Answered;
use serde_json::{Value, json};

use crate::chance::Chance;
use crate::workflows::OTHER;

/// What models call beyond what every agent has, one of them by its bare name.
const TOOLS: [&str; 12] = [
    "look",
    "send",
    "ring",
    "post",
    "files__t0",
    "t1",
    "http_request",
    "write_file",
    "read_file",
    "current_time",
    "ask_user",
    "run_workflow",
];

/// The longest answer where nothing lowers it.
const TOKENS: u64 = 500;

/// An answer, and what it used: no model reads more tokens than bytes, or writes more than it may.
pub(crate) fn answer(chance: &mut Chance, request: &Request) -> Answered {
    let answer = says(chance, request);
    let most = request.max_tokens.unwrap_or(TOKENS).min(10 * TOKENS);
    let tokens = Tokens { input: chance.below(request.bytes()), output: chance.below(most + 1) };
    Answered { answer, tokens: (!chance.one_in(20)).then_some(tokens) }
}

/// An answer that leads nowhere.
pub(crate) fn stubborn() -> Answered {
    let answer = calls("", [("read_memory", json!({ "key": "none" }))]);
    Answered { answer, tokens: Some(Tokens { input: 10, output: 10 }) }
}

fn says(chance: &mut Chance, request: &Request) -> Answer {
    let full = completion(chance, request);
    match request.must_call.as_deref().filter(|_| !chance.one_in(4)) {
        Some("share_result") if chance.one_in(3) => {
            return calls("", [shares(chance), tool(chance, request)]);
        }
        Some("share_result") => return calls("", [shares(chance)]),
        Some(_) => return calls("", [full]),
        None => {}
    }
    match chance.below(40) {
        0 => calls("", []),
        1..=3 => calls("Words.", []),
        4 => calls("o1", []),
        5 => calls("", [("pass", json!({}))]),
        6 | 7 => calls("", [("send_message", json!({ "to": "team", "text": "Mind the owls." }))]),
        8 | 9 => calls("", [shares(chance)]),
        10 | 11 => calls("", [shares(chance), full]),
        12 => calls("", [("read_memory", json!({ "key": "key" })), ("nonsense", json!("{"))]),
        13 => calls("Said.", [("complete", json!({}))]),
        14..=27 => {
            let mut several: Vec<(&str, Value)> =
                (0..=chance.below(3)).map(|_| tool(chance, request)).collect();
            match chance.below(6) {
                0 => several.insert(0, full),
                1 => several.push(("pass", json!({}))),
                2 => several.push(shares(chance)),
                _ => {}
            }
            calls("", several)
        }
        _ => calls("", [full]),
    }
}

/// A whole completion, whose result and outcome do not always fit.
fn completion(chance: &mut Chance, request: &Request) -> (&'static str, Value) {
    let declared = request.scene.outcomes.iter().map(|outcome| outcome.name.as_str());
    let outcomes: Vec<&str> = declared.chain(["O1"]).collect();
    let outcome = chance.pick(&outcomes).copied();
    let result = if chance.one_in(4) { json!("r") } else { json!({ "n": chance.below(2) }) };
    ("complete", json!({ "result": result, "summary": "s", "outcome": outcome }))
}

fn shares(chance: &mut Chance) -> (&'static str, Value) {
    ("share_result", json!({ "key": "key", "value": chance.below(1000) }))
}

/// A call of a tool that the agent has, or of any.
fn tool(chance: &mut Chance, request: &Request) -> (&'static str, Value) {
    let has = |name: &&str| request.tools.iter().any(|tool| tool.name == **name);
    let own: Vec<&'static str> = TOOLS.into_iter().filter(has).collect();
    let own = if chance.one_in(8) { TOOLS.to_vec() } else { own };
    let name = chance.pick(&own).copied().unwrap_or("t1");
    let arguments = match name {
        "http_request" if chance.one_in(2) => json!({ "url": "https://example.org", "method": "POST" }),
        "http_request" => json!({ "url": "https://example.org" }),
        "write_file" => json!({ "path": "a.md", "text": format!("{} owls", chance.below(5)) }),
        "read_file" => json!({ "path": "a.md" }),
        "ask_user" => json!({ "question": "Which owls?" }),
        "run_workflow" => json!({ "workflow": OTHER }),
        _ => json!({}),
    };
    (name, arguments)
}

fn calls(text: &str, calls: impl IntoIterator<Item = (&'static str, Value)>) -> Answer {
    let call = |(number, (tool, arguments)): (usize, (&str, Value))| ToolCall {
        id: format!("c{number}"),
        tool: tool.to_owned(),
        arguments,
    };
    let tool_calls = calls.into_iter().enumerate().map(call).collect();
    Answer { text: text.to_owned(), tool_calls, ..Answer::default() }
}

/// What a provider says instead of an answer.
pub(crate) fn failure(chance: &mut Chance) -> Failure {
    let code = chance.weighed(&[
        (5, failure::RATE_LIMITED),
        (5, failure::UNAVAILABLE),
        (3, failure::UNREACHABLE),
        (2, failure::TIMED_OUT),
        (1, failure::BAD_ANSWER),
        (1, failure::TOO_LONG),
        (1, failure::UNAUTHORIZED),
        (1, failure::REFUSED),
    ]);
    let passes = ![failure::TOO_LONG, failure::UNAUTHORIZED, failure::REFUSED].contains(&code);
    Failure { retry_after_ms: chance.one_in(5).then_some(1000), ..failed(code, passes) }
}

pub(crate) fn failed(code: &str, transient: bool) -> Failure {
    Failure {
        code: code.to_owned(),
        message: "No.".to_owned(),
        provider_message: None,
        status: None,
        transient,
        retry_after_ms: None,
    }
}

/// What a tool gives: often more than fits a small model.
pub(crate) fn outcome(chance: &mut Chance) -> ToolOutcome {
    if chance.one_in(6) {
        return broken();
    }
    let text = if chance.one_in(2) { "owl ".repeat(300) } else { r#"{"n": 1}"#.to_owned() };
    ToolOutcome { text: text.into(), code: None }
}

pub(crate) fn broken() -> ToolOutcome {
    ToolOutcome { text: "No.".into(), code: Some("tool_failed".to_owned()) }
}
