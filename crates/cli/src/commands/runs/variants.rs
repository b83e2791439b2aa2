//! `callboard runs variants`: what became of the runs that one re-run with variants or samples started.

use std::process::ExitCode;

use callboard_api::client::Client;
use callboard_api::rerun::{Figures, Sample, Variant, Variants};
use callboard_engine::definition::Overrides;
use callboard_engine::money::Usd;
use console::truncate_str;

use crate::commands::server::ServerArgs;
use crate::exit;
use crate::failure::Failure;
use crate::table::{NOTHING, Table, numbers, words};
use crate::talk::{give, harmless};
use crate::view::{cost, duration, folded, given_width, grouped};

/// Columns of outcomes in the table: its other columns take fifty of the eighty.
const OUTCOMES_WIDTH_MAX: usize = 28;

/// Shows what became of the runs that were started together, variant by variant.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The number of any of the runs.
    id: i64,
    /// Prints the server's answer as JSON in one line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

pub(crate) async fn run(args: &Args) -> Result<ExitCode, Failure> {
    show(&args.server.client()?, args.id, args.json).await?;
    Ok(exit::code(0))
}

/// Gives the table that a run belongs to.
pub(super) async fn show(client: &Client, id: i64, is_json: bool) -> Result<(), Failure> {
    let variants = client.variants(id).await?;
    if is_json {
        give(serde_json::to_string(&variants).map_err(|error| Failure::failed("internal", error))?)?;
        return Ok(());
    }
    give(format_args!("re-runs of run {}, started together:", variants.source))?;
    table(&variants)?;
    give("")?;
    for variant in &variants.items {
        let lead = format!("variant {}: ", variant.variant);
        folded(&lead, &changes(&variant.overrides)).iter().try_for_each(give)?;
    }
    give("")?;
    let runs = variants.items.iter().flat_map(|variant| &variant.runs);
    runs.filter_map(result).try_for_each(give)?;
    Ok(())
}

fn table(variants: &Variants) -> Result<(), Failure> {
    let mut table = Table::new([
        numbers("VARIANT"),
        words("RUN"),
        words("STATUS"),
        words("OUTCOMES"),
        numbers("TIME"),
        numbers("TOKENS"),
        numbers("COST"),
    ]);
    for variant in &variants.items {
        for sample in &variant.runs {
            let status = sample.status.name().to_owned();
            let row = [sample.run_id.to_string(), status, outcomes(sample)];
            table.row(with_figures(variant, row, Some(sample.figures)));
        }
        let row =
            ["median".to_owned(), format!("{} of {}", variant.completed, variant.runs.len()), String::new()];
        table.row(with_figures(variant, row, variant.median));
    }
    Ok(table.give()?)
}

fn with_figures(variant: &Variant, row: [String; 3], figures: Option<Figures>) -> [String; 7] {
    let [run, status, outcomes] = row;
    let [time, tokens, cost] = figures.map_or_else(|| [NOTHING; 3].map(str::to_owned), cells);
    [variant.variant.to_string(), run, status, outcomes, time, tokens, cost]
}

/// Time, tokens and cost, as they stand in a table.
pub(super) fn cells(figures: Figures) -> [String; 3] {
    let cost = cost(Usd::of_dollars(figures.cost_usd)).unwrap_or_else(|| NOTHING.to_owned());
    [duration(figures.duration_ms), grouped(figures.tokens), cost]
}

fn outcomes(sample: &Sample) -> String {
    if sample.outcomes.is_empty() {
        return NOTHING.to_owned();
    }
    let outcomes = sample.outcomes.iter().map(|at| format!("{} {}", at.stage, at.outcome));
    let outcomes = outcomes.collect::<Vec<_>>().join(", ");
    truncate_str(&outcomes, OUTCOMES_WIDTH_MAX, "…").into_owned()
}

/// The beginning of a run's result, in one line.
fn result(sample: &Sample) -> Option<String> {
    let text = harmless(sample.result.as_deref()?);
    let line = text.lines().find(|line| !line.trim().is_empty())?.trim();
    let line = format!("run {}: {line}", sample.run_id);
    Some(truncate_str(&line, given_width(), "…").into_owned())
}

/// What was different, each change with its place.
fn changes(overrides: &Overrides) -> String {
    let mut changes = Vec::new();
    for (id, stage) in &overrides.stages {
        let directives = stage.directives.keys().map(|agent| format!("the directive of {agent}"));
        let set = [
            stage.task.as_ref().map(|task| format!("task {}", quoted(task))),
            stage.model.as_ref().map(|model| format!("model {model}")),
            stage.tools.as_ref().map(|tools| format!("tools {}", listed(tools))),
        ];
        let set = set.into_iter().flatten().chain(directives);
        changes.extend(set.map(|change| format!("{id}: {change}")));
    }
    for (name, agent) in &overrides.agents {
        let set = [
            agent.role.as_ref().map(|role| format!("role {}", quoted(role))),
            agent.instructions.as_ref().map(|text| format!("instructions {}", quoted(text))),
            agent.model.as_ref().map(|model| format!("model {model}")),
            agent.tools.as_ref().map(|tools| format!("tools {}", listed(tools))),
        ];
        changes.extend(set.into_iter().flatten().map(|change| format!("{name}: {change}")));
    }
    if changes.is_empty() { "nothing is different".to_owned() } else { changes.join("; ") }
}

/// Columns of a text that was set: what it is about.
const QUOTED_WIDTH_MAX: usize = 60;

fn quoted(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("\"{}\"", truncate_str(&line, QUOTED_WIDTH_MAX, "…"))
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
