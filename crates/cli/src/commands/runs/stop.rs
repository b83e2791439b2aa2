//! `callboard runs stop`: stops a run of a server, and says when it has.

use std::process::ExitCode;

use callboard_api::client::{Client, Error, Live};
use callboard_api::run::Status;
use callboard_engine::event::Fact;

use crate::commands::server::ServerArgs;
use crate::exit;
use crate::failure::Failure;
use crate::talk::say;
use crate::view::duration;

/// Stops a run, and waits until nothing of it is in flight any more.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The run's number.
    id: i64,
    /// Why, as the record will show it.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Only asks for the stop; it is on disk when the command ends.
    #[arg(long)]
    no_wait: bool,
    #[command(flatten)]
    server: ServerArgs,
}

pub(crate) async fn run(args: &Args) -> Result<ExitCode, Failure> {
    let client = args.server.client()?;
    match client.stop(args.id, args.reason.clone()).await {
        Ok(_) => {}
        // Someone else asked for it already, and its end is what is wanted.
        Err(Error::Problem(problem)) if problem.code == "run_stopping" => {}
        Err(error) => return Err(error.into()),
    }
    if args.no_wait {
        say(format_args!("run {} is being stopped", args.id));
    } else {
        say(stopped(&client, args.id).await?);
    }
    Ok(exit::code(0))
}

/// What became of a run that was asked to stop.
async fn stopped(client: &Client, id: i64) -> Result<String, Failure> {
    let mut follow = client.follow(id, 0);
    let mut took = None;
    while let Some(live) = follow.next().await? {
        match live {
            Live::Event(told) => {
                if let Some(Fact::RunStopped { took_ms, .. }) = told.event().map(|event| event.fact) {
                    took = Some(took_ms);
                }
            }
            Live::Delta(_) => {}
            Live::Lost { why } => say(format_args!("connection lost, and looked for again: {why}")),
            Live::End(end) if end.status == Status::Stopped => {
                let took = took.map(|took| format!(" after {}", duration(took))).unwrap_or_default();
                return Ok(format!("run {id} is stopped{took}"));
            }
            Live::End(end) => {
                return Ok(format!("run {id} ended before it was stopped: {}", end.status.name()));
            }
        }
    }
    Err(Failure::failed("internal", "the stream is over without an end"))
}
