//! From the parser's events to the tree. No path is known here, only places.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Tag};

use super::json::{self, Readable};
use super::node::{Key, Kind, Node, Text, Written};
use super::scalar::{Plain, plain};
use super::{BYTES_MAX, DEPTH_MAX, TEXT_BYTES_MAX, VALUES_MAX};
use crate::project::mistake::{Mistake, Mistakes, Place};

/// Reads a text into a tree. There is none where the text is no YAML, or breaks a bound; mistakes
/// that leave the rest readable are only noted.
pub(in crate::project) fn parse(text: &str, mistakes: &mut Mistakes) -> Option<Node> {
    if let Some(mistake) = refuse_text(text) {
        mistakes.add(mistake);
        return None;
    }
    let readable = Readable::of(text);
    let mut builder = Builder::new(&readable, mistakes);
    match builder.run() {
        Ok(Some(root)) => Some(root),
        Ok(None) => {
            let mistake = Mistake::error(Place::START, "no_project", "The file is empty.");
            builder.mistakes.add(mistake.hint("Begin with \"project: NAME\"."));
            None
        }
        Err(mistake) => {
            builder.mistakes.add(*mistake);
            None
        }
    }
}

/// What can be said of a text before it is parsed.
fn refuse_text(text: &str) -> Option<Mistake> {
    if text.len() > BYTES_MAX {
        let message = format!("The file has {} bytes; a project file may have {BYTES_MAX}.", text.len());
        return Some(
            Mistake::error(Place::START, "file_too_large", message)
                .hint("Split it: several files can be applied to one project."),
        );
    }
    let mut at = Place::START;
    // Looked at once, and only where it matters.
    let mut is_json = None;
    for character in text.chars() {
        if is_unreadable(character) && !*is_json.get_or_insert_with(|| json::is_json(text)) {
            let message =
                format!("The character U+{:04X} cannot stand in a project file.", u32::from(character));
            return Some(
                Mistake::error(at, "unreadable_character", message)
                    .hint("Save the file as text in UTF-8 without control characters."),
            );
        }
        if character == '\n' {
            at = Place { line: at.line + 1, column: 1 };
        } else {
            at.column += 1;
        }
    }
    None
}

/// The characters that YAML does not allow, and those that only a broken encoding leaves behind.
fn is_unreadable(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' | '\u{85}' => false,
        '\u{FFFE}' | '\u{FFFF}' => true,
        other => other.is_control(),
    }
}

/// A list or map that is not complete yet.
struct Open {
    at: Place,
    anchor: usize,
    size_before: Size,
    /// The depth of the deepest value in it.
    depth: usize,
    inside: Inside,
}

/// What an open list or map holds.
enum Inside {
    List(Vec<Node>),
    Map {
        entries: Vec<(Key, Node)>,
        names: BTreeSet<Rc<str>>,
        key: Option<Key>,
    },
    /// A list or map that stands where a key should: read over, so that its end is found.
    NoKey,
}

/// What the tree weighs, with all that aliases repeat.
#[derive(Clone, Copy, Default)]
struct Size {
    values: usize,
    text_bytes: usize,
}

/// A value that an alias may repeat.
#[derive(Clone)]
struct Anchored {
    node: Node,
    size: Size,
    depth: usize,
}

/// Builds the tree, without recursion: the depth of the input is not the depth of our stack.
struct Builder<'t, 'm> {
    readable: &'t Readable<'t>,
    mistakes: &'m mut Mistakes,
    open: Vec<Open>,
    anchors: BTreeMap<usize, Anchored>,
    size: Size,
    root: Option<Node>,
}

/// `Err` where nothing can be made of the rest.
type Built<T> = Result<T, Box<Mistake>>;

impl<'t, 'm> Builder<'t, 'm> {
    fn new(readable: &'t Readable<'t>, mistakes: &'m mut Mistakes) -> Self {
        let (open, anchors, size) = (Vec::new(), BTreeMap::new(), Size::default());
        Self { readable, mistakes, open, anchors, size, root: None }
    }

    fn run(&mut self) -> Built<Option<Node>> {
        let readable = self.readable;
        let mut parser = Parser::new_from_str(&readable.text);
        let mut documents = 0;
        while let Some(event) = parser.next_event() {
            let (event, span) = event.map_err(|error| Box::new(self.not_yaml(&error)))?;
            let at = self.place(&span.start);
            match event {
                Event::Nothing | Event::StreamStart | Event::DocumentEnd => {}
                Event::StreamEnd => break,
                Event::DocumentStart(_) => {
                    documents += 1;
                    if documents > 1 {
                        return Err(Box::new(several_documents(at)));
                    }
                }
                Event::Alias(anchor) => self.alias(at, anchor)?,
                Event::Scalar(text, style, anchor, tag) => {
                    let node = self.scalar(at, &text, style, tag.as_deref())?;
                    let size = Size { values: 1, text_bytes: text.len() };
                    self.add(anchor, Anchored { node, size, depth: 0 })?;
                }
                Event::SequenceStart(anchor, tag) => {
                    self.refuse_tag(at, tag.as_deref());
                    self.begin(at, anchor, Inside::List(Vec::new()))?;
                }
                Event::MappingStart(anchor, tag) => {
                    self.refuse_tag(at, tag.as_deref());
                    let inside = Inside::Map { entries: Vec::new(), names: BTreeSet::new(), key: None };
                    self.begin(at, anchor, inside)?;
                }
                Event::SequenceEnd | Event::MappingEnd => self.end()?,
            }
        }
        Ok(self.root.take())
    }

    fn place(&self, marker: &Marker) -> Place {
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        self.readable.in_file(Place { line: number(marker.line()).max(1), column: number(marker.col()) + 1 })
    }

    /// Opens a list or map.
    fn begin(&mut self, at: Place, anchor: usize, inside: Inside) -> Built<()> {
        if self.open.len() >= DEPTH_MAX {
            return Err(Box::new(too_deep(at)));
        }
        let size_before = self.size;
        self.grow(at, Size { values: 1, text_bytes: 0 })?;
        let inside = if self.expects_key() {
            self.mistakes.add(key_is_no_text(at));
            Inside::NoKey
        } else {
            inside
        };
        self.open.push(Open { at, anchor, size_before, depth: 0, inside });
        Ok(())
    }

    /// Closes the innermost list or map.
    fn end(&mut self) -> Built<()> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let kind = match open.inside {
            Inside::List(items) => Kind::List(Rc::new(items)),
            Inside::Map { entries, .. } => Kind::Map(Rc::new(entries)),
            Inside::NoKey => {
                // Its value still comes, and must find a key.
                self.take_key(Key { at: open.at, text: "".into() });
                return Ok(());
            }
        };
        let node = Node { at: open.at, kind };
        if open.anchor != 0 {
            let size = Size {
                values: self.size.values - open.size_before.values,
                text_bytes: self.size.text_bytes - open.size_before.text_bytes,
            };
            self.anchors.insert(open.anchor, Anchored { node: node.clone(), size, depth: open.depth + 1 });
        }
        self.put(node, open.depth + 1);
        Ok(())
    }

    fn alias(&mut self, at: Place, anchor: usize) -> Built<()> {
        let Some(anchored) = self.anchors.get(&anchor).cloned() else {
            let message = "This alias repeats the value that it stands in.";
            return Err(Box::new(
                Mistake::error(at, "alias_within_itself", message).hint("Write the value out."),
            ));
        };
        if self.open.len() + anchored.depth > DEPTH_MAX {
            return Err(Box::new(too_deep(at)));
        }
        self.add(0, anchored)
    }

    /// Adds a complete value.
    fn add(&mut self, anchor: usize, value: Anchored) -> Built<()> {
        self.grow(value.node.at, value.size)?;
        if anchor != 0 {
            self.anchors.insert(anchor, value.clone());
        }
        self.put(value.node, value.depth);
        Ok(())
    }

    fn grow(&mut self, at: Place, size: Size) -> Built<()> {
        self.size.values += size.values;
        self.size.text_bytes += size.text_bytes;
        if self.size.values > VALUES_MAX || self.size.text_bytes > TEXT_BYTES_MAX {
            let message = format!(
                "The file has more than {VALUES_MAX} values or {TEXT_BYTES_MAX} bytes of text, with what its \
                 aliases repeat."
            );
            let mistake = Mistake::error(at, "too_many_values", message);
            return Err(Box::new(mistake.hint("Split it, or use fewer aliases.")));
        }
        Ok(())
    }

    /// Whether the next value is a key.
    fn expects_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { inside: Inside::Map { key: None, .. }, .. }))
    }

    /// Puts a complete value where it belongs.
    fn put(&mut self, node: Node, depth: usize) {
        if self.expects_key() {
            let key = self.key(&node);
            self.take_key(key);
            return;
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return;
        };
        open.depth = open.depth.max(depth);
        match &mut open.inside {
            Inside::List(items) => items.push(node),
            Inside::NoKey => {}
            Inside::Map { entries, names, key } => match key.take() {
                // What stands under a key that is none is already a mistake.
                Some(key) if key.text.is_empty() => {}
                None => {}
                Some(key) if names.insert(key.text.clone()) => entries.push((key, node)),
                Some(key) => {
                    let mistake = duplicate_key(&key, entries);
                    self.mistakes.add(mistake);
                }
            },
        }
    }

    fn take_key(&mut self, new: Key) {
        if let Some(Open { inside: Inside::Map { key, .. }, .. }) = self.open.last_mut() {
            *key = Some(new);
        }
    }

    fn key(&mut self, node: &Node) -> Key {
        let text: Rc<str> = match &node.kind {
            Kind::Text(text) => text.text.clone(),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::List(_) | Kind::Map(_) => "".into(),
        };
        if text.is_empty() {
            self.mistakes.add(key_is_no_text(node.at));
        }
        Key { at: node.at, text }
    }

    fn scalar(&mut self, at: Place, text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Built<Node> {
        if text.contains('\0') {
            let message = "A text cannot hold the character U+0000.";
            let mistake = Mistake::error(at, "unreadable_character", message);
            return Err(Box::new(mistake.hint("Remove the escape \"\\0\" or \"\\u0000\".")));
        }
        let written = match style {
            ScalarStyle::Plain => Written::Plain,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Written::Quoted,
            ScalarStyle::Literal => Written::Lines,
            ScalarStyle::Folded => Written::Joined,
        };
        let as_text = Kind::Text(Text { text: text.into(), written });
        let is_text = self.tagged_as_text(at, tag);
        // A key says what is written, whatever type it would have as a value.
        let kind = if is_text || written != Written::Plain || self.expects_key() {
            as_text
        } else {
            match plain(text) {
                Plain::Value(kind) => kind,
                Plain::Unholdable => {
                    self.mistakes.add(
                        Mistake::error(at, "number_not_holdable", "This number cannot be held exactly.")
                            .hint("Put it in quotes if it is meant as text."),
                    );
                    Kind::Null
                }
            }
        };
        Ok(Node { at, kind })
    }

    /// Whether a tag says that a scalar is text; any other tag is a mistake.
    fn tagged_as_text(&mut self, at: Place, tag: Option<&Tag>) -> bool {
        let is_text = tag.is_some_and(|tag| {
            (tag.is_yaml_core_schema() && tag.suffix == "str") || (tag.handle.is_empty() && tag.suffix == "!")
        });
        if !is_text {
            self.refuse_tag(at, tag);
        }
        is_text
    }

    fn refuse_tag(&mut self, at: Place, tag: Option<&Tag>) {
        if let Some(tag) = tag {
            let name = if tag.is_yaml_core_schema() { format!("!!{}", tag.suffix) } else { tag.to_string() };
            let message = format!("The tag \"{name}\" is not known here.");
            self.mistakes.add(
                Mistake::error(at, "unknown_tag", message)
                    .hint("Remove it; put a text that begins with \"!\" in quotes."),
            );
        }
    }

    /// The parser's refusal, in the words of this page.
    fn not_yaml(&self, error: &ScanError) -> Mistake {
        let at = self.place(error.marker());
        let info = error.info();
        if info.contains("tabs disallowed") || info.contains("tab") && info.contains("indentation") {
            return Mistake::error(at, "tab_indentation", "A tab cannot indent a line in YAML.")
                .hint("Indent with spaces.");
        }
        if info.contains("recursion limit") {
            return too_deep(at);
        }
        if info.contains("unknown anchor") {
            return Mistake::error(
                at,
                "unknown_anchor",
                "This alias names an anchor that does not stand before it.",
            )
            .hint("Put a text that begins with \"*\" in quotes.");
        }
        let hint = if info.contains("mapping values are not allowed") {
            "Put a text that has \": \" in it in quotes, and let the keys of one map begin in the same column."
        } else if info.contains("unexpected character") {
            "Put a text that begins with this character in quotes."
        } else if info.contains("unexpected end of stream") {
            "Close what is open: a quote, a bracket or a brace."
        } else {
            "Look at the indentation, the quotes and the brackets here and in the line before."
        };
        Mistake::error(at, "not_yaml", format!("This is not YAML: {info}.")).hint(hint)
    }
}

fn duplicate_key(key: &Key, entries: &[(Key, Node)]) -> Mistake {
    let message = format!("The key \"{}\" stands twice in this map.", key.text);
    let hint = match entries.iter().find(|(known, _)| known.text == key.text) {
        Some((first, _)) => format!("It first stands in line {}. Remove one of them.", first.at.line),
        None => "Remove one of them.".to_owned(),
    };
    Mistake::error(key.at, "duplicate_key", message).hint(hint)
}

fn too_deep(at: Place) -> Mistake {
    Mistake::error(at, "too_deep", format!("Maps and lists stand in each other more than {DEPTH_MAX} deep."))
        .hint("Write it flatter.")
}

fn several_documents(at: Place) -> Mistake {
    Mistake::error(at, "several_documents", "A second document begins here; a project file is one.")
        .hint("Remove the line \"---\", or make two files.")
}

fn key_is_no_text(at: Place) -> Mistake {
    Mistake::error(at, "key_is_no_text", "A key must be text, and not empty.")
        .hint("Put a text that begins with \"{\" or \"[\" in quotes, such as \"{{ input }}\".")
}
