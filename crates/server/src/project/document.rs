//! A project's document, and the ways in which it is changed: pure, on JSON.

use std::fmt;

use serde_json::{Map, Value};

/// The sections of a document that hold parts, in the order of a file.
const SECTIONS: [&str; 5] = ["models", "tools", "teams", "workflows", "triggers"];

/// The section of a team that holds its agents.
const AGENTS: &str = "agents";

/// A document: the project file as JSON.
pub(super) type Document = Map<String, Value>;

/// Where a part stands in its project's document: `models/main`, `teams/desk/agents/editor`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PartPath(String);

impl PartPath {
    /// A part of a section.
    pub(crate) fn of(section: &str, name: &str) -> Self {
        Self(format!("{section}/{name}"))
    }

    /// An agent of a team.
    pub(crate) fn of_agent(team: &str, name: &str) -> Self {
        Self(format!("teams/{team}/{AGENTS}/{name}"))
    }

    /// A path as it is stored.
    pub(super) fn stored(path: &str) -> Self {
        Self(path.to_owned())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// What it is called in its section.
    pub(crate) fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// Its section; for an agent, `agents`.
    pub(crate) fn section(&self) -> &str {
        let mut steps = self.0.rsplit('/');
        steps.next();
        steps.next().unwrap_or_default()
    }

    /// The team that it stands in, if it is an agent.
    pub(crate) fn team(&self) -> Option<&str> {
        let rest = self.0.strip_prefix("teams/")?;
        rest.split_once("/agents/").map(|(team, _)| team)
    }

    fn steps(&self) -> impl Iterator<Item = &str> {
        self.0.split('/')
    }
}

impl fmt::Display for PartPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a file's project. One of digits is still a name.
pub(super) fn name(file: &Document) -> Option<String> {
    match file.get("project")? {
        Value::String(name) => Some(name.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Every part of a document.
pub(super) fn parts(document: &Document) -> Vec<PartPath> {
    let mut found = Vec::new();
    for section in SECTIONS {
        let Some(Value::Object(parts)) = document.get(section) else { continue };
        for (name, part) in parts {
            found.push(PartPath::of(section, name));
            if section == "teams"
                && let Some(Value::Object(agents)) = part.get(AGENTS)
            {
                found.extend(agents.keys().map(|agent| PartPath::of_agent(name, agent)));
            }
        }
    }
    found
}

/// What a part says.
pub(super) fn get<'d>(document: &'d Document, path: &PartPath) -> Option<&'d Value> {
    let mut steps = path.steps();
    let first = document.get(steps.next()?)?;
    steps.try_fold(first, |value, step| value.get(step))
}

/// Puts a part in its place, after those that are there.
pub(super) fn put(document: &mut Document, path: &PartPath, part: Value) {
    if let Some((section, name)) = section(document, path) {
        section.insert(name, part);
    }
}

/// Takes a part out; the others keep their order.
pub(super) fn remove(document: &mut Document, path: &PartPath) {
    if let Some((section, name)) = section(document, path) {
        section.shift_remove(&name);
    }
}

/// Calls a part otherwise, in its place among the others, wherever the document names it.
pub(super) fn rename(document: &mut Document, from: &PartPath, to: &PartPath) {
    if let Some((section, name)) = section(document, from) {
        let parts = std::mem::take(section);
        let renamed = |key: String| if key == name { to.name().to_owned() } else { key };
        section.extend(parts.into_iter().map(|(key, part)| (renamed(key), part)));
    }
    if from.section() == "workflows" {
        refer_to_workflow(document, from.name(), to.name());
    }
}

/// Workflows are named by triggers, and by outcomes that lead to them.
fn refer_to_workflow(document: &mut Document, from: &str, to: &str) {
    let rename = |named: &mut Value| {
        if let Some(workflow) = named.get_mut("workflow").filter(|workflow| *workflow == from) {
            *workflow = to.into();
        }
    };
    parts_of(document, "triggers").for_each(rename);
    let stages = parts_of(document, "workflows")
        .filter_map(|workflow| workflow.get_mut("stages")?.as_array_mut())
        .flatten();
    let outcomes = stages.filter_map(|stage| stage.get_mut("outcomes")?.as_object_mut());
    outcomes.flat_map(Map::values_mut).for_each(rename);
}

/// The parts of a section, if it is there.
fn parts_of<'d>(document: &'d mut Document, section: &str) -> impl Iterator<Item = &'d mut Value> {
    let parts = document.get_mut(section).and_then(Value::as_object_mut);
    parts.into_iter().flat_map(Map::values_mut)
}

/// The map that a part stands in, which is made where it is not there, and the part's key.
fn section<'d>(document: &'d mut Document, path: &PartPath) -> Option<(&'d mut Document, String)> {
    let mut steps: Vec<&str> = path.steps().collect();
    let name = steps.pop()?.to_owned();
    let mut map = document;
    for step in steps {
        let next = map.entry(step).or_insert_with(|| Value::Object(Map::new()));
        if !next.is_object() {
            *next = Value::Object(Map::new());
        }
        map = next.as_object_mut()?;
    }
    Some((map, name))
}

/// Changes a value as RFC 7396 says: what is named is replaced, `null` takes out, maps are gone into.
pub(super) fn patch(value: &mut Value, change: &Value) {
    let Value::Object(change) = change else {
        *value = change.clone();
        return;
    };
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    let Some(map) = value.as_object_mut() else { return };
    for (key, change) in change {
        if change.is_null() {
            map.shift_remove(key);
        } else {
            patch(map.entry(key).or_insert(Value::Null), change);
        }
    }
}

/// The document after a file was applied. Parts that the file names replace those of the same name;
/// what it does not name stays, or with `prune` goes.
pub(super) fn merge(before: &Document, file: &Document, prune: bool) -> Document {
    if prune {
        return file.clone();
    }
    let mut merged = before.clone();
    for (key, value) in file {
        match (merged.get_mut(key), value) {
            (Some(Value::Object(parts)), Value::Object(named)) if SECTIONS.contains(&key.as_str()) => {
                for (name, part) in named {
                    parts.insert(name.clone(), part.clone());
                }
            }
            _ => {
                merged.insert(key.clone(), value.clone());
            }
        }
    }
    merged
}

/// What is different between two documents, by the paths of parts; `project` for what belongs to none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) created: Vec<String>,
    pub(super) changed: Vec<String>,
    pub(super) removed: Vec<String>,
}

impl Difference {
    pub(super) fn between(before: &Document, after: &Document) -> Self {
        let mut found = Self::default();
        let settings = |document: &Document| {
            let mut settings = document.clone();
            settings.retain(|key, _| !SECTIONS.contains(&key.as_str()));
            settings
        };
        if before.is_empty() {
            found.created.push("project".to_owned());
        } else if settings(before) != settings(after) {
            found.changed.push("project".to_owned());
        }
        for path in parts(after) {
            match get(before, &path) {
                None => found.created.push(path.0),
                Some(part) if alone(&path, part) != get(after, &path).and_then(|part| alone(&path, part)) => {
                    found.changed.push(path.0);
                }
                Some(_) => {}
            }
        }
        found.removed =
            parts(before).into_iter().filter(|path| get(after, path).is_none()).map(|p| p.0).collect();
        found
    }
}

/// A part without the parts in it.
fn alone(path: &PartPath, part: &Value) -> Option<Value> {
    let mut alone = part.clone();
    if path.section() == "teams" {
        alone.as_object_mut()?.shift_remove(AGENTS);
    }
    Some(alone)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(value: Value) -> Document {
        value.as_object().unwrap().clone()
    }

    fn small() -> Document {
        document(json!({
            "project": "p",
            "models": { "a": { "provider": "simulated" }, "b": { "provider": "simulated" } },
            "teams": { "t": { "model": "a", "agents": { "x": { "role": "X" } } } },
        }))
    }

    #[test]
    fn every_part_has_its_path() {
        let paths: Vec<String> = parts(&small()).iter().map(ToString::to_string).collect();
        assert_eq!(paths, ["models/a", "models/b", "teams/t", "teams/t/agents/x"]);
        let agent = PartPath::of_agent("t", "x");
        assert_eq!((agent.name(), agent.section(), agent.team()), ("x", "agents", Some("t")));
        assert_eq!(PartPath::of("models", "a").team(), None);
    }

    #[test]
    fn a_file_replaces_what_it_names_and_leaves_the_rest() {
        let file =
            document(json!({ "project": "p", "timezone": "Europe/Paris", "models": { "b": 1, "c": 2 } }));
        let merged = merge(&small(), &file, false);
        assert_eq!(merged["models"], json!({ "a": { "provider": "simulated" }, "b": 1, "c": 2 }));
        assert_eq!(merged["teams"], small()["teams"]);
        assert_eq!(merge(&small(), &file, true), file);
    }

    #[test]
    fn a_workflow_takes_its_new_name_to_all_that_names_it() {
        let stages =
            json!([{ "name": "A", "outcomes": { "a": "next", "b": { "workflow": "w" }, "w": "a" } }]);
        let mut renamed = document(json!({
            "workflows": { "w": { "team": "w", "stages": stages }, "x": { "stages": stages } },
            "triggers": { "w": { "workflow": "w" }, "y": { "workflow": "x" } },
        }));
        rename(&mut renamed, &PartPath::of("workflows", "w"), &PartPath::of("workflows", "v"));
        let stages =
            json!([{ "name": "A", "outcomes": { "a": "next", "b": { "workflow": "v" }, "w": "a" } }]);
        let after = json!({
            "workflows": { "v": { "team": "w", "stages": stages }, "x": { "stages": stages } },
            "triggers": { "w": { "workflow": "v" }, "y": { "workflow": "x" } },
        });
        // As texts, since it keeps its place too.
        assert_eq!(Value::Object(renamed.clone()).to_string(), after.to_string());
        rename(&mut renamed, &PartPath::of("triggers", "w"), &PartPath::of("triggers", "z"));
        let names: Vec<&String> = renamed["triggers"].as_object().unwrap().keys().collect();
        assert_eq!(names, ["z", "y"]);
        assert_eq!(renamed["workflows"], after["workflows"]);
    }

    #[test]
    fn a_difference_names_each_part_once() {
        let mut after = small();
        put(&mut after, &PartPath::of_agent("t", "y"), json!({}));
        put(&mut after, &PartPath::of("models", "b"), json!({ "provider": "ollama" }));
        remove(&mut after, &PartPath::of("models", "a"));
        after.insert("timezone".to_owned(), json!("Asia/Tokyo"));
        let difference = Difference::between(&small(), &after);
        assert_eq!(difference.created, ["teams/t/agents/y"]);
        assert_eq!(difference.changed, ["project", "models/b"]);
        assert_eq!(difference.removed, ["models/a"]);
        assert_eq!(Difference::between(&small(), &small()), Difference::default());
    }

    #[test]
    fn a_patch_follows_its_rfc() {
        let mut value = json!({ "a": 1, "b": { "c": 2, "d": [1, 2] } });
        patch(&mut value, &json!({ "a": null, "b": { "d": [3], "e": { "f": null } } }));
        assert_eq!(value, json!({ "b": { "c": 2, "d": [3], "e": {} } }));
    }
}
