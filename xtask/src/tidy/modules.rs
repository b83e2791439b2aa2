//! The direction of modules inside a crate: no circles, and the nouns of the server in their order.
//!
//! Rust checks circles between crates and not between modules. Here they are read from the text of
//! `crate::` and `super::` paths; tests are left out, since a test may look at anything. A name that
//! the crate's root re-exports is not seen as the module that it comes from.

use std::collections::BTreeMap;

use super::rust;
use super::tree::{File, Finding, Tree};

/// The nouns of the server. Each uses only those before it.
pub(super) const NOUNS: [&str; 8] =
    ["project", "model", "tool", "team", "workflow", "run", "delivery", "trigger"];
/// What the nouns stand on. These know no noun.
pub(super) const PLATFORM: [&str; 11] =
    ["db", "journal", "process", "provider", "mcp", "auth", "secret", "clock", "net", "http", "settings"];

const SERVER: &str = "crates/server";

/// Who uses whom among the top-level modules of one crate, and where it was first seen.
type Uses<'t> = BTreeMap<&'t str, BTreeMap<&'t str, (&'t File, usize)>>;

/// No module of a crate uses itself by way of another.
pub(super) fn no_cycle(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for krate in crates(tree) {
        let uses = uses(tree, krate);
        for start in uses.keys() {
            // A circle is told once, from its first module in the order of the alphabet.
            let Some(circle) = circle(&uses, start).filter(|circle| circle.iter().min() == Some(start))
            else {
                continue;
            };
            let next = circle.get(1).copied().unwrap_or(start);
            let message = format!(
                "modules use each other in a circle: {} → {start}; move what both need to the one that comes first",
                circle.join(" → ")
            );
            found.extend(uses[start].get(next).map(|(file, at)| file.at(*at, message)));
        }
    }
    found
}

/// In the server a noun uses only nouns before it, and the platform none.
pub(super) fn order_of_nouns(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (from, targets) in uses(tree, SERVER) {
        for (to, (file, at)) in targets {
            let Some(later) = NOUNS.iter().position(|noun| *noun == to) else {
                continue;
            };
            let earlier = NOUNS.iter().position(|noun| *noun == from);
            if earlier.is_some_and(|earlier| earlier < later) {
                let order = NOUNS.join(" → ");
                found.push(file.at(at, format!("`{from}` comes before `{to}` and may not use it ({order})")));
            } else if PLATFORM.contains(&from) {
                let message = format!("`{from}` knows no noun; let `{to}` hand it what it needs");
                found.push(file.at(at, message));
            }
        }
    }
    found
}

/// The folders of crates: those that have a `src`.
fn crates(tree: &Tree) -> Vec<&str> {
    let mut found: Vec<&str> =
        tree.rust().filter_map(|file| Some(file.path.split_once("/src/")?.0)).collect();
    found.dedup();
    found
}

fn uses<'t>(tree: &'t Tree, krate: &str) -> Uses<'t> {
    let source = format!("{krate}/src/");
    let files: Vec<(Vec<&str>, &File)> = tree
        .rust()
        .filter(|file| !file.is_test())
        .filter_map(|file| Some((module(file.path.strip_prefix(&source)?), file)))
        .collect();
    let tops: Vec<&str> = files.iter().filter_map(|(module, _)| module.first().copied()).collect();
    let mut uses = Uses::new();
    for (module, file) in &files {
        let Some(top) = module.first() else {
            continue;
        };
        for (at, name) in used(module, &rust::without_tests(&file.code)) {
            if let Some(target) = tops.iter().find(|other| **other == name && *other != top) {
                uses.entry(top).or_default().entry(target).or_insert((file, at));
            }
        }
    }
    uses
}

/// The module that a file of `src` holds; nothing for the root of a library or program.
fn module(path: &str) -> Vec<&str> {
    let mut names: Vec<&str> = path.trim_end_matches(".rs").split('/').collect();
    if names.first() == Some(&"bin") || matches!(names[..], ["lib" | "main"]) {
        return Vec::new();
    }
    if names.last() == Some(&"mod") {
        names.pop();
    }
    names
}

/// The names in the crate's root that a module's blanked code uses, with the byte of each.
fn used(module: &[&str], code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let words: Vec<(usize, &str)> = rust::words(code).collect();
    let mut inline = Inline::default();
    let mut from = 0;
    for (index, (at, word)) in words.iter().enumerate() {
        inline.read(&code[from..*at], index.checked_sub(2).map(|before| words[before].1));
        from = *at;
        let rest = &code[at + word.len()..];
        let steps = match *word {
            "crate" => usize::MAX,
            "super" if !follows_super(code, *at) => supers(rest),
            _ => continue,
        };
        // Only a path that leads up to the root can name another top-level module.
        if steps == usize::MAX || steps == module.len() + inline.depth() {
            found.extend(first_names(rest).into_iter().map(|name| (*at, name.to_owned())));
        }
    }
    found
}

/// How many `mod name { … }` are open at a place of the code.
#[derive(Default)]
struct Inline {
    /// For every open brace, whether it opened a module.
    open: Vec<bool>,
}

impl Inline {
    /// Reads the code between two words; `keyword` is the word before the one that it begins with.
    fn read(&mut self, code: &str, keyword: Option<&str>) {
        for (index, byte) in code.bytes().filter(|byte| matches!(byte, b'{' | b'}')).enumerate() {
            if byte == b'{' {
                self.open.push(index == 0 && keyword == Some("mod"));
            } else {
                self.open.pop();
            }
        }
    }

    fn depth(&self) -> usize {
        self.open.iter().filter(|module| **module).count()
    }
}

/// Whether a `super` is not the first of its path.
fn follows_super(code: &str, at: usize) -> bool {
    code[..at].ends_with("super::")
}

/// How many modules up a path leads whose first `super` stands before this text.
fn supers(mut rest: &str) -> usize {
    let mut steps = 1;
    while let Some(further) = rest.strip_prefix("::super") {
        rest = further;
        steps += 1;
    }
    steps
}

/// The first names after the root in `::a::b`, `::{a::b, c}` and `::super::{a, c}`.
fn first_names(rest: &str) -> Vec<&str> {
    let mut rest = rest;
    while let Some(further) = rest.strip_prefix("::super") {
        rest = further;
    }
    let Some(rest) = rest.strip_prefix("::") else {
        return Vec::new();
    };
    let Some(group) = rest.strip_prefix('{') else {
        return rust::words(rest).next().map(|(_, word)| word).into_iter().collect();
    };
    let mut depth = 0_usize;
    let mut names = Vec::new();
    let mut start = 0;
    for (at, byte) in group.bytes().enumerate() {
        let ends = depth == 0 && matches!(byte, b',' | b'}');
        if ends {
            names.extend(rust::words(&group[start..at]).next().map(|(_, word)| word));
            start = at + 1;
        }
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => break,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    names
}

/// The shortest way from a module back to itself, without the return.
fn circle<'t>(uses: &Uses<'t>, start: &&'t str) -> Option<Vec<&'t str>> {
    let mut ways = vec![vec![*start]];
    let mut seen = vec![*start];
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            let last = way.last()?;
            for next in uses.get(last).into_iter().flat_map(BTreeMap::keys) {
                if next == start {
                    return Some(way);
                }
                if !seen.contains(next) {
                    seen.push(next);
                    longer.push([&way[..], &[*next]].concat());
                }
            }
        }
        ways = longer;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::check::places;
    use super::*;

    #[test]
    fn a_circle_is_refused_once() {
        let files = [
            ("crates/a/src/lib.rs", "mod b;\nmod c;\nmod d;\nuse crate::b::B;\n"),
            ("crates/a/src/b.rs", "use crate::{x, c::{C, d}};\n"),
            ("crates/a/src/c/mod.rs", "mod e;\n"),
            ("crates/a/src/c/e.rs", "use super::super::d;\n"),
            ("crates/a/src/d.rs", "\nfn f() { super::b::g() }\n"),
        ];
        assert_eq!(places(no_cycle, &files), ["crates/a/src/b.rs:1"]);
    }

    #[test]
    fn a_test_and_a_way_inside_one_module_are_no_circle() {
        let files = [
            ("crates/a/src/b.rs", "use crate::c::C;\n"),
            ("crates/a/src/c/mod.rs", "mod d;\n// crate::b\n#[cfg(test)]\nmod tests { use crate::b::B; }\n"),
            ("crates/a/src/c/d.rs", "use super::b;\nmod b { use super::super::b; }\nuse crate::c::e;\n"),
        ];
        assert_eq!(places(no_cycle, &files), Vec::<String>::new());
    }

    #[test]
    fn a_path_out_of_an_inline_module_counts_from_there() {
        let files = [
            ("crates/a/src/b.rs", "mod in_b { use super::super::c; }\n"),
            ("crates/a/src/c.rs", "use super::b;\n"),
        ];
        assert_eq!(places(no_cycle, &files), ["crates/a/src/b.rs:1"]);
    }

    #[test]
    fn a_noun_that_uses_a_later_one_is_refused() {
        let files = [
            ("crates/server/src/team/mod.rs", "use crate::model::Model;\nuse crate::run::Run;\n"),
            ("crates/server/src/run.rs", "use crate::team::Team;\nuse crate::db::Db;\n"),
            ("crates/server/src/model.rs", ""),
            ("crates/server/src/db.rs", ""),
        ];
        assert_eq!(places(order_of_nouns, &files), ["crates/server/src/team/mod.rs:2"]);
    }

    #[test]
    fn the_platform_may_not_know_a_noun() {
        let files =
            [("crates/server/src/journal.rs", "\nuse crate::run::Run;\n"), ("crates/server/src/run.rs", "")];
        assert_eq!(places(order_of_nouns, &files), ["crates/server/src/journal.rs:2"]);
    }
}
