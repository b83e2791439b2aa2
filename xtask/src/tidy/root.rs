//! What may lie in the root: a visitor's first listing, kept to what it must hold.

use std::collections::BTreeMap;

use super::tree::{File, Finding, Tree};

const FILES: [&str; 14] = [
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "README.md",
    "SECURITY.md",
    "Cargo.lock",
    "Cargo.toml",
    "clippy.toml",
    "deny.toml",
    "rust-toolchain.toml",
    "rustfmt.toml",
    ".gitattributes",
    ".gitignore",
];

const FOLDERS: [&str; 9] =
    [".cargo", ".ci", ".config", "benches", "crates", "docs", "examples", "web", "xtask"];

/// Nothing lies in the root that is not on the list.
pub(super) fn only_known_entries(tree: &Tree) -> Vec<Finding> {
    let mut unknown: BTreeMap<&str, &File> = BTreeMap::new();
    for file in tree.files() {
        let (entry, known) = match file.path.split_once('/') {
            Some((folder, _)) => (folder, FOLDERS.contains(&folder)),
            None => (file.path.as_str(), FILES.contains(&file.path.as_str())),
        };
        if !known {
            unknown.entry(entry).or_insert(file);
        }
    }
    let message = "move it out of the root (notes belong in issues, decisions in docs/), or add it to the list of \
                   the rule and say why in the commit";
    unknown.into_values().map(|file| file.at_line(1, message)).collect()
}

/// The folders that a path in a document can begin with.
pub(super) fn folders() -> &'static [&'static str] {
    &FOLDERS
}

#[cfg(test)]
mod tests {
    use super::super::check::places;
    use super::*;

    #[test]
    fn a_stray_file_or_folder_is_refused_once() {
        let files =
            [("README.md", ""), ("crates/a/b.rs", ""), ("PLAN.md", ""), ("notes/a", ""), ("notes/b", "")];
        assert_eq!(places(only_known_entries, &files), ["PLAN.md:1", "notes/a:1"]);
    }
}
