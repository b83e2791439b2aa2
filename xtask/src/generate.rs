//! `cargo xtask generate`: files that the program writes about itself, kept in the project so that
//! they can be read without building anything.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::checkout::Checkout;
use crate::command;

/// A file, and the program's arguments that print it.
const FILES: [(&str, &[&str]); 2] =
    [("crates/api/openapi.json", &["openapi"]), ("docs/reference/settings.md", &["settings", "--markdown"])];

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Changes nothing, and fails where a file is not what the program would write
    #[arg(long)]
    check: bool,
}

/// Carries out `cargo xtask generate`. Whether all files are right now.
pub(crate) fn run(checkout: &Checkout, arguments: &Arguments) -> Result<bool> {
    command::run(&mut checkout.cargo(&["build", "--quiet", "--locked", "--package", "callboard"]))?;
    if arguments.check {
        return check(checkout);
    }
    for (path, arguments) in FILES {
        let text = printed(checkout, arguments)?;
        let file = checkout.root.join(path);
        if is_stale(&file, &text) {
            fs::write(&file, &text).with_context(|| format!("could not write {path}"))?;
            println!("{path} is written.");
        } else {
            println!("{path} is right.");
        }
    }
    Ok(true)
}

/// Whether every file is what the program that is built would write.
pub(crate) fn check(checkout: &Checkout) -> Result<bool> {
    let mut right = true;
    for (path, arguments) in FILES {
        if is_stale(&checkout.root.join(path), &printed(checkout, arguments)?) {
            println!("{path} is stale; `cargo xtask generate` writes it again.");
            right = false;
        }
    }
    Ok(right)
}

fn printed(checkout: &Checkout, arguments: &[&str]) -> Result<String> {
    command::output(Command::new(checkout.program("debug")).args(arguments).current_dir(&checkout.root))
}

fn is_stale(file: &Path, text: &str) -> bool {
    fs::read_to_string(file).map_or(true, |written| written != text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_stale_when_it_is_missing_or_says_something_else() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("settings.md");
        assert!(is_stale(&file, "a\n"));
        fs::write(&file, "a\n").unwrap();
        assert!(!is_stale(&file, "a\n"));
        assert!(is_stale(&file, "b\n"));
    }
}
