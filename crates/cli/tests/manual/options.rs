//! The options and variables that the manual names are those of the program.

use std::collections::BTreeSet;

use crate::page::{self, Page, callboard, root};
use crate::source;

/// The options that the help of a command names.
fn options(command: &str) -> BTreeSet<String> {
    let (code, help, _) = callboard(root(), &[command, "--help"]);
    assert_eq!(code, 0);
    let lines = help.lines().map(str::trim_start).filter(|line| line.starts_with('-'));
    lines.flat_map(longs).collect()
}

/// The long options in a line.
fn longs(line: &str) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_lowercase() || c == '-';
    let found = line.match_indices("--").filter(|(at, _)| !line[..*at].ends_with(is_part));
    let words = found.map(|(at, _)| line[at..].split(|c| !is_part(c)).next().unwrap_or_default());
    words.filter(|word| word.len() > 2).map(str::to_owned).collect()
}

#[test]
fn every_option_of_a_command_is_described_and_no_other() {
    let page = Page::read("docs/reference/command-line.md");
    for command in ["run", "check"] {
        let section = page.section(&format!("## callboard {command}")).unwrap();
        let rows = section.lines().filter(|line| line.starts_with("| `-"));
        let first = rows.filter_map(|row| row.split(" | ").next());
        let described: BTreeSet<String> = first.flat_map(longs).collect();
        assert_eq!(described, options(command), "callboard {command}");
    }
}

#[test]
fn every_command_that_a_page_shows_has_its_options() {
    let mut shown = 0;
    for page in page::all() {
        for (index, line) in page.text.lines().enumerate() {
            for command in ["run", "check"] {
                for use_ in line.split(&format!("callboard {command} ")).skip(1) {
                    // What stands behind a backtick, a bar or a hash is no longer the command.
                    let used = longs(use_.split(['`', '|', '#']).next().unwrap());
                    let known = options(command);
                    for option in &used {
                        assert!(known.contains(option), "{}:{}: {option}", page.path.display(), index + 1);
                    }
                    shown += 1;
                }
            }
        }
    }
    assert!(shown >= 10, "{shown}");
}

#[test]
fn every_variable_of_the_program_is_described_and_no_other() {
    let page = Page::read("docs/reference/command-line.md");
    let described: BTreeSet<String> = page
        .first_cells()
        .into_iter()
        .filter(|cell| cell.starts_with("CALLBOARD_"))
        .map(str::to_owned)
        .collect();
    let sources = ["crates/cli/src", "crates/server/src"].into_iter().flat_map(source::texts);
    let read: BTreeSet<String> = sources.flat_map(|text| variables(&text)).collect();
    assert_eq!(described, read);
}

/// The variables that a source names in quotes.
fn variables(text: &str) -> Vec<String> {
    let named = text.split("\"CALLBOARD_").skip(1).filter_map(|rest| rest.split('"').next());
    named.map(|name| format!("CALLBOARD_{name}")).collect()
}
