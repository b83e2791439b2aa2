//! `callboard runs rerun`: goes on from a stage of a run that has ended, as a run of its own.

mod changes;
mod place;
mod plan;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use callboard_api::client::Client;
use callboard_api::rerun::{Rerun, RerunPlan};
use callboard_api::run::{Run, Status, Triggered};
use callboard_engine::event::DefinitionChoice;
use clap::builder::PossibleValuesParser;
use serde::Serialize;

use super::people::LimitArgs;
use super::variants;
use crate::commands::input::{InputArgs, ask};
use crate::commands::server::ServerArgs;
use crate::commands::watch::{End, Watched, code};
use crate::exit;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::talk::{give, say};

/// Goes on from a stage of a run that has ended, as a run of its own; the run itself is never touched.
///
/// Says on standard error what is about to be started, and prints for each new run its number and the
/// address of its page, as JSON in one line. With --plan nothing is started, and the plan is printed.
/// With --wait the run is shown as it goes, then its result is printed, and the command ends with 0 where
/// it completed, 1 in error, 130 where it was stopped. An interrupt ends the watching, not the run.
#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("limit").multiple(true))]
pub(crate) struct Args {
    /// The run's number.
    id: i64,
    #[command(flatten)]
    place: place::PlaceArgs,
    /// Which definition the new run has: the newest one, or the one that the run had.
    #[arg(long, value_name = "WHICH", default_value = "latest", value_parser = PossibleValuesParser::new(["latest", "original"]))]
    definition: String,
    #[command(flatten)]
    changes: changes::ChangeArgs,
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    limits: LimitArgs,
    /// Starts a run for each of a list of such files' contents: YAML or JSON, or `-`. An empty one changes
    /// nothing more.
    #[arg(long, value_name = "FILE")]
    variants: Option<PathBuf>,
    /// Starts so many runs of each variant; at most 20 runs in all.
    #[arg(long, value_name = "NUMBER")]
    samples: Option<u32>,
    /// Prints what would be done, and starts nothing.
    #[arg(long, conflicts_with_all = ["yes", "wait"])]
    plan: bool,
    /// Starts without asking, where a tool may act on the world outside again.
    #[arg(long)]
    yes: bool,
    /// Waits for the end of the new runs, at most so many seconds where they are given.
    #[arg(long, visible_alias = "follow", value_name = "SECONDS", num_args = 0..=1, require_equals = true)]
    wait: Option<Option<u64>>,
    /// With --plan: prints the plan as JSON; with --wait: the run object instead of its result, and of
    /// several runs what `runs variants --json` prints.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

pub(crate) async fn run(args: &Args) -> Result<ExitCode, Failure> {
    let client = args.server.client()?;
    let mut asked = args.asked()?;
    args.place.set(&client, args.id, &mut asked).await?;
    let plan = client.rerun_plan(args.id, &asked).await?;
    if args.plan {
        if args.json {
            give(json(&plan)?)?
        } else {
            plan::give_plan(&plan)?
        }
        return Ok(exit::code(0));
    }
    plan::say_plan(&plan);
    if !args.yes && !is_agreed(&plan)? {
        say("Nothing was started.");
        return Ok(exit::code(exit::STOPPED));
    }
    asked.plan_hash = Some(plan.plan_hash);
    let runs = client.rerun(args.id, &asked, None).await?;
    let Some(within) = args.wait else {
        runs.iter().try_for_each(|run| Ok::<_, Failure>(give(json(&triggered(&client, run))?)?))?;
        return Ok(exit::code(0));
    };
    runs.iter().for_each(|run| say(format_args!("run {}: {}", run.id, page(&client, run))));
    wait(&client, &runs, within.map(Duration::from_secs), args.json).await
}

impl Args {
    /// All that is asked for but the place.
    fn asked(&self) -> Result<Rerun, Failure> {
        let choice = match self.definition.as_str() {
            "original" => DefinitionChoice::Original,
            _ => DefinitionChoice::Latest,
        };
        let variants = self.variants.as_deref();
        let variants = variants.map(|path| changes::from_file(path, "a list of maps with stages and agents"));
        Ok(Rerun {
            definition: Some(choice),
            overrides: self.changes.overrides()?,
            input: self.input.given()?,
            limits: Some(self.limits.limits()).filter(|limits| !limits.is_empty()),
            variants: variants.transpose()?,
            samples: self.samples,
            ..Rerun::default()
        })
    }
}

/// Asks a person who is there, where something may be done to the world outside a second time.
fn is_agreed(plan: &RerunPlan) -> Result<bool, Failure> {
    let is_there = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    if plan.plan.tools.is_empty() || !is_there {
        return Ok(true);
    }
    Ok(matches!(ask("Start? [y/N]")?.to_lowercase().as_str(), "y" | "yes"))
}

fn page(client: &Client, run: &Run) -> String {
    format!("{}/runs/{}", client.server(), run.id)
}

/// What a script wants to know of a run that was started, as `callboard trigger` prints it.
fn triggered(client: &Client, run: &Run) -> Triggered {
    Triggered {
        run_id: run.id,
        workflow_run_id: run.id,
        workflow_id: run.workflow_id,
        status: run.status,
        url: page(client, run),
    }
}

/// Shows the runs to their ends, one after the other: they go on side by side meanwhile.
async fn wait(
    client: &Client,
    runs: &[Run],
    within: Option<Duration>,
    is_json: bool,
) -> Result<ExitCode, Failure> {
    let mut interrupts = Interrupts::hear()?;
    let begun = Instant::now();
    let mut codes = Vec::new();
    for run in runs {
        let watched = Watched { client, id: run.id };
        let left = within.map(|within| within.saturating_sub(begun.elapsed()));
        match (watched.show(&mut interrupts, left).await?, runs.len()) {
            (end @ (End::Left | End::Over), _) | (end @ End::Ended(_), 1) => {
                return watched.finish(end, is_json).await;
            }
            (End::Ended(status), _) => codes.push(code(status)),
        }
    }
    if let Some(first) = runs.first() {
        variants::show(client, first.id, is_json).await?;
    }
    let worst = [code(Status::Error), code(Status::Stopped)].into_iter().find(|code| codes.contains(code));
    Ok(exit::code(worst.unwrap_or(0)))
}

fn json(what: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(what).map_err(|error| Failure::failed("internal", error))
}
