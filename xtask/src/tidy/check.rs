//! How the tests of the rules are written: some files, and what the rule says about them.

use super::tree::{Finding, Tree};

/// What a rule finds in these files, as `path:line`.
pub(super) fn places(rule: fn(&Tree) -> Vec<Finding>, files: &[(&str, &str)]) -> Vec<String> {
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
    rule(&Tree::of(files)).iter().map(Finding::place).collect()
}
