//! `callboard runs family`: the runs that go on from each other, as a tree.

use std::process::ExitCode;

use callboard_api::rerun::{Descent, Family, Relative};
use callboard_engine::event::DefinitionChoice;
use console::measure_text_width;

use crate::commands::server::ServerArgs;
use crate::exit;
use crate::failure::Failure;
use crate::table::{NOTHING, Table, numbers, words};
use crate::talk::{give, say};
use crate::view::{cost, duration, given_width, tokens, used, wrapped};

/// Generations that are set in from each other: with more, there would be no room beside the tree.
const DEPTH_MAX: usize = 8;

/// Columns of what a run changed, however little room there is.
const CHANGED_WIDTH_MIN: usize = 24;

/// Columns between two of a table.
const GAP: usize = 2;

/// Shows the runs that a run comes from and those that go on from it, and what each changed.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The number of any run of the family.
    id: i64,
    /// Prints the server's answer as JSON in one line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

pub(crate) async fn run(args: &Args) -> Result<ExitCode, Failure> {
    let family = args.server.client()?.family(args.id).await?;
    if args.json {
        give(serde_json::to_string(&family).map_err(|error| Failure::failed("internal", error))?)?;
        return Ok(exit::code(0));
    }
    let count = match family.items.len() {
        1 => "1 run".to_owned(),
        many => format!("{many} runs"),
    };
    let spent = used(family.usage).replace(" · ", ", ");
    give(format_args!("family of run {} (*): {count}, {spent} in all", args.id))?;
    give("")?;
    table(&family, args.id).give()?;
    if family.more {
        say(format_args!("there are more than these {}", family.items.len()));
    }
    Ok(exit::code(0))
}

/// A run in its place in the tree.
struct Leaf<'f> {
    run: &'f Relative,
    /// What is drawn before it, and before what stands below it in its row.
    before: String,
    below: String,
}

fn table(family: &Family, own: i64) -> Table<6> {
    let mut table = Table::new([
        words("RUN"),
        words("STATUS"),
        numbers("TIME"),
        numbers("TOKENS"),
        numbers("COST"),
        words("WHAT IS DIFFERENT"),
    ]);
    let leaves = leaves(family);
    let name = |leaf: &Leaf<'_>| {
        let mark = if leaf.run.run_id == own { " *" } else { "" };
        format!("{}{}{mark}", leaf.before, leaf.run.run_id)
    };
    let rows: Vec<[String; 5]> = leaves
        .iter()
        .map(|leaf| {
            let [status, time, tokens, cost] = figures(leaf.run);
            [name(leaf), status, time, tokens, cost]
        })
        .collect();
    let room = given_width().saturating_sub(beside(&rows)).max(CHANGED_WIDTH_MIN);
    for (leaf, [name, status, time, tokens, cost]) in leaves.iter().zip(rows) {
        let changed = leaf.run.descent.as_ref().map(changed).unwrap_or_default();
        let mut changed = wrapped(&changed, room).into_iter();
        table.row([name, status, time, tokens, cost, changed.next().unwrap_or_default()]);
        for more in changed {
            let nothing = String::new;
            table.row([leaf.below.clone(), nothing(), nothing(), nothing(), nothing(), more]);
        }
    }
    table
}

/// The columns that are taken beside what was changed.
fn beside(rows: &[[String; 5]]) -> usize {
    let titles = ["RUN", "STATUS", "TIME", "TOKENS", "COST"];
    let width = |(place, title): (usize, &str)| {
        let cells = rows.iter().filter_map(|row| row.get(place)).map(|cell| measure_text_width(cell));
        cells.chain([title.len()]).max().unwrap_or(0) + GAP
    };
    titles.into_iter().enumerate().map(width).sum()
}

/// The runs in the order of the tree: each before those that go on from it.
fn leaves(family: &Family) -> Vec<Leaf<'_>> {
    let is_listed = |id: i64| family.items.iter().any(|run| run.run_id == id);
    // What goes on from a run that is not listed hangs at the root.
    let parent = |run: &Relative| {
        run.descent.as_ref().map(|from| if is_listed(from.run_id) { from.run_id } else { family.root })
    };
    let children = |of: i64| -> Vec<&Relative> {
        family.items.iter().filter(|run| run.run_id != of && parent(run) == Some(of)).collect()
    };
    let mut leaves = Vec::new();
    let root = family.items.iter().find(|run| run.run_id == family.root);
    // The one that comes next stands last.
    let mut open: Vec<(&Relative, Vec<bool>)> = root.into_iter().map(|root| (root, Vec::new())).collect();
    while let Some((run, last)) = open.pop() {
        let own = children(run.run_id);
        leaves.push(leaf(run, &last, !own.is_empty()));
        let count = own.len();
        for (place, child) in own.into_iter().enumerate().rev() {
            let mut of_child = last.clone();
            of_child.push(place + 1 == count);
            open.push((child, of_child));
        }
    }
    leaves
}

/// A run below others, of each of which is known whether it is the last of its own.
fn leaf<'f>(run: &'f Relative, last: &[bool], has_children: bool) -> Leaf<'f> {
    let shown = &last[..last.len().min(DEPTH_MAX)];
    let bar = |is_last: &bool| if *is_last { "   " } else { "│  " };
    let mut before = String::new();
    let mut below = String::new();
    if let Some((own, outer)) = shown.split_last() {
        let outer: String = outer.iter().map(bar).collect();
        before = format!("{outer}{}", if *own { "└─ " } else { "├─ " });
        below = format!("{outer}{}", bar(own));
    }
    if has_children && last.len() < DEPTH_MAX {
        below.push('│');
    }
    Leaf { run, before, below: below.trim_end().to_owned() }
}

fn figures(run: &Relative) -> [String; 4] {
    match &run.kept {
        None => ["deleted", NOTHING, NOTHING, NOTHING].map(str::to_owned),
        Some(kept) => [
            kept.status.name().to_owned(),
            duration(kept.duration_ms),
            tokens(kept.usage),
            cost(kept.usage.cost_usd).unwrap_or_else(|| NOTHING.to_owned()),
        ],
    }
}

/// Where it goes on, and what is different in it.
fn changed(descent: &Descent) -> String {
    let Descent { stage, from_visit, after_visit, outcome, .. } = descent;
    let mut parts = vec![match (from_visit, after_visit) {
        (_, Some(visit)) => {
            let outcome = outcome.as_ref().map(|name| format!(" by {name}")).unwrap_or_default();
            format!("after visit {visit} ({stage}){outcome}")
        }
        (visit, None) => format!("from visit {} ({stage})", visit.unwrap_or_default()),
    }];
    if descent.definition == DefinitionChoice::Original {
        parts.push("original".to_owned());
    }
    if descent.other_input {
        parts.push("another input".to_owned());
    }
    parts.extend(descent.changed.iter().cloned());
    if let Some(group) = descent.group {
        parts.push(format!("group {group}"));
    }
    parts.join(", ")
}
