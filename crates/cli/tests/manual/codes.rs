//! Every error code has its entry, and every entry its code.

use std::collections::BTreeSet;

use crate::page::Page;
use crate::source;

#[test]
fn every_error_code_has_its_entry_and_every_entry_its_code() {
    let page = Page::read("docs/reference/error-codes.md");
    let entries: BTreeSet<String> = page.first_cells().into_iter().map(str::to_owned).collect();
    let codes = source::codes();
    let missing: Vec<_> = codes.difference(&entries).collect();
    assert!(missing.is_empty(), "these codes have no entry in {}: {missing:?}", page.path.display());
    let gone: Vec<_> = entries.difference(&codes).collect();
    assert!(gone.is_empty(), "these entries of {} are no codes: {gone:?}", page.path.display());
}

#[test]
fn a_code_that_is_shown_anywhere_is_one() {
    let codes = source::codes();
    for page in crate::page::all() {
        for block in page.blocks().iter().filter(|block| ["text", "console"].contains(&block.info.as_str())) {
            for line in block.text.lines().filter(|line| line.ends_with(']')) {
                let code = line.trim_end_matches(']').rsplit('[').next().unwrap();
                let is_word = code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
                assert!(!is_word || codes.contains(code), "{}: {line}", page.path.display());
            }
        }
    }
}
