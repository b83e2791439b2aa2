//! Explains lines as a sentence.
use crate::calendar::Line;

/// The sentence.
pub(crate) fn sentence(lines: &[Line], zone: &str) -> String {
    format!("{} lines in {zone}.", lines.len())
}
