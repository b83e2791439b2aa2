//! `callboard runs follow`: a run of a server as it goes.

use std::process::ExitCode;

use callboard_api::client::{Client, Live};

use crate::commands::server::ServerArgs;
use crate::commands::watch::{Watched, code};
use crate::exit;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::talk::{give, say};

/// Shows a run as it goes, then prints its result.
///
/// Ends with 0 where the run completed, 1 in error, 130 where it was stopped. An interrupt ends the
/// watching, not the run.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The run's number.
    id: i64,
    /// Prints each event as JSON in a line of its own instead, from the first on.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

pub(crate) async fn run(args: &Args) -> Result<ExitCode, Failure> {
    let client = args.server.client()?;
    let watched = Watched { client: &client, id: args.id };
    let mut interrupts = Interrupts::hear()?;
    if !args.json {
        let end = watched.show(&mut interrupts, None).await?;
        return watched.finish(end, false).await;
    }
    tokio::select! {
        ended = events(&client, args.id) => ended,
        () = interrupts.next() => Ok(watched.left()),
    }
}

/// Gives every event as it is stored, those that this version does not know included.
async fn events(client: &Client, id: i64) -> Result<ExitCode, Failure> {
    let mut follow = client.follow(id, 0);
    loop {
        match follow.next().await? {
            Some(Live::Event(told)) => give(&told.text)?,
            Some(Live::Delta(_)) => {}
            Some(Live::Lost { why }) => say(format_args!("connection lost, and looked for again: {why}")),
            Some(Live::End(end)) => return Ok(exit::code(code(end.status))),
            None => return Err(Failure::failed("internal", "the stream is over without an end")),
        }
    }
}
