//! Runs as they are: lists of them, one of them, and what it left behind.

use axum::Json;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use callboard_api::list::List;
use callboard_api::run::{Run, Shared, Status};
use callboard_engine::definition::Definition;
use callboard_engine::event::SourceKind;
use callboard_engine::time::Time;
use indexmap::IndexMap;
use serde::Deserialize;

use super::Starter;
use crate::http::{Id, Ids, Page, Parameters, Refusal, Result};
use crate::run::{Filter, RunnerError, add_paths, find, list};
use crate::workflow;

/// What a list of runs is filtered by.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RunsQuery {
    /// The number of a project.
    project: Option<i64>,
    /// The number of a workflow.
    workflow: Option<i64>,
    /// The number of a trigger.
    trigger: Option<i64>,
    /// Where they are in their lives.
    status: Option<Status>,
    /// In which way they were started.
    source: Option<SourceKind>,
    /// Created at that moment or later.
    since: Option<Time>,
    /// Created before that moment.
    until: Option<Time>,
    /// Whether each has its `path`: its visits in short.
    #[serde(default)]
    path: bool,
    /// The `next` of the page before.
    after: Option<String>,
    /// Items of the page, up to 1,000; a larger number is cut to that.
    #[param(minimum = 1)]
    limit: Option<u64>,
}

/// The runs, newest first, without their visits and memory.
#[utoipa::path(
    get,
    path = "/runs",
    tag = "runs",
    operation_id = "listRuns",
    params(RunsQuery),
    responses((status = 200, description = "A page of them", body = List<Run>)),
)]
pub(crate) async fn list_runs(
    State(starter): State<Starter>,
    Parameters(query): Parameters<RunsQuery>,
) -> Result<Json<List<Run>>> {
    let page = Page::of(query.after.as_deref(), query.limit)?;
    let filter = Filter {
        project: query.project,
        workflow: query.workflow,
        trigger: query.trigger,
        status: query.status,
        source: query.source,
        since: query.since,
        until: query.until,
    };
    let runs = list(&starter.db, filter, page.after, page.limit + 1, starter.clock.now()).await?;
    let mut list = page.list(runs, |run| run.id);
    if query.path {
        add_paths(&starter.db, &mut list.items).await?;
    }
    Ok(Json(list))
}

/// A run.
#[utoipa::path(
    get,
    path = "/runs/{id}",
    tag = "runs",
    operation_id = "getRun",
    params(("id" = i64, Path, description = "Its number")),
    responses((status = 200, description = "The run", body = Run)),
)]
pub(crate) async fn get_run(State(starter): State<Starter>, Id(id): Id) -> Result<Json<Run>> {
    Ok(Json(object(&starter, id).await?))
}

/// The definition of a run: all that decides how it behaves, as it was when the run began.
#[utoipa::path(
    get,
    path = "/runs/{id}/definition",
    tag = "runs",
    operation_id = "getDefinition",
    params(("id" = i64, Path, description = "The run's number")),
    responses((status = 200, description = "The definition", body = Definition)),
)]
pub(crate) async fn get_definition(State(starter): State<Starter>, Id(id): Id) -> Result<Response> {
    let row = find(&starter.db, id).await?.ok_or(RunnerError::NotFound(id))?;
    // As it is kept, without a look into it: its text is what its hash is of.
    let text = workflow::definition_text(&starter.db, &row.definition).await?;
    Ok(([(CONTENT_TYPE, "application/json")], text.as_ref().to_owned()).into_response())
}

/// The result of a visit, as markdown.
#[utoipa::path(
    get,
    path = "/runs/{id}/visits/{visit}/result.md",
    tag = "runs",
    operation_id = "getResult",
    params(
        ("id" = i64, Path, description = "The run's number"),
        ("visit" = i64, Path, description = "The visit's number in the run"),
    ),
    responses((status = 200, description = "The result", body = String, content_type = "text/markdown")),
)]
pub(crate) async fn get_result(State(starter): State<Starter>, Ids(id, number): Ids) -> Result<Response> {
    let run = object(&starter, id).await?;
    let mut visits = run.visits.unwrap_or_default().into_iter();
    let visit = visits
        .find(|visit| i64::from(visit.visit) == number)
        .ok_or_else(|| Refusal::not_found("visit_not_found", format!("Run {id} has no visit {number}.")))?;
    let result = visit.result.ok_or_else(|| {
        Refusal::not_found("result_not_found", format!("Visit {number} of run {id} has no result."))
            .hint("A visit has one when its stage has ended well.")
    })?;
    // Ids of stages are letters, digits and dashes, so the name needs no quoting of its own.
    let name = format!("attachment; filename=\"run-{id}-{}-{}.md\"", visit.stage, visit.nth);
    Ok(([(CONTENT_TYPE, "text/markdown; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, name)], result)
        .into_response())
}

/// The shared memory of a run, by key.
#[utoipa::path(
    get,
    path = "/runs/{id}/memory",
    tag = "runs",
    operation_id = "getMemory",
    params(("id" = i64, Path, description = "The run's number")),
    responses((status = 200, description = "The values", body = IndexMap<String, Shared>)),
)]
pub(crate) async fn get_memory(
    State(starter): State<Starter>,
    Id(id): Id,
) -> Result<Json<IndexMap<String, Shared>>> {
    Ok(Json(object(&starter, id).await?.memory.unwrap_or_default()))
}

async fn object(starter: &Starter, id: i64) -> Result<Run> {
    let (row, run) = starter.runner.found(id).await?;
    Ok(Run::of(&run, row.ids, starter.clock.now()))
}
