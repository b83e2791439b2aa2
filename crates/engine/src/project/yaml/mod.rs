//! YAML, and JSON with it, as a tree that knows the place of each key and value.
//!
//! The tree is bounded in bytes, depth and size before anything is made of it, so that a file from
//! anywhere can be read. Merge keys, tags other than `!!str`, keys that are not text, and more than
//! one document are refused: a project file needs none of them. What the values mean is not decided
//! here.

mod build;
mod json;
mod node;
mod scalar;

pub(super) use build::parse;
pub(super) use node::{Key, Kind, Node, Step, Written, path_text};
pub(super) use scalar::{Plain, plain};

/// Bytes of a project file. A large project has tens of kilobytes; the rest of the program keeps
/// whole files in memory.
pub const BYTES_MAX: usize = 1 << 20;

/// Depth of nested maps and lists. A project file needs about ten, a JSON Schema within it some
/// more, and whatever walks the tree may recurse this deep without fear for its stack.
pub const DEPTH_MAX: usize = 64;

/// Values in a file, those that aliases repeat included.
pub const VALUES_MAX: usize = 100_000;

/// Bytes of text in a file, those that aliases repeat included: a few anchors must not become
/// gigabytes.
pub const TEXT_BYTES_MAX: usize = 4 << 20;
