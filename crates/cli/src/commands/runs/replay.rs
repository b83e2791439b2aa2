//! `callboard runs replay`: an exported run, played again from its file. No server, no store and no network
//! is needed: what came from outside is in the file.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use callboard_engine::replay::{BadFile, Difference, FieldDifference, MessageDifference, Recorded, Replayed};
use serde_json::{Value, json};

use crate::commands::file;
use crate::exit;
use crate::failure::Failure;
use crate::talk::{give, harmless};
use crate::view::{Answers, View, simulated};

/// Bytes of a file that are read: a run of many long visits has some dozen megabytes, and one of several
/// hundred fits into the memory of most machines.
const FILE_BYTES_MAX: u64 = 1 << 30;

/// Characters of a value that are shown of a difference: enough to see what it is.
const VALUE_CHARS_MAX: usize = 200;

/// Characters that are shown before the place where two values part.
const SAME_CHARS_MAX: usize = 40;

/// Plays an exported run again, without a server.
///
/// Every decision is made once more from the answers in the file. Ends with 0 where that gives the
/// recorded events, 1 where this version decides otherwise, which is told with the event and the reason, and 2
/// where the file cannot be played.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The file; `-` is standard input.
    file: PathBuf,
    /// Prints what came of it as JSON instead.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let text = file::long_text(&args.file, FILE_BYTES_MAX)?;
    let recorded = Recorded::read(&text).map_err(|bad| refused(args, &bad))?;
    let definition = Arc::clone(&recorded.definition);
    let played = callboard_engine::replay::replay(definition, &recorded.events, &recorded.messages);
    if args.json {
        give_json(&recorded, &played)?;
    } else {
        show(&recorded, &played);
    }
    match played.differences.first() {
        None if args.json => Ok(exit::code(0)),
        None => {
            give(format_args!("the same, {} events", played.events))?;
            Ok(exit::code(0))
        }
        Some(first) => Err(differs(first, &recorded, &played)),
    }
}

fn refused(args: &Args, bad: &BadFile) -> Failure {
    let message = format!("{} cannot be played: {bad}", args.file.display());
    let hint = match bad {
        BadFile::NotJson(_) | BadFile::NotARun(_) => {
            "Give a file that callboard runs export wrote, with a run's number."
        }
        BadFile::Newer { .. } => "Play it with that version, or a newer one.",
        BadFile::Damaged(_) => "Export the run again.",
    };
    Failure::wrong_use(bad.code(), harmless(&message)).hint(hint)
}

/// What came of it, for programs.
fn give_json(recorded: &Recorded, played: &Replayed) -> Result<(), Failure> {
    let outcome = json!({
        "run": recorded.run.id,
        "same": played.is_same(),
        "events": played.events,
        "written_by": recorded.callboard,
        "played_by": env!("CARGO_PKG_VERSION"),
        "differences": played.differences,
    });
    give(outcome)?;
    Ok(())
}

/// Shows the run as far as it was played, line by line, in the words in which it is shown while it goes.
fn show(recorded: &Recorded, played: &Replayed) {
    let simulated = simulated(&recorded.definition);
    let mut view = View::new(recorded.run.id, false, Answers::Nowhere, simulated);
    for event in recorded.events.iter().take_while(|event| event.seq <= played.events) {
        view.see(event, event.at);
    }
}

/// The first difference, in full; the others are counted.
fn differs(first: &Difference, recorded: &Recorded, played: &Replayed) -> Failure {
    let message = format!("event {} is not the same: {}", first.seq, first.why);
    let mut details: Vec<String> = first.fields.iter().map(field).collect();
    details.extend(first.message.as_ref().map(message_lines));
    let more = played.differences.len() - 1;
    let (written_by, played_by) = (&recorded.callboard, env!("CARGO_PKG_VERSION"));
    let hint = match more {
        0 => format!("callboard {written_by} wrote it, and {played_by} played it; --json has both events."),
        1 => {
            format!("callboard {written_by} wrote it, and {played_by} played it; --json has this and 1 more.")
        }
        more => {
            format!(
                "callboard {written_by} wrote it, and {played_by} played it; --json has this and {more} more."
            )
        }
    };
    Failure::failed("replay_differs", harmless(&message)).details(details).hint(harmless(&hint))
}

fn field(field: &FieldDifference) -> String {
    let text = |value: &Option<Value>| value.as_ref().map_or_else(|| "nothing".to_owned(), Value::to_string);
    two(field.path.trim_start_matches('/'), &text(&field.recorded), &text(&field.decided))
}

/// What was recorded and what is decided, one below the other, from shortly before where they part.
fn two(what: &str, recorded: &str, decided: &str) -> String {
    let same = recorded.chars().zip(decided.chars()).take_while(|(one, other)| one == other).count();
    let from = same.saturating_sub(SAME_CHARS_MAX);
    format!("{what}\n    recorded  {}\n    decided   {}", cut(recorded, from), cut(decided, from))
}

/// A text in one line, from a character on, as far as it is shown.
fn cut(text: &str, from: usize) -> String {
    let shown: String = text.chars().skip(from).take(VALUE_CHARS_MAX).collect();
    let more = text.chars().nth(from + VALUE_CHARS_MAX).is_some();
    let (before, after) = (if from > 0 { "…" } else { "" }, if more { "…" } else { "" });
    format!("{before}{}{after}", harmless(&shown).replace('\n', " "))
}

/// Where a message that a model is sent differs: the first line that does, of the first text that does.
fn message_lines(message: &MessageDifference) -> String {
    let text = |value: &Option<Value>| value.as_ref().map_or_else(String::new, told);
    let (recorded, decided) = (text(&message.recorded), text(&message.decided));
    let count = recorded.lines().count().max(decided.lines().count());
    let index = (0..count).find(|index| recorded.lines().nth(*index) != decided.lines().nth(*index));
    let index = index.unwrap_or_default();
    let line = |text: &str| text.lines().nth(index).unwrap_or("nothing").to_owned();
    let what = format!("message {}, line {}", message.place, index + 1);
    two(&what, &line(&recorded), &line(&decided))
}

/// A message as the lines that a model reads: its texts, and what else it has as JSON.
fn told(message: &Value) -> String {
    let Value::Object(fields) = message else { return message.to_string() };
    let lines = fields.iter().map(|(name, value)| match value {
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            format!("{name}: {value}")
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}
