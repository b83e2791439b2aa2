//! What the tests need beyond Rust: found on the machine, or installed where that is possible.
//!
//! Each step leaves alone what is there already, so that setting up twice costs nothing. The tests
//! learn what was found from the environment variables named here, and from nothing else; a test
//! whose variable is missing passes with a sentence that says so.

mod apt;
mod python;

mod chromium;
mod mcp;
mod node;
mod postgresql;
mod real_model;
mod schemathesis;

pub(crate) use self::postgresql::find as find_postgresql;

use anyhow::Result;

use crate::checkout::Checkout;
use crate::step::{Session, Step, run_all};

/// The folder with PostgreSQL's `initdb` and `pg_ctl`.
pub(crate) const POSTGRESQL_FOLDER: &str = "CALLBOARD_TEST_POSTGRESQL_BIN";
/// The Python that has `xllamacpp`, which serves the real model.
pub(crate) const MODEL_PYTHON: &str = "CALLBOARD_TEST_PYTHON";
/// The program that the Python above runs: `xtask/real_model.py`.
pub(crate) const MODEL_SCRIPT: &str = "CALLBOARD_TEST_MODEL_SCRIPT";
/// The file of the real model.
pub(crate) const MODEL_FILE: &str = "CALLBOARD_TEST_GGUF";
/// The program `st` of Schemathesis.
pub(crate) const SCHEMATHESIS: &str = "CALLBOARD_TEST_SCHEMATHESIS";
/// The first script of the official MCP server that shows all of the protocol, for Node.
pub(crate) const MCP_EVERYTHING: &str = "CALLBOARD_TEST_MCP_EVERYTHING";
/// The browser that the tests of the web page drive.
pub(crate) const CHROMIUM: &str = "CALLBOARD_TEST_CHROMIUM";

/// In the order in which they run.
pub(crate) const STEPS: [Step; 6] =
    [postgresql::STEP, real_model::STEP, schemathesis::STEP, node::STEP, mcp::STEP, chromium::STEP];

/// Carries out `cargo xtask setup`.
pub(crate) fn run(checkout: Checkout) -> Result<bool> {
    let mut session = Session { checkout, filter: None, found: Vec::new() };
    let passed = run_all(&mut session, &STEPS, "cargo xtask test");
    if !session.found.is_empty() {
        println!("\nTo run tests without xtask, in this shell:");
        for (name, value) in &session.found {
            println!("export {name}='{value}'");
        }
    }
    Ok(passed)
}
