//! How the fields of a map are read: each by its name, and none unseen.

use super::values;
use crate::project::mistake::{Mistake, Mistakes, Place};
use crate::project::yaml::{Key, Kind, Node, Step, path_text};

/// The mistakes so far, and where in the project the reading is.
pub(super) struct Reader<'m> {
    pub(super) mistakes: &'m mut Mistakes,
    path: Vec<Step>,
}

impl<'m> Reader<'m> {
    pub(super) fn new(mistakes: &'m mut Mistakes) -> Self {
        Self { mistakes, path: Vec::new() }
    }

    /// Reads something one step further into the project.
    pub(super) fn within<T>(&mut self, step: impl Into<Step>, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(step.into());
        let value = read(self);
        self.path.pop();
        value
    }

    /// Notes a mistake at the path where the reading is.
    pub(super) fn add(&mut self, mistake: Mistake) {
        let path = path_text(&self.path);
        self.mistakes.add(mistake.path(path));
    }

    /// Notes that a value is of the wrong type.
    pub(super) fn wrong_type(&mut self, node: &Node, expected: &str) {
        let message = format!("This is {}.", node.kind.name());
        self.add(Mistake::error(node.at, "wrong_type", message).expected(expected));
    }

    /// The fields of a map, after a look at all its keys. Nothing reads as a map without fields.
    pub(super) fn fields<'n>(
        &mut self,
        node: &'n Node,
        known: &'static [&'static str],
    ) -> Option<Fields<'n>> {
        match &node.kind {
            Kind::Null => Some(Fields { at: node.at, entries: &[] }),
            Kind::Map(entries) => {
                for (key, _) in entries.iter().filter(|(key, _)| !known.contains(&&*key.text)) {
                    self.unknown_key(key, known);
                }
                Some(Fields { at: node.at, entries })
            }
            Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::List(_) => {
                self.wrong_type(node, &format!("a map with the keys {}", known.join(", ")));
                None
            }
        }
    }

    fn unknown_key(&mut self, key: &Key, known: &'static [&'static str]) {
        let nearest = self.mistakes.nearest(&key.text, known.iter().copied());
        let mistake =
            Mistake::error(key.at, "unknown_key", format!("The key \"{}\" is not known here.", key.text))
                .expected(format!("one of {}", known.join(", ")))
                .meant(nearest);
        self.within(&*key.text, |reader| reader.add(mistake));
    }
}

/// The fields of one map.
pub(super) struct Fields<'n> {
    /// Where the map begins.
    pub(super) at: Place,
    entries: &'n [(Key, Node)],
}

impl<'n> Fields<'n> {
    /// No fields at all.
    pub(super) fn none(at: Place) -> Self {
        Self { at, entries: &[] }
    }

    /// Reads a field that is one of a few words; absent or broken, it is the first.
    pub(super) fn choice<T: Copy>(&self, reader: &mut Reader<'_>, key: &str, choices: &[(&str, T)]) -> T {
        self.optional(reader, key, values::one_of(choices)).unwrap_or(choices[0].1)
    }

    /// The value under a key; none where it is absent or nothing.
    pub(super) fn get(&self, key: &str) -> Option<&'n Node> {
        let (_, node) = self.entries.iter().find(|(known, _)| &*known.text == key)?;
        (!matches!(node.kind, Kind::Null)).then_some(node)
    }

    /// Whether the map has the key with a value.
    pub(super) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Where a key stands.
    pub(super) fn key_at(&self, key: &str) -> Place {
        self.entries.iter().find(|(known, _)| &*known.text == key).map_or(self.at, |(key, _)| key.at)
    }

    /// Reads a field that may be absent.
    pub(super) fn optional<T>(
        &self,
        reader: &mut Reader<'_>,
        key: &str,
        read: impl FnOnce(&mut Reader<'_>, &'n Node) -> Option<T>,
    ) -> Option<T> {
        let node = self.get(key)?;
        reader.within(key, |reader| read(reader, node))
    }

    /// Reads a field that has to be there.
    pub(super) fn required<T>(
        &self,
        reader: &mut Reader<'_>,
        key: &str,
        read: impl FnOnce(&mut Reader<'_>, &'n Node) -> Option<T>,
    ) -> Option<T> {
        if !self.has(key) {
            self.missing(reader, key);
            return None;
        }
        self.optional(reader, key, read)
    }

    /// Notes that a field is missing.
    pub(super) fn missing(&self, reader: &mut Reader<'_>, key: &str) {
        let message = format!("The key \"{key}\" is missing.");
        let mistake = Mistake::error(self.at, "missing_key", message).hint(format!("Add \"{key}: …\" here."));
        reader.add(mistake);
    }
}
