//! What a measurement was taken on: a figure without it says nothing.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;

use serde_json::Value;

use crate::checkout::Checkout;
use crate::command;

/// What is said where the machine does not tell.
const UNKNOWN: &str = "unknown";

/// The machine and the versions, each with its name. PostgreSQL's programs are in the folder.
pub(super) fn facts(checkout: &Checkout, postgresql: Option<&Path>) -> Vec<(&'static str, String)> {
    let read = |file: &str| fs::read_to_string(file).unwrap_or_default();
    let said = |program: &str, arguments: &[&str]| {
        let said = command::output(Command::new(program).args(arguments).current_dir(&checkout.root));
        said.map_or_else(|_| UNKNOWN.to_owned(), |said| said.trim().to_owned())
    };
    let mut facts = vec![
        ("cores", thread::available_parallelism().map_or_else(|_| UNKNOWN.to_owned(), |n| n.to_string())),
        ("processor", field(&read("/proc/cpuinfo"), "model name").unwrap_or(UNKNOWN).to_owned()),
        (
            "memory",
            field(&read("/proc/meminfo"), "MemTotal").and_then(gigabytes).unwrap_or(UNKNOWN.to_owned()),
        ),
        ("kernel", said("uname", &["-sr"])),
        ("rustc", said("rustc", &["--version"])),
        ("commit", commit(checkout)),
        ("SQLite", sqlite(checkout).unwrap_or(UNKNOWN.to_owned())),
    ];
    if let Some(folder) = postgresql {
        let program = folder.join("postgres");
        facts.push(("PostgreSQL", said(&program.display().to_string(), &["--version"])));
    }
    facts
}

/// The commit, and whether what was measured differs from it. Nothing is written: not even git's index.
fn commit(checkout: &Checkout) -> String {
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        command::output(git.arg("--no-optional-locks").args(arguments).current_dir(&checkout.root))
    };
    let Ok(commit) = git(&["rev-parse", "--short=12", "HEAD"]) else {
        return UNKNOWN.to_owned();
    };
    let changed = git(&["status", "--porcelain"]).is_ok_and(|changes| !changes.is_empty());
    format!("{}{}", commit.trim(), if changed { ", changed" } else { "" })
}

/// The version of SQLite that is compiled into the program.
fn sqlite(checkout: &Checkout) -> Option<String> {
    let metadata =
        command::output(&mut checkout.cargo(&["metadata", "--format-version", "1", "--locked"])).ok()?;
    let metadata: Value = serde_json::from_str(&metadata).ok()?;
    let package = metadata["packages"].as_array()?.iter().find(|one| one["name"] == "libsqlite3-sys")?;
    let folder = Path::new(package["manifest_path"].as_str()?).parent()?;
    let header = fs::read_to_string(folder.join("sqlite3/sqlite3.h")).ok()?;
    header.lines().find_map(|line| version(line.strip_prefix("#define SQLITE_VERSION ")?))
}

/// What stands in quotation marks.
fn version(text: &str) -> Option<String> {
    Some(text.trim().strip_prefix('"')?.strip_suffix('"')?.to_owned())
}

/// The value of the first line `name : value` of a file of the kernel's.
fn field<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let fields = text.lines().filter_map(|line| line.split_once(':'));
    fields.into_iter().find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim())
}

/// `8148340 kB` as gigabytes.
fn gigabytes(kilobytes: &str) -> Option<String> {
    let kilobytes: f64 = kilobytes.strip_suffix(" kB")?.parse().ok()?;
    Some(format!("{:.1} GB", kilobytes * 1024.0 / 1e9))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_s_files_are_read() {
        assert_eq!(
            field("processor\t: 0\nmodel name\t: A: B\nmodel name\t: C\n", "model name"),
            Some("A: B")
        );
        assert_eq!(field("", "model name"), None);
        assert_eq!(gigabytes("8148340 kB"), Some("8.3 GB".to_owned()));
    }

    #[test]
    fn the_version_of_sqlite_stands_in_quotation_marks() {
        assert_eq!(version("       \"3.51.1\""), Some("3.51.1".to_owned()));
    }
}
