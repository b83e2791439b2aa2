//! The one program. Each sub-command is a file in `commands`; what a run looks like while it goes is
//! in `view`. Data goes to standard output, talk to standard error.

mod commands;
mod failure;
mod interrupt;
mod table;
mod talk;
mod view;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

use crate::commands::{
    apply, check, describe, export, run, runs, schedule, secret, serve, trigger, triggers,
};
use crate::failure::Failure;
use crate::talk::{give, say};

/// Runs workflows that are carried out by teams of AI agents.
#[derive(Parser)]
#[command(name = "callboard", version, about, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Serve(serve::Args),
    Run(run::Args),
    Check(check::Args),
    Schedule(schedule::Args),
    Apply(apply::Args),
    Export(export::Args),
    Trigger(trigger::Args),
    Runs(runs::Args),
    Triggers(triggers::Args),
    Secret(secret::Args),
    /// Prints the description of the HTTP API.
    #[command(hide = true)]
    Openapi,
    #[command(hide = true)]
    Settings(describe::SettingsArgs),
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(answer) => return tell(&answer),
    };
    match carry_out(cli.command) {
        Ok(code) => code,
        Err(failure) => failure.tell(),
    }
}

fn carry_out(command: Command) -> Result<ExitCode, Failure> {
    if let Command::Serve(args) = command {
        let settings = args.settings()?;
        log_to_stderr(&settings.log);
        return serve::run(settings);
    }
    // What happens to runs is told by those who follow them, and not twice.
    log_to_stderr(
        &std::env::var("CALLBOARD_LOG").unwrap_or_else(|_| "warn,callboard_server::run=off".to_owned()),
    );
    match command {
        Command::Serve(_) => unreachable!("it was carried out above"),
        Command::Run(args) => run::run(args),
        Command::Check(args) => check::run(&args),
        Command::Schedule(args) => schedule::run(&args),
        Command::Apply(args) => apply::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Trigger(args) => trigger::run(&args),
        Command::Runs(args) => runs::run(&args),
        Command::Triggers(args) => triggers::run(&args),
        Command::Secret(args) => secret::run(&args),
        Command::Openapi => describe::openapi(),
        Command::Settings(args) => describe::settings(&args),
    }
}

/// Help and the version are data. Anything else is wrong use, whose code comes last as in all errors.
fn tell(answer: &clap::Error) -> ExitCode {
    let text = answer.render();
    if !answer.use_stderr() {
        let given = give(text.to_string().trim_end());
        return given.map_or_else(|ungiven| Failure::from(ungiven).tell(), |()| exit::code(0));
    }
    let text = if console::colors_enabled_stderr() { text.ansi().to_string() } else { text.to_string() };
    let without_command = answer.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    let last = if without_command { "\n\nerror: no command was given" } else { "" };
    say(format_args!("{}{last} [wrong_use]", text.trim_end()));
    exit::code(exit::WRONG_USE)
}

/// What goes wrong inside is told on standard error; the filter says how much else is.
fn log_to_stderr(filter: &str) {
    // What speaks to MCP servers tells of every answer that comes too late; that is in the run's record.
    let filter = tracing_subscriber::EnvFilter::try_new(format!("rmcp=error,{filter}"))
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,rmcp=error"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(console::colors_enabled_stderr())
        .with_target(false)
        .init();
}

/// How commands end, as scripts read it.
mod exit {
    use std::process::ExitCode;

    /// A run ended in error, or something outside of the caller's hands failed.
    pub(crate) const ERROR: u8 = 1;
    /// Wrong use, or a bad file.
    pub(crate) const WRONG_USE: u8 = 2;
    /// A run was stopped.
    pub(crate) const STOPPED: u8 = 130;

    pub(crate) fn code(code: u8) -> ExitCode {
        ExitCode::from(code)
    }
}
