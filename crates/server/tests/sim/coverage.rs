//! What was seen while histories were made: a simulation that does not get anywhere finds nothing.

use std::collections::{BTreeMap, BTreeSet};

use callboard_engine::event::Fact;
use utoipa::PartialSchema as _;

/// Counts, by what is counted and its name: `event run_created`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Coverage(BTreeMap<(&'static str, String), u64>);

impl Coverage {
    pub(crate) fn count(&mut self, what: &'static str, name: impl Into<String>) {
        self.add(what, name, 1);
    }

    pub(crate) fn add(&mut self, what: &'static str, name: impl Into<String>, times: u64) {
        *self.0.entry((what, name.into())).or_default() += times;
    }

    pub(crate) fn merge(&mut self, other: Self) {
        for ((what, name), times) in other.0 {
            self.add(what, name, times);
        }
    }

    pub(crate) fn of(&self, what: &'static str, name: &str) -> u64 {
        self.0.get(&(what, name.to_owned())).copied().unwrap_or_default()
    }

    /// What of these was never counted.
    pub(crate) fn missing<'a>(
        &self,
        what: &'static str,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Vec<String> {
        let never = names.into_iter().filter(|name| self.of(what, name) == 0);
        never.map(|name| format!("{what} {name}")).collect()
    }

    /// A line for each kind of thing.
    pub(crate) fn table(&self) -> String {
        let kinds: BTreeSet<&'static str> = self.0.keys().map(|(what, _)| *what).collect();
        let mut text = String::new();
        for kind in kinds {
            let of_kind = self.0.iter().filter(|((what, _), _)| *what == kind);
            let counts: Vec<String> = of_kind.map(|((_, name), times)| format!("{name} {times}")).collect();
            text.push_str(&format!("{kind}: {}\n", counts.join(", ")));
        }
        text
    }
}

/// The kinds of events that there are.
pub(crate) fn event_kinds() -> BTreeSet<String> {
    let schema = serde_json::to_value(Fact::schema()).unwrap();
    let kind = |fact: &serde_json::Value| {
        let parts = fact["allOf"].as_array().cloned().unwrap_or_else(|| vec![fact.clone()]);
        let mut kinds = parts.iter().filter_map(|part| part.pointer("/properties/kind/enum/0"));
        kinds.next().unwrap().as_str().unwrap().to_owned()
    };
    schema["oneOf"].as_array().unwrap().iter().map(kind).collect()
}
