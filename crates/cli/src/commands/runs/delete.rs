//! `callboard runs delete`: takes a run that has ended out of a server, with its history.

use std::process::ExitCode;

use crate::commands::server::ServerArgs;
use crate::exit;
use crate::failure::Failure;
use crate::talk::say;

/// Deletes a run that has ended, with its history.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The run's number.
    id: i64,
    #[command(flatten)]
    server: ServerArgs,
}

pub(crate) async fn run(args: &Args) -> Result<ExitCode, Failure> {
    args.server.client()?.delete(args.id).await?;
    say(format_args!("run {} is deleted", args.id));
    Ok(exit::code(0))
}
