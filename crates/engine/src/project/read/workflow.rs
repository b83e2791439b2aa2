//! Workflows.

use super::fields::Reader;
use super::{stage, values};
use crate::definition::{Limits, OnLimit, Workflow};
use crate::project::mistake::Mistake;
use crate::project::yaml::Node;

const KEYS: &[&str] = &["team", "ask", "limits", "max_running", "max_visits", "stages"];

/// Stages of a workflow. A page can draw so many, and a person cannot follow more.
pub(in crate::project) const STAGES_MAX: usize = 1_000;

/// Reads a workflow. A broken one keeps its name, so that what names it is not mistaken too.
pub(super) fn workflow(reader: &mut Reader<'_>, node: &Node) -> Option<Workflow> {
    let empty = Workflow {
        team: String::new(),
        ask: None,
        limits: Limits::default(),
        max_running: None,
        max_visits: Workflow::max_visits_of(0),
        stages: Vec::new(),
    };
    let Some(fields) = reader.fields(node, KEYS) else {
        return Some(empty);
    };
    let team = fields.required(reader, "team", values::name).unwrap_or_default();
    let stages = fields.required(reader, "stages", values::list("stages", stage::stage));
    match stages.as_ref().map(Vec::len) {
        Some(0) => {
            let mistake = Mistake::error(fields.at, "no_stages", "A workflow needs at least one stage.");
            reader.add(mistake.hint("Add one under \"stages\"."));
        }
        Some(count) if count > STAGES_MAX => {
            let message = format!("This workflow has {count} stages; a workflow may have {STAGES_MAX}.");
            let mistake = Mistake::error(fields.at, "too_many_stages", message);
            reader.add(mistake.hint("Split it into several workflows."));
        }
        Some(_) | None => {}
    }
    let stages = stages.unwrap_or_default();
    Some(Workflow {
        team,
        ask: fields.optional(reader, "ask", values::words),
        limits: fields.optional(reader, "limits", limits).unwrap_or_default(),
        max_running: fields.optional(reader, "max_running", values::count),
        max_visits: fields
            .optional(reader, "max_visits", values::count)
            .unwrap_or_else(|| Workflow::max_visits_of(stages.len())),
        stages,
    })
}

fn limits(reader: &mut Reader<'_>, node: &Node) -> Option<Limits> {
    let fields = reader.fields(node, &["cost_usd", "tokens", "wall_s", "model_calls", "on_limit"])?;
    let on_limit = [("wait", OnLimit::Wait), ("stop", OnLimit::Stop)];
    Some(Limits {
        cost_usd: fields.optional(reader, "cost_usd", values::dollars),
        tokens: fields.optional(reader, "tokens", values::whole(1, u64::MAX)),
        wall_s: fields.optional(reader, "wall_s", values::seconds),
        model_calls: fields.optional(reader, "model_calls", values::whole(1, u64::MAX)),
        on_limit: fields.optional(reader, "on_limit", values::one_of(&on_limit)),
    })
}
