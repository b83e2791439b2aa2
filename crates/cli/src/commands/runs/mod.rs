//! `callboard runs`: the runs of a server, listed, shown, followed, answered, stopped, deleted, and kept as
//! files that are played again without one.

mod list;

mod interrupted;
mod show;

mod follow;
mod people;
mod stop;

mod delete;

mod export;
mod replay;

use std::process::ExitCode;

use super::server::carry_out;
use crate::failure::Failure;

/// Lists, shows, follows, answers, stops, deletes and exports the runs of a server.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    List(list::Args),
    Show(show::Args),
    Follow(follow::Args),
    Answer(people::Answer),
    Approve(people::Approve),
    Say(people::Say),
    Limits(people::ChangeLimits),
    Stop(stop::Args),
    Delete(delete::Args),
    Export(export::Args),
    Replay(replay::Args),
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    match &args.command {
        Command::List(args) => carry_out(list::run(args)),
        Command::Show(args) => carry_out(show::run(args)),
        Command::Follow(args) => carry_out(follow::run(args)),
        Command::Answer(args) => carry_out(people::answer(args)),
        Command::Approve(args) => carry_out(people::approve(args)),
        Command::Say(args) => carry_out(people::speak(args)),
        Command::Limits(args) => carry_out(people::limits(args)),
        Command::Stop(args) => carry_out(stop::run(args)),
        Command::Delete(args) => carry_out(delete::run(args)),
        Command::Export(args) => carry_out(export::run(args)),
        Command::Replay(args) => replay::run(args),
    }
}
