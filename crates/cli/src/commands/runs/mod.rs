//! `callboard runs`: the runs of a server, listed, shown, followed, answered, stopped, run again from a
//! stage, compared, deleted, told of again, and kept as files that are played again without one.

mod list;

mod interrupted;
mod show;

mod follow;
mod people;
mod stop;

mod difference;
mod variants;

mod rerun;

mod compare;
mod family;

mod delete;
mod deliveries;

mod export;
mod replay;

use std::process::ExitCode;

use super::server::carry_out;
use crate::failure::Failure;

/// Lists, shows, follows, answers, stops, re-runs, compares, deletes and exports the runs of a server.
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
    Rerun(Box<rerun::Args>),
    Family(family::Args),
    Variants(variants::Args),
    Compare(compare::Args),
    Deliveries(deliveries::Args),
    SendAgain(deliveries::Again),
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
        Command::Rerun(args) => carry_out(rerun::run(args)),
        Command::Family(args) => carry_out(family::run(args)),
        Command::Variants(args) => carry_out(variants::run(args)),
        Command::Compare(args) => carry_out(compare::run(args)),
        Command::Deliveries(args) => carry_out(deliveries::run(args)),
        Command::SendAgain(args) => carry_out(deliveries::again(args)),
        Command::Delete(args) => carry_out(delete::run(args)),
        Command::Export(args) => carry_out(export::run(args)),
        Command::Replay(args) => replay::run(args),
    }
}
