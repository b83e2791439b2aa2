//! `callboard triggers fire`: a run of a trigger at once.

use std::process::ExitCode;

use callboard_api::trigger::FireTrigger;
use callboard_engine::project::Overlap;
use clap::ValueEnum;

use crate::commands::input::InputArgs;
use crate::commands::server::ServerArgs;
use crate::exit;
use crate::failure::Failure;
use crate::talk::give;

/// Starts a run of a trigger at once, and leaves its schedule as it is.
///
/// Prints what the server answers, as JSON in one line.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The trigger's number.
    id: i64,
    #[command(flatten)]
    input: InputArgs,
    /// What to do where a run of the trigger is still going, in place of what the trigger says.
    #[arg(long, value_name = "POLICY")]
    overlap: Option<Policy>,
    /// Names the request: sent again with the same key and input, it starts no second run.
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    #[command(flatten)]
    server: ServerArgs,
}

/// What to do where a run of the trigger is still going.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Policy {
    /// Start another beside it.
    Allow,
    /// Start none.
    Skip,
    /// Start none: nobody waits who fires now.
    Queue,
    /// Stop it first.
    #[value(name = "stop_previous")]
    StopPrevious,
}

pub(crate) async fn run(args: &Args) -> Result<ExitCode, Failure> {
    let client = args.server.client()?;
    let overlap = args.overlap.map(|policy| match policy {
        Policy::Allow => Overlap::Allow,
        Policy::Skip => Overlap::Skip,
        Policy::Queue => Overlap::Queue,
        Policy::StopPrevious => Overlap::StopPrevious,
    });
    let asked = FireTrigger { input: args.input.given()?, overlap };
    let fired = client.fire(args.id, &asked, args.idempotency_key.as_deref()).await?;
    give(super::json(&fired)?)?;
    Ok(exit::code(0))
}
