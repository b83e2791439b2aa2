//! The project's own commands: `cargo xtask test`, `setup` and `tidy`.
//!
//! Everything that a person or a machine runs here is in this one language, so there is no script
//! to keep beside it. Nothing of this crate is part of the program that users get.

#![expect(clippy::print_stdout, reason = "talking to the person at the terminal is what this program is for")]

mod tidy;

mod checkout;
mod command;
mod step;

mod setup;
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
    /// Installs what the tests need, then checks and tests everything
    Test(test::Arguments),
    /// Installs what the tests need, and says how to use it from plain `cargo test`
    Setup,
    /// Checks the rules that the compiler does not know
    Tidy,
}

fn main() -> Result<ExitCode> {
    let checkout = Checkout::find()?;
    let passed = match Arguments::parse().task {
        Task::Test(arguments) => test::run(checkout, arguments)?,
        Task::Setup => setup::run(checkout)?,
        Task::Tidy => tidy::run(&checkout)?,
    };
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
