//! `callboard triggers list`: the triggers of a workflow, or of every workflow of a project.

use std::process::ExitCode;

use callboard_api::client::Client;
use callboard_api::trigger::Trigger;
use callboard_engine::project::TriggerKind;

use crate::commands::server::{self, ServerArgs};
use crate::exit;
use crate::failure::Failure;
use crate::table::{NOTHING, Table, numbers, words};
use crate::talk::{give, say};

/// Lists the triggers of a project, or of one of its workflows.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The project: its name or its number. It may be left out where the server has only one.
    project: Option<String>,
    /// Only those of this workflow: its number, `project/workflow`, or its name.
    #[arg(long, value_name = "WORKFLOW", conflicts_with = "project")]
    workflow: Option<String>,
    /// Prints them as JSON in one line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

pub(crate) async fn run(args: &Args) -> Result<ExitCode, Failure> {
    let client = args.server.client()?;
    let triggers = triggers(args, &client).await?;
    if args.json {
        give(super::json(&triggers)?)?;
    } else {
        tell(&triggers)?;
    }
    Ok(exit::code(0))
}

async fn triggers(args: &Args, client: &Client) -> Result<Vec<Trigger>, Failure> {
    if let Some(named) = &args.workflow {
        let workflow = server::workflow(client, named).await?;
        return Ok(client.triggers(workflow.id).await?);
    }
    let project = server::project(client, args.project.as_deref()).await?;
    let mut all = Vec::new();
    for workflow in client.workflows(project.id).await? {
        all.extend(client.triggers(workflow.id).await?);
    }
    all.sort_by_key(|trigger| trigger.id);
    Ok(all)
}

fn tell(triggers: &[Trigger]) -> Result<(), Failure> {
    if triggers.is_empty() {
        say("no triggers");
        return Ok(());
    }
    let mut table = Table::new([
        numbers("TRIGGER"),
        words("NAME"),
        words("WORKFLOW"),
        words("STATE"),
        words("NEXT"),
        words("FIRES"),
    ]);
    for trigger in triggers {
        let fires = match &trigger.trigger.kind {
            TriggerKind::Schedule(schedule) => schedule.schedule.clone(),
            TriggerKind::Webhook(_) => "when its address is called".to_owned(),
        };
        table.row([
            trigger.id.to_string(),
            trigger.name.clone(),
            trigger.trigger.workflow.clone(),
            if trigger.trigger.enabled { "enabled" } else { "paused" }.to_owned(),
            trigger.next.map_or_else(|| NOTHING.to_owned(), |next| next.to_string()),
            fires,
        ]);
    }
    Ok(table.give()?)
}
