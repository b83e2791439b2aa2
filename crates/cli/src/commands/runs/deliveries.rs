//! `callboard runs deliveries` and `send-again`: what other programs were told of a run, and once more.

use std::process::ExitCode;

use callboard_api::delivery::{Delivery, DeliveryTry};
use console::truncate_str;

use crate::commands::server::ServerArgs;
use crate::exit;
use crate::failure::Failure;
use crate::table::{NOTHING, Table, numbers, words};
use crate::talk::{give, say};

/// Columns of what the other side said: its other columns take ninety.
const SAID_WIDTH_MAX: usize = 40;

/// Lists what other programs were told of a run, and what is still to be told.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The run's number.
    id: i64,
    /// Prints the deliveries with all their tries, as JSON in one line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

/// Sends something again, at once and then for a day, whether it was delivered or given up.
#[derive(clap::Args)]
pub(crate) struct Again {
    /// The delivery's number, as `runs deliveries` lists it.
    delivery: i64,
    #[command(flatten)]
    server: ServerArgs,
}

pub(crate) async fn run(args: &Args) -> Result<ExitCode, Failure> {
    let deliveries = args.server.client()?.deliveries(args.id).await?;
    if args.json {
        give(serde_json::to_string(&deliveries).map_err(|error| Failure::failed("internal", error))?)?;
    } else if deliveries.is_empty() {
        say(format_args!("nobody is told of run {}", args.id));
    } else {
        table(&deliveries)?;
    }
    Ok(exit::code(0))
}

pub(crate) async fn again(args: &Again) -> Result<ExitCode, Failure> {
    let delivery = args.server.client()?.send_again(args.delivery).await?;
    say(format_args!("delivery {} is sent to {} again", delivery.id, delivery.to));
    Ok(exit::code(0))
}

fn table(deliveries: &[Delivery]) -> Result<(), Failure> {
    let mut table = Table::new([
        numbers("DELIVERY"),
        words("TELLS"),
        words("TO"),
        words("STATUS"),
        numbers("TRIES"),
        words("LAST"),
        words("NEXT"),
    ]);
    for delivery in deliveries {
        let next = delivery.next_try_at.map_or_else(|| NOTHING.to_owned(), |at| at.to_string());
        table.row([
            delivery.id.to_string(),
            delivery.kind.name().to_owned(),
            delivery.to.clone(),
            delivery.status.name().to_owned(),
            delivery.tries.last().map_or(0, |last| last.nth).to_string(),
            delivery.tries.last().map_or_else(|| NOTHING.to_owned(), said),
            next,
        ]);
    }
    Ok(table.give()?)
}

/// What became of a try, in one line.
fn said(last: &DeliveryTry) -> String {
    let status = last.status.map(|status| status.to_string());
    let words = last.message.as_deref().or(last.answer.as_deref()).unwrap_or_default();
    let line =
        status.iter().map(String::as_str).chain(words.split_whitespace()).collect::<Vec<_>>().join(" ");
    truncate_str(&line, SAID_WIDTH_MAX, "…").into_owned()
}
