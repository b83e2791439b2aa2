//! `callboard schedule`: what a schedule means, and when it is due. It needs no server, and saves nothing.

use std::process::ExitCode;

use callboard_api::trigger::SchedulePreview;
use callboard_engine::time::Time;
use callboard_server::clock::Clock;
use callboard_server::trigger::{FIRES, FIRES_MAX, explain};

use crate::exit;
use crate::failure::Failure;
use crate::table::{Table, words};
use crate::talk::{Ungiven, give, harmless};

/// Explains a schedule, in English or as cron, and lists its next fire times.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The schedule, such as "every Monday at 9am EST" or "0 9 * * 1".
    #[arg(required = true, value_name = "TEXT")]
    text: Vec<String>,
    /// The zone where the text names none, as the IANA database calls it; without both it is UTC.
    #[arg(long, value_name = "ZONE")]
    timezone: Option<String>,
    /// Lists the fire times after this moment, in RFC 3339, instead of those after now.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    after: Option<Time>,
    /// How many fire times, up to 1000.
    #[arg(long, value_name = "N", default_value_t = FIRES, value_parser = clap::value_parser!(u64).range(0..=FIRES_MAX))]
    count: u64,
    /// Prints all of it as JSON in one line, as the HTTP API gives it.
    #[arg(long)]
    json: bool,
}

/// Ends with 0 where the schedule is understood, and with 2 where it is refused.
pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let schedule = callboard_schedule::read(&args.text.join(" "), args.timezone.as_deref()).map_err(
        |callboard_schedule::Refused { reason, hint }| {
            Failure::wrong_use("schedule_not_understood", harmless(&reason)).hint(harmless(&hint))
        },
    )?;
    let preview = explain(&schedule, args.after.unwrap_or_else(|| Clock::system().now()), args.count);
    if args.json {
        give(serde_json::to_string(&preview).map_err(|error| Failure::failed("internal", error))?)?;
    } else {
        tell(&preview)?;
    }
    Ok(exit::code(0))
}

fn moment(text: &str) -> Result<Time, String> {
    serde_json::from_value(text.into())
        .map_err(|_| "write a moment in RFC 3339, such as 2026-03-08T09:00:00Z".to_owned())
}

fn tell(preview: &SchedulePreview) -> Result<(), Ungiven> {
    give(&preview.description)?;
    for line in preview.cron.iter().flatten() {
        give(format_args!("cron  {line}"))?;
    }
    for note in &preview.notes {
        give(format_args!("note  {}", harmless(note)))?;
    }
    if preview.fires.is_empty() {
        return Ok(());
    }
    give("")?;
    let mut table = Table::new([words("LOCAL TIME"), words("UTC"), words("CLOCK CHANGE")]);
    for fire in &preview.fires {
        let mark = preview.marks.iter().find(|mark| mark.at == *fire);
        let mark = mark.map(|mark| mark.note.clone()).unwrap_or_default();
        table.row([local(*fire, &preview.timezone), to_the_second(*fire), mark]);
    }
    table.give()
}

/// A moment as a clock in the zone shows it, with the weekday and the offset of that day.
fn local(at: Time, timezone: &str) -> String {
    let moment = jiff::Timestamp::from_millisecond(at.as_millis()).and_then(|at| at.in_tz(timezone));
    moment.map_or_else(|_| at.to_string(), |moment| moment.strftime("%a %Y-%m-%d %H:%M %:z").to_string())
}

/// Schedules are due at the start of a minute: the thousandths would only be in the way.
fn to_the_second(at: Time) -> String {
    at.to_string().replace(".000Z", "Z")
}
