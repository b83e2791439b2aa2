//! `callboard runs list`: the runs of a server, newest first.

use std::process::ExitCode;

use callboard_api::client::{Client, Filter};
use callboard_api::list::{LIMIT_MAX, List};
use callboard_api::run::{Run, Status};
use callboard_engine::event::SourceKind;
use callboard_server::clock::Clock;
use clap::builder::PossibleValuesParser;

use super::show::when;
use crate::commands::server::{self, ServerArgs};
use crate::exit;
use crate::failure::Failure;
use crate::table::{NOTHING, Table, numbers, words};
use crate::talk::{give, say};
use crate::view::{cost, duration, tokens};

/// Lists the runs of a server, newest first.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only those of this project: its name or its number.
    #[arg(long, value_name = "PROJECT")]
    project: Option<String>,
    /// Only those of this workflow: its number, `project/workflow`, or its name.
    #[arg(long, value_name = "WORKFLOW")]
    workflow: Option<String>,
    /// Only those with this status.
    #[arg(long, value_parser = PossibleValuesParser::new(Status::ALL.map(Status::name)))]
    status: Option<String>,
    /// Only those that were started in this way.
    #[arg(long, value_parser = PossibleValuesParser::new(SourceKind::ALL.map(SourceKind::name)))]
    source: Option<String>,
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
    let filter = filter(args, &client).await?;
    let page = client.runs(filter, args.after.as_deref(), Some(args.limit)).await?;
    if args.json {
        give(serde_json::to_string(&page).map_err(|error| Failure::failed("internal", error))?)?;
    } else {
        tell(&page)?;
    }
    Ok(exit::code(0))
}

async fn filter(args: &Args, client: &Client) -> Result<Filter, Failure> {
    let mut filter = Filter {
        status: args.status.as_deref().and_then(Status::parse),
        source: args
            .source
            .as_deref()
            .and_then(|name| SourceKind::ALL.into_iter().find(|kind| kind.name() == name)),
        ..Filter::default()
    };
    let mut within = None;
    if let Some(named) = &args.project {
        let project = server::project(client, Some(named)).await?;
        filter.project = Some(project.id);
        within = Some(project.name);
    }
    if let Some(named) = &args.workflow {
        // A name alone is looked for in the project that was named too.
        let path = match within.filter(|_| named.parse::<i64>().is_err() && !named.contains('/')) {
            Some(project) => format!("{project}/{named}"),
            None => named.clone(),
        };
        filter.workflow = Some(server::workflow(client, &path).await?.id);
    }
    Ok(filter)
}

fn tell(page: &List<Run>) -> Result<(), Failure> {
    if page.items.is_empty() {
        say("no runs");
        return Ok(());
    }
    let now = Clock::system().now();
    let mut table = Table::new([
        numbers("RUN"),
        words("WORKFLOW"),
        words("STATUS"),
        words("STARTED"),
        numbers("TIME"),
        numbers("TOKENS"),
        numbers("COST"),
    ]);
    for run in &page.items {
        table.row([
            run.id.to_string(),
            run.workflow.clone(),
            run.status.name().to_owned(),
            when(run.started_at.unwrap_or(run.created_at), now),
            run.started_at.map_or_else(|| NOTHING.to_owned(), |_| duration(run.duration_ms)),
            tokens(run.usage),
            cost(run.usage.cost_usd).unwrap_or_else(|| NOTHING.to_owned()),
        ]);
    }
    table.give()?;
    if let Some(next) = &page.next {
        say(format_args!("there are more; go on with --after {next}"));
    }
    Ok(())
}
