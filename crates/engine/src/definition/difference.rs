//! How two definitions differ: stage by stage, by their ids, and part by part.
//!
//! Nothing is decided by it. It is what a person reads before they start a run again.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{Definition, Stage};

/// How one definition differs from another. Parts that are alike are left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Difference {
    /// The stages, in the order of the newer one; those that it does not have stand last.
    pub stages: Vec<PartChange>,
    /// The workflow's own fields, its team, agents, models, tools, and workflows that it leads to.
    pub parts: Vec<PartChange>,
}

/// How one part of a definition differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PartChange {
    /// Where it is: `stages/ID`, `agents/NAME`, `models/NAME`, `tools/NAME`, `workflows/NAME`, `team` or
    /// `workflow`.
    pub part: String,
    /// What people call it.
    pub name: String,
    /// What became of it.
    pub change: Change,
    /// Whether its place among the stages is another.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub moved: bool,
    /// The fields that differ, where both have the part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldChange>,
}

/// What became of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Only the newer one has it.
    Added,
    /// Only the older one has it.
    Removed,
    /// Both have it, and it differs.
    Changed,
}

/// How one field of a part differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FieldChange {
    /// Its name.
    pub field: String,
    /// What it was; null where it was not there.
    pub before: Value,
    /// What it is; null where it is not there.
    pub after: Value,
}

impl Difference {
    /// How `newer` differs from `older`.
    pub fn between(older: &Definition, newer: &Definition) -> Self {
        if older == newer {
            return Self::default();
        }
        Self { stages: stages(older, newer), parts: parts(older, newer) }
    }

    /// Whether they are alike.
    pub fn is_empty(&self) -> bool {
        self.stages.is_empty() && self.parts.is_empty()
    }

    /// How a stage differs, if it does.
    pub fn of_stage(&self, id: &str) -> Option<&PartChange> {
        self.stages.iter().find(|change| change.part.strip_prefix("stages/") == Some(id))
    }
}

fn stages<'d>(older: &'d Definition, newer: &'d Definition) -> Vec<PartChange> {
    let moved = moved(older, newer);
    let by_id = |definition: &'d Definition| -> BTreeMap<&'d str, &'d Stage> {
        definition.workflow.stages.iter().map(|stage| (stage.id.as_str(), stage)).collect()
    };
    let (were, are) = (by_id(older), by_id(newer));
    let part = |stage: &Stage| format!("stages/{}", stage.id);
    let mut changes = Vec::new();
    for stage in &newer.workflow.stages {
        let before = were.get(stage.id.as_str()).copied();
        let differs = before.filter(|before| *before != stage);
        let fields = differs.map(|before| fields(&json(before), &json(stage))).unwrap_or_default();
        let (change, moved) = match before {
            None => (Change::Added, false),
            Some(_) => (Change::Changed, moved.contains(stage.id.as_str())),
        };
        if change == Change::Added || moved || !fields.is_empty() {
            let name = stage.name.clone();
            changes.push(PartChange { part: part(stage), name, change, moved, fields });
        }
    }
    let gone = older.workflow.stages.iter().filter(|stage| !are.contains_key(stage.id.as_str()));
    changes.extend(gone.map(|stage| one_sided(part(stage), &stage.name, Change::Removed)));
    changes
}

/// The stages of both that have to be moved to come from the one order to the other, and as few as can
/// be: those outside of the longest line of stages whose order is as it was.
fn moved<'d>(older: &Definition, newer: &'d Definition) -> BTreeSet<&'d str> {
    let before: BTreeMap<&str, usize> =
        older.workflow.stages.iter().enumerate().map(|(place, stage)| (stage.id.as_str(), place)).collect();
    let ids = newer.workflow.stages.iter().map(|stage| stage.id.as_str());
    let places: Vec<(&str, usize)> = ids.filter_map(|id| before.get(id).map(|place| (id, *place))).collect();
    // Of the lines of each length, the one that ends earliest, by its last element; and before each
    // element the one that it follows.
    let mut ends: Vec<usize> = Vec::new();
    let mut follows: Vec<Option<usize>> = Vec::with_capacity(places.len());
    for (at, (_, place)) in places.iter().enumerate() {
        let length = ends.partition_point(|end| places[*end].1 < *place);
        follows.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let stays: BTreeSet<usize> = std::iter::successors(ends.last().copied(), |at| follows[*at]).collect();
    let all = places.iter().enumerate();
    all.filter(|(at, _)| !stays.contains(at)).map(|(_, (id, _))| *id).collect()
}

fn parts(older: &Definition, newer: &Definition) -> Vec<PartChange> {
    let mut changes = Vec::new();
    let own = |definition: &Definition| {
        let mut fields = without(json(&definition.workflow), "stages");
        fields.insert("project".to_owned(), definition.project.clone().into());
        fields.insert("name".to_owned(), definition.name.clone().into());
        fields
    };
    changes.extend(whole("workflow", &newer.name, &own(older), &own(newer)));
    let own = |definition: &Definition| without(json(&definition.team), "agents");
    changes.extend(whole("team", &newer.team.name, &own(older), &own(newer)));
    named("agents", &json(&older.team.agents), &json(&newer.team.agents), &mut changes);
    named("models", &json(&older.models), &json(&newer.models), &mut changes);
    named("tools", &json(&older.tools), &json(&newer.tools), &mut changes);
    named("workflows", &callable(older), &callable(newer), &mut changes);
    changes
}

/// The workflows that a definition leads to. Where it leads back to itself, what it is then is told by
/// its own parts.
fn callable(definition: &Definition) -> Map<String, Value> {
    let Definition { name, workflow, team, models, tools, .. } = definition;
    let mut all = json(&definition.callable);
    let itself = definition.callable.get(name);
    let is_same = itself.is_some_and(|itself| {
        (&itself.workflow, &itself.team, &itself.models, &itself.tools) == (workflow, team, models, tools)
    });
    if is_same && let Some(itself) = all.get_mut(name) {
        *itself = Value::Object(Map::new());
    }
    all
}

fn whole(
    part: &str,
    name: &str,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
) -> Option<PartChange> {
    let fields = fields(before, after);
    let (part, name) = (part.to_owned(), name.to_owned());
    (!fields.is_empty()).then_some(PartChange { part, name, change: Change::Changed, moved: false, fields })
}

/// The parts of one kind, by their names.
fn named(kind: &str, before: &Map<String, Value>, after: &Map<String, Value>, changes: &mut Vec<PartChange>) {
    for (name, is) in after {
        let part = format!("{kind}/{name}");
        match before.get(name) {
            None => changes.push(one_sided(part, name, Change::Added)),
            Some(was) => changes.extend(whole(&part, name, &object(was), &object(is))),
        }
    }
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    changes.extend(gone.map(|name| one_sided(format!("{kind}/{name}"), name, Change::Removed)));
}

fn one_sided(part: String, name: &str, change: Change) -> PartChange {
    PartChange { part, name: name.to_owned(), change, moved: false, fields: Vec::new() }
}

fn fields(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<FieldChange> {
    let names = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)));
    let differs = |name: &&String| before.get(*name) != after.get(*name);
    let value = |of: &Map<String, Value>, name| of.get(name).cloned().unwrap_or_default();
    names
        .filter(differs)
        .map(|name| FieldChange {
            field: name.clone(),
            before: value(before, name),
            after: value(after, name),
        })
        .collect()
}

fn without(mut fields: Map<String, Value>, name: &str) -> Map<String, Value> {
    fields.remove(name);
    fields
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

/// A part as its fields. Only a map whose keys are not texts cannot be JSON, and no part has one.
fn json(part: &impl Serialize) -> Map<String, Value> {
    serde_json::to_value(part).ok().as_ref().map(object).unwrap_or_default()
}
