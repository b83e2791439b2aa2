//! What people see of their project files.
//!
//! Every test is a file and the mistakes that it gives, as the command line shows them.

mod anything;
mod checked;
mod compiled;
mod frozen;
mod random;
mod read;
mod written;
mod yaml;

use super::read as read_project;

/// The project file with everything in it.
const NEWSROOM: &str = include_str!("newsroom.yaml");

/// Reads a file and compares its mistakes, line by line.
fn check(file: &str, expected: &str) {
    let reading = read_project(file);
    let has_errors = reading.mistakes.iter().any(|mistake| mistake.severity == super::Severity::Error);
    assert_eq!(reading.project.is_none(), has_errors, "there is a project unless there is an error");
    let found: String = reading.mistakes.iter().map(|mistake| format!("{mistake}\n")).collect();
    assert_eq!(found.trim(), expected.trim(), "\nfound:\n{found}");
}

/// A small file that is right: each test breaks a line of it, or adds some.
const SMALL: &str = "\
project: small
models:
  main: { provider: simulated }
teams:
  desk:
    model: main
    agents:
      writer: { role: Writer }
      editor: { role: Editor }
workflows:
  digest:
    team: desk
    stages:
      - { id: write, task: Write about it., agents: [writer] }
      - { id: review, task: Review it., agents: [editor], outcomes: { good: end, bad: write } }
";

/// The small file with one line changed.
fn small_with(line: &str, changed: &str) -> String {
    assert!(SMALL.contains(line), "the small file has no {line:?}");
    SMALL.replacen(line, changed, 1)
}
