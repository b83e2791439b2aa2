//! The tree: values with their places.

use std::fmt::Write as _;
use std::rc::Rc;

use serde_json::Number;

use crate::project::mistake::Place;

/// A value and where it begins.
#[derive(Clone, Debug)]
pub(in crate::project) struct Node {
    /// Where it begins.
    pub(in crate::project) at: Place,
    /// What it is.
    pub(in crate::project) kind: Kind,
}

/// What a value is. Lists and maps are shared, so that an alias costs nothing until it is read.
#[derive(Clone, Debug)]
pub(in crate::project) enum Kind {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// A number that JSON can hold.
    Number(Number),
    /// Text.
    Text(Text),
    /// A list.
    List(Rc<Vec<Node>>),
    /// A map, in the order of the file; no key stands twice.
    Map(Rc<Vec<(Key, Node)>>),
}

impl Kind {
    /// What people call it.
    pub(in crate::project) fn name(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }
}

/// A key and where it begins.
#[derive(Clone, Debug)]
pub(in crate::project) struct Key {
    /// Where it begins.
    pub(in crate::project) at: Place,
    /// What it says.
    pub(in crate::project) text: Rc<str>,
}

/// Text, and how it was written.
#[derive(Clone, Debug)]
pub(in crate::project) struct Text {
    /// What it says.
    pub(in crate::project) text: Rc<str>,
    /// Whether it may stand in the file letter by letter. Then a place within the text may be found
    /// in the file.
    pub(in crate::project) written: Written,
}

/// How a text was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::project) enum Written {
    /// Without quotes.
    Plain,
    /// In quotes of either kind.
    Quoted,
    /// As a block of lines that are kept (`|`).
    Lines,
    /// As a block of lines that are joined (`>`).
    Joined,
}

/// One step of the way to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::project) enum Step {
    /// Into a map.
    Key(Rc<str>),
    /// Into a list, from 0.
    Index(usize),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Self::Key(key.into())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

impl Node {
    /// The value under a key, with the key; none where this is not a map.
    pub(in crate::project) fn entry(&self, key: &str) -> Option<&(Key, Node)> {
        match &self.kind {
            Kind::Map(entries) => entries.iter().find(|(known, _)| &*known.text == key),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::List(_) => None,
        }
    }

    /// The value one step further.
    pub(in crate::project) fn step(&self, step: &Step) -> Option<&Node> {
        match (step, &self.kind) {
            (Step::Key(key), _) => self.entry(key).map(|(_, value)| value),
            (Step::Index(index), Kind::List(items)) => items.get(*index),
            (Step::Index(_), Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Map(_)) => {
                None
            }
        }
    }

    /// The value at the end of a path, or the last one on the way that is there, with the number of
    /// steps that were taken.
    pub(in crate::project) fn follow(&self, path: &[Step]) -> (&Node, usize) {
        let mut node = self;
        for (taken, step) in path.iter().enumerate() {
            match node.step(step) {
                Some(next) => node = next,
                None => return (node, taken),
            }
        }
        (node, path.len())
    }

    /// The value as JSON.
    pub(in crate::project) fn to_json(&self) -> serde_json::Value {
        match &self.kind {
            Kind::Null => serde_json::Value::Null,
            Kind::Bool(value) => serde_json::Value::Bool(*value),
            Kind::Number(number) => serde_json::Value::Number(number.clone()),
            Kind::Text(text) => serde_json::Value::String(text.text.to_string()),
            Kind::List(items) => items.iter().map(Self::to_json).collect(),
            Kind::Map(entries) => entries
                .iter()
                .map(|(key, value)| (key.text.to_string(), value.to_json()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }
}

/// A path as people read it, such as `workflows.digest.stages[1]`.
pub(in crate::project) fn path_text(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Key(key) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(key);
            }
            Step::Index(index) => {
                // Writing into a String does not fail.
                let _ = write!(text, "[{index}]");
            }
        }
    }
    text
}
