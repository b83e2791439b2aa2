//! What an agent plausibly does when it is asked: it shares what it has to, then completes.
//!
//! Only a tool's schema and the scene decide, so this holds for any workflow. Tools that act on the
//! world are never called.

use callboard_engine::call::{Answer, Finish, Request, Scene, SceneOutcome, ToolCall, ToolSpec};
use serde_json::{Map, Value, json};

use super::super::Call;
use super::prose::Prose;
use super::schema;
use super::script::tool_call;

/// The tool that ends an agent's work.
const COMPLETE: &str = "complete";

/// The tool that writes into shared memory.
const SHARE: &str = "share_result";

/// What the agent answers.
pub(super) fn answer(call: Call<'_>) -> Answer {
    let Request { tools, must_call, scene, .. } = call.request;
    let tools = if call.model.tools { tools.as_slice() } else { &[] };
    let offered = |name: &str| tools.iter().find(|tool| tool.name == name);
    let chosen = outcome(&scene.outcomes);
    let prose = Prose::of(scene, chosen);
    if let Some(forced) = must_call.as_deref().and_then(offered) {
        return says(String::new(), forced_calls(forced, scene, &prose, chosen));
    }
    if scene.asks_summary {
        return says(prose.summary(), Vec::new());
    }
    if let Some(share) = offered(SHARE).filter(|_| !scene.to_share.is_empty()) {
        return says(prose.finding(), shared(share, scene, &prose));
    }
    match offered(COMPLETE) {
        Some(complete) => {
            let arguments = completed(complete, &prose, chosen);
            says(prose.working(), vec![tool_call(0, COMPLETE, arguments)])
        }
        None => says(prose.result(), Vec::new()),
    }
}

fn says(text: String, tool_calls: Vec<ToolCall>) -> Answer {
    Answer { text, tool_calls, finish: Finish::Done, echo: None }
}

/// The outcome that is taken: those that lead back first, once each, then the first that leads on.
fn outcome(outcomes: &[SceneOutcome]) -> Option<&SceneOutcome> {
    let untaken = outcomes.iter().find(|outcome| outcome.back && outcome.taken == 0);
    untaken.or_else(|| outcomes.iter().find(|outcome| !outcome.back)).or_else(|| outcomes.first())
}

/// Calls of the one tool that must be called.
fn forced_calls(
    tool: &ToolSpec,
    scene: &Scene,
    prose: &Prose<'_>,
    chosen: Option<&SceneOutcome>,
) -> Vec<ToolCall> {
    match tool.name.as_str() {
        SHARE if !scene.to_share.is_empty() => shared(tool, scene, prose),
        COMPLETE => {
            let arguments = completed(tool, prose, chosen);
            let missing = |(name, _): &(&String, &Value)| match tool.parameters["required"].as_array() {
                Some(required) if !required.is_empty() => required.iter().any(|key| key == name.as_str()),
                Some(_) | None => chosen.is_none() || *name == "outcome",
            };
            let only = arguments.as_object().into_iter().flatten().filter(missing);
            let only: Map<_, _> = only.map(|(name, value)| (name.clone(), value.clone())).collect();
            vec![tool_call(0, COMPLETE, only.into())]
        }
        name => vec![tool_call(0, name, schema::example(&tool.parameters, &prose.finding()))],
    }
}

/// A call for each key that is still to be shared.
fn shared(share: &ToolSpec, scene: &Scene, prose: &Prose<'_>) -> Vec<ToolCall> {
    let calls = scene.to_share.iter().enumerate().map(|(index, key)| {
        let value = match share.parameters["properties"].get("value") {
            Some(value) => schema::example(value, &prose.shared(key)),
            None => prose.shared(key).into(),
        };
        tool_call(index, SHARE, json!({ "key": key, "value": value }))
    });
    calls.collect()
}

/// The arguments with which the agent completes: those that the tool's schema asks for.
fn completed(complete: &ToolSpec, prose: &Prose<'_>, chosen: Option<&SceneOutcome>) -> Value {
    let mut arguments = Map::new();
    let outcome = chosen.map(|outcome| Value::from(outcome.name.as_str()));
    match complete.parameters["properties"].as_object() {
        None => {
            arguments.insert("result".to_owned(), prose.result().into());
            arguments.insert("summary".to_owned(), prose.summary().into());
            arguments.extend(outcome.map(|outcome| ("outcome".to_owned(), outcome)));
        }
        Some(properties) => {
            for (name, property) in properties {
                let value = match (name.as_str(), &outcome) {
                    ("outcome", Some(outcome)) => outcome.clone(),
                    ("result", _) => schema::example(property, &prose.result()),
                    ("summary", _) => schema::example(property, &prose.summary()),
                    (_, _) => schema::example(property, &prose.finding()),
                };
                arguments.insert(name.clone(), value);
            }
        }
    }
    arguments.into()
}
