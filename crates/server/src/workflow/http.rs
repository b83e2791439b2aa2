//! The workflows of a project, over HTTP.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use callboard_api::list::List;
use callboard_api::workflow::{NewWorkflow, Workflow, WorkflowChange};

use crate::http::{Body, Id, Idempotency, PageQuery, Parameters, Result};
use crate::project::part::{self, Fields, Part, Within};
use crate::project::{PartPath, Projects, Stored};

impl Part for Workflow {
    const NOUN: &'static str = "workflow";
    const SECTION: &'static str = "workflows";

    fn of(stored: &Stored, path: &PartPath, id: i64) -> Option<Self> {
        let workflow = stored.project.workflows.get(path.name())?.clone();
        Some(Self { id, project_id: stored.id, name: path.name().to_owned(), workflow })
    }

    fn id(&self) -> i64 {
        self.id
    }
}

/// The workflows of a project.
#[utoipa::path(
    get,
    path = "/projects/{id}/workflows",
    tag = "workflows",
    operation_id = "listWorkflows",
    params(("id" = i64, Path, description = "The project's number"), PageQuery),
    responses((status = 200, description = "A page of them", body = List<Workflow>)),
)]
pub(crate) async fn list(
    State(projects): State<Projects>,
    Id(id): Id,
    Parameters(query): Parameters<PageQuery>,
) -> Result<Json<List<Workflow>>> {
    Ok(Json(part::list(&*projects.load(id).await?, None, query.page()?)))
}

/// Adds a workflow to a project.
#[utoipa::path(
    post,
    path = "/projects/{id}/workflows",
    tag = "workflows",
    operation_id = "createWorkflow",
    params(
        ("id" = i64, Path, description = "The project's number"),
        ("Idempotency-Key" = Option<String>, Header, description = "Names the request"),
    ),
    request_body = NewWorkflow,
    responses((status = 201, description = "The workflow", body = Workflow)),
)]
pub(crate) async fn create(
    State(projects): State<Projects>,
    Id(id): Id,
    once: Idempotency,
    body: Body<Fields>,
) -> Result<Response> {
    part::create::<Workflow>(&projects, Within::Project(id), body, once).await
}

/// A workflow.
#[utoipa::path(
    get,
    path = "/workflows/{id}",
    tag = "workflows",
    operation_id = "getWorkflow",
    params(("id" = i64, Path, description = "Its number")),
    responses((status = 200, description = "The workflow", body = Workflow)),
)]
pub(crate) async fn get(State(projects): State<Projects>, Id(id): Id) -> Result<Json<Workflow>> {
    part::get(&projects, id).await.map(Json)
}

/// Changes a workflow: what is named is replaced, and `null` goes back to the default (RFC 7396).
#[utoipa::path(
    patch,
    path = "/workflows/{id}",
    tag = "workflows",
    operation_id = "changeWorkflow",
    params(("id" = i64, Path, description = "Its number")),
    request_body = WorkflowChange,
    responses((status = 200, description = "The workflow as it is now", body = Workflow)),
)]
pub(crate) async fn change(
    State(projects): State<Projects>,
    Id(id): Id,
    body: Body<Fields>,
) -> Result<Json<Workflow>> {
    part::change(&projects, id, body.value).await
}

/// Removes a workflow, unless something in its project refers to it.
#[utoipa::path(
    delete,
    path = "/workflows/{id}",
    tag = "workflows",
    operation_id = "removeWorkflow",
    params(("id" = i64, Path, description = "Its number")),
    responses((status = 204, description = "It is gone")),
)]
pub(crate) async fn remove(State(projects): State<Projects>, Id(id): Id) -> Result<StatusCode> {
    part::remove::<Workflow>(&projects, id).await
}
