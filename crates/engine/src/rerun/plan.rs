//! The plan of a re-run: what is taken over from which visit, what runs again, and what it may cost.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{Past, Refused};
use crate::command::Moment;
use crate::decide::{self, NewRun};
use crate::definition::{Definition, DefinitionHash, Difference, Limits, Overrides, Stage, Target, Tool};
use crate::event::{
    DefinitionChoice, Inherited, Origin, PastVisit, PastWords, RunError, Source, SourceKind, Usage,
};
use crate::rules;

/// Where a run is to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    /// That visit is made again.
    Visit(u32),
    /// The last visit to that stage is made again.
    Stage(String),
    /// That visit is taken over whole, and left by its outcome.
    After {
        /// The visit.
        visit: u32,
        /// The outcome by which it is left; its own where none is given.
        outcome: Option<String>,
    },
}

/// What is asked of a run that goes on from another.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// Where.
    pub from: From,
    /// With which definition; that one, with the overrides in it, is given to [`plan`].
    pub definition: DefinitionChoice,
    /// What holds for the new run alone.
    pub overrides: Overrides,
    /// Its input, where it is not that of the source.
    pub input: Option<Value>,
}

/// What a re-run would do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Plan {
    /// The run that it goes on from.
    pub run_id: i64,
    /// The visit that is made again; absent where one is left again instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub from_visit: Option<u32>,
    /// The visit that is left again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub after_visit: Option<u32>,
    /// The outcome by which it is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub outcome: Option<String>,
    /// The id of the stage of that visit.
    pub stage: String,
    /// Its name.
    pub name: String,
    /// The visit to that stage, from 1.
    pub nth: u32,
    /// Which definition was asked for.
    pub definition: DefinitionChoice,
    /// The hash of the definition that the source ran with.
    pub source_definition: String,
    /// The hash of the one that the new run has, overrides included.
    pub new_definition: String,
    /// How the second differs from the first.
    pub difference: Difference,
    /// What is taken over, visit by visit.
    pub inherited: Vec<Kept>,
    /// Stages that run again or for the first time, in the order of the workflow: those that the run can
    /// come to.
    pub ahead: Vec<Ahead>,
    /// Tools that may act on the outside world again.
    pub tools: Vec<ToolAgain>,
    /// What it may cost, by what the source used from there on.
    pub estimate: Estimate,
    /// What a person should know before.
    pub notes: Vec<String>,
}

/// A visit that is taken over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Kept {
    /// Its number.
    pub visit: u32,
    /// The stage's id.
    pub stage: String,
    /// The stage's name at the time.
    pub name: String,
    /// The visit to that stage, from 1.
    pub nth: u32,
    /// How it ended, or is said to have ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub outcome: Option<String>,
    /// The run and visit that really carried it out.
    pub inherited_from: Origin,
    /// What became of its stage since.
    pub stage_now: KeptStage,
}

/// What became of a stage since it was visited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeptStage {
    /// It is as it was.
    Same,
    /// It was changed.
    Changed,
    /// It is gone.
    Removed,
}

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
    /// What the source used from there on.
    pub usage: Usage,
    /// How long that took, in milliseconds.
    pub duration_ms: u64,
    /// The ids of stages of which the source tells nothing.
    pub unknown: Vec<String>,
}

/// A plan, and what the new run begins with.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// What is taken over.
    pub inherited: Arc<Inherited>,
    /// What the record says of how the run came to be; who asked for it is not known here.
    pub source: Source,
}

/// Where the source is cut.
struct Cut {
    /// How many of its visits are taken over.
    kept: usize,
    /// The place of the visit that is made or left again.
    place: usize,
    after: bool,
    outcome: Option<String>,
}

/// The plan of a run that goes on from an ended one with that definition.
pub fn plan(
    past: &Past,
    (definition, hash): (&Arc<Definition>, &DefinitionHash),
    asked: &Asked,
) -> Result<Planned, Refused> {
    if !past.status.is_final() {
        return Err(Refused::NotEnded { run_id: past.run_id });
    }
    let cut = cut(past, definition, &asked.from)?;
    let inherited = Arc::new(taken_over(past, asked, &cut)?);
    let source = source(past, &cut);
    let input = asked.input.as_ref().unwrap_or(&past.input);
    would_begin(&inherited, (definition, hash), (&source, input))?;
    let difference = Difference::between(&past.definition, definition);
    let ahead = ahead(past, definition, &cut);
    let at = &past.visits[cut.place];
    let notes = notes(past, definition, (&cut, asked, &ahead));
    let plan = Plan {
        run_id: past.run_id,
        from_visit: source.from_visit,
        after_visit: source.after_visit,
        outcome: cut.outcome.clone(),
        stage: at.stage.clone(),
        name: definition.stage(&at.stage).map_or_else(|| at.name.clone(), |(_, stage)| stage.name.clone()),
        nth: at.nth,
        definition: asked.definition,
        source_definition: past.hash.to_string(),
        new_definition: hash.to_string(),
        inherited: inherited
            .visits
            .iter()
            .map(|visit| kept(visit, past, (definition, &difference)))
            .collect(),
        tools: tools_again(definition, &ahead),
        estimate: estimate(past, &cut, &ahead),
        difference,
        ahead,
        notes,
    };
    Ok(Planned { plan, inherited, source })
}

fn cut(past: &Past, definition: &Definition, from: &From) -> Result<Cut, Refused> {
    let place_of = |visit: u32| {
        let place = past.visits.iter().position(|past| past.visit == visit);
        place.ok_or(Refused::NoVisit { run_id: past.run_id, visit, visits: past.visits.len() })
    };
    let again = |place: usize| {
        has_stage(definition, &past.visits[place].stage)?;
        Ok(Cut { kept: place, place, after: false, outcome: None })
    };
    match from {
        From::Visit(visit) => again(place_of(*visit)?),
        From::Stage(stage) => {
            let place = past.visits.iter().rposition(|past| past.stage == *stage);
            again(place.ok_or_else(|| never_visited(past, stage))?)
        }
        From::After { visit, outcome } => {
            let place = place_of(*visit)?;
            let at = &past.visits[place];
            if !is_whole(at) || at.result.is_none() {
                return Err(Refused::VisitIncomplete { visit: *visit, stage: at.stage.clone() });
            }
            let outcome = outcome.as_ref().or(at.outcome.as_ref());
            let outcome = left_by(has_stage(definition, &at.stage)?, outcome)?;
            Ok(Cut { kept: place + 1, place, after: true, outcome })
        }
    }
}

fn has_stage<'d>(definition: &'d Definition, id: &str) -> Result<&'d Stage, Refused> {
    let found = definition.stage(id).map(|(_, stage)| stage);
    found.ok_or_else(|| Refused::StageMissing { stage: id.to_owned() })
}

fn never_visited(past: &Past, stage: &str) -> Refused {
    let mut visited: Vec<String> = Vec::new();
    for visit in &past.visits {
        if !visited.contains(&visit.stage) {
            visited.push(visit.stage.clone());
        }
    }
    Refused::NeverVisited { run_id: past.run_id, stage: stage.to_owned(), visited }
}

/// The outcome by which a stage is left.
fn left_by(stage: &Stage, outcome: Option<&String>) -> Result<Option<String>, Refused> {
    let known = || stage.outcomes.keys().cloned().collect();
    match outcome {
        Some(outcome) if stage.outcomes.contains_key(outcome) => Ok(Some(outcome.clone())),
        Some(outcome) => {
            Err(Refused::UnknownOutcome { stage: stage.id.clone(), outcome: outcome.clone(), known: known() })
        }
        None if stage.outcomes.is_empty() => Ok(None),
        None => Err(Refused::OutcomeMissing { stage: stage.id.clone(), known: known() }),
    }
}

fn is_whole(visit: &PastVisit) -> bool {
    visit.status == crate::run::VisitStatus::Completed
}

fn taken_over(past: &Past, asked: &Asked, cut: &Cut) -> Result<Inherited, Refused> {
    let mut visits: Vec<PastVisit> = past.visits[..cut.kept].to_vec();
    if let Some(broken) = visits.iter().find(|visit| !is_whole(visit)) {
        return Err(Refused::VisitIncomplete { visit: broken.visit, stage: broken.stage.clone() });
    }
    for visit in &mut visits {
        visit.inherited_from = Some(past.origin(visit));
    }
    let at = &past.visits[cut.place];
    if let Some(last) = visits.last_mut().filter(|_| cut.after) {
        last.outcome.clone_from(&cut.outcome);
        // It is what the other way brought; this one brings its own.
        last.memory.retain(|value| !value.late);
    }
    let unheard: &[PastWords] = if cut.after { &at.unheard } else { &at.brought };
    Ok(Inherited {
        run_id: past.run_id,
        stage: at.stage.clone(),
        after: cut.after,
        forced: !cut.after && at.forced,
        definition: asked.definition,
        overrides: asked.overrides.clone(),
        other_input: asked.input.is_some(),
        visits,
        unheard: unheard.to_vec(),
    })
}

fn source(past: &Past, cut: &Cut) -> Source {
    let visit = past.visits[cut.place].visit;
    Source {
        kind: SourceKind::Rerun,
        by: None,
        trigger_id: None,
        slot: None,
        run_id: Some(past.run_id),
        from_visit: (!cut.after).then_some(visit),
        after_visit: cut.after.then_some(visit),
        outcome: cut.outcome.clone(),
    }
}

/// Whether the new run would come to work at all: what keeps it from that is known before it starts.
fn would_begin(
    inherited: &Arc<Inherited>,
    (definition, hash): (&Arc<Definition>, &DefinitionHash),
    (source, input): (&Source, &Value),
) -> Result<(), Refused> {
    let new = NewRun {
        hash: hash.clone(),
        definition: Arc::clone(definition),
        source: source.clone(),
        input: input.clone(),
        metadata: None,
        limits: Limits::default(),
        depth: 0,
        inherited: Some(Arc::clone(inherited)),
    };
    let began = decide::entered(&decide::create(new, Moment::default()).run, Moment::default());
    let failed: Option<&RunError> = began.error();
    failed.map_or(Ok(()), |error| Err(Refused::WouldFail(Box::new(error.clone()))))
}

fn kept(visit: &PastVisit, past: &Past, (definition, difference): (&Definition, &Difference)) -> Kept {
    let stage_now = match (definition.stage(&visit.stage), difference.of_stage(&visit.stage)) {
        (None, _) => KeptStage::Removed,
        (Some(_), Some(change)) if !change.fields.is_empty() => KeptStage::Changed,
        (Some(_), Some(_) | None) => KeptStage::Same,
    };
    Kept {
        visit: visit.visit,
        stage: visit.stage.clone(),
        name: visit.name.clone(),
        nth: visit.nth,
        outcome: visit.outcome.clone(),
        inherited_from: past.origin(visit),
        stage_now,
    }
}

/// The stages that the run can come to, in the order of the workflow.
fn ahead(past: &Past, definition: &Definition, cut: &Cut) -> Vec<Ahead> {
    let stages = &definition.workflow.stages;
    let Some((index, stage)) = definition.stage(&past.visits[cut.place].stage) else { return Vec::new() };
    let mut reached = BTreeSet::new();
    let mut open: Vec<usize> = match cut.after {
        false => vec![index],
        true => {
            led_to(definition, index, cut.outcome.as_ref().and_then(|outcome| stage.outcomes.get(outcome)))
        }
    };
    while let Some(index) = open.pop().filter(|index| *index < stages.len()) {
        if !reached.insert(index) {
            continue;
        }
        let outcomes = &stages[index].outcomes;
        if outcomes.is_empty() {
            open.push(index + 1);
        }
        open.extend(outcomes.values().flat_map(|target| led_to(definition, index, Some(target))));
        open.retain(|index| *index < stages.len());
    }
    let again = &past.visits[cut.kept..];
    reached.into_iter().map(|index| ahead_at(&stages[index], again)).collect()
}

/// Where a stage is left to.
fn led_to(definition: &Definition, index: usize, target: Option<&Target>) -> Vec<usize> {
    let led = match target {
        Some(Target::End) => None,
        Some(Target::Stage(id)) => definition.stage(id).map(|(index, _)| index),
        Some(Target::Workflow(_) | Target::Next) | None => Some(index + 1),
    };
    led.filter(|index| *index < definition.workflow.stages.len()).into_iter().collect()
}

fn ahead_at(stage: &Stage, again: &[PastVisit]) -> Ahead {
    let mut ahead = Ahead {
        stage: stage.id.clone(),
        name: stage.name.clone(),
        visits: 0,
        usage: Usage::default(),
        duration_ms: 0,
    };
    for visit in again.iter().filter(|visit| visit.stage == stage.id) {
        ahead.visits += 1;
        ahead.usage.add_all(visit.usage);
        ahead.duration_ms += visit.ended_at.millis_since(visit.started_at);
    }
    ahead
}

fn tools_again(definition: &Definition, ahead: &[Ahead]) -> Vec<ToolAgain> {
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

fn estimate(past: &Past, cut: &Cut, ahead: &[Ahead]) -> Estimate {
    let mut usage = Usage::default();
    let again = &past.visits[cut.kept..];
    again.iter().for_each(|visit| usage.add_all(visit.usage));
    let span = again.first().zip(again.last());
    Estimate {
        usage,
        duration_ms: span.map_or(0, |(first, last)| last.ended_at.millis_since(first.started_at)),
        unknown: ahead.iter().filter(|ahead| ahead.visits == 0).map(|ahead| ahead.stage.clone()).collect(),
    }
}

/// What a person should know before: what was taken over from stages that are not what they were, and
/// what will not be used.
fn notes(past: &Past, definition: &Definition, (cut, asked, ahead): (&Cut, &Asked, &[Ahead])) -> Vec<String> {
    let mut notes = Vec::new();
    let kept = &past.visits[..cut.kept];
    let place = definition.stage(&past.visits[cut.place].stage).map_or(0, |(index, _)| index);
    for stage in &definition.workflow.stages[..place] {
        let is_new = past.definition.stage(&stage.id).is_none();
        if is_new && !kept.iter().any(|visit| visit.stage == stage.id) {
            notes.push(format!(
                "{} was added before this stage and has not run: it is skipped, and has no result.",
                stage.name
            ));
        }
    }
    let runs = |id: &str| ahead.iter().any(|ahead| ahead.stage == id);
    for id in asked.overrides.stages.keys().filter(|id| !runs(id)) {
        notes.push(format!("The stage {id} does not run again, so what is set for it changes nothing."));
    }
    let is_heard = |agent: &str| {
        let stages = definition.workflow.stages.iter().filter(|stage| runs(&stage.id));
        stages.flat_map(|stage| &stage.agents).any(|place| place.agent == agent)
    };
    for agent in asked.overrides.agents.keys().filter(|agent| !is_heard(agent)) {
        notes.push(format!(
            "{agent} works at no stage that runs again, so what is set for it changes nothing."
        ));
    }
    notes
}
