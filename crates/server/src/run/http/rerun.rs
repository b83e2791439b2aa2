//! Going on from a stage of an ended run, over HTTP: the plan, and the start.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use callboard_api::rerun::{RUNS_MAX, Rerun, RerunPlan, Rerunning};
use callboard_api::run::{Run, RunIds};
use callboard_engine::event::DefinitionChoice;
use callboard_engine::rerun::Refused;
use serde::Deserialize;

use super::Starter;
use super::start::LOCAL;
use crate::db::Value;
use crate::http::{Body, Id, Idempotency, Parameters, Refusal, Result};
use crate::project::http::wrongs;
use crate::run::Started;
use crate::run::rerun::{Newest, Prepared, RerunError, Reruns, Which, is_claim_taken};

/// From where a run goes on. Exactly one of `from_visit`, `from_stage` and `after_visit` is given.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PlanQuery {
    /// The visit that is made again.
    #[param(minimum = 1)]
    from_visit: Option<u32>,
    /// The id of the stage whose last visit is made again.
    from_stage: Option<String>,
    /// The visit that is taken over whole, and left again by `outcome`.
    #[param(minimum = 1)]
    after_visit: Option<u32>,
    /// The outcome by which it is left; its own where none is given.
    outcome: Option<String>,
    /// Which definition the new run has; the newest one where none is given.
    definition: Option<DefinitionChoice>,
}

/// What going on from a run would do.
#[utoipa::path(
    get,
    path = "/runs/{id}/rerun-plan",
    tag = "reruns",
    operation_id = "getRerunPlan",
    params(("id" = i64, Path, description = "The run's number"), PlanQuery),
    responses((status = 200, description = "The plan", body = RerunPlan)),
)]
pub(crate) async fn get_rerun_plan(
    State(starter): State<Starter>,
    Id(id): Id,
    Parameters(query): Parameters<PlanQuery>,
) -> Result<Json<RerunPlan>> {
    let PlanQuery { from_visit, from_stage, after_visit, outcome, definition } = query;
    let asked = Rerun { from_visit, from_stage, after_visit, outcome, definition, ..Rerun::default() };
    Ok(Json(starter.prepare(id, asked).await?.plan()))
}

/// What going on from a run would do, with all that can be asked of it.
#[utoipa::path(
    post,
    path = "/runs/{id}/rerun-plan",
    tag = "reruns",
    operation_id = "planRerun",
    params(("id" = i64, Path, description = "The run's number")),
    request_body = Rerun,
    responses((status = 200, description = "The plan", body = RerunPlan)),
)]
pub(crate) async fn plan_rerun(
    State(starter): State<Starter>,
    Id(id): Id,
    body: Body<Rerun>,
) -> Result<Json<RerunPlan>> {
    Ok(Json(starter.prepare(id, body.value).await?.plan()))
}

/// Goes on from a stage of an ended run, as a run of its own. The run that it goes on from is not touched.
#[utoipa::path(
    post,
    path = "/runs/{id}/rerun",
    tag = "reruns",
    operation_id = "rerun",
    params(
        ("id" = i64, Path, description = "The run's number"),
        ("Idempotency-Key" = Option<String>, Header, description = "Names the request"),
    ),
    request_body = Rerun,
    responses(
        (status = 201, description = "The new run; with variants or samples, all of them under `items`", body = RerunAnswer),
    ),
)]
pub(crate) async fn rerun(
    State(starter): State<Starter>,
    Id(id): Id,
    once: Idempotency,
    body: Body<Rerun>,
) -> Result<Response> {
    let is_several = body.value.variants.is_some() || body.value.samples.is_some();
    if let Some(made) = starter.made_before(&once, &body).await? {
        let made = made.into_iter().map(Made::Earlier).collect();
        return starter.rerunning(made, is_several).await;
    }
    let prepared = starter.prepare(id, body.value.clone()).await?;
    prepared.check().map_err(Refusal::from)?;
    if prepared.has_money_limit(&body.value) {
        for frozen in prepared.definitions() {
            super::people::priced(&frozen.definition)?;
        }
    }
    let mut made: Vec<Made> = Vec::new();
    for index in 0..prepared.count() {
        let first = made.first().map(Made::id);
        made.push(starter.rerun_one(&prepared, (index, first), (&once, &body)).await?);
    }
    // The runs go first: what they inherited can be long, and all of it is in the answer.
    tokio::task::yield_now().await;
    starter.rerunning(made, is_several).await
}

/// What a re-run is answered with.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it only describes the two answers")]
pub(crate) enum RerunAnswer {
    /// The new run.
    One(Box<Run>),
    /// The new runs.
    Several(Rerunning),
}

/// A run that a request asked for.
enum Made {
    New(RunIds, Box<Started>),
    /// The same request was made before, and this is its run.
    Earlier(i64),
}

impl Made {
    fn id(&self) -> i64 {
        match self {
            Self::New(ids, _) => ids.id,
            Self::Earlier(id) => *id,
        }
    }
}

impl Prepared {
    fn has_money_limit(&self, asked: &Rerun) -> bool {
        asked.limits.as_ref().is_some_and(|limits| limits.cost_usd.is_some())
    }
}

impl Starter {
    async fn prepare(&self, id: i64, mut asked: Rerun) -> Result<Prepared> {
        asked.limits = asked.limits.map(super::people::checked).transpose()?;
        Ok(self.reruns().prepare(id, asked).await?)
    }

    fn reruns(&self) -> Reruns<'_> {
        Reruns { runner: &self.runner, newest: Newest::Kept(&self.workflows) }
    }

    /// The runs that the same request started before, if it started all of them.
    async fn made_before(&self, once: &Idempotency, body: &Body<Rerun>) -> Result<Option<Vec<i64>>> {
        let several = body.value.variants.as_ref().map_or(1, Vec::len);
        let samples = body.value.samples.map_or(1, |samples| usize::try_from(samples).unwrap_or(usize::MAX));
        let mut made = Vec::new();
        for index in 0..several.saturating_mul(samples).min(RUNS_MAX) {
            let seen = once.nth(index).seen(&self.db, &body.bytes, self.clock.now()).await?;
            match seen.and_then(|seen| seen.made) {
                Some(run) => made.push(run),
                None => return Ok(None),
            }
        }
        Ok((!made.is_empty()).then_some(made))
    }

    /// Starts one of the runs, or finds it where the same request started it before.
    async fn rerun_one(
        &self,
        prepared: &Prepared,
        (index, first): (usize, Option<i64>),
        (once, body): (&Idempotency, &Body<Rerun>),
    ) -> Result<Made> {
        let once = once.nth(index);
        let earlier = async || {
            let seen = once.seen(&self.db, &body.bytes, self.clock.now()).await?;
            Ok::<_, Refusal>(seen.and_then(|seen| seen.made))
        };
        if let Some(run) = earlier().await? {
            return Ok(Made::Earlier(run));
        }
        let claims = once.claim(&body.bytes, Value::NewId, self.clock.now());
        match self.reruns().start(prepared, Which { index, first }, LOCAL, claims).await {
            Ok(started) => {
                let ids = RunIds { id: started.id, ..prepared.ids() };
                Ok(Made::New(ids, Box::new(started)))
            }
            Err(error) if is_claim_taken(&error) => match earlier().await? {
                Some(run) => Ok(Made::Earlier(run)),
                // What is left to claim is the source: it was deleted in this moment.
                None => Err(crate::run::RunnerError::NotFound(prepared.ids().id).into()),
            },
            Err(error) => Err(error.into()),
        }
    }

    async fn rerunning(&self, made: Vec<Made>, is_several: bool) -> Result<Response> {
        let mut items = Vec::new();
        for made in made {
            let (ids, run) = match made {
                Made::New(ids, started) => (ids, started.run),
                Made::Earlier(id) => {
                    let (row, run) = self.runner.found(id).await?;
                    (row.ids, run)
                }
            };
            items.push(Run::of(&run, ids, self.clock.now()));
        }
        let first = items.first().map_or(0, |run| run.id);
        let location = [(LOCATION, format!("/api/v1/runs/{first}"))];
        if is_several {
            return Ok((StatusCode::CREATED, location, Json(Rerunning { items })).into_response());
        }
        Ok((StatusCode::CREATED, location, Json(items.pop())).into_response())
    }
}

impl From<RerunError> for Refusal {
    fn from(error: RerunError) -> Self {
        let message = error.to_string();
        match error {
            RerunError::Refused(refused) => {
                let status = match refused {
                    Refused::NotEnded { .. } | Refused::StageMissing { .. } => StatusCode::CONFLICT,
                    Refused::NoVisit { .. }
                    | Refused::NeverVisited { .. }
                    | Refused::VisitIncomplete { .. }
                    | Refused::UnknownOutcome { .. }
                    | Refused::OutcomeMissing { .. }
                    | Refused::WouldFail(_) => StatusCode::UNPROCESSABLE_ENTITY,
                };
                Self::new(status, refused.code(), message).hint(refused.hint())
            }
            RerunError::NoPlace => Self::unprocessable("rerun_place_missing", message)
                .hint("Give exactly one of from_visit, from_stage and after_visit."),
            RerunError::OutcomeWithoutVisit => Self::unprocessable("outcome_without_visit", message)
                .hint("Give after_visit with it: the visit that is to end with this outcome."),
            RerunError::Count(_) => Self::unprocessable("rerun_count", message)
                .hint(format!("Variants times samples is at least 1 and at most {RUNS_MAX}.")),
            RerunError::Overrides(mistakes) => Self::unprocessable("overrides_invalid", message)
                .hint("Mend what is listed; nothing was started.")
                .errors(wrongs(mistakes)),
            RerunError::WorkflowGone => Self::conflict("workflow_gone", message)
                .hint("Take the definition that the run had: original."),
            RerunError::PlanChanged => Self::conflict("plan_changed", message)
                .hint("Ask for the plan again, and agree to the new one."),
            RerunError::Runner(error) => error.into(),
            RerunError::Workflow(error) => error.into(),
        }
    }
}
