//! `callboard triggers`: the triggers of a server, listed, shown, fired at once, paused and resumed, what
//! became of their slots and of the calls of webhooks, and other addresses for those.

mod list;
mod show;
mod slots;

mod fire;

mod pause;

mod calls;

use std::process::ExitCode;

use super::server::carry_out;
use crate::failure::Failure;

/// Lists, shows, fires, pauses and resumes the triggers of a server, and tells what became of their slots and
/// calls.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    List(list::Args),
    Show(show::Args),
    Slots(slots::Args),
    Fire(fire::Args),
    Pause(pause::Pause),
    Resume(pause::Resume),
    Calls(calls::Args),
    Rotate(calls::Rotate),
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    match &args.command {
        Command::List(args) => carry_out(list::run(args)),
        Command::Show(args) => carry_out(show::run(args)),
        Command::Slots(args) => carry_out(slots::run(args)),
        Command::Fire(args) => carry_out(fire::run(args)),
        Command::Pause(args) => carry_out(pause::pause(args)),
        Command::Resume(args) => carry_out(pause::resume(args)),
        Command::Calls(args) => carry_out(calls::run(args)),
        Command::Rotate(args) => carry_out(calls::rotate(args)),
    }
}

/// What the server answered, as JSON in one line.
fn json(answer: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string(answer).map_err(|error| Failure::failed("internal", error))
}
