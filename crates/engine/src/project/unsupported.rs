//! What this version reads and cannot carry out: the start of a run is refused, nothing is ignored.
//!
//! What becomes possible is deleted here, and nowhere else.

use serde::Serialize;
use utoipa::ToSchema;

use super::Project;
use crate::definition::{Definition, Stage, Target};

/// A part of a project that this version reads and cannot carry out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Unsupported {
    /// Where it stands in the project file.
    pub path: String,
    /// The key that asks for it.
    pub feature: &'static str,
    /// What cannot be done.
    pub message: String,
}

impl Unsupported {
    fn new(path: impl Into<String>, feature: &'static str) -> Self {
        let message = format!("This version reads \"{feature}\" and cannot carry it out yet.");
        Self { path: path.into(), feature, message }
    }
}

/// What a definition asks for that cannot be carried out.
pub fn unsupported(definition: &Definition) -> Vec<Unsupported> {
    let mut found = Vec::new();
    for (name, agent) in &definition.team.agents {
        if !agent.tools.is_empty() {
            let path = format!("teams.{}.agents.{name}.tools", definition.team.name);
            found.push(Unsupported::new(path, "tools"));
        }
    }
    let workflow = format!("workflows.{}", definition.name);
    if !definition.workflow.limits.is_empty() {
        found.push(Unsupported::new(format!("{workflow}.limits"), "limits"));
    }
    if definition.workflow.max_running.is_some() {
        found.push(Unsupported::new(format!("{workflow}.max_running"), "max_running"));
    }
    for (index, stage) in definition.workflow.stages.iter().enumerate() {
        unsupported_in_stage(&format!("{workflow}.stages[{index}]"), stage, &mut found);
    }
    found
}

fn unsupported_in_stage(path: &str, stage: &Stage, found: &mut Vec<Unsupported>) {
    let asked = [
        ("approval", !stage.approval.is_empty()),
        ("entry", !stage.entry.is_empty()),
        ("exit", !stage.exit.is_empty()),
        ("result_schema", stage.result_schema.is_some()),
    ];
    let asked = asked.into_iter().filter(|(_, is_asked)| *is_asked);
    found.extend(asked.map(|(key, _)| Unsupported::new(format!("{path}.{key}"), key)));
    for (index, assignment) in stage.agents.iter().enumerate() {
        let asked = [
            ("tools", !assignment.tools.is_empty()),
            ("asks_user", assignment.asks_user),
            ("runs_workflows", assignment.runs_workflows),
        ];
        let asked = asked.into_iter().filter(|(_, is_asked)| *is_asked);
        found.extend(asked.map(|(key, _)| Unsupported::new(format!("{path}.agents[{index}].{key}"), key)));
    }
    for (outcome, target) in &stage.outcomes {
        if matches!(target, Target::Workflow(_)) {
            found.push(Unsupported::new(
                format!("{path}.outcomes.{outcome}.workflow"),
                "outcomes: { workflow }",
            ));
        }
    }
}

/// What a project asks of all its runs together that cannot be carried out. A definition does not
/// hold it, so that it has to be asked for beside [`unsupported`].
pub fn unsupported_by_project(project: &Project) -> Vec<Unsupported> {
    let asked = [
        ("limits.cost_usd_per_day", "cost_usd_per_day", project.limits.cost_usd_per_day.is_some()),
        ("max_running", "max_running", project.max_running.is_some()),
    ];
    let asked = asked.into_iter().filter(|(_, _, is_asked)| *is_asked);
    asked.map(|(path, feature, _)| Unsupported::new(path, feature)).collect()
}
