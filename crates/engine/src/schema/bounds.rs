//! The bounds of schemas and values, so that following them ends, and ends soon.
//!
//! A validator follows a schema by calling itself. A schema that leads back to itself without going
//! into the value would be followed for ever, and one whose parts name each other in long lines would
//! need more stack than there is; both are refused here, by the shape of the schema alone. What its
//! keywords mean is not decided here.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Levels of a schema or a value. Those that people write have about ten, and a project file as a whole
/// has no more.
pub(super) const DEPTH_MAX: usize = 64;

/// Values in a schema. A large one has some hundreds.
const VALUES_MAX: usize = 10_000;

/// Schemas that are followed one after the other before the value is gone into. People write two or
/// three; times [`DEPTH_MAX`] this is what the stack has to hold.
const LINE_MAX: usize = 12;

/// Schemas that are looked at for one part of a value. Without a bound a few that name each other twice
/// become millions.
const FOLLOWED_MAX: usize = 1_000;

/// Keywords whose schemas are followed on the same part of the value.
const IN_PLACE: [&str; 10] =
    ["allOf", "anyOf", "dependencies", "dependentSchemas", "else", "extends", "if", "not", "oneOf", "then"];

/// Whether a value has at most [`DEPTH_MAX`] levels.
pub(super) fn is_shallow(value: &Value) -> bool {
    let mut level: Vec<&Value> = vec![value];
    for _ in 0..=DEPTH_MAX {
        if level.is_empty() {
            return true;
        }
        level = level.into_iter().flat_map(within).collect();
    }
    level.is_empty()
}

/// What stands one level deeper.
fn within(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(fields) => fields.values().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

/// Checks that a schema can be followed; what is wrong if it cannot.
pub(super) fn check(schema: &Value) -> Result<(), String> {
    if !is_shallow(schema) {
        return Err(format!("The schema is nested deeper than {DEPTH_MAX} levels."));
    }
    let mut walk = Walk { root: schema, values: 0, costs: BTreeMap::new() };
    walk.visit(schema, true)
}

struct Walk<'s> {
    root: &'s Value,
    values: usize,
    /// Of each schema that was followed, by its place in memory: how long its longest line is, and how
    /// many schemas it leads to in place.
    costs: BTreeMap<*const Map<String, Value>, Cost>,
}

#[derive(Clone, Copy)]
struct Cost {
    line: usize,
    followed: usize,
}

impl<'s> Walk<'s> {
    /// Looks at every map of a schema. Whether one is a schema, a map of them or an example is not told
    /// apart: a keyword counts by its name and by what it holds, so that none is overlooked.
    fn visit(&mut self, value: &'s Value, is_root: bool) -> Result<(), String> {
        self.values += 1;
        if self.values > VALUES_MAX {
            return Err(format!("The schema has more than {VALUES_MAX} values."));
        }
        if let Value::Object(schema) = value {
            refuse_elsewhere(schema, is_root)?;
            self.cost(schema, 1)?;
        }
        within(value).into_iter().try_for_each(|within| self.visit(within, false))
    }

    /// How much a schema costs on one part of a value, where it is the `line`-th that is followed.
    fn cost(&mut self, schema: &'s Map<String, Value>, line: usize) -> Result<Cost, String> {
        let place = std::ptr::from_ref(schema);
        if let Some(known) = self.costs.get(&place) {
            return Ok(*known);
        }
        if line > LINE_MAX {
            return Err(format!(
                "The schema leads back to itself, or more than {LINE_MAX} of its parts stand in a line, without \
                 going into the value."
            ));
        }
        let mut cost = Cost { line: 1, followed: 1 };
        for next in self.followed_from(schema)? {
            let next = self.cost(next, line + 1)?;
            cost.line = cost.line.max(next.line + 1);
            cost.followed = cost.followed.saturating_add(next.followed);
        }
        if cost.line > LINE_MAX || cost.followed > FOLLOWED_MAX {
            return Err(format!(
                "More than {LINE_MAX} parts of the schema stand in a line, or more than {FOLLOWED_MAX} are \
                 followed for one part of a value."
            ));
        }
        self.costs.insert(place, cost);
        Ok(cost)
    }

    /// The schemas that a schema leads to without going into the value.
    fn followed_from(&self, schema: &'s Map<String, Value>) -> Result<Vec<&'s Map<String, Value>>, String> {
        let mut next = Vec::new();
        for (keyword, value) in schema {
            if keyword == "$ref"
                && let Value::String(reference) = value
            {
                next.push(self.referred(reference)?);
            } else if IN_PLACE.contains(&keyword.as_str()) {
                // Below some of these stands a schema, below others a list or a map of them. A schema's
                // own keywords count as a map's here, which can only cost it more.
                next.push(value);
                next.extend(within(value));
            }
        }
        Ok(next.into_iter().filter_map(Value::as_object).collect())
    }

    fn referred(&self, reference: &str) -> Result<&'s Value, String> {
        let pointer = reference
            .strip_prefix('#')
            .filter(|pointer| (pointer.is_empty() || pointer.starts_with('/')) && !pointer.contains('%'));
        let Some(pointer) = pointer else {
            return Err(format!(
                "The reference {reference:?} leads elsewhere. Only the schema's own parts can be named, such as \
                 #/$defs/name; nothing is fetched."
            ));
        };
        let found = self.root.pointer(pointer);
        found.ok_or_else(|| format!("The reference {reference:?} leads nowhere."))
    }
}

/// Refuses keywords that change where references lead.
fn refuse_elsewhere(schema: &Map<String, Value>, is_root: bool) -> Result<(), String> {
    for keyword in ["$dynamicRef", "$recursiveRef"] {
        if schema.get(keyword).is_some_and(Value::is_string) {
            return Err(format!("The keyword {keyword} cannot be followed here. Use \"$ref\"."));
        }
    }
    if schema.get("$id").is_some_and(Value::is_string) && !is_root {
        return Err("Only the schema as a whole can have an \"$id\".".to_owned());
    }
    // There a plain "id" was what "$id" became, and many values have an "id".
    let is_of_draft_4 = |draft: &str| draft.contains("draft-04") || draft.contains("draft-03");
    if schema.get("$schema").and_then(Value::as_str).is_some_and(is_of_draft_4) {
        return Err(
            "Schemas of draft 4 and before cannot be followed. Use a later \"$schema\", or none.".to_owned()
        );
    }
    Ok(())
}
