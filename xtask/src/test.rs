//! `cargo xtask test`: everything that must hold before a change lands.
//!
//! The quick checks come first and the tests last, so that their own summary stands near the end.
//! One profile serves all of them: lints and documentation share what was checked, the tests share
//! what was built.

use std::num::NonZero;
use std::process::Command;
use std::thread;

use anyhow::Result;

use crate::checkout::Checkout;
use crate::postgres::{self, Postgres};
use crate::step::{Outcome, Session, Step, run_all};
use crate::{command, generate, setup, tidy, web};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Runs only the tests whose name contains this, and none of the other checks
    filter: Option<String>,
    /// Runs one step by its name, after those that it needs
    #[arg(long, value_name = "STEP")]
    only: Option<String>,
}

/// What follows setting up. The page comes before everything that is built with it inside.
const STEPS: [Step; 11] = [
    Step { name: "format", doing: "looks for unformatted code", run: format },
    Step { name: "tidy", doing: "checks the rules that the compiler does not know", run: tidy_up },
    Step { name: WEB, doing: "builds the web page and runs its own tests", run: page },
    Step { name: "lints", doing: "runs clippy over everything; a warning is an error", run: lints },
    Step { name: "docs", doing: "builds the documentation, private items too", run: docs },
    Step { name: "deny", doing: "checks what the dependencies bring with them", run: deny },
    Step { name: "doc tests", doing: "runs the examples in the documentation", run: doc_tests },
    Step { name: BUILD, doing: "builds the program and the tests", run: build },
    Step {
        name: GENERATE,
        doing: "looks for stale files among those that the program writes",
        run: generated,
    },
    Step { name: BROWSER, doing: "runs the tests of the web page in a real browser", run: browser },
    Step { name: TESTS, doing: "runs the tests", run: tests },
];
const WEB: &str = "web";
const BUILD: &str = "build";
const GENERATE: &str = "generate";
const BROWSER: &str = "browser";
const TESTS: &str = "tests";

/// What a step that is asked for by itself cannot do without.
fn needed(name: &str) -> &'static [&'static str] {
    match name {
        TESTS => &["postgresql", "real model", "schemathesis", "mcp"],
        WEB => &["node"],
        GENERATE => &[BUILD],
        BROWSER => &["node", "chromium", WEB, BUILD],
        _ => &[],
    }
}

/// Carries out `cargo xtask test`.
pub(crate) fn run(checkout: Checkout, arguments: Arguments) -> Result<bool> {
    let only = match (&arguments.only, &arguments.filter) {
        (Some(name), _) => Some(name.as_str()),
        (None, Some(_)) => Some(TESTS),
        (None, None) => None,
    };
    let steps = chosen(only)?;
    let mut session = Session { checkout, filter: arguments.filter, found: Vec::new() };
    Ok(run_all(&mut session, &steps, "cargo xtask test"))
}

/// All steps, or one with those that it needs, in their order.
fn chosen(only: Option<&str>) -> Result<Vec<Step>> {
    let mut steps = Vec::from(setup::STEPS);
    steps.extend(STEPS);
    if let Some(only) = only {
        let names: Vec<&str> = steps.iter().map(|step| step.name).collect();
        anyhow::ensure!(names.contains(&only), "there is no step `{only}`; there are: {}", names.join(", "));
        steps.retain(|step| step.name == only || needed(only).contains(&step.name));
    }
    Ok(steps)
}

fn format(session: &mut Session) -> Result<Outcome> {
    done(&mut cargo(session, &["fmt", "--all", "--check"]))
}

fn tidy_up(session: &mut Session) -> Result<Outcome> {
    anyhow::ensure!(tidy::run(&session.checkout)?, "the rules above are broken");
    Ok(Outcome::Done)
}

fn page(session: &mut Session) -> Result<Outcome> {
    if let Some(outcome) = without_page(session) {
        return Ok(outcome);
    }
    web::build(&session.checkout)?;
    done(&mut web::npm(&session.checkout, &["test"]))
}

/// Why the page can be neither built nor tested, if that is so.
fn without_page(session: &Session) -> Option<Outcome> {
    if !web::is_here(&session.checkout) {
        return Some(Outcome::LeftOut("There is no web page in this checkout.".to_owned()));
    }
    web::to_install().map(Outcome::Skipped)
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

/// The tests are built and the program with them, as `CARGO_BIN_EXE_callboard`. To build the program
/// by itself would build most dependencies a second time, since tests ask for more of their features.
fn build(session: &mut Session) -> Result<Outcome> {
    done(tester(session).arg("--no-run"))
}

fn generated(session: &mut Session) -> Result<Outcome> {
    anyhow::ensure!(
        generate::check(&session.checkout)?,
        "run `cargo xtask generate` and commit what it writes"
    );
    Ok(Outcome::Done)
}

fn browser(session: &mut Session) -> Result<Outcome> {
    if let Some(outcome) = without_page(session) {
        return Ok(outcome);
    }
    let Some((name, chromium)) = session.found.iter().find(|(name, _)| *name == setup::CHROMIUM) else {
        return Ok(Outcome::Skipped(
            "There is no browser to drive; the step `chromium` says more.".to_owned(),
        ));
    };
    let mut command = web::npm(&session.checkout, &["run", "e2e"]);
    done(command.env(name, chromium).env("CALLBOARD_TEST_PROGRAM", session.checkout.program("debug")))
}

fn tests(session: &mut Session) -> Result<Outcome> {
    let mut command = tester(session);
    for (name, value) in &session.found {
        command.env(name, value);
    }
    // It ends when it is dropped, which is after the tests.
    let server = Postgres::start_with(SERVER_OPTIONS);
    if let Some(server) = &server {
        command.env(postgres::SERVER, server.port().to_string());
    }
    if command::find("cargo-nextest").is_some() {
        command.arg("--test-threads").arg(at_once().to_string());
    }
    done(command.args(&session.filter))
}

/// Tests that run at once: one more than there are processors, since most wait for servers and disks at
/// times.
fn at_once() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get) + 1
}

/// Tests of several processes use the server at once, and leave hundreds of small databases that are not
/// worth looking after.
const SERVER_OPTIONS: &str = "-c max_connections=400 -c autovacuum=off";

/// What builds and runs the tests.
fn tester(session: &Session) -> Command {
    if command::find("cargo-nextest").is_some() {
        cargo(session, &["nextest", "run", "--workspace", "--locked"])
    } else {
        cargo(session, &["test", "--workspace", "--tests", "--locked"])
    }
}

fn cargo(session: &Session, arguments: &[&str]) -> Command {
    session.checkout.cargo(arguments)
}

fn done(command: &mut Command) -> Result<Outcome> {
    command::run_noted(command)?;
    Ok(Outcome::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(only: Option<&str>) -> Vec<&'static str> {
        chosen(only).unwrap().iter().map(|step| step.name).collect()
    }

    #[test]
    fn a_step_by_itself_comes_after_what_it_needs() {
        assert_eq!(names(Some("lints")), ["lints"]);
        assert_eq!(names(Some("tests")), ["postgresql", "real model", "schemathesis", "mcp", "tests"]);
        assert_eq!(names(Some("browser")), ["node", "chromium", "web", "build", "browser"]);
        for name in names(None) {
            assert_eq!(
                names(Some(name)).len(),
                needed(name).len() + 1,
                "{name} needs a step that is not there"
            );
            assert_eq!(names(Some(name)).last(), Some(&name));
        }
    }

    #[test]
    fn a_step_that_is_not_there_is_refused_with_those_that_are() {
        let failure = chosen(Some("lint")).map(|_| ()).unwrap_err().to_string();
        assert!(failure.starts_with("there is no step `lint`; there are: postgresql, "), "{failure}");
    }
}
