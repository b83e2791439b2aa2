//! Schemathesis, which makes requests up from our OpenAPI document and looks whether the answers are
//! what the document promises. The test that uses it starts its own server.

use anyhow::Result;

use super::SCHEMATHESIS;
use super::python::{self, Environment};
use crate::step::{Outcome, Session, Step};

pub(super) const STEP: Step =
    Step { name: "schemathesis", doing: "looks for the tool that tries the HTTP API by its document", run };

const ENVIRONMENT: Environment = Environment {
    folder: "schemathesis",
    requirements: "xtask/schemathesis.txt",
    options: &[],
    what: "schemathesis, 80 MB,",
    module: "schemathesis",
};

fn run(session: &mut Session) -> Result<Outcome> {
    let Some(folder) = python::ready(&session.checkout, &ENVIRONMENT)? else {
        return Ok(Outcome::Skipped(python::TO_INSTALL.to_owned()));
    };
    session.found.push((SCHEMATHESIS, folder.join("bin/st").display().to_string()));
    Ok(Outcome::Done)
}
