//! Python environments of the project's own, each with the packages that one list of ours names.
//!
//! They lie under the build folder, so that nothing is added to the Python of the machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::apt;
use crate::checkout::Checkout;
use crate::command;

/// What to do where no environment can be made.
pub(super) const TO_INSTALL: &str =
    "Install Python 3.10 or newer with pip and venv (Debian: `apt install python3-venv`).";

/// One environment.
pub(super) struct Environment {
    /// Its folder among the test tools.
    pub(super) folder: &'static str,
    /// The list of its packages with their versions, from the root of the project.
    pub(super) requirements: &'static str,
    /// What pip is told beyond the list.
    pub(super) options: &'static [&'static str],
    /// What is said to be installed.
    pub(super) what: &'static str,
    /// A module that can be imported when all went well.
    pub(super) module: &'static str,
}

/// The folder of the environment, made if it is not there; nothing where there is no Python for it.
pub(super) fn ready(checkout: &Checkout, wanted: &Environment) -> Result<Option<PathBuf>> {
    let requirements = checkout.root.join(wanted.requirements);
    let list = fs::read_to_string(&requirements)
        .with_context(|| format!("could not read {}", requirements.display()))?;
    let folder = checkout.tools.join(wanted.folder);
    // Written last, so that an installation that was cut off is done again.
    let stamp = folder.join("installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == list) {
        println!("Found in {}.", folder.display());
        return Ok(Some(folder));
    }
    if let Err(failure) = make(&folder) {
        println!("{failure:#}");
        return Ok(None);
    }
    println!("Installing {} into {}.", wanted.what, folder.display());
    let quiet = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"];
    let install = ["--only-binary", ":all:", "--requirement"];
    let mut pip = Command::new(python(&folder));
    command::output(pip.args(quiet).args(wanted.options).args(install).arg(&requirements))?;
    command::output(Command::new(python(&folder)).args(["-c", &format!("import {}", wanted.module)]))?;
    fs::write(&stamp, &list).with_context(|| format!("could not write {}", stamp.display()))?;
    Ok(Some(folder))
}

/// The Python of an environment.
pub(super) fn python(folder: &Path) -> PathBuf {
    folder.join("bin/python")
}

fn make(folder: &Path) -> Result<()> {
    let make = || command::output(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder));
    if make().is_ok() {
        return Ok(());
    }
    if apt::usable() {
        apt::install(&["python3", "python3-venv"])?;
    }
    make()?;
    Ok(())
}
