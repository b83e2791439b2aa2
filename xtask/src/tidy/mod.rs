//! Rules that the compiler does not know: names, places, directions and documents.
//!
//! A rule is one function from the files of the project to what it finds wrong in them, so that its
//! tests need no files. Each message says what to do instead. There is no way to switch a rule off
//! at a line: where a rule makes the code worse, the rule changes.

mod rust;
mod tree;

mod comments;
mod documents;
mod manifests;
mod modules;
mod names;
mod root;
mod size;
mod sql;
mod words;

#[cfg(test)]
mod check;

use anyhow::Result;

use self::tree::{Finding, Tree};
use crate::checkout::Checkout;

/// All rules. One more joins when the manual has a page per error code: every code has its page.
const RULES: [fn(&Tree) -> Vec<Finding>; 17] = [
    comments::module_comment,
    comments::numbered_debt,
    words::no_sleep_in_tests,
    words::no_ignored_test,
    words::nothing_unbounded,
    words::nothing_async_in_pure_crates,
    names::no_drawer,
    names::no_avoided_word,
    root::only_known_entries,
    size::file_fits,
    modules::no_cycle,
    modules::order_of_nouns,
    sql::writes_by_owner,
    manifests::inherits,
    manifests::locks,
    documents::paths_exist,
    documents::short_and_quoted,
];

/// Carries out `cargo xtask tidy`. Whether every rule holds.
pub(crate) fn run(checkout: &Checkout) -> Result<bool> {
    let tree = Tree::read(&checkout.root)?;
    let findings: Vec<Finding> = RULES.iter().flat_map(|rule| rule(&tree)).collect();
    for finding in &findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => println!("{} files keep all {} rules.", tree.files().count(), RULES.len()),
        1 => println!("One place to put right."),
        many => println!("{many} places to put right."),
    }
    Ok(findings.is_empty())
}
