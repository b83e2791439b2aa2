//! The project's own commands: `cargo xtask demo`, `test`, `sim`, `setup`, `tidy`, `generate` and
//! `bench`.
//!
//! Everything that a person or a machine runs here is in this one language, so there is no script
//! to keep beside it. Nothing of this crate is part of the program that users get.

#![expect(clippy::print_stdout, reason = "talking to the person at the terminal is what this program is for")]
#![expect(clippy::print_stderr, reason = "the reason of a failure goes where failures are looked for")]

mod tidy;

mod checkout;
mod command;
mod step;
mod web;

/// The server of the tests, which measurements use as well.
#[path = "../../crates/server/tests/support/postgres.rs"]
mod postgres;

mod bench;
mod demo;
mod generate;
mod setup;
mod sim;
mod test;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::checkout::Checkout;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The project's own commands")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Builds everything, starts a server with an example, and shows where to watch it work
    Demo(demo::Arguments),
    /// Installs what the tests need, then checks and tests everything
    Test(test::Arguments),
    /// Simulates histories with crashes under seeds: replays one, or carries many out
    Sim(sim::Arguments),
    /// Installs what the tests need, and says how to use it from plain `cargo test`
    Setup,
    /// Checks the rules that the compiler does not know
    Tidy,
    /// Writes the files that the program writes about itself
    Generate(generate::Arguments),
    /// Measures, and writes the figures to benches/results
    Bench(bench::Arguments),
}

fn main() -> ExitCode {
    match carry_out(Arguments::parse().task) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // A sentence is enough: nothing that fails here is understood better by a stack of calls.
        Err(failure) => {
            eprintln!("{failure:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all went well; an error is something that kept the task from being tried.
fn carry_out(task: Task) -> Result<bool> {
    let checkout = Checkout::find()?;
    match task {
        Task::Demo(arguments) => demo::run(&checkout, &arguments),
        Task::Test(arguments) => test::run(checkout, arguments),
        Task::Sim(arguments) => sim::run(&checkout, &arguments).map(|()| true),
        Task::Setup => setup::run(checkout),
        Task::Tidy => tidy::run(&checkout),
        Task::Generate(arguments) => generate::run(&checkout, &arguments),
        Task::Bench(arguments) => bench::run(&checkout, &arguments),
    }
}
