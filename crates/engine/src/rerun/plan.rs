//! The plan of a re-run: what is taken over from which visit, what runs again, and what it may cost.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::ahead::{Ahead, Estimate, ToolAgain, ahead, estimate, tools_again};
use super::cut::{Cut, From, cut, is_whole};
use super::{Past, Refused};
use crate::command::Moment;
use crate::decide::{self, NewRun, TakenOver};
use crate::definition::{Definition, DefinitionHash, Difference, Limits, Overrides};
use crate::event::{
    DefinitionChoice, Inherited, Origin, PastVisit, PastVisits, PastWords, RunError, Source, SourceKind,
};

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

/// A re-run that can be made, and what the new run begins with. What a person is shown of it is a [`Plan`],
/// which is made where somebody looks.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// What is taken over.
    pub inherited: TakenOver,
    /// What the record says of how the run came to be; who asked for it is not known here.
    pub source: Source,
    /// How the definition differs from that of the source.
    pub difference: Difference,
    cut: Cut,
}

/// Finds out whether a run can go on from an ended one with that definition, and with what.
pub fn plan(
    past: &Past,
    (definition, hash): (&Arc<Definition>, &DefinitionHash),
    asked: &Asked,
) -> Result<Planned, Refused> {
    if !past.status.is_final() {
        return Err(Refused::NotEnded { run_id: past.run_id });
    }
    let cut = cut(past, definition, &asked.from)?;
    let is_same = past.hash == *hash;
    let difference =
        if is_same { Difference::default() } else { Difference::between(&past.definition, definition) };
    let inherited = taken_over(past, asked, (&cut, &difference))?;
    let source = source(past, &cut);
    let input = asked.input.as_ref().unwrap_or(&past.input);
    let inherited = would_begin(Arc::new(inherited), (definition, hash), (&source, input))?;
    Ok(Planned { inherited, source, difference, cut })
}

impl Planned {
    /// What is shown of it: all three are those that it was planned with.
    pub fn plan(
        &self,
        past: &Past,
        (definition, hash): (&Definition, &DefinitionHash),
        asked: &Asked,
    ) -> Plan {
        let Self { inherited, source, difference, cut } = self;
        let ahead = ahead(past, definition, cut);
        let stages = definition.workflow.stages.iter().map(|stage| stage.id.as_str()).collect();
        let at = &past.visits[cut.place];
        Plan {
            run_id: past.run_id,
            from_visit: source.from_visit,
            after_visit: source.after_visit,
            outcome: cut.outcome.clone(),
            stage: at.stage.clone(),
            name: definition
                .stage(&at.stage)
                .map_or_else(|| at.name().to_owned(), |(_, stage)| stage.name.clone()),
            nth: at.nth(),
            definition: asked.definition,
            source_definition: past.hash.to_string(),
            new_definition: hash.to_string(),
            inherited: inherited.said().visits.iter().map(|visit| kept(visit, past, &stages)).collect(),
            tools: tools_again(definition, &ahead),
            estimate: estimate(&ahead),
            difference: difference.clone(),
            notes: notes(past, definition, (cut, asked, &ahead)),
            ahead,
        }
    }
}

fn taken_over(
    past: &Past,
    asked: &Asked,
    (cut, difference): (&Cut, &Difference),
) -> Result<Inherited, Refused> {
    let mut visits: Vec<Arc<PastVisit>> = past.visits[..cut.kept].to_vec();
    if let Some(broken) = visits.iter().find(|visit| !is_whole(visit)) {
        return Err(Refused::VisitIncomplete { visit: broken.visit, stage: broken.stage.clone() });
    }
    let changes = difference.stages.iter().filter(|change| !change.fields.is_empty());
    let changed: BTreeSet<&str> = changes.filter_map(|change| change.part.strip_prefix("stages/")).collect();
    for visit in visits.iter_mut().filter(|visit| changed.contains(visit.stage.as_str())) {
        Arc::make_mut(visit).changed = true;
    }
    let at = &past.visits[cut.place];
    if let Some(last) = visits.last_mut().filter(|_| cut.after) {
        let last = Arc::make_mut(last);
        // A stage that has no outcomes any more leads on, and what it ended with stays a fact.
        if cut.outcome.is_some() {
            last.outcome.clone_from(&cut.outcome);
        }
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
        // The plan is made once, and every run that follows it tells of them.
        visits: PastVisits::from(visits).written(),
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
        overlap: None,
        key: None,
    }
}

/// Whether the new run would come to work at all: what keeps it from that is known before it starts. What
/// it is then is kept for it.
fn would_begin(
    inherited: Arc<Inherited>,
    (definition, hash): (&Arc<Definition>, &DefinitionHash),
    (source, input): (&Source, &Value),
) -> Result<TakenOver, Refused> {
    let new = NewRun {
        hash: hash.clone(),
        definition: Arc::clone(definition),
        source: source.clone(),
        input: input.clone(),
        metadata: None,
        limits: Limits::default(),
        depth: 0,
        inherited: None,
    };
    let pending = TakenOver::by(new, inherited, Moment::default());
    let began = decide::entered(pending.run(), Moment::default());
    let failed: Option<&RunError> = began.error();
    failed.map_or(Ok(pending), |error| Err(Refused::WouldFail(Box::new(error.clone()))))
}

fn kept(visit: &PastVisit, past: &Past, stages: &BTreeSet<&str>) -> Kept {
    let stage_now = match (stages.contains(visit.stage.as_str()), visit.changed) {
        (false, _) => KeptStage::Removed,
        (true, true) => KeptStage::Changed,
        (true, false) => KeptStage::Same,
    };
    Kept {
        visit: visit.visit,
        stage: visit.stage.clone(),
        name: visit.name().to_owned(),
        nth: visit.nth(),
        outcome: visit.outcome.clone(),
        inherited_from: past.origin(visit),
        stage_now,
    }
}

/// What a person should know before: what was taken over from stages that are not what they were, and
/// what will not be used.
fn notes(past: &Past, definition: &Definition, (cut, asked, ahead): (&Cut, &Asked, &[Ahead])) -> Vec<String> {
    let mut notes = Vec::new();
    let kept = &past.visits[..cut.kept];
    let place = definition.stage(&past.visits[cut.place].stage).map_or(0, |(index, _)| index);
    let before: BTreeSet<&str> =
        past.definition.workflow.stages.iter().map(|stage| stage.id.as_str()).collect();
    for stage in &definition.workflow.stages[..place] {
        let is_new = !before.contains(stage.id.as_str());
        if is_new && !kept.iter().any(|visit| visit.stage == stage.id) {
            notes.push(format!(
                "{} was added before this stage and has not run: it is skipped, and has no result.",
                stage.name
            ));
        }
    }
    if cut.after && past.visits[cut.place].rejected {
        notes.push("Leave was refused after this visit: going on from it passes over that.".to_owned());
    }
    notes.extend(unused(definition, asked, ahead));
    notes
}

/// What is set for this run alone and changes nothing.
fn unused(definition: &Definition, asked: &Asked, ahead: &[Ahead]) -> Vec<String> {
    let mut notes = Vec::new();
    let runs = |id: &str| ahead.iter().any(|ahead| ahead.stage == id);
    for id in asked.overrides.stages.keys().filter(|id| !runs(id)) {
        notes.push(format!("The stage {id} does not run again, so what is set for it changes nothing."));
    }
    let stages = || definition.workflow.stages.iter().filter(|stage| runs(&stage.id));
    for (agent, change) in &asked.overrides.agents {
        if !stages().flat_map(|stage| &stage.agents).any(|place| place.agent == *agent) {
            notes.push(format!(
                "{agent} works at no stage that runs again, so what is set for it changes nothing."
            ));
        }
        for stage in stages().filter(|_| change.model.is_some()) {
            let own = stage.agents.iter().find(|place| place.agent == *agent && place.model.is_some());
            if let Some(model) = own.and_then(|place| place.model.as_ref()) {
                let stage = &stage.name;
                notes.push(format!(
                    "{agent} speaks through {model} at {stage}, as the stage says: the model that is set for the agent changes nothing there."
                ));
            }
        }
    }
    notes
}
