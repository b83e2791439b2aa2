//! The OpenAPI document: what the handlers say of themselves, and what is true of all of them.

mod written;

use std::sync::OnceLock;

use callboard_api::problem::{Problem, Wrong};
use callboard_api::run::{Delta, StreamEnd};
use serde_json::{Value, json};
use utoipa::openapi::{Components, Info, License, OpenApi, Tag};
use utoipa::{PartialSchema as _, ToSchema as _};

use super::router;

/// The document as the server shows it, made once.
pub(super) fn shown() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(document)
}

/// The document.
pub fn document() -> Value {
    let mut api = router::described().into_openapi();
    let mut info = Info::new("Callboard", env!("CARGO_PKG_VERSION"));
    info.description = Some(
        "Runs workflows that are carried out by teams of AI agents. Times are RFC 3339 in UTC, ids are whole \
         numbers, errors are problem documents (RFC 9457) whose `code` programs may rely on, and lists are \
         read page by page with `after` and `limit`."
            .to_owned(),
    );
    info.license = Some(License::new("Apache-2.0"));
    api.info = info;
    api.tags = Some(tags());
    add_what_no_call_names(&mut api);
    // What was described by types alone is a value that can be written down.
    let mut document = serde_json::to_value(api).unwrap_or_default();
    every_call_may_be_refused(&mut document);
    if let Some(Value::Object(schemas)) = document.pointer_mut("/components/schemas") {
        written::describe(schemas);
    }
    document
}

fn tags() -> Vec<Tag> {
    let tag = |(name, about): (&str, &str)| {
        let mut tag = Tag::new(name);
        tag.description = Some(about.to_owned());
        tag
    };
    [
        ("projects", "The space that owns everything else."),
        ("secrets", "Values that are set and never shown again."),
        ("models", "Named configurations of language models."),
        ("tools", "What agents may call, and the project brings along."),
        ("teams", "Agents that work together."),
        ("agents", "The workers of a team."),
        ("workflows", "Ordered stages for one team."),
        ("runs", "One carrying-out of a workflow each."),
        ("reruns", "Going on from a stage of an ended run, and runs beside each other."),
        ("triggers", "What starts runs by itself: schedules and webhooks."),
        ("deliveries", "What other programs are told, and what became of each try."),
        ("server", "For those who look after it."),
    ]
    .map(tag)
    .to_vec()
}

/// Problems, which every call may answer, and what streams carry besides events.
fn add_what_no_call_names(api: &mut OpenApi) {
    let components = api.components.get_or_insert_with(Components::new);
    let described = [
        (Problem::name(), Problem::schema()),
        (Wrong::name(), Wrong::schema()),
        (Delta::name(), Delta::schema()),
        (StreamEnd::name(), StreamEnd::schema()),
    ];
    for (name, schema) in described {
        components.schemas.insert(name.into_owned(), schema);
    }
}

/// Adds the problem document to every call.
fn every_call_may_be_refused(document: &mut Value) {
    let problem = json!({
        "description": "Why it was not carried out",
        "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
    });
    let Some(Value::Object(paths)) = document.get_mut("paths") else { return };
    for item in paths.values_mut() {
        let calls = item.as_object_mut().into_iter().flat_map(|item| item.values_mut());
        for responses in calls.filter_map(|call| call.get_mut("responses")?.as_object_mut()) {
            responses.insert("default".to_owned(), problem.clone());
        }
    }
}
