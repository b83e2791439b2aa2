//! One word per thing: no drawers for what has no place, and none of the words that we avoid.

use super::rust;
use super::tree::{File, Finding, Tree};

/// Names that say nothing about what is inside, so that everything ends up there.
const DRAWERS: [&str; 9] =
    ["common", "helper", "helpers", "misc", "shared", "types", "util", "utils", "utilities"];

/// Where such a name has a meaning: the types of a project file are what that folder is about.
const ALLOWED: [&str; 1] = ["crates/engine/src/project/types.rs"];

/// Words of other systems for our things, and what we say.
const AVOIDED: [(&str, &str); 5] = [
    ("execution", "run"),
    ("job", "run, stage or trigger"),
    ("crew", "team"),
    ("workspace", "project"),
    ("tenant", "project"),
];

/// No file, folder or module is called after nothing in particular.
pub(super) fn no_drawer(tree: &Tree) -> Vec<Finding> {
    let message = "this name says nothing; put each thing with the noun that gives it its meaning";
    let mut found = Vec::new();
    for file in code_files(tree).filter(|file| !ALLOWED.contains(&file.path.as_str())) {
        let names = file.path.split('/').map(|name| name.split('.').next().unwrap_or(name));
        if names.into_iter().any(|name| DRAWERS.contains(&name)) {
            found.push(file.at_line(1, message));
        }
        let inline =
            defined(&file.code).filter(|(_, keyword, name)| *keyword == "mod" && DRAWERS.contains(name));
        let inline =
            inline.filter(|(at, _, name)| !file.code[at + name.len()..].trim_start().starts_with(';'));
        found.extend(inline.map(|(at, _, _)| file.at(at, message)));
    }
    found
}

/// No type, table, file or HTTP path uses a word that we avoid.
pub(super) fn no_avoided_word(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in code_files(tree) {
        found.extend(avoided(&file.path).map(|(word, ours)| file.at_line(1, sentence(word, ours))));
        let named = match file.path.rsplit('.').next() {
            Some("rs") => in_rust(file),
            Some("sql") => tables(&file.text),
            _ => in_script(file),
        };
        for (at, name) in named {
            found.extend(avoided(name).map(|(word, ours)| file.at(at, sentence(word, ours))));
        }
    }
    found
}

fn code_files(tree: &Tree) -> impl Iterator<Item = &File> {
    let ends = [".rs", ".sql", ".ts", ".tsx"];
    let folders = ["crates/", "web/", "xtask/", "benches/"];
    tree.files()
        .filter(move |file| folders.iter().any(|folder| file.path.starts_with(folder)))
        .filter(move |file| ends.iter().any(|end| file.path.ends_with(end)) && !file.is_generated())
}

fn sentence(word: &str, ours: &str) -> String {
    format!("we do not say `{word}`; say {ours}")
}

/// The avoided words in a name, whichever way it is written.
fn avoided(name: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let words = split(name);
    AVOIDED.into_iter().filter(move |(word, _)| {
        words.iter().any(|said| said.strip_suffix('s').unwrap_or(said.as_str()) == *word)
    })
}

/// `JobQueue`, `job_queue` and `/job-queue` as their words, in lower case.
fn split(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_small = false;
    for character in name.chars() {
        let begins = !character.is_ascii_alphanumeric() || (character.is_ascii_uppercase() && after_small);
        if begins {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| character.is_ascii_alphanumeric()) {
            word.push(character.to_ascii_lowercase());
        }
        after_small = character.is_ascii_lowercase();
    }
    words
}

/// Types and modules that the file defines; tables that it makes and HTTP paths that it spells out,
/// where that is its business.
fn in_rust(file: &File) -> Vec<(usize, &str)> {
    let mut found: Vec<(usize, &str)> = defined(&file.code).map(|(at, _, name)| (at, name)).collect();
    if ["crates/api/", "crates/server/"].iter().any(|folder| file.path.starts_with(folder)) {
        for (start, text) in rust::literals(&file.text) {
            found.extend(tables(text).into_iter().map(|(at, name)| (start + at, name)));
            found.extend(text.starts_with("\"/").then_some((start, text)));
        }
    }
    found
}

/// What is defined in blanked Rust: the byte of its name, its keyword, its name.
fn defined(code: &str) -> impl Iterator<Item = (usize, &str, &str)> {
    let keywords = ["struct", "enum", "trait", "type", "union", "mod"];
    rust::words(code)
        .zip(rust::words(code).skip(1))
        .filter(move |((_, keyword), _)| keywords.contains(keyword))
        .map(|((_, keyword), (at, name))| (at, keyword, name))
}

/// Types that a TypeScript file defines.
fn in_script(file: &File) -> Vec<(usize, &str)> {
    let keywords = ["interface", "type", "class", "enum"];
    let mut found = Vec::new();
    for line in file.text.lines() {
        let start = line.as_ptr() as usize - file.text.as_ptr() as usize;
        let mut words =
            rust::words(line).skip_while(|(_, word)| matches!(*word, "export" | "default" | "declare"));
        if words.next().is_some_and(|(_, keyword)| keywords.contains(&keyword)) {
            found.extend(words.next().map(|(at, name)| (start + at, name)));
        }
    }
    found
}

/// Tables that a text of SQL makes.
fn tables(text: &str) -> Vec<(usize, &str)> {
    let named = |(start, order): (usize, &'_ str)| {
        let at = start + order.len();
        let rest = &text[at..];
        let rest = rest.strip_prefix("IF NOT EXISTS ").unwrap_or(rest);
        Some((at, rust::words(rest).next()?.1))
    };
    text.match_indices("CREATE TABLE ").filter_map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::super::check::places;
    use super::*;

    #[test]
    fn a_drawer_is_refused_as_file_folder_and_module() {
        let files = [
            ("crates/a/src/utils.rs", ""),
            ("crates/a/tests/common/mod.rs", ""),
            ("crates/a/src/b.rs", "mod helpers {}\nmod c { }\n"),
            ("crates/engine/src/project/types.rs", ""),
            ("crates/engine/src/project/mod.rs", "mod types;\n"),
            ("web/src/misc.ts", ""),
        ];
        let expected = [
            "crates/a/src/b.rs:1",
            "crates/a/src/utils.rs:1",
            "crates/a/tests/common/mod.rs:1",
            "web/src/misc.ts:1",
        ];
        assert_eq!(places(no_drawer, &files), expected);
    }

    #[test]
    fn an_avoided_word_is_refused_in_types_tables_and_paths() {
        let files = [
            ("crates/a/src/b.rs", "//! A job.\nlet job = 1;\nstruct JobQueue;\nenum Jobless {}\n"),
            ("crates/a/src/crew/c.rs", ""),
            (
                "crates/server/src/d.rs",
                "route(\"/runs\")\nroute(\"/v1/executions/{id}\")\nq(\"CREATE TABLE jobs (a)\")\n",
            ),
            (
                "crates/server/migrations/e.sql",
                "CREATE TABLE runs (a INT);\nCREATE TABLE tenant_keys (a INT);\n",
            ),
            ("web/src/f.ts", "// type\nexport type Workspace = 1;\n"),
        ];
        let expected = [
            "crates/a/src/b.rs:3",
            "crates/a/src/crew/c.rs:1",
            "crates/server/migrations/e.sql:2",
            "crates/server/src/d.rs:2",
            "crates/server/src/d.rs:3",
            "web/src/f.ts:2",
        ];
        assert_eq!(places(no_avoided_word, &files), expected);
    }
}
