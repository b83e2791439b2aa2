//! `callboard runs show`: a run of a server, as a person wants to know of it.

use std::process::ExitCode;

use callboard_api::run::{AskKind, Asked, Document, Run, Visit, Waiting, WaitingFor};
use callboard_engine::definition::ApprovalWhen;
use callboard_engine::event::SourceKind;
use callboard_engine::time::Time;
use callboard_server::clock::Clock;
use console::truncate_str;
use serde_json::Value;

use super::interrupted::interrupted;
use crate::commands::server::ServerArgs;
use crate::exit;
use crate::failure::Failure;
use crate::table::{NOTHING, Table, numbers, words};
use crate::talk::{Ungiven, give, give_text, harmless, is_read_by_a_person};
use crate::view::{approval_text, cost, duration, explain, tokens, used, visit_name};

/// Columns of an input that is shown: what it was about, and not all of it.
const INPUT_WIDTH_MAX: usize = 100;

/// Shows a run: what it is, what people are asked, its visits and documents, its result or why it has none.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The run's number.
    id: i64,
    /// Prints the run object as JSON in one line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

pub(crate) async fn run(args: &Args) -> Result<ExitCode, Failure> {
    let client = args.server.client()?;
    let run = client.run(args.id).await?;
    if args.json {
        give(serde_json::to_string(&run).map_err(|error| Failure::failed("internal", error))?)?;
        return Ok(exit::code(0));
    }
    head(&run, Clock::system().now()).iter().try_for_each(give)?;
    asks(&run).iter().try_for_each(give)?;
    visits(run.visits.as_deref().unwrap_or_default())?;
    interrupted(&run).iter().try_for_each(give)?;
    documents(&client.documents(args.id).await?)?;
    if let Some(result) = &run.result {
        give("")?;
        give_text(result)?;
    }
    if let Some(error) = &run.error {
        give("")?;
        give(explain(error))?;
    }
    Ok(exit::code(0))
}

fn head(run: &Run, now: Time) -> Vec<String> {
    let mut lines = vec![format!("run {}: {} {}", run.id, run.workflow, run.status.name())];
    let mut line = |name: &str, text: String| lines.push(format!("  {name:<8}  {text}"));
    let by = run.source.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
    line("started", format!("{}{}, {}", run.source.kind.name(), harmless(&by), when(run.created_at, now)));
    if let (SourceKind::Workflow, Some(by)) = (run.source.kind, run.source.run_id) {
        let visit = run.source.from_visit.map(|visit| format!(", visit {visit}")).unwrap_or_default();
        line("for", format!("run {by}{visit}"));
    }
    if let Some(from) = goes_on_from(run) {
        line("source", from);
    }
    if let Some(waiting) = &run.waiting {
        line("waits", waits(waiting, now));
    }
    if run.started_at.is_some() {
        line("took", duration(run.duration_ms));
    }
    line("used", format!("{}, {} model calls", used(run.usage).replace(" · ", ", "), run.usage.model_calls));
    if let Some(input) = input(&run.input) {
        line("input", input);
    }
    lines
}

/// What a run goes on from, where it is a re-run.
fn goes_on_from(run: &Run) -> Option<String> {
    let source = &run.source;
    let of = source.run_id.filter(|_| source.kind == SourceKind::Rerun)?;
    let (word, visit) = match (source.from_visit, source.after_visit) {
        (_, Some(visit)) => ("after", visit),
        (visit, None) => ("from", visit?),
    };
    // The visits before it are those of the source, so that it has the same number here.
    let here = run.visits.iter().flatten().find(|here| here.visit == visit);
    let stage = here.map(|here| format!(" ({})", visit_name(&here.stage, here.nth))).unwrap_or_default();
    let outcome = source.outcome.as_ref().map(|name| format!(", left by {name}")).unwrap_or_default();
    Some(harmless(&format!("re-run of run {of} {word} visit {visit}{stage}{outcome}")))
}

fn waits(waiting: &Waiting, now: Time) -> String {
    let what = match waiting.what {
        WaitingFor::Person => "for a person".to_owned(),
        WaitingFor::Limit => match waiting.limit {
            Some(limit) => format!("for the limit {} to be raised", limit.name()),
            None => "for a limit to be raised".to_owned(),
        },
        WaitingFor::Place => "for a free place".to_owned(),
        WaitingFor::Model => "for a model that failed".to_owned(),
        WaitingFor::Run => match waiting.run_id {
            Some(run) => format!("for run {run}"),
            None => "for another run".to_owned(),
        },
    };
    let until = waiting.until.map(|until| format!(", until {until} at most")).unwrap_or_default();
    format!("{what}, since {}{until}", when(waiting.since, now))
}

/// What people are asked, each with the command that answers it.
fn asks(run: &Run) -> Vec<String> {
    let mut lines = Vec::new();
    for asked in run.asks.iter().flatten() {
        let agent = asked.agent.as_ref().map(|agent| format!("{agent}: ")).unwrap_or_default();
        lines.push(String::new());
        let text = format!("{agent}{}", asked_text(run, asked));
        lines.push(format!("? {}", harmless(&text).trim().replace('\n', "\n  ")));
        lines.extend(
            asked.choices.iter().map(|choice| format!("    {}", harmless(choice).replace('\n', " "))),
        );
        lines.push(format!("  answer with: {}", command(run, asked)));
    }
    lines
}

/// What is asked, in words.
pub(super) fn asked_text(run: &Run, asked: &Asked) -> String {
    let visit = || run.visits.iter().flatten().find(|visit| visit.visit == asked.visit);
    let stage = || visit().map(|visit| visit.name.clone()).unwrap_or_default();
    asked.text.clone().unwrap_or_else(|| approval_text(&stage(), asked.when.unwrap_or(ApprovalWhen::Before)))
}

fn command(run: &Run, asked: &Asked) -> String {
    match asked.kind {
        AskKind::Question | AskKind::Again => {
            format!("callboard runs answer {} --question {} TEXT", run.id, asked.number)
        }
        AskKind::Approval => {
            format!("callboard runs approve {} --approval {} [--reject]", run.id, asked.number)
        }
    }
}

fn documents(documents: &[Document]) -> Result<(), Ungiven> {
    if documents.is_empty() {
        return Ok(());
    }
    give("")?;
    let mut table = Table::new([words("DOCUMENT"), numbers("BYTES"), words("WRITTEN BY"), numbers("VISIT")]);
    for document in documents {
        table.row([
            document.path.clone(),
            document.bytes.to_string(),
            document.agent.clone().unwrap_or_else(|| "a hook".to_owned()),
            document.visit.to_string(),
        ]);
    }
    table.give()
}

fn input(input: &Value) -> Option<String> {
    let text = match input {
        Value::Null => return None,
        Value::String(text) if text.is_empty() => return None,
        Value::String(text) => harmless(text),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            harmless(&input.to_string())
        }
    };
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(truncate_str(&line, INPUT_WIDTH_MAX, "…").into_owned())
}

fn visits(visits: &[Visit]) -> Result<(), Ungiven> {
    if visits.is_empty() {
        return Ok(());
    }
    give("")?;
    let mut table = Table::new([
        numbers("VISIT"),
        words("STAGE"),
        numbers("NTH"),
        words("STATUS"),
        words("OUTCOME"),
        numbers("TIME"),
        numbers("TOKENS"),
        numbers("COST"),
    ]);
    for visit in visits {
        table.row([
            visit.visit.to_string(),
            visit.name.clone(),
            visit.nth.to_string(),
            status(visit),
            visit.outcome.clone().unwrap_or_else(|| NOTHING.to_owned()),
            duration(visit.duration_ms),
            tokens(visit.usage),
            cost(visit.usage.cost_usd).unwrap_or_else(|| NOTHING.to_owned()),
        ]);
    }
    table.give()
}

/// Where a visit is in its life, and who carried it out where this run did not.
fn status(visit: &Visit) -> String {
    match visit.inherited_from {
        Some(origin) => format!("inherited from run {}", origin.run_id),
        None => visit.status.name().to_owned(),
    }
}

/// A moment: to a person how long ago it was, to a program exactly.
pub(super) fn when(time: Time, now: Time) -> String {
    if is_read_by_a_person() { ago(time, now) } else { time.to_string() }
}

fn ago(time: Time, now: Time) -> String {
    let seconds = now.millis_since(time) / 1000;
    match seconds {
        0..5 => "just now".to_owned(),
        5..60 => format!("{seconds} s ago"),
        60..3_600 => format!("{} min ago", seconds / 60),
        3_600..86_400 => format!("{} h ago", seconds / 3_600),
        // Further back the date says more, and its seconds nothing.
        _ => match time.to_string().split_once('T') {
            Some((day, clock)) => format!("{day} {} UTC", clock.get(..5).unwrap_or(clock)),
            None => time.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_as_a_person_would() {
        let now = Time::from_millis(1_795_000_000_123);
        let told = |seconds: i64| ago(Time::from_millis(now.as_millis() - seconds * 1000), now);
        assert_eq!(
            [-60, 0, 59, 60, 7_300, 86_400].map(told),
            ["just now", "just now", "59 s ago", "1 min ago", "2 h ago", "2026-11-17 11:06 UTC"]
        );
    }

    #[test]
    fn an_input_is_shown_in_one_line() {
        let shown = |value| input(&value);
        assert_eq!(shown(Value::Null), None);
        assert_eq!(shown(Value::from("a\n b\u{1b}[2J")).unwrap(), "a b[2J");
        assert_eq!(shown(serde_json::json!({ "a": 1 })).unwrap(), r#"{"a":1}"#);
        assert!(shown(Value::from("x".repeat(500))).unwrap().ends_with('…'));
    }
}
