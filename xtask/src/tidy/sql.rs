//! Who writes which table: only the module of the server that a table is named after.
//!
//! What must be written together with events is handed to the journal as a prepared claim by the
//! table's owner, whose module holds the text. Reading is free.

use super::modules::{NOUNS, PLATFORM};
use super::rust;
use super::tree::{File, Finding, Tree};

const SOURCE: &str = "crates/server/src/";

/// Tables whose first word is not their owner.
const OWNERS: [(&str, &str); 8] = [
    ("migration", "db"),
    ("users", "auth"),
    ("tokens", "auth"),
    ("sessions", "auth"),
    ("part", "project"),
    ("definition", "workflow"),
    ("visit", "run"),
    ("idempotency_key", "http"),
];

/// A table is written by its owner only.
pub(super) fn writes_by_owner(tree: &Tree) -> Vec<Finding> {
    let ours = tree.rust().filter(|file| file.path.starts_with(SOURCE) && !file.is_test());
    ours.flat_map(foreign_writes).collect()
}

fn foreign_writes(file: &File) -> Vec<Finding> {
    let module = file.path.trim_start_matches(SOURCE).split(['/', '.']).next().unwrap_or_default();
    let tests = rust::tests(&file.code);
    let mut found = Vec::new();
    for (start, text) in rust::literals(&file.text) {
        if tests.iter().any(|range| range.contains(&start)) {
            continue;
        }
        for (at, table) in written(text) {
            match owner(table) {
                Some(owner) if owner == module => {}
                Some(owner) => {
                    let message =
                        format!("`{owner}` owns the table `{table}`; let it write, or prepare the claim");
                    found.push(file.at(start + at, message));
                }
                None => {
                    let message = format!(
                        "no module owns the table `{table}`: begin its name with its noun (`run_…`), or add it to \
                         the rule's list"
                    );
                    found.push(file.at(start + at, message));
                }
            }
        }
    }
    found
}

/// The module that a table is named after: `runs` and `run_visits` are `run`'s.
fn owner(table: &str) -> Option<&'static str> {
    if let Some((_, owner)) = OWNERS.iter().find(|(known, _)| *known == table) {
        return Some(owner);
    }
    let first = table.split('_').next().unwrap_or(table);
    let singular = first.strip_suffix('s').unwrap_or(first);
    NOUNS.into_iter().chain(PLATFORM).find(|module| *module == first || *module == singular)
}

/// The tables that a text of SQL writes, with the byte of each order.
fn written(text: &str) -> Vec<(usize, &str)> {
    let words: Vec<(usize, &str)> = rust::words(text).collect();
    let mut found = Vec::new();
    for (index, (at, order)) in words.iter().enumerate() {
        let next = |offset: usize| words.get(index + offset).map(|(_, word)| *word);
        let before = index.checked_sub(1).and_then(|before| words.get(before)).map(|(_, word)| *word);
        let table = match (*order, next(1), before) {
            ("INTO", Some(table), _) => table,
            ("FROM", Some(table), Some("DELETE")) => table,
            // `FOR UPDATE` locks, and `DO UPDATE SET` follows an `INTO`.
            ("UPDATE", Some(table), before)
                if before != Some("FOR") && before != Some("DO") && sets(&words[index..]) =>
            {
                table
            }
            _ => continue,
        };
        // A table whose name is put in by `format!` cannot be read here.
        let named = text[at + order.len()..].trim_start().starts_with(table);
        if named && table.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
            found.push((*at, table));
        }
    }
    found
}

/// Whether `UPDATE table SET` or `UPDATE table AS name SET` begins here.
fn sets(words: &[(usize, &str)]) -> bool {
    words.iter().take(5).skip(2).any(|(_, word)| *word == "SET")
}

#[cfg(test)]
mod tests {
    use super::super::check::places;
    use super::*;

    #[test]
    fn a_write_to_the_table_of_another_noun_is_refused() {
        let text = r#"
            q("INSERT INTO runs (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET a = 1");
            q("UPDATE triggers SET a = 1");
            q("UPDATE run_visits AS v SET a = 1");
            q("DELETE FROM journal_events");
            q("SELECT a FROM projects FOR UPDATE SKIP LOCKED");
        "#;
        let files = [("crates/server/src/run/store.rs", text)];
        let expected = ["crates/server/src/run/store.rs:3", "crates/server/src/run/store.rs:5"];
        assert_eq!(places(writes_by_owner, &files), expected);
    }

    #[test]
    fn a_table_without_an_owner_is_refused() {
        let files =
            [("crates/server/src/auth.rs", "q(\"INSERT INTO users (a)\");\nq(\"INSERT INTO things (a)\");")];
        assert_eq!(places(writes_by_owner, &files), ["crates/server/src/auth.rs:2"]);
    }

    #[test]
    fn a_test_may_write_what_it_likes() {
        let text = "#[cfg(test)]\nmod tests { fn a() { q(\"INSERT INTO runs (a)\") } }\n";
        assert_eq!(places(writes_by_owner, &[("crates/server/src/db.rs", text)]), Vec::<String>::new());
    }
}
