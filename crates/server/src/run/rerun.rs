//! Going on from a stage of an ended run: the plan, and the runs that carry it out.
//!
//! What may be taken over and what is refused is the engine's to say. Here the source and the definitions
//! are read, and the new runs are started, each in one append with the claim that the source is there.

use std::sync::Arc;

use callboard_api::rerun::{Descent, PlannedVariant, RUNS_MAX, Rerun, RerunPlan};
use callboard_api::run::RunIds;
use callboard_engine::content::ContentHash;
use callboard_engine::definition::{Overrides, PartChange};
use callboard_engine::event::DefinitionChoice;
use callboard_engine::project::{Mistake, Project};
use callboard_engine::rerun::{self, Asked, From, Past, Planned};
use serde_json::Value as Json;

use super::origin::{self, Origin};
use super::{NewRun, Runner, RunnerError, Started};
use crate::db::{Value, Write};
use crate::journal::AppendError;
use crate::workflow::{Frozen, WorkflowError, Workflows};

/// Parts of a definition that are named among those that changed: a person reads a few.
const CHANGED_MAX: usize = 50;

/// Why a run does not go on from another.
#[derive(Debug, thiserror::Error)]
pub enum RerunError {
    /// The rules of re-runs refuse it.
    #[error("{0}")]
    Refused(rerun::Refused),
    /// It is not said where, or it is said more than once.
    #[error("The call does not name one place to go on from.")]
    NoPlace,
    /// An outcome is named, and no visit that ends with it.
    #[error("An outcome is named without the visit that it is for.")]
    OutcomeWithoutVisit,
    /// It asks for no runs, or for too many.
    #[error("The call asks for {0} runs.")]
    Count(usize),
    /// What is to be different cannot be so.
    #[error("The overrides do not fit the workflow.")]
    Overrides(Vec<Mistake>),
    /// The workflow is not there any more.
    #[error("The workflow is not in its project any more.")]
    WorkflowGone,
    /// What was agreed to is not true any more.
    #[error("The plan is not true any more.")]
    PlanChanged,
    /// The runner or the database failed.
    #[error(transparent)]
    Runner(#[from] RunnerError),
    /// The project cannot be read.
    #[error(transparent)]
    Workflow(WorkflowError),
}

/// A plan that can be carried out.
pub(crate) struct Prepared {
    ids: RunIds,
    past: Arc<Past>,
    input: Json,
    variants: Vec<Variant>,
    samples: usize,
    plan_hash: String,
    asked: Rerun,
}

/// Runs with the same definition.
struct Variant {
    asked: Asked,
    frozen: Frozen,
    planned: Arc<Planned>,
}

/// Which of its runs is started.
#[derive(Clone, Copy)]
pub(crate) struct Which {
    /// Its number among all of them, from 0.
    pub(crate) index: usize,
    /// The first of them, once that was started.
    pub(crate) first: Option<i64>,
}

/// What re-runs need of the server.
pub(crate) struct Reruns<'s> {
    pub(crate) runner: &'s Runner,
    pub(crate) newest: Newest<'s>,
}

/// Where the newest definition of a workflow is found.
#[derive(Clone, Copy)]
pub(crate) enum Newest<'s> {
    /// In the projects that the server keeps.
    Kept(&'s Workflows),
    /// It is given: simulations keep no project files.
    Given(&'s Frozen),
}

impl Reruns<'_> {
    /// Makes the plan of a re-run, or refuses it.
    pub(crate) async fn prepare(&self, run: i64, asked: Rerun) -> Result<Prepared, RerunError> {
        let from = place(&asked)?;
        let several = asked.variants.clone().unwrap_or_else(|| vec![Overrides::default()]);
        let samples = asked.samples.map_or(1, |samples| usize::try_from(samples).unwrap_or(usize::MAX));
        let count = several.len().saturating_mul(samples);
        if count == 0 || count > RUNS_MAX {
            return Err(RerunError::Count(count));
        }
        let (ids, past) = self.runner.past_with_ids(run).await?;
        if !past.status.is_final() {
            return Err(RerunError::Refused(rerun::Refused::NotEnded { run_id: run }));
        }
        let mut variants = Vec::new();
        for own in several {
            let overrides = asked.overrides.clone().unwrap_or_default().and(&own);
            variants.push(self.variant((ids, &past), (&asked, &from), overrides).await?);
        }
        let plan_hash = plan_hash(&past, &asked, &variants);
        let input = asked.input.clone().unwrap_or_else(|| past.input.as_ref().clone());
        Ok(Prepared { ids, past, input, variants, samples, plan_hash, asked })
    }

    async fn variant(
        &self,
        (ids, past): (RunIds, &Past),
        (asked, from): (&Rerun, &From),
        overrides: Overrides,
    ) -> Result<Variant, RerunError> {
        let definition = asked.definition.unwrap_or_default();
        let frozen = self.definition((ids, past), definition, &overrides).await?;
        let asked = Asked { from: from.clone(), definition, overrides, input: asked.input.clone() };
        let planned = self.runner.pasts().plan(past, (&frozen.definition, &frozen.hash), &asked);
        let planned = planned.map_err(RerunError::Refused)?;
        Ok(Variant { asked, frozen, planned })
    }

    /// The definition of the new run.
    async fn definition(
        &self,
        (ids, past): (RunIds, &Past),
        choice: DefinitionChoice,
        overrides: &Overrides,
    ) -> Result<Frozen, RerunError> {
        if overrides.is_empty() {
            return match choice {
                DefinitionChoice::Original => {
                    Ok(self.runner.definitions().frozen(&past.hash).await.map_err(RunnerError::from)?)
                }
                DefinitionChoice::Latest => self.newest(ids.workflow_id).await,
            };
        }
        let now = self.project(ids.workflow_id).await?;
        let (project, workflow) = match (choice, now) {
            (DefinitionChoice::Latest, None) => return Err(RerunError::WorkflowGone),
            (DefinitionChoice::Latest, Some(now)) => now,
            (DefinitionChoice::Original, now) => {
                let mut project = Project::of(&past.definition);
                if let Some((now, _)) = now {
                    project.lend(&now);
                }
                (project, past.definition.name.clone())
            }
        };
        let definition = rerun::overridden(project, &workflow, overrides).map_err(RerunError::Overrides)?;
        Frozen::new(definition)
            .map_err(|error| RunnerError::Damaged { run: past.run_id, why: error.to_string() }.into())
    }

    /// The project of a workflow as it is now, with the workflow's name; nothing where the workflow is gone.
    async fn project(&self, workflow: i64) -> Result<Option<(Project, String)>, RerunError> {
        let workflows = match self.newest {
            Newest::Kept(workflows) => workflows,
            Newest::Given(frozen) => {
                let definition = &frozen.definition;
                return Ok(Some((Project::of(definition), definition.name.clone())));
            }
        };
        match workflows.project(workflow).await {
            Ok((stored, name)) => Ok(Some((stored.project.clone(), name))),
            Err(WorkflowError::NotFound(_)) => Ok(None),
            Err(error) => Err(RerunError::Workflow(error)),
        }
    }

    async fn newest(&self, workflow: i64) -> Result<Frozen, RerunError> {
        let workflows = match self.newest {
            Newest::Kept(workflows) => workflows,
            Newest::Given(frozen) => return Ok(frozen.clone()),
        };
        match workflows.ready(workflow).await {
            Ok(ready) => Ok(ready.frozen),
            Err(WorkflowError::NotFound(_)) => Err(RerunError::WorkflowGone),
            Err(error) => Err(RerunError::Workflow(error)),
        }
    }

    /// Starts one of the runs, with those claims beside its own.
    pub(crate) async fn start(
        &self,
        prepared: &Prepared,
        which: Which,
        by: &str,
        claims: Vec<Write>,
    ) -> Result<Started, RerunError> {
        let variant = &prepared.variants[which.index / prepared.samples];
        let source =
            callboard_engine::event::Source { by: Some(by.to_owned()), ..variant.planned.source.clone() };
        let run = prepared.ids.id;
        let origin = prepared.origin(variant, which);
        let dialect = self.runner.db().dialect();
        let unwritten = |error: serde_json::Error| RunnerError::Damaged { run, why: error.to_string() };
        let mut writes = vec![origin::claim(dialect, &origin).map_err(unwritten)?];
        writes.extend(origin::documents(dialect, run, &variant.planned.inherited.said().visits));
        writes.extend(claims);
        let new = NewRun {
            project_id: prepared.ids.project_id,
            workflow_id: prepared.ids.workflow_id,
            frozen: variant.frozen.clone(),
            source,
            input: prepared.input.clone(),
            metadata: None,
            limits: prepared.asked.limits.clone().unwrap_or_default(),
            depth: 0,
            inherited: Some(variant.planned.inherited.clone()),
            claims: writes,
        };
        Ok(self.runner.start(new).await?)
    }
}

impl Runner {
    /// Goes on from an ended run, its newest definition being the one that is given.
    #[doc(hidden)]
    pub async fn rerun(
        &self,
        run: i64,
        (asked, newest): (Rerun, &Frozen),
        by: &str,
        claims: Vec<Write>,
    ) -> Result<Started, RerunError> {
        let reruns = Reruns { runner: self, newest: Newest::Given(newest) };
        let prepared = reruns.prepare(run, asked).await?;
        reruns.start(&prepared, Which { index: 0, first: None }, by, claims).await
    }
}

impl Prepared {
    /// How many runs it starts.
    pub(crate) fn count(&self) -> usize {
        self.variants.len() * self.samples
    }

    /// Whether the caller gets a list of runs, and not one.
    pub(crate) fn is_several(&self) -> bool {
        self.asked.variants.is_some() || self.asked.samples.is_some()
    }

    /// The definitions that its runs have.
    pub(crate) fn definitions(&self) -> impl Iterator<Item = &Frozen> {
        self.variants.iter().map(|variant| &variant.frozen)
    }

    /// Where its runs belong.
    pub(crate) fn ids(&self) -> RunIds {
        self.ids
    }

    /// The plan, as it is shown.
    pub(crate) fn plan(&self) -> RerunPlan {
        let planned = |variant: &Variant| PlannedVariant {
            overrides: variant.asked.overrides.clone(),
            new_definition: variant.frozen.hash.to_string(),
            difference: variant.planned.difference.clone(),
        };
        let first = &self.variants[0];
        let definition = (first.frozen.definition.as_ref(), &first.frozen.hash);
        RerunPlan {
            plan_hash: self.plan_hash.clone(),
            runs: u32::try_from(self.count()).unwrap_or(u32::MAX),
            variants: self.asked.variants.iter().flat_map(|_| self.variants.iter().map(planned)).collect(),
            plan: first.planned.plan(&self.past, definition, &first.asked),
        }
    }

    /// Refuses a plan that was agreed to and is not this one.
    pub(crate) fn check(&self) -> Result<(), RerunError> {
        match &self.asked.plan_hash {
            Some(agreed) if *agreed != self.plan_hash => Err(RerunError::PlanChanged),
            Some(_) | None => Ok(()),
        }
    }

    fn origin(&self, variant: &Variant, which: Which) -> Origin {
        let Planned { inherited, source, difference, .. } = variant.planned.as_ref();
        let inherited = inherited.said();
        let group = self.is_several().then(|| which.first.map_or(Value::NewId, Value::from));
        let changed = difference.stages.iter().chain(&difference.parts);
        Origin {
            source: inherited.run_id,
            group,
            variant: u32::try_from(which.index / self.samples + 1).unwrap_or(u32::MAX),
            descent: Descent {
                run_id: inherited.run_id,
                from_visit: source.from_visit,
                after_visit: source.after_visit,
                outcome: source.outcome.clone(),
                stage: inherited.stage.clone(),
                definition: inherited.definition,
                changed: changed.map(|change: &PartChange| change.part.clone()).take(CHANGED_MAX).collect(),
                overrides: variant.asked.overrides.clone(),
                other_input: self.asked.input.is_some(),
                group: None,
            },
        }
    }
}

/// The place to go on from that was asked for.
fn place(asked: &Rerun) -> Result<From, RerunError> {
    match (asked.from_visit, &asked.from_stage, asked.after_visit, &asked.outcome) {
        (None, None, Some(visit), outcome) => Ok(From::After { visit, outcome: outcome.clone() }),
        (Some(visit), None, None, None) => Ok(From::Visit(visit)),
        (None, Some(stage), None, None) => Ok(From::Stage(stage.clone())),
        (_, _, None, Some(_)) => Err(RerunError::OutcomeWithoutVisit),
        (_, _, _, _) => Err(RerunError::NoPlace),
    }
}

/// The hash of a plan. The source has ended and does not change: which of it is taken over says all.
fn plan_hash(past: &Past, asked: &Rerun, variants: &[Variant]) -> String {
    let hashes: Vec<&str> = variants.iter().map(|variant| variant.frozen.hash.as_str()).collect();
    let asked_for = Rerun { plan_hash: None, ..asked.clone() };
    let kept = &variants[0].planned.inherited.said().visits;
    let kept: Vec<_> = kept.iter().map(|kept| (kept.visit, &kept.outcome)).collect();
    let covered = serde_json::to_string(&(past.run_id, &past.hash, hashes, kept, asked_for));
    ContentHash::of(&covered.unwrap_or_default()).to_string()
}

/// Whether a source that a claim was not met for is gone.
pub(crate) fn is_claim_taken(error: &RerunError) -> bool {
    matches!(error, RerunError::Runner(RunnerError::Append(AppendError::ClaimTaken { .. })))
}
