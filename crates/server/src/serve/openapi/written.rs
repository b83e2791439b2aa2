//! Parts of a project as callers may write them. What is answered has every field, with its default
//! written out; what is sent needs few of them. Both follow from the same types: a field that a type
//! gets is described here without another word.

use serde_json::{Map, Value, json};

/// Schemas by name.
type Schemas = Map<String, Value>;

/// The parts, by the schema of their fields.
const PARTS: [(&str, &str); 6] = [
    ("ModelFields", "Model"),
    ("ToolFields", "Tool"),
    ("Team", "Team"),
    ("AgentFields", "Agent"),
    ("WorkflowFields", "Workflow"),
    ("TriggerFields", "Trigger"),
];

/// The fields that have to be there, by schema. All others may be left out.
const NEEDED: [(&str, &[&str]); 10] = [
    ("ModelFields", &["provider"]),
    ("Price", &["input", "output"]),
    ("ScriptToolCall", &["tool"]),
    ("ScriptFail", &["status"]),
    ("Team", &["agents"]),
    ("WorkflowFields", &["team", "stages"]),
    ("Stage", &["task", "agents"]),
    ("Assignment", &["agent"]),
    ("Approval", &["when"]),
    ("Hook", &["tool"]),
];

/// What every reference begins with.
const REFERENCE: &str = "#/components/schemas/";

/// Describes what is sent to make or change a part.
pub(super) fn describe(schemas: &mut Schemas) {
    for (fields, part) in PARTS {
        write(schemas, fields);
        let Some(written) = schemas.get(&name(fields)).cloned() else { continue };
        let article = if part == "Agent" { "an" } else { "a" };
        let noun = part.to_lowercase();
        let mut new = with_name(&written);
        set_description(&mut new, &format!("What {article} {noun} is made with."));
        schemas.insert(format!("New{part}"), new);
        let mut change = without_needs(&written);
        set_description(
            &mut change,
            &format!(
                "What is to change of {article} {noun}. What is left out stays; `null` goes back to the default."
            ),
        );
        schemas.insert(format!("{part}Change"), change);
    }
}

fn name(answered: &str) -> String {
    format!("Written{answered}")
}

/// Makes the written form of a schema, and of all that it refers to. What has no fields is written as
/// it is answered.
fn write(schemas: &mut Schemas, answered: &str) {
    if schemas.contains_key(&name(answered)) {
        return;
    }
    let Some(mut schema) = schemas.get(answered).cloned() else { return };
    // Put in first, so that a schema that refers to itself comes to an end.
    schemas.insert(name(answered), Value::Null);
    let needed = NEEDED.iter().find(|(known, _)| *known == answered).map_or(&[][..], |(_, needed)| needed);
    need_only(&mut schema, needed);
    if answered == "Team" {
        // The only part whose fields stand in no schema of their own, beside its numbers and its name.
        for object in objects(&mut schema) {
            if let Some(Value::Object(properties)) = object.get_mut("properties") {
                properties.retain(|key, _| matches!(key.as_str(), "model" | "agents"));
            }
        }
    }
    for other in references(&schema) {
        if has_fields(schemas, &other) {
            write(schemas, &other);
            refer(&mut schema, &format!("{REFERENCE}{other}"), &format!("{REFERENCE}{}", name(&other)));
        }
    }
    let schema = if answered == "TriggerFields" { in_one(schemas, schema) } else { schema };
    schemas.insert(name(answered), in_short(answered, schema));
}

/// The fields of a trigger in one object: whether those of a schedule or of a webhook have to be there
/// depends on what the trigger is already, where it is changed.
fn in_one(schemas: &Schemas, mut schema: Value) -> Value {
    let fields = |name: &str| schemas.get(&self::name(name)).and_then(|one| one.get("properties")).cloned();
    let mut properties = Map::new();
    for object in objects(&mut schema) {
        properties.extend(object.get("properties").and_then(Value::as_object).cloned().unwrap_or_default());
    }
    properties
        .extend(fields("ScheduleFields").and_then(|fields| fields.as_object().cloned()).unwrap_or_default());
    let webhook = json!({ "description": "`true`, or how its calls are taken.",
        "oneOf": [{ "const": true }, { "$ref": format!("{REFERENCE}{}", name("WebhookFields")) }] });
    properties.insert("webhook".to_owned(), webhook);
    json!({ "type": "object", "properties": properties })
}

/// The shorter ways in which a file may say the same.
fn in_short(answered: &str, mut schema: Value) -> Value {
    match answered {
        "Assignment" => json!({ "description": "The name of an agent, or its place in the stage.",
            "oneOf": [{ "type": "string" }, schema] }),
        "Stage" => {
            if let Some(approval) = schema.pointer_mut("/properties/approval") {
                let one = approval.get("items").cloned().unwrap_or_default();
                let list = approval.take();
                *approval = json!({ "description": "One approval, or one before and one after.", "oneOf": [one, list] });
            }
            schema
        }
        "ScriptReply" => json!({ "description": "The text of an answer, or the whole of it.",
            "oneOf": [{ "type": "string" }, schema] }),
        _ => schema,
    }
}

/// Leaves of the fields that have to be there only those.
fn need_only(schema: &mut Value, needed: &[&str]) {
    for object in objects(schema) {
        object.remove("required");
        let properties = object.get("properties").and_then(Value::as_object);
        let here: Vec<&str> = needed
            .iter()
            .filter(|key| properties.is_some_and(|properties| properties.contains_key(**key)))
            .copied()
            .collect();
        if !here.is_empty() {
            object.insert("required".to_owned(), json!(here));
        }
    }
}

/// The schema itself, and what it is put together from.
fn objects(schema: &mut Value) -> Vec<&mut Map<String, Value>> {
    let parts = match schema.as_object_mut() {
        Some(object) if object.contains_key("allOf") => object.get_mut("allOf").and_then(Value::as_array_mut),
        Some(object) => return object.contains_key("properties").then_some(object).into_iter().collect(),
        None => None,
    };
    let parts = parts.into_iter().flatten().filter_map(Value::as_object_mut);
    parts.filter(|object| object.contains_key("properties")).collect()
}

fn with_name(written: &Value) -> Value {
    let mut new = written.clone();
    if let Some(object) = objects(&mut new).into_iter().next() {
        if let Some(Value::Object(properties)) = object.get_mut("properties") {
            let name =
                json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$", "description": "Its name." });
            properties.shift_insert(0, "name".to_owned(), name);
        }
        let required = object.entry("required").or_insert_with(|| json!([]));
        if let Some(required) = required.as_array_mut() {
            required.insert(0, json!("name"));
        }
    }
    new
}

fn without_needs(written: &Value) -> Value {
    let mut change = written.clone();
    need_only(&mut change, &[]);
    change
}

fn set_description(schema: &mut Value, text: &str) {
    if let Some(object) = schema.as_object_mut() {
        object.insert("description".to_owned(), json!(text));
    }
}

fn has_fields(schemas: &Schemas, name: &str) -> bool {
    schemas.get(name).is_some_and(|schema| {
        schema.get("properties").is_some() || !references(schema).is_empty() || schema.is_null()
    })
}

/// The names of the schemas that one refers to.
fn references(schema: &Value) -> Vec<String> {
    let mut found = Vec::new();
    match schema {
        Value::Object(object) => {
            let reference = object.get("$ref").and_then(Value::as_str);
            found.extend(reference.and_then(|to| to.strip_prefix(REFERENCE)).map(str::to_owned));
            found.extend(object.values().flat_map(references));
        }
        Value::Array(items) => found.extend(items.iter().flat_map(references)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    found.sort();
    found.dedup();
    found
}

/// Lets references lead to another schema.
fn refer(schema: &mut Value, from: &str, to: &str) {
    match schema {
        Value::Object(object) => {
            for (key, value) in object.iter_mut() {
                if key == "$ref" && value == from {
                    *value = json!(to);
                } else {
                    refer(value, from, to);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| refer(item, from, to)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
