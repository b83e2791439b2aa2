//! `callboard triggers show`: one trigger, as it is now.

use std::process::ExitCode;

use callboard_api::trigger::Trigger;
use callboard_engine::project::TriggerKind;

use crate::commands::server::ServerArgs;
use crate::exit;
use crate::failure::Failure;
use crate::talk::{give, harmless};

/// Shows a trigger as it is now, with its next slot.
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

pub(crate) async fn run(args: &Args) -> Result<ExitCode, Failure> {
    let trigger = args.server.client()?.trigger_of(args.id).await?;
    if args.json {
        give(super::json(&trigger)?)?;
    } else {
        for (name, words) in lines(&trigger) {
            give(format_args!("{name:<10}{}", harmless(&words)))?;
        }
    }
    Ok(exit::code(0))
}

fn lines(trigger: &Trigger) -> Vec<(&'static str, String)> {
    let mut lines = vec![
        ("trigger", format!("{} ({})", trigger.name, trigger.id)),
        ("workflow", format!("{} ({})", trigger.trigger.workflow, trigger.workflow_id)),
    ];
    match &trigger.trigger.kind {
        TriggerKind::Schedule(schedule) => {
            lines.push(("schedule", schedule.schedule.clone()));
            lines.extend(schedule.timezone.clone().map(|zone| ("timezone", zone)));
        }
        TriggerKind::Webhook(_) => {
            let address = trigger.webhook_url.clone();
            lines.push((
                "webhook",
                address.unwrap_or_else(|| "its address cannot be read with this key; rotate it".to_owned()),
            ));
        }
    }
    let state = match (trigger.trigger.enabled, trigger.paused_at) {
        (true, _) => "enabled".to_owned(),
        (false, Some(since)) => format!("paused since {since}"),
        (false, None) => "paused".to_owned(),
    };
    let reason =
        trigger.trigger.pause_reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    lines.push(("state", format!("{state}{reason}")));
    lines.extend(trigger.next.map(|next| ("next", next.to_string())));
    lines
}
