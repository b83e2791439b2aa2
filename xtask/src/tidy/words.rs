//! Words that may not stand in some places: sleeping, ignoring, unbounded, async.

use super::rust;
use super::tree::{File, Finding, Tree};

/// Crates that wait for nothing.
const PURE: [&str; 2] = ["crates/engine/", "crates/schedule/"];

/// A test waits for the thing itself.
pub(super) fn no_sleep_in_tests(tree: &Tree) -> Vec<Finding> {
    let message =
        "a sleep in a test is either a race or a stall; wait for the thing itself, or use the fake clock";
    let in_tests = |file: &File| {
        let tests = rust::tests(&file.code);
        let sleeps = rust::words(&file.code).filter(|(_, word)| matches!(*word, "sleep" | "sleep_until"));
        let calls = sleeps.filter(|(at, word)| file.code[at + word.len()..].starts_with('('));
        let within = |at: &usize| file.is_test() || tests.iter().any(|range| range.contains(at));
        calls.map(|(at, _)| at).filter(within).map(|at| file.at(at, message)).collect::<Vec<_>>()
    };
    tree.rust().flat_map(in_tests).collect()
}

/// No test is switched off.
pub(super) fn no_ignored_test(tree: &Tree) -> Vec<Finding> {
    let message = "a test that is ignored is forgotten; assert what happens today and say why it is wrong";
    let ignored = |file: &File| {
        let found = file.code.match_indices("#[ignore").map(|(at, _)| file.at(at, message));
        found.collect::<Vec<_>>()
    };
    tree.rust().flat_map(ignored).collect()
}

/// Every queue has a limit.
pub(super) fn nothing_unbounded(tree: &Tree) -> Vec<Finding> {
    let message = "give it a limit: a `const` whose comment says why this number";
    let named = |word: &str| word.to_ascii_lowercase().contains("unbounded");
    let shipped = tree.rust().filter(|file| file.path.starts_with("crates/"));
    shipped.flat_map(|file| with_word(file, named, message)).collect()
}

/// The pure crates take everything as an argument and wait for nothing.
pub(super) fn nothing_async_in_pure_crates(tree: &Tree) -> Vec<Finding> {
    let message =
        "this crate waits for nothing; take the answer as an argument, and wait for it in the server";
    let pure = tree.rust().filter(|file| PURE.iter().any(|folder| file.path.starts_with(folder)));
    pure.flat_map(|file| with_word(file, |word| matches!(word, "async" | "await"), message)).collect()
}

fn with_word(file: &File, wanted: impl Fn(&str) -> bool, message: &str) -> Vec<Finding> {
    let found = rust::words(&file.code).filter(|(_, word)| wanted(word));
    found.map(|(at, _)| file.at(at, message)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::check::places;
    use super::*;

    #[test]
    fn a_sleep_is_refused_in_tests_only() {
        let files = [
            (
                "crates/a/src/lib.rs",
                "fn a() { sleep(1) }\n#[cfg(test)]\nmod tests {\n fn b() { sleep(1) }\n}\n",
            ),
            ("crates/a/tests/b.rs", "// sleep(1)\nfn c() { no_sleep(1); clock.sleep_until(2) }\n"),
        ];
        assert_eq!(places(no_sleep_in_tests, &files), ["crates/a/src/lib.rs:4", "crates/a/tests/b.rs:2"]);
    }

    #[test]
    fn an_ignored_test_is_refused() {
        let files = [("crates/a/src/lib.rs", "#[test]\n#[ignore = \"slow\"]\nfn a() {}\n")];
        assert_eq!(places(no_ignored_test, &files), ["crates/a/src/lib.rs:2"]);
    }

    #[test]
    fn an_unbounded_queue_is_refused_and_a_comment_about_one_is_not() {
        let files = [("crates/a/src/lib.rs", "// unbounded\nlet q = unbounded_channel();\n")];
        assert_eq!(places(nothing_unbounded, &files), ["crates/a/src/lib.rs:2"]);
    }

    #[test]
    fn async_is_refused_in_the_engine_only() {
        let text = "\nasync fn a() {}\n";
        let files = [("crates/engine/src/a.rs", text), ("crates/server/src/a.rs", text)];
        assert_eq!(places(nothing_async_in_pure_crates, &files), ["crates/engine/src/a.rs:2"]);
    }
}
