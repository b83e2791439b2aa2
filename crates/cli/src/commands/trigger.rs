//! `callboard trigger`: starts a run on a server.

use std::process::ExitCode;
use std::time::Duration;

use callboard_api::client::{Client, Started};
use callboard_api::run::Trigger;

use super::input::InputArgs;
use super::server::{self, ServerArgs, carry_out};
use super::watch::Watched;
use crate::exit;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::talk::give;

/// Starts a run on a server.
///
/// Prints what the server answers, as JSON in one line. With --wait the run is shown as it goes, then
/// its result is printed, and the command ends with 0 where it completed, 1 in error, 130 where it was
/// stopped. An interrupt ends the watching, not the run.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The workflow: its number, `project/workflow`, or its name where only one project has it.
    workflow: String,
    #[command(flatten)]
    input: InputArgs,
    /// Waits for the end of the run, at most so many seconds where they are given.
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true)]
    wait: Option<Option<u64>>,
    /// Names the request: sent again with the same key and input, it starts no second run.
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Where the end of the run is told: the server sends a signed POST of the run object there.
    #[arg(long, value_name = "URL")]
    callback_url: Option<String>,
    /// With --wait: prints the run object instead of its result.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let client = args.server.client()?;
    carry_out(trigger(args, &client))
}

async fn trigger(args: &Args, client: &Client) -> Result<ExitCode, Failure> {
    let asked = asked(args, client).await?;
    let started = client.trigger(&asked, args.idempotency_key.as_deref(), None).await?;
    let id = match &started {
        Started::Going(triggered) => triggered.run_id,
        Started::Ended(run) => run.id,
    };
    if let Some(within) = args.wait {
        let watched = Watched { client, id };
        let mut interrupts = Interrupts::hear()?;
        let end = watched.show(&mut interrupts, within.map(Duration::from_secs)).await?;
        return watched.finish(end, args.json).await;
    }
    give(json(&started)?)?;
    Ok(exit::code(0))
}

/// What the server is asked for. A name alone, and a question that has to be put to a person, have to
/// be looked up first; the rest is the server's to find.
async fn asked(args: &Args, client: &Client) -> Result<Trigger, Failure> {
    let named = args.workflow.as_str();
    let callback_url = args.callback_url.clone();
    let number = named.parse::<i64>().ok();
    if args.input.may_have_to_ask() || (number.is_none() && !named.contains('/')) {
        let workflow = server::workflow(client, named).await?;
        let input = args.input.read_or_ask(workflow.workflow.ask.as_deref())?;
        return Ok(Trigger { workflow_id: Some(workflow.id), input, callback_url, ..Trigger::default() });
    }
    let input = args.input.read_or_ask(None)?;
    let workflow = number.is_none().then(|| named.to_owned());
    Ok(Trigger { workflow_id: number, workflow, input, callback_url, ..Trigger::default() })
}

fn json(started: &Started) -> Result<String, Failure> {
    let json = match started {
        Started::Going(triggered) => serde_json::to_string(triggered),
        Started::Ended(run) => serde_json::to_string(run),
    };
    json.map_err(|error| Failure::failed("internal", error))
}
