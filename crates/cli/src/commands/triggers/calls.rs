//! `callboard triggers calls` and `rotate`: what became of the calls of a webhook, and another address.

use std::process::ExitCode;

use callboard_api::trigger::{RotateToken, WebhookDelivery};

use crate::commands::server::ServerArgs;
use crate::exit;
use crate::failure::Failure;
use crate::table::{NOTHING, Table, numbers, words};
use crate::talk::{give, say};

/// Tells what became of the newest 50 calls of a webhook, newest first.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The trigger's number.
    id: i64,
    /// Prints the server's answer as JSON in one line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

/// Gives a webhook another address, and prints it.
#[derive(clap::Args)]
pub(crate) struct Rotate {
    /// The trigger's number.
    id: i64,
    /// Seconds for which the address before goes on to answer, up to 30 days; it is over at once without.
    #[arg(long, value_name = "SECONDS")]
    grace: Option<u64>,
    #[command(flatten)]
    server: ServerArgs,
}

pub(crate) async fn run(args: &Args) -> Result<ExitCode, Failure> {
    let calls = args.server.client()?.webhook_calls(args.id).await?;
    if args.json {
        give(super::json(&calls)?)?;
    } else if calls.items.is_empty() {
        say("no calls");
    } else {
        table(&calls.items)?;
    }
    Ok(exit::code(0))
}

pub(crate) async fn rotate(args: &Rotate) -> Result<ExitCode, Failure> {
    let asked = RotateToken { grace_s: args.grace };
    let rotated = args.server.client()?.rotate(args.id, &asked).await?;
    give(rotated.webhook_url)?;
    match rotated.old_answers_until {
        Some(until) => say(format_args!("the address before answers until {until}")),
        None => say("the address before answers no more"),
    }
    Ok(exit::code(0))
}

fn table(calls: &[WebhookDelivery]) -> Result<(), Failure> {
    let mut table = Table::new([
        words("CALLED"),
        numbers("STATUS"),
        numbers("RUN"),
        numbers("BYTES"),
        words("CODE"),
        words("REASON"),
    ]);
    for call in calls {
        table.row([
            call.at.to_string(),
            call.status.to_string(),
            call.run_id.map_or_else(|| NOTHING.to_owned(), |run| run.to_string()),
            call.bytes.to_string(),
            call.code.clone().unwrap_or_else(|| NOTHING.to_owned()),
            call.reason.clone().unwrap_or_else(|| NOTHING.to_owned()),
        ]);
    }
    Ok(table.give()?)
}
