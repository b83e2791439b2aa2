//! `cargo xtask test`: everything that must hold before a change lands.
//!
//! The quick checks come first and the tests last, so that their own summary stands near the end.
//! One profile serves all of them: lints and documentation share what was checked, the tests share
//! what was built.

use std::process::Command;

use anyhow::Result;

use crate::checkout::Checkout;
use crate::step::{Outcome, Session, Step, run_all};
use crate::{command, setup, tidy};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Runs only the tests whose name contains this, and none of the other checks
    filter: Option<String>,
    /// Runs one step by its name, after setting up
    #[arg(long, value_name = "STEP")]
    only: Option<String>,
}

/// What follows setting up. The steps of the web page join before the tests, which stay last.
const STEPS: [Step; 7] = [
    Step { name: "format", doing: "looks for unformatted code", run: format },
    Step { name: "tidy", doing: "checks the rules that the compiler does not know", run: tidy_up },
    Step { name: "lints", doing: "runs clippy over everything; a warning is an error", run: lints },
    Step { name: "docs", doing: "builds the documentation, private items too", run: docs },
    Step { name: "deny", doing: "checks what the dependencies bring with them", run: deny },
    Step { name: "doc tests", doing: "runs the examples in the documentation", run: doc_tests },
    Step { name: TESTS, doing: "builds and runs the tests", run: tests },
];
const TESTS: &str = "tests";

/// Carries out `cargo xtask test`.
pub(crate) fn run(checkout: Checkout, arguments: Arguments) -> Result<bool> {
    let mut steps = Vec::from(setup::STEPS);
    steps.extend(STEPS);
    let only = match (&arguments.only, &arguments.filter) {
        (Some(name), _) => Some(name.as_str()),
        (None, Some(_)) => Some(TESTS),
        (None, None) => None,
    };
    if let Some(only) = only {
        let names: Vec<&str> = steps.iter().map(|step| step.name).collect();
        anyhow::ensure!(names.contains(&only), "there is no step `{only}`; there are: {}", names.join(", "));
        // Only the tests use what setting up finds.
        let sets_up = |step: &Step| only == TESTS && setup::STEPS.iter().any(|other| other.name == step.name);
        steps.retain(|step| step.name == only || sets_up(step));
    }
    let mut session = Session { checkout, filter: arguments.filter, found: Vec::new() };
    Ok(run_all(&mut session, &steps, "cargo xtask test"))
}

fn format(session: &mut Session) -> Result<Outcome> {
    done(&mut cargo(session, &["fmt", "--all", "--check"]))
}

fn tidy_up(session: &mut Session) -> Result<Outcome> {
    anyhow::ensure!(tidy::run(&session.checkout)?, "the rules above are broken");
    Ok(Outcome::Done)
}

fn lints(session: &mut Session) -> Result<Outcome> {
    done(&mut cargo(session, &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]))
}

fn docs(session: &mut Session) -> Result<Outcome> {
    let mut command =
        cargo(session, &["doc", "--workspace", "--no-deps", "--document-private-items", "--locked"]);
    done(command.env("RUSTDOCFLAGS", "-D warnings"))
}

fn deny(session: &mut Session) -> Result<Outcome> {
    if command::find("cargo-deny").is_none() {
        return Ok(Outcome::LeftOut(
            "cargo-deny is not installed, so licences and sources were not checked (`cargo install cargo-deny`)."
                .to_owned(),
        ));
    }
    done(&mut cargo(session, &["deny", "check", "bans", "licenses", "sources"]))
}

fn doc_tests(session: &mut Session) -> Result<Outcome> {
    done(&mut cargo(session, &["test", "--workspace", "--doc", "--locked"]))
}

fn tests(session: &mut Session) -> Result<Outcome> {
    let mut command = if command::find("cargo-nextest").is_some() {
        cargo(session, &["nextest", "run", "--workspace", "--locked"])
    } else {
        cargo(session, &["test", "--workspace", "--tests", "--locked"])
    };
    for (name, value) in &session.found {
        command.env(name, value);
    }
    done(command.args(&session.filter))
}

fn cargo(session: &Session, arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(arguments).current_dir(&session.checkout.root);
    command
}

fn done(command: &mut Command) -> Result<Outcome> {
    command::run(command)?;
    Ok(Outcome::Done)
}
