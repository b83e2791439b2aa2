//! The project file: read, checked, and compiled into the definition of one of its workflows.
//!
//! [`read()`] gives a [`Project`] or every mistake of the file at once, each with its place, what was
//! expected and what to do. [`compile()`] takes from a project what one workflow needs. [`document()`] and
//! [`yaml()`] write the file of a project.
//!
//! Nothing here opens files, looks up the value of a key, or knows the words of schedules.

mod types;

mod mistake;
mod yaml;

mod read;

mod check;

mod compile;

mod write;

#[cfg(test)]
mod tests;

pub use compile::{UnknownWorkflow, compile};
pub use mistake::{MISTAKES_MAX, Mistake, Severity};
pub use read::{NAME_CHARS_MAX, is_name};
pub use types::{
    Alert, AlertOn, ClockGap, ClockRepeat, Concurrency, ConcurrencyPolicy, Missed, Overlap, Project,
    ProjectLimits, Schedule, Trigger, TriggerKind, Verify, Webhook,
};
pub use write::{document, yaml};
pub use yaml::{BYTES_MAX, DEPTH_MAX, TEXT_BYTES_MAX, VALUES_MAX};

use mistake::{Mistakes, Place};

/// The tools that come with Callboard and that agents and hooks can be given.
pub const BUILT_IN_TOOLS: [&str; 5] =
    ["http_request", "read_file", "write_file", "list_files", "current_time"];

/// The tools that are rules of a turn; an agent has them without being given them.
pub const RULE_TOOLS: [&str; 6] =
    ["send_message", "share_result", "read_memory", "pass", "complete", "ask_user"];

/// What reading a project file gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The project, where no mistake is an error.
    pub project: Option<Project>,
    /// Every mistake and warning, in the order of the file.
    pub mistakes: Vec<Mistake>,
}

/// Why the words of a schedule are not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotUnderstood {
    /// What is wrong with them, as a sentence.
    pub reason: String,
    /// What to write instead.
    pub hint: String,
}

/// Whoever knows the words of schedules: they are given a schedule and the zone in which it is read.
pub type Understand<'a> = dyn Fn(&str, &str) -> Result<(), NotUnderstood> + 'a;

/// Reads a project file, YAML or JSON. The words of its schedules are taken as they are.
pub fn read(text: &str) -> Reading {
    read_understanding(text, &|_, _| Ok(()))
}

/// Reads a project file, YAML or JSON, and asks whoever knows the words of schedules about each.
pub fn read_understanding(text: &str, understand: &Understand<'_>) -> Reading {
    let mut mistakes = Mistakes::default();
    let project = yaml::parse(text, &mut mistakes).and_then(|root| {
        let project = read::project(&root, &mut mistakes)?;
        check::check(text, &project, &root, &mut mistakes);
        check::schedules(&project, &root, understand, &mut mistakes);
        Some(project)
    });
    Reading { project: project.filter(|_| !mistakes.has_errors()), mistakes: mistakes.into_sorted() }
}

/// A project file as JSON, as far as it can be read at all. Whether it is right is not looked at: a
/// file that names only a part of a project may be right together with the rest.
pub fn json(text: &str) -> Option<serde_json::Value> {
    let mut mistakes = Mistakes::default();
    let root = yaml::parse(text, &mut mistakes)?;
    (!mistakes.has_errors()).then(|| root.to_json())
}

/// Reads a project file from the bytes of a file or a request, as [`read_understanding()`] does.
pub fn read_bytes(bytes: &[u8], understand: &Understand<'_>) -> Reading {
    match std::str::from_utf8(bytes) {
        Ok(text) => read_understanding(text, understand),
        Err(error) => {
            let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            let line = before.matches('\n').count() + 1;
            let column = before.chars().rev().take_while(|character| *character != '\n').count() + 1;
            let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
            let at = Place { line: number(line), column: number(column) };
            let mistake =
                Mistake::error(at, "not_utf8", "The file is not text in UTF-8.").hint("Save it in UTF-8.");
            Reading { project: None, mistakes: vec![mistake] }
        }
    }
}
