//! `callboard triggers slots`: what became of the slots of a schedule, newest first.

use std::process::ExitCode;

use callboard_api::list::{LIMIT_MAX, List};
use callboard_api::trigger::{Slot, SlotStatus};
use clap::builder::PossibleValuesParser;

use crate::commands::server::ServerArgs;
use crate::exit;
use crate::failure::Failure;
use crate::table::{NOTHING, Table, numbers, words};
use crate::talk::{give, say};

/// Tells what became of the slots of a schedule, newest first.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The trigger's number.
    id: i64,
    /// Only those of which this became.
    #[arg(long, value_parser = PossibleValuesParser::new(SlotStatus::ALL.map(SlotStatus::name)))]
    status: Option<String>,
    /// How many at most, up to 1000.
    #[arg(long, value_name = "NUMBER", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=LIMIT_MAX))]
    limit: u64,
    /// Goes on after this place, which the list before ended with.
    #[arg(long, value_name = "PLACE")]
    after: Option<String>,
    /// Prints the server's answer as JSON in one line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

pub(crate) async fn run(args: &Args) -> Result<ExitCode, Failure> {
    let client = args.server.client()?;
    let status = args.status.as_deref().and_then(SlotStatus::parse);
    let page = client.slots(args.id, status, args.after.as_deref(), Some(args.limit)).await?;
    if args.json {
        give(super::json(&page)?)?;
    } else {
        tell(&page)?;
    }
    Ok(exit::code(0))
}

fn tell(page: &List<Slot>) -> Result<(), Failure> {
    if page.items.is_empty() {
        say("no slots");
        return Ok(());
    }
    let mut table = Table::new([
        words("SLOT"),
        words("UNTIL"),
        numbers("COUNT"),
        words("STATUS"),
        numbers("RUN"),
        words("REASON"),
    ]);
    for slot in &page.items {
        table.row([
            slot.at.to_string(),
            slot.until.map_or_else(|| NOTHING.to_owned(), |until| until.to_string()),
            slot.count.unwrap_or(1).to_string(),
            slot.status.name().to_owned(),
            slot.run_id.map_or_else(|| NOTHING.to_owned(), |run| run.to_string()),
            slot.reason.clone().unwrap_or_else(|| NOTHING.to_owned()),
        ]);
    }
    table.give()?;
    if let Some(next) = &page.next {
        say(format_args!("there are more; go on with --after {next}"));
    }
    Ok(())
}
