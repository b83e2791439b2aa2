//! What lies ahead of a re-run: the stages that it can come to, the tools that may act again there, and
//! what it may cost.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Past;
use super::cut::Cut;
use crate::definition::{Definition, NoProgress, OnMaxVisits, Rejection, Stage, Target, Tool};
use crate::event::{PastVisit, Usage, in_a_row};
use crate::rules;

/// A stage that the run can come to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Ahead {
    /// Its id.
    pub stage: String,
    /// Its name.
    pub name: String,
    /// How often the source visited it from there on.
    pub visits: u32,
    /// What these visits used.
    pub usage: Usage,
    /// How long they took together, in milliseconds.
    pub duration_ms: u64,
}

/// A tool that may act on the outside world again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ToolAgain {
    /// The tool, as the project names it.
    pub tool: String,
    /// The ids of the stages at which it may be called.
    pub stages: Vec<String>,
}

/// What a re-run may cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Estimate {
    /// What the source used from there on, at stages to which the new run can come.
    pub usage: Usage,
    /// How long it worked there, in milliseconds.
    pub duration_ms: u64,
    /// The ids of stages of which the source tells nothing.
    pub unknown: Vec<String>,
}

/// The stages that the run can come to, in the order of the workflow.
pub(super) fn ahead(past: &Past, definition: &Definition, cut: &Cut) -> Vec<Ahead> {
    let stages = &definition.workflow.stages;
    let Some((at, stage)) = definition.stage(&past.visits[cut.place].stage) else { return Vec::new() };
    let mut open = if cut.after {
        let target = cut.outcome.as_ref().and_then(|outcome| stage.outcomes.get(outcome));
        let led = led_to(definition, at, target.unwrap_or(&Target::Next));
        with_forced(definition, at, led.into_iter().collect())
    } else {
        BTreeSet::from([at])
    };
    let mut reached = BTreeSet::new();
    while let Some(index) = open.pop_first() {
        if reached.insert(index) {
            open.append(&mut ways_on(definition, index));
        }
    }
    let again: Vec<_> = in_a_row(&past.visits).skip(cut.kept).collect();
    reached.into_iter().map(|index| ahead_at(&stages[index], &again)).collect()
}

/// Where a stage can lead: by its outcomes, where leave for it is refused, and where a guard forces a run.
fn ways_on(definition: &Definition, index: usize) -> BTreeSet<usize> {
    let stage = &definition.workflow.stages[index];
    let no_outcomes = stage.outcomes.is_empty().then_some(&Target::Next);
    let led = stage.outcomes.values().chain(no_outcomes);
    let led = led.filter_map(|target| led_to(definition, index, target));
    let refused = stage.approval.iter().filter_map(|approval| match &approval.on_reject {
        Rejection::Error | Rejection::End => None,
        Rejection::Next => led_to(definition, index, &Target::Next),
        Rejection::Stage(id) => definition.stage(id).map(|(index, _)| index),
    });
    with_forced(definition, index, led.chain(refused).collect())
}

/// These, and where the run is forced on to if a guard does not let it go there, or does not let it leave
/// the stage as it did.
fn with_forced(definition: &Definition, left: usize, mut led: BTreeSet<usize>) -> BTreeSet<usize> {
    let stages = &definition.workflow.stages;
    let forces = |index: usize| stages[index].on_max_visits == OnMaxVisits::Continue;
    let passes = led.iter().filter(|index| forces(**index));
    // Where the guarded stage is itself the one after, it is passed over.
    let mut forced: Vec<usize> =
        passes.map(|index| if *index == left + 1 { left + 2 } else { left + 1 }).collect();
    let stage = &stages[left];
    let circles = !stage.outcomes.is_empty() && stage.no_progress == NoProgress::Error;
    forced.extend((circles && forces(left)).then_some(left + 1));
    led.extend(forced.into_iter().filter(|index| *index < stages.len()));
    led
}

/// Where a stage is left to; nowhere at the end.
fn led_to(definition: &Definition, index: usize, target: &Target) -> Option<usize> {
    let led = match target {
        Target::End => None,
        Target::Stage(id) => definition.stage(id).map(|(index, _)| index),
        Target::Workflow(_) | Target::Next => Some(index + 1),
    };
    led.filter(|index| *index < definition.workflow.stages.len())
}

fn ahead_at(stage: &Stage, again: &[(&PastVisit, Option<&PastVisit>)]) -> Ahead {
    let mut ahead = Ahead {
        stage: stage.id.clone(),
        name: stage.name.clone(),
        visits: 0,
        usage: Usage::default(),
        duration_ms: 0,
    };
    for (visit, before) in again.iter().filter(|(visit, _)| visit.stage == stage.id) {
        ahead.visits += 1;
        ahead.usage.add_all(visit.usage.into());
        ahead.duration_ms += visit.ended_at.millis_since(visit.started_at(*before));
    }
    ahead
}

pub(super) fn tools_again(definition: &Definition, ahead: &[Ahead]) -> Vec<ToolAgain> {
    let mut tools: Vec<ToolAgain> = Vec::new();
    for ahead in ahead {
        let Some((_, stage)) = definition.stage(&ahead.stage) else { continue };
        for tool in acting(definition, stage) {
            match tools.iter_mut().find(|known| known.tool == tool) {
                Some(known) => known.stages.push(stage.id.clone()),
                None => tools.push(ToolAgain { tool: tool.to_owned(), stages: vec![stage.id.clone()] }),
            }
        }
    }
    tools
}

/// The tools of a stage that may act on the world outside.
fn acting<'d>(definition: &'d Definition, stage: &'d Stage) -> BTreeSet<&'d str> {
    let hooks = stage.entry.iter().chain(&stage.exit).map(|hook| hook.tool.as_str());
    let of_agents = stage.agents.iter().flat_map(|place| {
        let agent = definition.team.agents.get(&place.agent);
        let runs = place.runs_workflows.then_some(rules::RUN_WORKFLOW);
        agent.into_iter().flat_map(|agent| &agent.tools).chain(&place.tools).map(String::as_str).chain(runs)
    });
    let of_outcomes = stage.outcomes.values().any(|target| matches!(target, Target::Workflow(_)));
    hooks
        .chain(of_agents)
        .chain(of_outcomes.then_some(rules::RUN_WORKFLOW))
        .filter(|name| acts(definition, name))
        .collect()
}

fn acts(definition: &Definition, name: &str) -> bool {
    match definition.tools.get(Tool::name_parts(name).0) {
        Some(tool) => tool.acts_outside,
        // Of what comes with the program, the rest reads and writes the run's own documents, or the time.
        None => name == rules::HTTP_REQUEST || name == rules::RUN_WORKFLOW,
    }
}

/// What the stages used to which the run can come: where another outcome leads past some of what the
/// source did, that is not done again.
pub(super) fn estimate(ahead: &[Ahead]) -> Estimate {
    let mut usage = Usage::default();
    ahead.iter().for_each(|ahead| usage.add_all(ahead.usage));
    Estimate {
        usage,
        duration_ms: ahead.iter().map(|ahead| ahead.duration_ms).sum(),
        unknown: ahead.iter().filter(|ahead| ahead.visits == 0).map(|ahead| ahead.stage.clone()).collect(),
    }
}
