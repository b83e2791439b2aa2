//! Which tools an agent is offered.

use serde_json::{Map, Value, json};

use super::SceneSetting;
use crate::call::ToolSpec;
use crate::definition::Summary;
use crate::event::Ask;
use crate::rules::{COMPLETE, PASS, READ_MEMORY, SEND_MESSAGE, SHARE_RESULT, TEAM};

/// The tools, and the one that must be called where nothing else will do.
pub(super) fn offered(scene: &SceneSetting<'_>) -> (Vec<ToolSpec>, Option<String>) {
    if !scene.model.tools || scene.asks_summary() {
        return (Vec::new(), None);
    }
    match &scene.turn.ask {
        Some(Ask::Outcome) => (vec![choose(scene)], Some(COMPLETE.to_owned())),
        Some(Ask::Result | Ask::Mend { .. }) => (vec![complete(scene)], Some(COMPLETE.to_owned())),
        Some(Ask::Shares { .. }) => (vec![share_owed(scene)], Some(SHARE_RESULT.to_owned())),
        Some(Ask::Summary) | None => {
            let own = [send_message(scene), share_result(), read_memory(), pass(), complete(scene)];
            (own.into_iter().chain(scene.toolbox.specs()).collect(), None)
        }
    }
}

fn spec(name: &str, description: &str, parameters: Value) -> ToolSpec {
    ToolSpec { name: name.to_owned(), description: description.to_owned(), parameters }
}

fn send_message(scene: &SceneSetting<'_>) -> ToolSpec {
    let mut to = vec![TEAM];
    for place in &scene.stage.agents {
        if place.agent != scene.turn.agent && !to.contains(&place.agent.as_str()) {
            to.push(&place.agent);
        }
    }
    spec(
        SEND_MESSAGE,
        "Sends a message to the whole team or to one agent, who reads it at its next turn.",
        json!({
            "type": "object",
            "properties": {
                "to": { "type": "string", "enum": to },
                "text": { "type": "string" },
            },
            "required": ["to", "text"],
        }),
    )
}

fn share_result() -> ToolSpec {
    share(json!({ "type": "string", "description": "The name that it is read under." }))
}

/// The tool that can share nothing but what is still owed.
fn share_owed(scene: &SceneSetting<'_>) -> ToolSpec {
    share(
        json!({ "type": "string", "enum": scene.to_share(), "description": "The name that it is read under." }),
    )
}

fn share(key: Value) -> ToolSpec {
    spec(
        SHARE_RESULT,
        "Writes a value to shared memory, where this and later stages read it.",
        json!({
            "type": "object",
            "properties": { "key": key, "value": { "description": "A text, or any JSON value." } },
            "required": ["key", "value"],
        }),
    )
}

fn read_memory() -> ToolSpec {
    spec(
        READ_MEMORY,
        "Reads a value of shared memory, or the rest of a text that was cut.",
        json!({
            "type": "object",
            "properties": {
                "key": { "type": "string" },
                "from": { "type": "integer", "minimum": 0, "description": "The character to begin at; 0 where it is left out." },
            },
            "required": ["key"],
        }),
    )
}

fn pass() -> ToolSpec {
    spec(PASS, "Ends your turn: you have nothing to add yet.", json!({ "type": "object", "properties": {} }))
}

fn complete(scene: &SceneSetting<'_>) -> ToolSpec {
    let result = match scene.stage.result_schema.as_ref().filter(|_| scene.gives_schema()) {
        Some(schema) => schema.clone(),
        None => json!({ "type": "string", "description": "The whole result of your part." }),
    };
    let mut properties = Map::from_iter([("result".to_owned(), result)]);
    if scene.stage.summary != Summary::None {
        let summary = json!({ "type": "string", "description": "At most 100 words, for those who work on later stages." });
        properties.insert("summary".to_owned(), summary);
    }
    if !scene.stage.outcomes.is_empty() {
        properties.insert("outcome".to_owned(), outcome(scene));
    }
    let required: Vec<&String> = properties.keys().collect();
    let mut parameters = json!({ "type": "object", "properties": properties, "required": required });
    // What a schema refers to within itself stays where it was.
    let definitions = scene.stage.result_schema.as_ref().and_then(|schema| schema.get("$defs"));
    if let (Some(definitions), Some(root)) = (definitions, parameters.as_object_mut()) {
        root.insert("$defs".to_owned(), definitions.clone());
    }
    spec(COMPLETE, "Completes your part of this stage.", parameters)
}

/// The tool that can say nothing but an outcome.
fn choose(scene: &SceneSetting<'_>) -> ToolSpec {
    spec(
        COMPLETE,
        "Chooses how this stage ends.",
        json!({ "type": "object", "properties": { "outcome": outcome(scene) }, "required": ["outcome"] }),
    )
}

fn outcome(scene: &SceneSetting<'_>) -> Value {
    let outcomes: Vec<&str> = scene.stage.outcomes.keys().map(String::as_str).collect();
    json!({ "type": "string", "enum": outcomes, "description": "How this stage ends." })
}
