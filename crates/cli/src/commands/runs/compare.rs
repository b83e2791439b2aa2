//! `callboard runs compare`: two runs side by side.

use std::process::ExitCode;

use callboard_api::compare::{
    ComparedVisit, Comparison, LineDifference, LineSide, MemoryDifference, Pair, Side, TextDifference,
};
use callboard_api::run::VisitStatus;
use console::truncate_str;
use serde_json::Value;

use super::difference;
use super::variants::cells;
use crate::commands::server::ServerArgs;
use crate::exit;
use crate::failure::Failure;
use crate::table::{NOTHING, Table, numbers, words};
use crate::talk::{Ungiven, give};
use crate::view::{folded, visit_name};

/// Columns of a stage's name and of an outcome in the table, so that all of it fits into eighty.
const NAME_WIDTH_MAX: usize = 18;

/// Shows two runs side by side: where they went, what came of it, and what it took.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The number of the first run.
    a: i64,
    /// The number of the second.
    b: i64,
    /// Prints the server's answer as JSON in one line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

pub(crate) async fn run(args: &Args) -> Result<ExitCode, Failure> {
    let compared = args.server.client()?.compare(args.a, args.b).await?;
    if args.json {
        give(serde_json::to_string(&compared).map_err(|error| Failure::failed("internal", error))?)?;
    } else {
        tell(&compared)?;
    }
    Ok(exit::code(0))
}

fn tell(compared: &Comparison) -> Result<(), Ungiven> {
    let Comparison { a, b, .. } = compared;
    runs(a, b)?;
    give("")?;
    paths(a, b).iter().try_for_each(give)?;
    give(if compared.same_input { "input: the same" } else { "input: another" })?;
    visits(compared)?;
    let definition = difference::definition(&compared.definition);
    if definition.is_empty() {
        give("")?;
        give("definition: the same")?;
    } else {
        section("definition", &definition)?;
    }
    let memory: Vec<String> = compared.memory.iter().flat_map(value).collect();
    section("shared memory at the end", &memory)?;
    results(compared)
}

fn section(title: &str, lines: &[String]) -> Result<(), Ungiven> {
    if lines.is_empty() {
        return Ok(());
    }
    give("")?;
    give(format_args!("{title}:"))?;
    lines.iter().try_for_each(give)
}

fn runs(a: &Side, b: &Side) -> Result<(), Ungiven> {
    let mut table = Table::new([
        words("SIGN"),
        numbers("RUN"),
        words("WORKFLOW"),
        words("STATUS"),
        numbers("TIME"),
        numbers("TOKENS"),
        numbers("COST"),
    ]);
    for (sign, side) in [("-", a), ("+", b)] {
        let [time, tokens, cost] = cells(side.figures);
        let workflow = truncate_str(&side.workflow, NAME_WIDTH_MAX, "…").into_owned();
        let status = side.status.name().to_owned();
        table.row([sign.to_owned(), side.run_id.to_string(), workflow, status, time, tokens, cost]);
    }
    table.give()
}

/// The ways that they went.
fn paths(a: &Side, b: &Side) -> Vec<String> {
    let path = |side: &Side| side.path.join(" > ");
    if a.path == b.path {
        return folded("path: the same, ", &path(a));
    }
    let first = folded(&format!("path of run {}: ", a.run_id), &path(a));
    first.into_iter().chain(folded(&format!("path of run {}: ", b.run_id), &path(b))).collect()
}

/// The visits, those to the same stage below each other.
fn visits(compared: &Comparison) -> Result<(), Ungiven> {
    if compared.visits.is_empty() {
        return Ok(());
    }
    give("")?;
    let mut table = Table::new([
        words("STAGE"),
        numbers("RUN"),
        words("STATUS"),
        words("OUTCOME"),
        numbers("TIME"),
        numbers("TOKENS"),
        numbers("COST"),
        words("RESULT"),
    ]);
    for pair in &compared.visits {
        let mut stage = visit_name(&truncate_str(&pair.stage, NAME_WIDTH_MAX, "…"), pair.nth);
        let sides = [(&compared.a, &pair.a, None), (&compared.b, &pair.b, pair.result.as_ref())];
        for (side, visit, result) in sides {
            if let Some(visit) = visit {
                table.row(row(std::mem::take(&mut stage), (side, visit), result));
            }
        }
    }
    table.give()
}

fn row(
    stage: String,
    (side, visit): (&Side, &ComparedVisit),
    result: Option<&TextDifference>,
) -> [String; 8] {
    let outcome = visit.outcome.as_deref().unwrap_or(NOTHING);
    let [mut time, mut tokens, mut cost] = cells(visit.figures);
    // It was another run that used it.
    if visit.status == VisitStatus::Inherited {
        [time, tokens, cost] = [NOTHING; 3].map(str::to_owned);
    }
    let result = result.map_or("", |result| if result.same { "same" } else { "differs" });
    let outcome = truncate_str(outcome, NAME_WIDTH_MAX, "…").into_owned();
    let status = visit.status.name().to_owned();
    [stage, side.run_id.to_string(), status, outcome, time, tokens, cost, result.to_owned()]
}

fn value(difference: &MemoryDifference) -> Vec<String> {
    let line = |sign: char, value: &Value| match value {
        Value::Null => Vec::new(),
        Value::String(text) => folded(&format!("{sign} {}: ", difference.key), text),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            folded(&format!("{sign} {}: ", difference.key), &value.to_string())
        }
    };
    [line('-', &difference.a), line('+', &difference.b)].concat()
}

/// How results differ: of each stage, and of the runs where that says more.
fn results(compared: &Comparison) -> Result<(), Ungiven> {
    let mut is_told = compared.result.same;
    for Pair { stage, nth, result, .. } in &compared.visits {
        let Some(result) = result.as_ref().filter(|result| !result.same) else { continue };
        is_told |= *result == compared.result;
        section(&format!("result of {}", visit_name(stage, *nth)), &lines(result))?;
    }
    if !is_told {
        section("result of the run", &lines(&compared.result))?;
    }
    Ok(())
}

fn lines(difference: &TextDifference) -> Vec<String> {
    if difference.too_long {
        return vec!["too long to be compared".to_owned()];
    }
    // What differs only in how its lines end has no line to show.
    if difference.lines.iter().all(|LineDifference { side, .. }| *side == LineSide::Gap) {
        return vec!["only the ends of lines differ".to_owned()];
    }
    difference::texts(&difference.lines, "")
}
