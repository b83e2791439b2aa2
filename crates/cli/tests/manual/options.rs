//! The options and variables that the manual names are those of the program.

use std::collections::BTreeSet;

use callboard_server::settings::{Kind, SETTINGS, Setting};

use crate::page::{self, Page, callboard, has, root};
use crate::source;

/// The commands whose options stand in tables of the page on the command line, with the levels of their
/// headings.
const COMMANDS: [(&str, &str); 35] = [
    ("##", "run"),
    ("##", "check"),
    ("##", "schedule"),
    ("##", "apply"),
    ("##", "export"),
    ("##", "trigger"),
    ("###", "triggers list"),
    ("###", "triggers show"),
    ("###", "triggers slots"),
    ("###", "triggers fire"),
    ("###", "triggers pause"),
    ("###", "triggers resume"),
    ("###", "triggers calls"),
    ("###", "triggers rotate"),
    ("###", "runs list"),
    ("###", "runs show"),
    ("###", "runs follow"),
    ("###", "runs answer"),
    ("###", "runs approve"),
    ("###", "runs say"),
    ("###", "runs limits"),
    ("###", "runs stop"),
    ("###", "runs rerun"),
    ("###", "runs family"),
    ("###", "runs variants"),
    ("###", "runs compare"),
    ("###", "runs deliveries"),
    ("###", "runs send-again"),
    ("###", "runs delete"),
    ("###", "runs export"),
    ("###", "runs replay"),
    ("###", "secret set"),
    ("###", "secret remove"),
    ("###", "secret list"),
    ("###", "secret callback-key"),
];

/// The options that the help of a command names.
fn options(command: &str) -> BTreeSet<String> {
    let words: Vec<&str> = command.split(' ').chain(["--help"]).collect();
    let (code, help, _) = callboard(root(), &words);
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
    for (level, command) in COMMANDS {
        let section = page.section(&format!("{level} callboard {command}")).unwrap();
        let rows = section.lines().filter(|line| line.starts_with("| `-"));
        let first = rows.filter_map(|row| row.split(" | ").next());
        let described: BTreeSet<String> = first.flat_map(longs).collect();
        assert_eq!(described, options(command), "callboard {command}");
    }
}

#[test]
fn every_option_of_the_server_is_a_setting_or_says_where_they_are() {
    let mut described: BTreeSet<String> = SETTINGS
        .iter()
        .filter(|setting| setting.kind != Kind::Secret)
        .map(|setting| format!("--{}", setting.flag()))
        .collect();
    described.extend(["--config", "--help"].map(str::to_owned));
    assert_eq!(described, options("serve"));
    let page = Page::read("docs/reference/settings.md");
    assert!(described.iter().all(|option| option == "--help" || has(&page.text, option)), "{described:?}");
}

#[test]
fn every_command_that_a_page_shows_has_its_options() {
    let mut shown = 0;
    for page in page::all() {
        for (index, line) in page.text.lines().enumerate() {
            for command in COMMANDS.map(|(_, command)| command).into_iter().chain(["serve"]) {
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
    let commands = Page::read("docs/reference/command-line.md");
    let settings = Page::read("docs/reference/settings.md");
    let described: BTreeSet<&str> = [&commands, &settings]
        .into_iter()
        .flat_map(|page| page.text.split('`').skip(1).step_by(2))
        .filter(|word| word.starts_with("CALLBOARD_"))
        .collect();
    let sources = ["crates/cli/src", "crates/server/src"].into_iter().flat_map(source::texts);
    let mut read: BTreeSet<String> = sources.flat_map(|text| variables(&text)).collect();
    read.extend(SETTINGS.iter().map(Setting::variable));
    assert_eq!(described, read.iter().map(String::as_str).collect());
}

/// The variables that a source names in quotes: whole names, and none that others set.
fn variables(text: &str) -> Vec<String> {
    let foreign = text.split_once("const FOREIGN_PREFIXES").map_or("", |(_, rest)| rest);
    let foreign = foreign.split(';').take(2).collect::<String>();
    let named = text.split("\"CALLBOARD_").skip(1).filter_map(|rest| rest.split('"').next());
    let whole = named.filter(|name| {
        !name.is_empty() && !name.contains('{') && !foreign.contains(&format!("\"CALLBOARD_{name}\""))
    });
    whole.map(|name| format!("CALLBOARD_{name}")).collect()
}
