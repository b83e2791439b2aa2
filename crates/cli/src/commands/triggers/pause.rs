//! `callboard triggers pause` and `resume`: a trigger that fires nothing for a while.

use std::process::ExitCode;

use serde_json::{Map, Value, json};

use crate::commands::server::ServerArgs;
use crate::exit;
use crate::failure::Failure;
use crate::talk::say;

/// Pauses a trigger. Its slots do not fire, then or later, until it is resumed.
#[derive(clap::Args)]
pub(crate) struct Pause {
    /// The trigger's number.
    id: i64,
    /// Why, as its slots will show it.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    server: ServerArgs,
}

/// Ends the pause of a trigger. Slots of the pause do not fire later.
#[derive(clap::Args)]
pub(crate) struct Resume {
    /// The trigger's number.
    id: i64,
    #[command(flatten)]
    server: ServerArgs,
}

pub(crate) async fn pause(args: &Pause) -> Result<ExitCode, Failure> {
    let fields = json!({ "enabled": false, "pause_reason": args.reason });
    let trigger = args.server.client()?.change_trigger(args.id, &fields_of(fields)).await?;
    let since = trigger.paused_at.map(|since| format!(" since {since}")).unwrap_or_default();
    say(format_args!("trigger {} is paused{since}", args.id));
    Ok(exit::code(0))
}

pub(crate) async fn resume(args: &Resume) -> Result<ExitCode, Failure> {
    let trigger =
        args.server.client()?.change_trigger(args.id, &fields_of(json!({ "enabled": true }))).await?;
    let next = trigger.next.map(|next| format!("; its next slot is {next}")).unwrap_or_default();
    say(format_args!("trigger {} is enabled{next}", args.id));
    Ok(exit::code(0))
}

fn fields_of(fields: Value) -> Map<String, Value> {
    match fields {
        Value::Object(fields) => fields,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}
