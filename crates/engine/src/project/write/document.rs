//! The project file as JSON, without what has its default.
//!
//! What is written is taken from how the parts of a project are serialised, in the order of the file.
//! The defaults stand here once more, beside those by which a file is read: they are compared by
//! reading what was written.

use serde_json::{Map, Value, json};

use crate::definition::{Assignment, Model, Stage, Tool, Workflow};
use crate::project::Project;

/// The fields of a trigger, in the order of the manual; the others follow as they are.
const TRIGGER_FIELDS: [&str; 8] =
    ["workflow", "schedule", "timezone", "input", "webhook", "enabled", "pause_reason", "alert"];

/// The project file as JSON: what [`read`](crate::project::read()) makes the same project of.
pub fn document(project: &Project) -> Value {
    let mut file = match serde_json::to_value(project) {
        Ok(file) => file,
        // Only a map whose keys are not texts cannot be JSON, and a project has none.
        Err(error) => unreachable!("a project cannot be written: {error}"),
    };
    without(&mut file, &[("timezone", json!("UTC"))]);
    each(&mut file, "models", model);
    each(&mut file, "tools", tool);
    each(&mut file, "workflows", workflow);
    each(&mut file, "triggers", trigger);
    file
}

/// Takes out the fields that have these values.
fn without(value: &mut Value, defaults: &[(&str, Value)]) {
    let Value::Object(fields) = value else { return };
    fields.retain(|key, value| !defaults.iter().any(|(default, is)| default == key && value == is));
}

/// Does something to each thing of a list or map under a key, if it is there.
fn each(value: &mut Value, key: &str, change: impl FnMut(&mut Value)) {
    match value.get_mut(key) {
        Some(Value::Array(items)) => items.iter_mut().for_each(change),
        Some(Value::Object(items)) => items.values_mut().for_each(change),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => {}
    }
}

/// The one thing that a map holds, if it is called so and nothing is beside it.
fn only<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    value.as_object().filter(|fields| fields.len() == 1)?.get(key)
}

fn model(model: &mut Value) {
    without(
        model,
        &[
            ("model", json!("")),
            ("timeout_s", json!(Model::TIMEOUT_S)),
            ("retry_for_s", json!(Model::RETRY_FOR_S)),
            ("tools", json!(true)),
            ("context_tokens", json!(Model::CONTEXT_TOKENS)),
            ("max_at_once", json!(Model::MAX_AT_ONCE)),
        ],
    );
    each(model, "script", |entry| {
        without(entry, &[("when", json!({}))]);
        if let Some(reply) = entry.get_mut("reply") {
            without(reply, &[("text", json!("")), ("delay_ms", json!(0))]);
            each(reply, "tool_calls", |call| without(call, &[("arguments", json!({}))]));
            if let Some(text) = only(reply, "text").cloned() {
                *reply = text;
            }
        }
    });
}

fn tool(tool: &mut Value) {
    without(
        tool,
        &[("idempotent", json!(false)), ("acts_outside", json!(true)), ("timeout_s", json!(Tool::TIMEOUT_S))],
    );
}

fn workflow(workflow: &mut Value) {
    let stages = workflow.get("stages").and_then(Value::as_array).map_or(0, Vec::len);
    without(workflow, &[("max_visits", json!(Workflow::max_visits_of(stages)))]);
    each(workflow, "stages", stage);
}

fn stage(stage: &mut Value) {
    let id = stage.get("id").cloned().unwrap_or_default();
    without(
        stage,
        &[
            ("name", id),
            ("summary", json!("individual")),
            ("turns", json!("in_order")),
            ("no_progress", json!("error")),
            ("max_cycles", json!(Stage::MAX_CYCLES)),
            ("on_max_cycles", json!("error")),
            ("max_visits", json!(Stage::MAX_VISITS)),
            ("on_max_visits", json!("error")),
        ],
    );
    each(stage, "agents", assignment);
    each(stage, "approval", |approval| {
        without(approval, &[("on_timeout", json!("reject")), ("on_reject", json!("error"))]);
    });
    if let Some(approvals) = stage.get_mut("approval")
        && let Some([only]) = approvals.as_array().map(Vec::as_slice)
    {
        *approvals = only.clone();
    }
    for hooks in ["entry", "exit"] {
        each(stage, hooks, |hook| without(hook, &[("on_failure", json!("error")), ("always", json!(false))]));
    }
}

fn assignment(assignment: &mut Value) {
    without(
        assignment,
        &[
            ("phase", json!("default")),
            ("asks_user", json!(false)),
            ("ask_timeout_s", json!(Assignment::ASK_TIMEOUT_S)),
            ("runs_workflows", json!(false)),
            ("run_timeout_s", json!(Assignment::RUN_TIMEOUT_S)),
        ],
    );
    if let Some(agent) = only(assignment, "agent").cloned() {
        *assignment = agent;
    }
}

fn trigger(trigger: &mut Value) {
    without(
        trigger,
        &[
            ("enabled", json!(true)),
            ("overlap", json!("allow")),
            ("missed", json!("latest")),
            ("clock_gap", json!("shift")),
            ("clock_repeat", json!("first")),
            ("spread_s", json!(0)),
        ],
    );
    if let Some(webhook) = trigger.get_mut("webhook")
        && *webhook == json!({})
    {
        *webhook = json!(true);
    }
    let Value::Object(fields) = trigger else { return };
    let mut ordered = Map::new();
    for key in TRIGGER_FIELDS {
        ordered.extend(fields.shift_remove_entry(key));
    }
    ordered.append(fields);
    *fields = ordered;
}
