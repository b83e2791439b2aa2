//! The web page: what it is built with, and its build. What npm says is talk, so it goes to standard
//! error.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

use anyhow::{Context as _, Result};

use crate::checkout::Checkout;
use crate::command;

/// Vite, which builds the page, starts on nothing older.
const NODE_MIN: (u32, u32) = (20, 19);

/// Whether this checkout has a page to build.
pub(crate) fn is_here(checkout: &Checkout) -> bool {
    folder(checkout).join("package.json").is_file()
}

/// Whether the page was built, now or some time before.
pub(crate) fn is_built(checkout: &Checkout) -> bool {
    folder(checkout).join("dist/index.html").is_file()
}

/// What to install before a page can be built here, as a sentence; nothing if all is there.
pub(crate) fn to_install() -> Option<String> {
    let wanted =
        format!("Install Node {}.{} or newer with npm (https://nodejs.org).", NODE_MIN.0, NODE_MIN.1);
    if command::find("node").is_none() || command::find("npm").is_none() {
        return Some(wanted);
    }
    let said = command::output(Command::new("node").arg("--version")).unwrap_or_default();
    let enough = version(&said).is_some_and(|found| found >= NODE_MIN);
    (!enough).then(|| format!("{wanted} The Node on the path is {}.", said.trim()))
}

/// Installs the packages that the lock file names, unless they are there.
pub(crate) fn packages(checkout: &Checkout) -> Result<()> {
    let changed =
        |file: &str| fs::metadata(folder(checkout).join(file)).and_then(|data| data.modified()).ok();
    // npm writes the second when it has installed what the first says.
    if is_current(changed("package-lock.json"), changed("node_modules/.package-lock.json")) {
        return Ok(());
    }
    command::run(&mut npm(checkout, &["ci", "--no-audit", "--no-fund"]))
}

/// What the page is built from, beside its packages. What the build itself writes among it is older
/// than what it ends with.
const SOURCES: [&str; 8] = [
    "src",
    "public",
    "index.html",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "vite.config.ts",
    "../crates/api/openapi.json",
];

/// Builds the page from its packages to `web/dist`, unless it is there already: a page that is built
/// anew has the program built anew, which takes minutes.
pub(crate) fn build(checkout: &Checkout) -> Result<()> {
    packages(checkout)?;
    let folder = folder(checkout);
    let changed = SOURCES.iter().filter_map(|source| newest(&folder.join(source))).max();
    if is_current(changed, newest(&folder.join("dist/index.html"))) {
        eprintln!("The web page is built already.");
        return Ok(());
    }
    command::run(&mut npm(checkout, &["run", "build"])).context("The page was not built")
}

/// npm, in the folder of the page.
pub(crate) fn npm(checkout: &Checkout, arguments: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command.args(arguments).current_dir(folder(checkout)).stdout(Stdio::from(io::stderr()));
    command
}

fn folder(checkout: &Checkout) -> PathBuf {
    checkout.root.join(Path::new("web"))
}

/// Whether something was made after what it is made from.
fn is_current(from: Option<SystemTime>, made: Option<SystemTime>) -> bool {
    made.is_some_and(|made| from.is_none_or(|from| from <= made))
}

/// When a file, or the latest of a folder's files, was changed.
fn newest(path: &Path) -> Option<SystemTime> {
    match fs::read_dir(path) {
        Ok(entries) => entries.filter_map(|entry| newest(&entry.ok()?.path())).max(),
        Err(_) => fs::metadata(path).and_then(|data| data.modified()).ok(),
    }
}

/// The first two numbers of what `node --version` says.
fn version(said: &str) -> Option<(u32, u32)> {
    let mut numbers = said.trim().strip_prefix('v')?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn packages_are_installed_again_when_the_lock_file_is_newer() {
        let before = SystemTime::UNIX_EPOCH;
        let after = before + Duration::from_secs(1);
        assert!(is_current(Some(before), Some(after)));
        assert!(is_current(Some(before), Some(before)));
        assert!(!is_current(Some(after), Some(before)));
        assert!(!is_current(Some(before), None));
    }

    #[test]
    fn a_folder_is_as_new_as_its_newest_file() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(newest(&folder.path().join("no")), None);
        fs::create_dir(folder.path().join("in")).unwrap();
        let file = folder.path().join("in/file");
        fs::write(&file, "").unwrap();
        let written = fs::metadata(&file).unwrap().modified().unwrap();
        assert_eq!(newest(folder.path()), Some(written));
    }

    #[test]
    fn an_old_node_is_not_enough() {
        assert!(version("v18.20.4\n").unwrap() < NODE_MIN);
        assert!(version("v20.9.0\n").unwrap() < NODE_MIN);
        assert!(version("v20.19.0\n").unwrap() >= NODE_MIN);
        assert!(version("v22.1.0\n").unwrap() >= NODE_MIN);
        assert_eq!(version("no"), None);
    }
}
