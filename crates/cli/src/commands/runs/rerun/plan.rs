//! The plan of a re-run, whole on standard output and in a few lines of talk.

use callboard_api::rerun::{Ahead, Estimate, Kept, KeptStage, Plan, RerunPlan, ToolAgain};

use crate::commands::runs::difference;
use crate::table::{NOTHING, Table, numbers, words};
use crate::talk::{Ungiven, give, say};
use crate::view::{cost, duration, folded, tokens, used, visit_name};

/// Gives all of a plan.
pub(super) fn give_plan(asked: &RerunPlan) -> Result<(), Ungiven> {
    let plan = &asked.plan;
    head(asked).iter().try_for_each(give)?;
    inherited(&plan.inherited)?;
    ahead(&plan.ahead)?;
    section("the definition differs", difference::definition(&plan.difference))?;
    for (place, variant) in asked.variants.iter().enumerate() {
        let title = format!("variant {}", place + 1);
        let lines = difference::definition(&variant.difference);
        section(&title, if lines.is_empty() { vec!["nothing differs".to_owned()] } else { lines })?;
    }
    section("may act on the world outside again", plan.tools.iter().flat_map(tool).collect())?;
    section("notes", plan.notes.iter().flat_map(|note| folded("- ", note)).collect())?;
    give("")?;
    give(format_args!("plan {}", asked.plan_hash))
}

fn section(title: &str, lines: Vec<String>) -> Result<(), Ungiven> {
    if lines.is_empty() {
        return Ok(());
    }
    give("")?;
    give(format_args!("{title}:"))?;
    lines.iter().try_for_each(give)
}

fn head(asked: &RerunPlan) -> Vec<String> {
    let plan = &asked.plan;
    let mut lines = vec![title(plan)];
    let mut line = |name: &str, text: String| lines.extend(folded(&format!("  {name:<10}  "), &text));
    let changed = plan.difference.stages.len() + plan.difference.parts.len();
    let differs = match changed {
        _ if !asked.variants.is_empty() => "see the variants".to_owned(),
        0 => format!("the same as that of run {}", plan.run_id),
        1 => format!("1 part differs from that of run {}", plan.run_id),
        many => format!("{many} parts differ from that of run {}", plan.run_id),
    };
    line("definition", format!("{}, {differs}", plan.definition.name()));
    if asked.runs > 1 {
        line("runs", asked.runs.to_string());
    }
    line("estimate", estimate(plan, asked.runs));
    lines
}

/// What is done, in one line.
fn title(plan: &Plan) -> String {
    let Plan { run_id, stage, nth, .. } = plan;
    let stage = visit_name(stage, *nth);
    match (plan.from_visit, plan.after_visit) {
        (_, Some(visit)) => {
            let outcome = plan.outcome.as_ref().map(|name| format!(", left by {name}")).unwrap_or_default();
            format!("re-run of run {run_id} after visit {visit} ({stage}){outcome}")
        }
        (visit, None) => {
            format!("re-run of run {run_id} from visit {} ({stage})", visit.unwrap_or_default())
        }
    }
}

fn estimate(plan: &Plan, runs: u32) -> String {
    let Estimate { usage, duration_ms, unknown } = &plan.estimate;
    let each = if runs > 1 { " each" } else { "" };
    let spent = used(*usage).replace(" · ", ", ");
    let known =
        format!("{spent} and {}{each}, as run {} used from there on", duration(*duration_ms), plan.run_id);
    match unknown.as_slice() {
        [] => known,
        unknown => format!("{known}; nothing is known of {}", unknown.join(", ")),
    }
}

fn inherited(kept: &[Kept]) -> Result<(), Ungiven> {
    give("")?;
    if kept.is_empty() {
        return give("nothing is inherited");
    }
    give("inherited:")?;
    let mut table = Table::new([
        numbers("VISIT"),
        words("STAGE"),
        words("OUTCOME"),
        words("CARRIED OUT BY"),
        words("STAGE NOW"),
    ]);
    for kept in kept {
        let now = match kept.stage_now {
            KeptStage::Same => "same",
            KeptStage::Changed => "changed",
            KeptStage::Removed => "removed",
        };
        table.row([
            kept.visit.to_string(),
            visit_name(&kept.stage, kept.nth),
            kept.outcome.clone().unwrap_or_else(|| NOTHING.to_owned()),
            format!("run {}, visit {}", kept.inherited_from.run_id, kept.inherited_from.visit),
            now.to_owned(),
        ]);
    }
    table.give()
}

fn ahead(ahead: &[Ahead]) -> Result<(), Ungiven> {
    give("")?;
    if ahead.is_empty() {
        return give("no stage runs again: the run ends at once");
    }
    give("can run again, with what the source used for it from there on:")?;
    let mut table =
        Table::new([words("STAGE"), numbers("VISITS"), numbers("TIME"), numbers("TOKENS"), numbers("COST")]);
    for stage in ahead {
        let known = |text: String| if stage.visits == 0 { NOTHING.to_owned() } else { text };
        table.row([
            stage.stage.clone(),
            stage.visits.to_string(),
            known(duration(stage.duration_ms)),
            known(tokens(stage.usage)),
            cost(stage.usage.cost_usd).unwrap_or_else(|| NOTHING.to_owned()),
        ]);
    }
    table.give()
}

fn tool(again: &ToolAgain) -> Vec<String> {
    folded("", &format!("{} at {}", again.tool, again.stages.join(", ")))
}

/// Says what is about to be started, in a few lines.
pub(super) fn say_plan(asked: &RerunPlan) {
    let plan = &asked.plan;
    let inherited = match plan.inherited.len() {
        0 => "nothing is inherited".to_owned(),
        1 => "1 visit is inherited".to_owned(),
        many => format!("{many} visits are inherited"),
    };
    say(format_args!("{}: {inherited}", title(plan)));
    say(format_args!("  estimate: {}", estimate(plan, asked.runs)));
    if !plan.difference.is_empty() && asked.variants.is_empty() {
        say(format_args!("  {} definition: {}", plan.definition.name(), difference::parts(&plan.difference)));
    }
    if !plan.tools.is_empty() {
        let tools: Vec<String> = plan.tools.iter().map(|tool| tool.tool.clone()).collect();
        say(format_args!("  may act outside again: {}", tools.join(", ")));
    }
    plan.notes.iter().for_each(|note| say(format_args!("  note: {note}")));
}
