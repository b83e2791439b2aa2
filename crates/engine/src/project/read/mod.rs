//! From the tree to the types: every field is named, typed and ranged here.
//!
//! A mistake never ends the reading. What is broken reads as its default or as an empty name, so
//! that the rest of the file is read and checked too; names are not looked up here.

mod fields;
mod model;
mod project;
mod stage;
mod team;
mod tool;
mod trigger;
mod values;
mod workflow;

pub(super) use project::project;
pub use values::{NAME_CHARS_MAX, is_name};

use fields::Reader;
